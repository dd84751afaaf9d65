"""`hrwatch schedule`, and `sources pause`, `resume` and `poll`: what they say, and what they leave in the archive."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import pytest
from click.testing import CliRunner, Result

from archive import Archive
from archive.archive import open_file
from archive.polling.clock import RUNNING
from archive.records import PollMade
from crawler.cli.crawling.crawl import crawl
from crawler.cli.sources.hours import hours_from, line_of
from crawler.cli.sources.paused import pause, poll_now, resume
from crawler.cli.sources.registry import list_sources
from crawler.cli.sources.schedule import schedule
from crawler.model import ListReport, PollReport, Reason
from tests.crawler.loopback import source_file

pytestmark = pytest.mark.usefixtures("english")
HOUR = timedelta(hours=1)
CHINA = ZoneInfo("Asia/Shanghai")
Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """Runs a command on an archive and three sources of its own; returns what came of it."""
    folder = tmp_path / "sources"
    source_file(folder, "busy", "busy.example", port=80, more="every_min = 30")
    source_file(folder, "timed", "timed.example", port=80, more='cron = "30 8,15 * * *"')
    source_file(folder, "asleep", "asleep.example", port=80, more='status = "retired"\nwhy = "x"\nsince = 2026-01-01')

    def invoke(command: click.Command, *args: str, expect: int = 0) -> Result:
        given: dict[str, Any] = {"data": tmp_path, "sources": (folder,)}
        done = CliRunner().invoke(command, list(args), obj=given)
        assert done.exit_code == expect, (done.output, done.exception)
        return done

    return invoke


@contextmanager
def opened(tmp_path: Path) -> Iterator[Archive]:
    with open_file(tmp_path / "hrwatch.sqlite3") as archive:
        yield archive


def polled(archive: Archive, *source_ids: str) -> datetime:
    """Let both have been polled just now; returns when they are planned next."""
    now = datetime.now(UTC)
    for source_id in source_ids:
        read = ListReport(url=f"http://{source_id}.example/list", status=200, rows=20, new=2)
        archive.record_poll(PollReport(source_id=source_id, started_at=now, ended_at=now, lists=(read,)))
        archive.plan(source_id, now + 20 * timedelta(minutes=1), why="interval")
    return now + 20 * timedelta(minutes=1)


def failed(archive: Archive, source_id: str) -> None:
    """Let its last poll have been a failure."""
    now = datetime.now(UTC)
    archive.record_poll(PollReport(source_id=source_id, started_at=now, ended_at=now, reason=Reason.TIMEOUT))


def objects(done: Result) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(done.output)
    return found


def test_a_day_as_a_list_of_polls_in_order(call: Call, tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        planned = polled(archive, "busy")
    found = objects(call(schedule, "--json"))
    polls = [(datetime.fromisoformat(one["at"]), one["source"], one["why"]) for one in found]
    assert polls == sorted(polls)
    assert next(poll for poll in polls if poll[1] == "busy") == (planned, "busy", "interval")
    assert 40 <= sum(source_id == "busy" for _at, source_id, _why in polls) <= 60
    times = [at.astimezone(CHINA) for at, source_id, why in polls if source_id == "timed" and why == "cron"]
    assert {(at.hour, at.minute) for at in times} <= {(8, 30), (15, 30), (8, 31), (15, 31)}
    assert len(times) in (1, 2)  # one falls away where the first poll, made at once, comes just before it
    assert "asleep" not in {source_id for _at, source_id, _why in polls}


def test_a_day_to_come_is_whole(call: Call) -> None:
    day = (datetime.now(CHINA) + timedelta(days=2)).date()
    found = objects(call(schedule, "timed", "--json", "--day", f"{day}"))
    assert [datetime.fromisoformat(one["at"]).astimezone(CHINA).date() for one in found] == [day, day]
    assert {one["why"] for one in found} == {"cron"}


def test_as_tables_with_a_picture_by_hour(call: Call, tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        polled(archive, "busy", "timed")
        failed(archive, "timed")
    lines = call(schedule, "--hours", "3").output.splitlines()
    assert lines[0].split("\t") == ["source", "name", "last poll", "result", "next", "why", "polls", "by hour"]
    (busy,) = [line.split("\t") for line in lines if line.startswith("busy\t")]
    assert busy[3] == "2 new"
    assert busy[5] == "interval of its file"
    assert 4 <= int(busy[6]) <= 8
    made, planned = busy[7].split("|")
    assert len(made) == 7  # six hours behind, and the one that has begun
    assert set(made[:-2]) == {"·"}
    assert set(planned) <= set("▁▂▃▄▅▆▇█·")
    assert len(planned) in (3, 4)  # the hour that has begun is one of them, too
    assert sum("█" in line for line in lines if line[:2].isdigit()) >= 3
    assert sum("▒" in line for line in lines if line[:2].isdigit()) in (1, 2)
    assert "1 of 3 polls made failed" in lines
    assert lines[-1].startswith("No hrwatch run works on this archive")
    (timed,) = [line.split("\t") for line in lines if line.startswith("timed\t")]
    assert timed[3] == "no answer in time"
    named = call(schedule, "asleep", "timed", "--hours", "1").output
    assert "asleep: retired" in named
    assert re.search(r"timed: last polled 20\d\d-\d\d-\d\d \d\d:\d\d, no answer in time", named)


def test_the_last_poll_stands_beside_the_next(call: Call, tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        polled(archive, "busy")
        failed(archive, "timed")
    found = {one["source"]: one["last_poll"] for one in objects(call(schedule, "busy", "timed", "asleep", "--json"))}
    assert (found["busy"]["rows"], found["busy"]["new"], found["busy"]["reason"]) == (20, 2, None)
    assert found["timed"]["reason"] == "timeout"
    assert found["asleep"] is None
    assert datetime.now(UTC) - HOUR < datetime.fromisoformat(found["busy"]["at"]) <= datetime.now(UTC)


def test_a_line_of_hours_has_what_was_made_and_what_is_planned() -> None:
    now = datetime(2026, 11, 18, 3, 20, tzinfo=UTC)
    hours = hours_from(now - 3 * HOUR, now + 3 * HOUR)
    made = [
        PollMade(source_id="a", at=now - 3 * HOUR, new=0, is_well=False),
        PollMade(source_id="a", at=now - HOUR, new=0, is_well=True),
        PollMade(source_id="a", at=now, new=3, is_well=True),
    ]
    planned = [now + HOUR, now + HOUR, now + 3 * HOUR]
    assert [*line_of(hours, [(made, planned), ([], [])], now=now)] == ["×·▄▄|·█·▄", "····|····"]
    tomorrow = hours_from(now + 24 * HOUR, now + 26 * HOUR)
    assert [*line_of(tomorrow, [([], [now + 25 * HOUR])], now=now)] == ["·█·"]


def test_paused_sources_are_shown_so_and_made_up_for_once(call: Call, tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        polled(archive, "busy")
    said = call(pause, "busy", "--for", "5h", "--why", "改版").output
    assert said.startswith("busy: paused until ")
    assert said.strip().endswith(": 改版")
    assert [one["why"] for one in objects(call(schedule, "busy", "--hours", "4", "--json"))] == ["paused"]
    later = objects(call(schedule, "busy", "--hours", "6", "--json"))
    ends = datetime.now(UTC) + 5 * HOUR
    assert ends - HOUR / 4 <= datetime.fromisoformat(later[0]["at"]) <= ends + HOUR / 4
    assert 2 <= len(later) <= 4
    (busy,) = [one for one in objects(call(list_sources, "--json")) if one["id"] == "busy"]
    assert (busy["paused_why"], busy["cron"]) == ("改版", None)
    assert "paused until" in call(list_sources).output
    call(pause, "busy")  # without an end
    assert "busy: paused since" in call(schedule, "busy", "--hours", "100").output
    assert call(resume, "busy", "timed", "asleep").output.splitlines() == [
        "busy: polled again",
        "timed: was not paused",
        "asleep: was not paused; its file says status = retired",
    ]
    assert objects(call(schedule, "busy", "--hours", "1", "--json"))[0]["why"] == "interval"


def test_crawl_all_leaves_paused_sources_out_and_says_so(call: Call) -> None:
    call(pause, "busy", "timed")
    assert "2 sources are paused: busy, timed" in call(crawl, "--all").output


@pytest.mark.parametrize(
    ("command", "args", "told"),
    [
        (pause, ("no-such",), "no-such"),
        (pause, ("busy", "--for", "soon"), "--for soon"),
        (pause, ("busy", "--for", "0d"), "has passed"),
        (pause, ("busy", "--for", "999999w"), "ten years"),
        (pause, ("busy", "--until", "2020-01-01"), "has passed"),
        (pause, ("busy", "--until", "tomorrow"), "--until tomorrow"),
        (pause, ("busy", "--until", "2030-01-01", "--for", "1d"), "not both"),
        (pause, (), "pause --help"),
        (resume, ("no-such",), "no-such"),
        (poll_now, ("no-such",), "no-such"),
        (schedule, ("no-such",), "no-such"),
        (schedule, ("--day", "2020-01-01"), "is over"),
        (schedule, ("--day", "someday"), "--day someday"),
        (schedule, ("--day", "2999-01-01"), "more than a month"),
        (schedule, ("--day", "2999-01-01", "--hours", "3"), "not both"),
        (schedule, ("--hours", "0"), "0"),
    ],
)
def test_wrong_use_is_told_and_changes_nothing(
    call: Call, tmp_path: Path, command: click.Command, args: tuple[str, ...], told: str
) -> None:
    done = CliRunner().invoke(command, list(args), obj={"data": tmp_path, "sources": (tmp_path / "sources",)})
    assert done.exit_code != 0
    assert told in done.output + str(done.exception)
    with opened(tmp_path) as archive:
        assert archive.wishes(datetime.now(UTC)).pauses == {}


def test_poll_asks_the_clock_that_runs_and_says_where_none_does(call: Call, tmp_path: Path) -> None:
    done = call(poll_now, "busy", "timed", expect=3)
    assert "hrwatch crawl busy timed" in done.output
    with opened(tmp_path) as archive:
        assert archive.wishes(datetime.now(UTC)).wanted == {}
        lease = archive.acquire_lease(RUNNING, "a clock", 60)
        assert lease is not None
        call(poll_now, "busy", "busy", "timed")
        assert sorted(archive.wishes(datetime.now(UTC)).wanted) == ["busy", "timed"]
        assert archive.renew_leases([lease], 60) == ()  # the question took nothing from the clock


def test_times_are_those_of_the_sources_clock(call: Call, tmp_path: Path) -> None:
    source_file(
        tmp_path / "sources", "west", "west.example", port=80, more='cron = "0 6 * * *"\ntimezone = "Asia/Urumqi"'
    )
    found = objects(call(schedule, "west", "--hours", "48", "--json"))
    times = [datetime.fromisoformat(one["at"]).astimezone(CHINA) for one in found if one["why"] == "cron"]
    assert {at.hour for at in times} == {8}
