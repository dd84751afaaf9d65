"""`hrwatch sources health` and doctor's part of it, on synthetic polls; and a real crawl whose list is found again."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive import open_archive
from archive.records import Pause, PollRecord
from crawler.cli.commands import hrwatch
from crawler.cli.screen import CHINA
from crawler.cli.sources.weeks import picture
from crawler.config import Config
from crawler.errors import OutputError
from crawler.model import ListReport, PollReport, Reason
from tests.archive.making import poll
from tests.crawler.loopback import LittleSite, article, list_page, little_server, run, settings, source_file

pytestmark = pytest.mark.usefixtures("english")

DAY = timedelta(days=1)
ALL_WELL, SOME_FAILED, WRONG_USE, NOTHING_RAN = range(4)


def good(source_id: str, at: datetime, *, dated: int = 20) -> PollReport:
    page = ListReport(
        url=f"https://{source_id}.example/list",
        status=200,
        rows=20,
        new=2,
        newest=at.date(),
        titled=20,
        dated=dated,
        linked=20,
        bytes=24_000,
        charset="gb18030",
        shows_family=True,
        wait_ms=1200,
    )
    return PollReport(source_id=source_id, started_at=at, ended_at=at, lists=(page,), read=2, read_dated=2)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A source that is well, one redesigned, one behind a wall from the first, one never polled."""
    for name in ("fine", "undated", "wall", "new"):
        source_file(tmp_path / "sources", name, f"{name}.example", port=80)
    now = datetime.now(UTC).replace(microsecond=0)
    with open_archive(Config(data=tmp_path)) as archive:
        for days in range(20, 0, -1):
            at = now - days * DAY
            archive.record_poll(good("fine", at))
            archive.record_poll(good("undated", at, dated=20 if days > 3 else 0))
            archive.record_poll(poll("wall", at=at, reason=Reason.BLOCKED))
    return tmp_path


def ask(data: Path, *words: str, code: int) -> Result:
    result = CliRunner().invoke(hrwatch, [*words, "--data", str(data), "--sources", str(data / "sources")])
    assert result.exit_code == code, (result.output, result.exception)
    return result


def test_those_that_somebody_should_look_at_the_worst_first(data: Path) -> None:
    head, *rows, counts = ask(data, "sources", "health", code=SOME_FAILED).stdout.splitlines()
    assert head.split("\t") == ["source", "health", "since", "last good", "newest", "next try", "what to do"]
    undated, wall = (row.split("\t") for row in rows)
    assert undated[:2] == ["undated", "broken: 0 of 20 rows have a date, 100 % had one"]
    assert undated[-1].startswith("hrwatch sources check --fix undated")
    assert date.fromisoformat(undated[4]) <= datetime.now(UTC).date()
    assert wall[:2] == ["wall", "blocked"]
    assert counts == "broken: 1, blocked: 1, healthy: 1, not known yet: 1"


def test_all_for_programs(data: Path) -> None:
    rows = json.loads(ask(data, "sources", "health", "--all", "--json", code=SOME_FAILED).stdout)
    assert [(row["source"], row["health"]) for row in rows] == [
        ("undated", "broken"),
        ("wall", "blocked"),
        ("fine", "healthy"),
        ("new", None),
    ]
    assert rows[0]["last_good"]["url"] == "https://undated.example/list"
    assert "polls" not in rows[0]


def test_one_that_is_well_with_its_weeks_and_measures(data: Path) -> None:
    shown = ask(data, "sources", "health", "fine", code=ALL_WELL).stdout
    assert "  health: healthy" in shown
    assert "Mo Tu We Th Fr Sa Su" in shown
    assert shown.count("▂") == 20
    assert "\tgb18030\t✓\t1.2 s\t2 (with date 2, with source 0)" in shown
    (row,) = json.loads(ask(data, "sources", "health", "fine", "--json", code=ALL_WELL).stdout)
    assert len(row["polls"]) == 20
    assert row["polls"][0]["bytes"] == 24_000


def test_a_paused_source_is_no_trouble_and_shown_with_its_pause(data: Path) -> None:
    now = datetime.now(UTC)
    until = now.replace(microsecond=0) + 3 * DAY
    with open_archive(Config(data=data)) as archive:
        archive.pause(["undated"], Pause(since=now, until=until, why="relaunch"))
        archive.pause(["wall", "new"], Pause(since=now))
    _head, *rows, counts = ask(data, "sources", "health", code=ALL_WELL).stdout.splitlines()
    shown = {row.split("\t")[0]: row.split("\t") for row in rows}
    assert set(shown) == {"undated", "wall", "new"}
    ends = f"{until.astimezone(CHINA):%Y-%m-%d %H:%M}"
    assert shown["undated"][1] == (
        f"paused until {ends}: relaunch (before that broken: 0 of 20 rows have a date, 100 % had one)"
    )
    assert shown["undated"][-2:] == [ends, "hrwatch sources resume undated ends the pause"]
    assert shown["wall"][1].startswith("paused since ")
    assert shown["wall"][-2] == ""
    assert counts == "healthy: 1, paused: 3"
    assert "  health: paused until" in ask(data, "sources", "health", "undated", code=ALL_WELL).stdout
    told = {row["source"]: row for row in json.loads(ask(data, "sources", "health", "--json", code=ALL_WELL).stdout)}
    assert (told["undated"]["paused_until"], told["undated"]["paused_why"]) == (until.isoformat(), "relaunch")
    assert told["undated"]["next_poll_at"] == until.isoformat()
    assert (told["undated"]["health"], told["fine"]["paused_at"]) == ("broken", None)
    checks = json.loads(ask(data, "doctor", "--json", code=SOME_FAILED).stdout)  # the catalogue's hosts do not exist
    (health,) = (check for check in checks if check["check"] == "health of the sources")
    assert (health["ok"], health["detail"]) == (True, "healthy: 1, paused: 2")
    assert not {"undated", "wall"} & {check["check"] for check in checks}


def test_a_pause_that_has_run_out_hides_nothing(data: Path) -> None:
    now = datetime.now(UTC)
    with open_archive(Config(data=data)) as archive:
        archive.pause(["undated"], Pause(since=now - 2 * DAY, until=now - DAY))
    _head, undated, *_rest = ask(data, "sources", "health", code=SOME_FAILED).stdout.splitlines()
    assert undated.split("\t")[1].startswith("broken: ")


def test_events_are_raised_once_whoever_asks(data: Path) -> None:
    for _time in range(2):
        ask(data, "sources", "health", code=SOME_FAILED)
    with open_archive(Config(data=data)) as archive:
        assert sorted(event.source_id for event in archive.health_events()) == ["undated", "wall"]


def test_doctor_counts_them_and_names_the_worst(data: Path) -> None:
    ask(data, "sources", "health", code=SOME_FAILED)
    checks = {check["check"]: check for check in json.loads(ask(data, "doctor", "--json", code=SOME_FAILED).stdout)}
    assert checks["health of the sources"]["detail"] == "broken: 1, blocked: 1, healthy: 1"
    assert not checks["health of the sources"]["ok"]
    assert checks["undated"]["detail"].startswith("broken: 0 of 20 rows have a date, 100 % had one; since ")
    assert checks["wall"]["remedy"].startswith("it is not fought")
    assert "fine" not in checks


def test_wrong_use(data: Path) -> None:
    several = ask(data, "sources", "health", "fine", "wall", "--last-good", "x.html", code=WRONG_USE)
    assert "--last-good goes with one ID." in several.output
    unkept = ask(data, "sources", "health", "fine", "--last-good", "x.html", code=1)
    assert str(unkept.exception) == "fine: no list page is kept"


def test_without_an_archive_nothing_is_known(tmp_path: Path) -> None:
    source_file(tmp_path / "sources", "new", "new.example", port=80)
    assert "hrwatch crawl --all" in ask(tmp_path, "sources", "health", code=NOTHING_RAN).output
    assert not (tmp_path / "hrwatch.sqlite3").exists()


def test_the_last_good_list_is_found_again(tmp_path: Path) -> None:
    """From the wire into the WARC file, by `crawl`, and back."""
    rows = [(f"/a/{n}", f"川渝人社部门签署第{n}份合作协议") for n in range(1, 4)]
    site = LittleSite()
    with little_server(site) as server:
        site.pages["news.example/list"] = list_page(*rows)
        for path, title in rows:
            site.pages[f"news.example{path}"] = article(title, "川渝两地人社部门签署人力资源合作协议。" * 20)
        source_file(tmp_path / "sources", "news", "news.example", port=server.port)
        env = settings({"news.example": "127.0.0.1"})
        run(env, tmp_path, "crawl", "news", "--sources", tmp_path / "sources")
    with open_archive(Config(data=tmp_path)) as archive:
        (kept,) = archive.polls_of("news")
        assert [one.source_id for one in archive.source_healths()] == ["news"]  # `crawl` judges what it polled
    assert kept.rows == 3
    assert kept.charset == "utf-8"
    assert kept.bytes is not None
    assert kept.wait_ms is not None
    assert kept.read == 3
    found = ask(tmp_path, "sources", "health", "news", "--last-good", str(tmp_path / "list.html"), code=ALL_WELL)
    assert "list.html: http://news.example" in found.stdout
    page = (tmp_path / "list.html").read_bytes()
    assert len(page) == kept.bytes
    assert all(path.encode() in page for path, _title in rows)
    for warc in (tmp_path / "warc").iterdir():
        warc.unlink()
    gone = ask(tmp_path, "sources", "health", "news", "--last-good", str(tmp_path / "list.html"), code=1)
    assert isinstance(gone.exception, OutputError)
    assert "is not there any more" in str(gone.exception)


def test_a_day_is_told_by_one_mark() -> None:
    monday = datetime(2026, 3, 2, 4, tzinfo=UTC)

    def polled(days: int, *, new: int = 0, reason: Reason | None = None, skipped: bool = False) -> PollRecord:
        at = monday + days * DAY
        return PollRecord(
            source_id="s",
            started_at=at,
            ended_at=at,
            rows=0,
            new=new,
            newest=None,
            unchanged=0,
            fetched=0,
            stored=0,
            relevant=0,
            merged=0,
            refused={},
            lists=(),
            reason=reason,
            detail="",
            skipped=skipped,
        )

    polls = [
        polled(0, new=1),
        polled(1),
        polled(2, reason=Reason.TIMEOUT),
        polled(3, reason=Reason.TIMEOUT),
        polled(3, new=500),
        polled(4, skipped=True),
        polled(6, new=5),
    ]
    *_before, week, _legend = picture(polls, date(2026, 3, 8))
    assert week == "03-02   ▁  ·  ×  █        ▄"
