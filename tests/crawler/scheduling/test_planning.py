"""What the archive tells of a source decides when it is due: its habits, its failures, and what its host asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import Archive
from archive.archive import open_file
from crawler.catalogue import Catalogue
from crawler.clock.schedule import Why
from crawler.config import Config
from crawler.model import ListPage, ListReport, PollReport, Reason, Source
from crawler.scheduling.planning import Planner
from tests.archive.making import source
from tests.archive.places import new_file

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# a Wednesday, 09:00 in China
NOW = datetime(2026, 3, 25, 1, 0, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_file(new_file(tmp_path / "hrwatch.sqlite3")) as opened:
        yield opened


def planner(archive: Archive, *sources: Source, now: datetime = NOW, only: tuple[str, ...] | None = None) -> Planner:
    made = Planner(archive, Config(), now=lambda: now)
    made.load(Catalogue(sources), only=only)
    return made


def report(source_id: str, at: datetime, *, new: int = 0, reason: Reason | None = None) -> PollReport:
    read = ListReport(url=f"https://{source_id}.example/list", status=200, rows=20, new=new, reason=reason)
    return PollReport(source_id=source_id, started_at=at, ended_at=at, lists=(read,), reason=reason)


def office_hours(archive: Archive, source_id: str, *, weeks: int = 6) -> None:
    """Hourly polls that found news from 9 to 17 o'clock in China, Monday to Friday, and never else."""
    polls = []
    for hours in range(weeks * 7 * 24, 0, -1):
        at = NOW - hours * HOUR
        here = at + 8 * HOUR
        is_open = here.weekday() < 5 and 9 < here.hour <= 17
        polls.append(report(source_id, at, new=2 if is_open else 0))
    assert archive.record_polls(polls) == (None,) * len(polls)


def test_a_learned_rhythm_asks_more_by_day_than_by_night(archive: Archive) -> None:
    office_hours(archive, "office")
    one = source("office")
    # at 9 and at 21 o'clock in China
    waits = []
    for at in (NOW, NOW + 12 * HOUR):
        due = planner(archive, one, now=at).after(one, report("office", at))
        assert due.why is Why.RHYTHM
        waits.append(due.at - at)
    assert 2 * waits[0] < waits[1]


def test_only_the_sources_asked_for_and_their_neighbours_are_learned(archive: Archive) -> None:
    office_hours(archive, "office", weeks=5)
    office_hours(archive, "other", weeks=5)
    one, other = source("office"), source("other")
    beside = planner(archive, one, other, only=("office",))
    assert beside.after(one, report("office", NOW)).why is Why.RHYTHM
    assert beside.after(other, report("other", NOW)).why is Why.INTERVAL
    shared = replace(other, hosts=one.hosts)
    neighbours = planner(archive, one, shared, only=("office",))
    assert neighbours.after(shared, report("other", NOW)).why is Why.RHYTHM


def test_failures_are_counted_on_from_what_the_archive_knows(archive: Archive) -> None:
    one = source("failing")
    for n in range(3):
        archive.record_poll(report("failing", NOW - (3 - n) * HOUR, reason=Reason.TIMEOUT))
    fourth = planner(archive, one).after(one, report("failing", NOW, reason=Reason.TIMEOUT))
    first = planner(archive, source("other")).after(source("other"), report("other", NOW, reason=Reason.TIMEOUT))
    assert fourth.why is Why.BACK_OFF
    assert fourth.at - NOW > 2 * (first.at - NOW)
    mended = planner(archive, one)
    assert mended.after(one, report("failing", NOW)).at - NOW < 2 * HOUR


@pytest.mark.parametrize(
    ("planned", "why", "due"),
    [
        (None, None, True),
        (NOW - DAY, "rhythm", True),
        (NOW, "rhythm", True),
        (NOW + HOUR / 2, "rhythm", False),
    ],
)
def test_what_is_due(archive: Archive, planned: datetime | None, why: str | None, due: bool) -> None:
    one = source("one")
    if planned is not None:
        archive.record_poll(report("one", NOW - 2 * DAY))
        archive.plan("one", planned, why=why)
    found = planner(archive, one)
    assert found.is_due(one) is due
    assert found.first(one).why is (Why.FIRST if due else Why.RHYTHM)


def test_a_plan_of_a_clock_that_was_set_back_is_brought_back(archive: Archive) -> None:
    one = source("one")
    archive.record_poll(report("one", NOW + 300 * DAY))
    archive.plan("one", NOW + 300 * DAY + HOUR, why="interval")
    assert planner(archive, one).first(one).at <= NOW + 1.2 * HOUR


def test_a_cron_expression_that_is_new_in_the_file_takes_the_place_of_a_later_plan(archive: Archive) -> None:
    one = source("one")
    archive.record_poll(report("one", NOW))
    archive.plan("one", NOW + 10 * HOUR, why="rhythm")
    timed = replace(one, cron="30 11 * * *")  # in two and a half hours
    due = planner(archive, timed).first(timed)
    assert (due.why, NOW + 2.5 * HOUR <= due.at <= NOW + 2.6 * HOUR) == (Why.CRON, True)


def test_a_busy_host_is_no_failure_and_teaches_nothing(archive: Archive) -> None:
    one = source("one")
    found = planner(archive, one)
    due = found.after(one, replace(report("one", NOW), skipped=True))
    assert (due.why, due.at) == (Why.BUSY, NOW + timedelta(seconds=2 * Config().lease_ttl_s))
    assert found.after(one, report("one", NOW)).why is Why.INTERVAL


def test_a_fault_of_ours_is_tried_again(archive: Archive) -> None:
    one = source("one")
    due = planner(archive, one).after(one, None)
    assert NOW < due.at <= NOW + DAY


def test_limits_are_those_of_the_settings(archive: Archive) -> None:
    config = Config(poll_floor_min=30, poll_ceiling_min=600, host_requests_per_day=48)
    limits = Planner(archive, config, now=lambda: NOW).limits
    assert (limits.floor, limits.ceiling, limits.per_host_day) == (HOUR / 2, 10 * HOUR, 48)


def test_a_burst_of_articles_makes_the_lists_of_its_host_wait_for_a_day(archive: Archive) -> None:
    one = replace(source("one"), every_min=60, lists=(ListPage(url="https://one.example/list"),))
    archive.record_poll(replace(report("one", NOW), fetched=40))
    for hours, wait in ((1, 3), (23, 3), (25, 1)):  # 48 a day, less 40
        now = NOW + hours * HOUR
        found = Planner(archive, Config(host_requests_per_day=48), now=lambda now=now: now)
        found.load(Catalogue([one]))
        assert wait * HOUR <= found.again(one, after=now).at - now <= wait * 1.1 * HOUR
