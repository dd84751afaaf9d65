"""Stored lists read as a person says they must be; `pytest --accept` rewrites what has changed, and still fails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.spiders.golden import PAGES, list_cases, read_list

KEYS = {"rows", "lists", "next", "refused"}


def _expected(case: str) -> dict[str, Any]:
    path = PAGES / case / "expected.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


@pytest.mark.parametrize("case", list_cases())
def test_list(case: str, request: pytest.FixtureRequest) -> None:
    expected, found = _expected(case), read_list(case)
    if found != expected and request.config.getoption("--accept", default=False):
        text = json.dumps(found, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        (PAGES / case / "expected.json").write_text(text, "utf-8")
    assert found == expected


@pytest.mark.parametrize("case", list_cases())
def test_case_says_where_it_is_from(case: str) -> None:
    meta = json.loads((PAGES / case / "meta.json").read_text("utf-8"))
    assert meta["origin"] in ("synthetic", "captured")
    expected = _expected(case)
    assert expected, "a case without expectations tests nothing"
    assert all(expected.values()), "what is absent is left out, not empty"
    assert set(expected) <= KEYS
