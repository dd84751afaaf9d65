"""`hrwatch search`: the language, filters, order, pages, what it says of what it does not know. Synthetic stories."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from archive import open_archive
from crawler.cli.commands import hrwatch
from crawler.cli.questions import search as command
from crawler.config import Config
from tests.web.archive_of import source, store

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    with open_archive(Config(data=folder)) as archive:
        for number, (day, regions, title) in enumerate(
            (
                (1, ("510000", "500000"), "川渝社保互认"),
                (2, ("511800", "540000"), "雅安与西藏签约"),
                (3, ("510000", "530000"), "川滇互认"),
            ),
            start=1,
        ):
            by = source() if number < 3 else source("synthetic-b", "合成晚报")
            published = datetime(2026, 2, day, tzinfo=UTC)
            store(archive, number, by=by, regions=regions, zones=(), title=title, published=published)
    return folder


def search(data: Path, *args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(hrwatch, ["search", *args, "--data", str(data)])
    assert result.exit_code == code, (result.output, result.exception)
    return result


def objects(data: Path, *args: str, code: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(search(data, *args, "--json", code=code).stdout)
    return found


@pytest.mark.parametrize(
    ("args", "found"),
    [
        ([], [3, 2, 1]),
        (["互认"], [3, 2, 1]),
        (["标题:互认"], [3, 1]),
        (["标题:互认 -地区:重庆"], [3]),
        (["标题:互认", "-地区:重庆"], [3]),
        (["-川滇", '-标题:"社保互 认"', "-(没有 此词)", "--limit", "5"], [2]),
        (["签约 OR 标题:社保"], [1, 2]),
        (["地区:雅安"], [2]),
        (["--region", "雅安"], [2]),
        (["--region", "雅安", "--region", "530000"], [3, 2]),
        (["--pair", "四川", "重庆"], [1]),
        (["对:四川-重庆"], [1]),
        (["--source", "合成晚报"], [3]),
        (["--topic", "合作协议", "--until", "2026-02-02"], [2, 1]),
        (["--since", "2026-02-02", "--until", "2026"], [3, 2]),
        (["标题:互认 合成", "--order", "relevance", "--limit", "1"], [3]),
    ],
)
def test_finds(data: Path, args: list[str], found: list[int]) -> None:
    assert sorted(hit["id"] for hit in objects(data, *args)) == sorted(found)
    lines = search(data, *args).stdout.splitlines()
    assert lines[0].startswith("id\tpublished\ttitle")
    assert len(lines) == len(found) + 1


def test_json_goes_on_by_cursor_and_marks_words(data: Path) -> None:
    seen: list[int] = []
    after: list[str] = []
    for _page in range(3):
        (hit,) = objects(data, "合成 OR 互认", "--limit", "1", *after)
        assert {hit["excerpt"][start:end] for start, end in hit["marks"]} == {"合成", "互认"}
        seen.append(hit["id"])
        after = ["--after", hit["cursor"]]
    assert seen == [3, 2, 1]
    assert objects(data, "合成 OR 互认", *after, code=1) == []
    (first, *_others) = objects(data, "标题:互认")
    assert [first["title"][start:end] for start, end in first["title_marks"]] == ["互认"]


def test_nothing_found_is_said_and_is_exit_code_1(data: Path) -> None:
    assert "nothing found" in search(data, "无此词语", code=1).stdout


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        ("地区:某地 互认", "某地: no such region", 1),
        ("互认 AND", "AND has no word beside it", 0),
        ('"互认 合成', "has no other", 0),
        ("类型:某类", "no such kind of source", 1),
        ("日期:昨天", "昨天: no days", 1),
        ("地区:鼓楼区", "江苏省南京市鼓楼区", 1),
        ("川" * 10_000, "longer than 2000 characters", 1),
        ("\x00😀", "nothing found", 1),
    ],
)
def test_what_was_not_understood_is_said(data: Path, words: str, said: str, code: int) -> None:
    result = search(data, words, code=code)
    assert said in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--region", "某地"], "--region: 某地: no such region"),
        (["--region", "川渝"], "there is a zone of this name: 川渝"),
        (["--pair", "四川", "某地"], "--pair: 某地: no such region"),
        (["--zone", "某区域"], "某区域: no such zone"),
        (["--topic", "某主题"], "no such topic; there are"),
        (["--kind", "某类"], "no such kind of source; there are"),
        (["--since", "2026-02-30"], "a day is written 2026-03-01"),
        (["--until", "9999"], "a day is written 2026-03-01"),
        (["--since", "2026", "--until", "2025"], "2026-01-01..2025-12-31: ends before it begins"),
        (["--after", "x"], "x: no cursor"),
        (["--after", "20260301T040000000000-1", "--order", "relevance"], "--order time only"),
    ],
)
def test_a_wrong_option_is_a_usage_error(data: Path, args: list[str], said: str) -> None:
    assert said in " ".join(search(data, "互认", *args, code=2).output.replace("│", " ").split())


def test_a_terminal_shows_excerpts(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "out", Console(force_terminal=True, width=100))
    shown = search(data, "标题:社保 推动").stdout
    assert "\x1b[1;7m社保" in shown
    assert "\x1b[1m推动" in shown
