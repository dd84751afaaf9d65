"""How sources stand, as the archive keeps it: each poll looked at once, and nothing lost between looks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, create_engine, text

from archive import Archive
from archive.periods import CHINA
from crawler.health.standing import Expected, Health, Snapshot
from crawler.model import ListReport, PollReport, Reason, WarcPosition
from tests.archive.making import NOW, poll, source
from tests.archive.older import move
from tests.archive.places import Place

DAY = timedelta(days=1)
URL = "https://synthetic.example/list"
KEPT = WarcPosition(file="synthetic.warc.gz", offset=2**33, length=77)


@contextmanager
def told(place: Place) -> Iterator[Connection]:
    """A connection that knows nothing of our program."""
    is_server = place.name.startswith("postgresql:")
    engine = create_engine(
        place.name.replace("postgresql:", "postgresql+psycopg:") if is_server else f"sqlite:///{place.name}"
    )
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def good(at: datetime, *, new: int = 1, dated: int = 20, warc: WarcPosition | None = KEPT) -> PollReport:
    """A poll that read a list of twenty rows."""
    page = ListReport(
        url=URL,
        status=200,
        rows=20,
        new=new,
        newest=at.date() if dated else None,
        titled=20,
        dated=dated,
        linked=20,
        bytes=24_000,
        charset="utf-8",
        shows_family=True,
        wait_ms=300,
        warc=warc,
    )
    return replace(poll(at=at), lists=(page,), read=new, read_dated=new, read_sourced=new)


def fortnight(*, until: int = 14) -> Iterator[PollReport]:
    """Two polls a day."""
    for half in range(until * 2):
        yield good(NOW + half * DAY / 2)


def test_the_measures_of_a_poll_are_kept(archive: Archive) -> None:
    archive.record_poll(good(NOW))
    (kept,) = archive.polls_of("synthetic")
    assert kept.lists == good(NOW).lists
    assert (kept.dated, kept.bytes, kept.charset, kept.shows_family, kept.wait_ms) == (20, 24_000, "utf-8", True, 300)
    assert (kept.read, kept.read_dated, kept.read_sourced) == (1, 1, 1)


def test_a_poll_that_measured_nothing_says_so(archive: Archive) -> None:
    archive.record_poll(poll(at=NOW, reason=Reason.TIMEOUT))
    (kept,) = archive.polls_of("synthetic")
    assert (kept.dated, kept.bytes, kept.charset, kept.shows_family, kept.wait_ms) == (None,) * 5


@pytest.mark.parametrize("looks", [1, 7])
def test_dates_that_go_are_found_however_often_somebody_looks(archive: Archive, looks: int) -> None:
    """What is usual outlives the looks: each look reads only the polls since the one before."""
    archive.keep_sources([source()], now=NOW)
    reports = [*fortnight(), good(NOW + 15 * DAY, dated=0), good(NOW + 16 * DAY, dated=0)]
    for n, report in enumerate(reports):
        archive.record_poll(report)
        if n % looks == 0:
            archive.judge_health({}, now=report.ended_at)
    archive.judge_health({}, now=NOW + 16 * DAY)
    (event,) = archive.health_events()
    assert (event.verdict, event.previous, event.since) == (Health.BROKEN, Health.HEALTHY, NOW + 15 * DAY)
    assert event.detail == "0 of 20 rows have a date, 100 % had one"
    (found,) = archive.source_healths()
    assert (found.verdict, found.detail, found.name) == (Health.BROKEN, event.detail, "合成日报")
    assert found.good_at == NOW + 13.5 * DAY
    assert found.snapshot == Snapshot(url=URL, at=NOW + 13.5 * DAY, warc=KEPT)


def test_an_unchanged_list_keeps_the_last_good_page(archive: Archive) -> None:
    archive.record_poll(good(NOW))
    unchanged = ListReport(url=URL, status=304, unchanged=True, wait_ms=20)
    archive.record_poll(replace(poll(at=NOW + DAY), lists=(unchanged,)))
    archive.judge_health({}, now=NOW + DAY)
    (found,) = archive.source_healths()
    assert (found.good_at, found.snapshot) == (NOW + DAY, Snapshot(url=URL, at=NOW, warc=KEPT))


def test_pages_of_a_history_are_no_news(archive: Archive) -> None:
    page = good(NOW, new=20).lists[0]
    archive.record_poll(good(NOW))
    archive.record_poll(replace(good(NOW + DAY, new=0), lists=(*good(NOW + DAY, new=0).lists, replace(page, number=2))))
    archive.judge_health({}, now=NOW + DAY)
    (found,) = archive.source_healths()
    assert found.news_at == NOW


def test_two_who_look_at_once_raise_each_event_once(place: Place) -> None:
    with place.open() as archive:
        for n in range(2):
            archive.record_poll(poll(at=NOW + n * DAY, reason=Reason.BLOCKED))
    counts: list[int] = []
    start = threading.Barrier(2)

    def look() -> None:
        with place.open() as archive:
            start.wait(timeout=60)
            counts.append(archive.judge_health({}, now=NOW))

    threads = [threading.Thread(target=look) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(counts) == [0, 1]
    with place.open() as archive:
        assert len(archive.health_events()) == 1


def test_more_polls_than_one_transaction_takes_are_all_looked_at(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.health.looking._AT_ONCE", 3)
    for report in (*fortnight(until=4), good(NOW + 5 * DAY, new=0)):
        archive.record_poll(report)
    archive.judge_health({"synthetic": Expected(digest="a")}, now=NOW + 5 * DAY)
    (found,) = archive.source_healths()
    assert (found.verdict, found.good_at) == (Health.QUIET, NOW + 5 * DAY)


def test_polls_of_an_older_program_are_no_alarm_and_teach_its_rhythm(archive: Archive) -> None:
    """They have no measures, and the standing has nothing of what is usual."""
    for n in range(20):
        page = ListReport(url=URL, status=200, rows=20, new=int(n % 7 == 0), newest=(NOW + n * DAY).date())
        archive.record_poll(replace(poll(at=NOW + n * DAY), lists=(page,)))
    archive.judge_health({}, now=NOW + 20 * DAY)
    forget = text("UPDATE source_health SET usual = NULL, news_at = NULL, read_at = NULL, good_at = NULL")
    archive.submit(lambda connection: connection.execute(forget)).result()
    for n in range(20, 24):
        archive.record_poll(good(NOW + n * DAY, new=0, dated=0))
    assert archive.judge_health({}, now=NOW + 24 * DAY) == 0
    assert archive.health_events() == ()
    (found,) = archive.source_healths()
    assert found.usual.gaps == (5, 5)
    assert found.news_at == NOW + 14 * DAY


def test_what_was_well_is_healthy_after_the_upgrade(new_place: Callable[[], Place]) -> None:
    """And the earlier program finds its own word again."""
    place = new_place()
    with place.open() as archive:
        for n, reason in enumerate((Reason.ROBOTS, Reason.ROBOTS, None, None)):
            archive.record_poll(poll(at=NOW + n * DAY, reason=reason))
        archive.judge_health({}, now=NOW)
        assert [event.verdict for event in archive.health_events()] == [Health.HEALTHY, Health.REFUSED]
    move(place.name, "0012")
    with told(place) as connection:
        assert connection.execute(text("SELECT verdict FROM source_health")).scalar_one() == "well"
        words = connection.execute(text("SELECT verdict, previous FROM health_events ORDER BY id")).all()
        assert [tuple(row) for row in words] == [("blocked", None), ("well", "blocked")]
    with place.open() as archive:
        (found,) = archive.source_healths()
        assert found.verdict is Health.HEALTHY
        assert [event.verdict for event in archive.health_events()] == [Health.HEALTHY, Health.BLOCKED]


def test_the_day_of_the_newest_row_is_a_day_of_china(archive: Archive) -> None:
    day = NOW.astimezone(CHINA).date() - DAY
    report = good(NOW, new=0)
    archive.record_poll(replace(report, lists=(replace(report.lists[0], newest=day),)))
    archive.judge_health({}, now=NOW)
    (found,) = archive.source_healths()
    assert found.freshest_at is not None
    assert found.freshest_at.astimezone(CHINA).date() == day


def test_a_source_that_never_answered_has_no_newest_row(archive: Archive) -> None:
    archive.record_poll(poll(at=NOW, reason=Reason.TIMEOUT))
    archive.judge_health({}, now=NOW)
    (found,) = archive.source_healths()
    assert found.freshest_at is None
