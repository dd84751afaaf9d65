"""docs/api.md: its addresses are those that there are, and its examples can be pasted."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from crawler.language import use_language
from tests.web.api_house import House, asked, opened
from web.api.asked import ROOT

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
BASE = "http://127.0.0.1:8080"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("docs")) as made:
        yield made


def test_the_table_has_every_address(house: House) -> None:
    told = re.findall(r"^\| `(/api/v1/[^`]+)` \|", PAGE, re.MULTILINE)
    assert told == [f"{ROOT}{path}" for path in asked(house.client, "/openapi.json")["paths"]]


def test_every_example_answers(house: House) -> None:
    use_language("en")
    lines = [shlex.split(line) for block in blocks("sh") for line in block.splitlines()]
    assert len(lines) > 5
    for curl, *words in lines:
        assert curl == "curl"
        (address,) = [word for word in words if word.startswith(BASE)]
        given = [word.split("=", 1) for flag, word in pairwise(words) if flag == "--data-urlencode"]
        assert bool(given) == ("-G" in words)
        answer = house.client.get(f"{address.removeprefix(BASE)}?{urlencode([(name, one) for name, one in given])}")
        if given == [["limit", "1000"]]:
            assert answer.json() == json.loads(blocks("json")[0])
        else:
            assert answer.status_code == 200, words
            assert answer.json().get("items", True), words


def test_the_program_follows_the_archive(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def get(url: str) -> httpx.Response:
        return house.client.get(url.removeprefix(BASE))

    monkeypatch.setattr(httpx, "get", get)
    program: dict[str, Any] = {}
    exec(blocks("python")[0], program)
    with redirect_stdout(StringIO()) as said:
        last = program["follow"](BASE, 0)
        assert program["follow"](BASE, last) == last
    assert len(said.getvalue().splitlines()) == 2
