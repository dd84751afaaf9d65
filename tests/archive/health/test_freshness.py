"""Delays from publication to first sight and to the feed, on both databases: what counts, and what is left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from archive import Archive
from archive.archive import open_file
from archive.health.freshness import _rank
from archive.records import Delays, FeedQuery, Freshness, SourceFreshness
from crawler.model import Precision, Stamp
from tests.archive.making import NOW, enter_feed, judged, judgement, poll, prose, source

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NONE = Delays(count=0, median_s=None, p90_s=None)


@pytest.fixture
def open_archive(archive: Archive) -> Archive:
    """Both sources have been polled before, and the feed has opened: from now on there is news."""
    for source_id in ("a", "b"):
        archive.record_poll(poll(source_id, at=NOW - 60 * DAY))
    add(archive, 0, by="a", seen=NOW - 50 * DAY)
    assert enter(archive, NOW - 49 * DAY) == 1
    return archive


def add(
    archive: Archive,
    number: int | str,
    *,
    by: str,
    seen: datetime,
    published: datetime | None = None,
    precision: Precision = Precision.MINUTE,
    body: str | None = None,
    relevant: bool = True,
) -> None:
    """One synthetic item as `by` shows it; the same `body` elsewhere is a reprint."""
    item = judged(
        f"https://{by}.example/{number}",
        body or prose(number),
        published=published,
        of=source(by, f"{by}网"),
        verdict=judgement(relevant=relevant),
    )
    stamp = None if published is None else Stamp(at=published, precision=precision, origin="label")
    archive.store(replace(item, article=replace(item.article, published=stamp)), now=seen)


def enter(archive: Archive, now: datetime, feed_id: str = "all") -> int:
    return enter_feed(archive, feed_id, "all", "", "全部", FeedQuery(), now=now)


def measured(archive: Archive, *, days: int = 30, of: tuple[str, ...] | None = None) -> Freshness:
    return archive.freshness(since=NOW - days * DAY, until=NOW + DAY, source_ids=of)


def of(found: Freshness, source_id: str) -> SourceFreshness:
    (one,) = (one for one in found.sources if one.source_id == source_id)
    return one


def test_an_archive_without_news_has_no_delays(archive: Archive) -> None:
    found = measured(archive)
    assert found.sources == ()
    assert found.whole.items == 0
    assert found.whole.to_sight == found.whole.to_sight_by_day == found.whole.to_feed == found.whole.in_all == NONE


def test_minutes_are_measured_to_sight_and_to_the_feed(open_archive: Archive) -> None:
    for number, minutes in enumerate((5, 10, 60), start=1):
        add(open_archive, number, by="a", seen=NOW, published=NOW - minutes * MINUTE)
    add(open_archive, 4, by="b", seen=NOW, published=NOW - 20 * MINUTE)
    assert enter(open_archive, NOW + 3 * MINUTE) == 4
    found = measured(open_archive)
    assert of(found, "a").to_sight == Delays(count=3, median_s=600, p90_s=3600)
    assert of(found, "a").to_feed == Delays(count=3, median_s=180, p90_s=180)
    assert of(found, "a").in_all == Delays(count=3, median_s=780, p90_s=3780)
    assert of(found, "b").to_sight == Delays(count=1, median_s=1200, p90_s=1200)
    assert found.whole.to_sight == Delays(count=4, median_s=600, p90_s=3600)
    assert found.whole.in_all.count == 4
    assert measured(open_archive, of=("b",)).whole.items == 1
    assert [one.source_id for one in measured(open_archive, of=("b",)).sources] == ["b"]


def test_a_day_is_counted_in_days_on_china_s_calendar(open_archive: Archive) -> None:
    midnight = datetime(2026, 2, 28, 16, tzinfo=UTC)  # 1 March in Beijing
    add(open_archive, 1, by="a", seen=midnight + timedelta(hours=23), published=midnight, precision=Precision.DAY)
    add(open_archive, 2, by="a", seen=midnight + timedelta(hours=25), published=midnight, precision=Precision.DAY)
    found = of(measured(open_archive), "a")
    assert found.to_sight == NONE
    assert found.to_sight_by_day == Delays(count=2, median_s=0, p90_s=86_400)
    assert found.same_day == 1
    assert enter(open_archive, NOW + MINUTE) == 2
    found = of(measured(open_archive), "a")
    assert found.to_feed.count == 2
    assert found.in_all == NONE  # from a day to a minute there is no delay


def test_what_says_nothing_of_delay_is_left_out_and_counted(open_archive: Archive) -> None:
    add(open_archive, 1, by="a", seen=NOW, published=None)
    add(open_archive, 2, by="a", seen=NOW, published=NOW - 400 * DAY)
    add(open_archive, 3, by="a", seen=NOW, published=NOW + DAY)
    add(open_archive, 4, by="a", seen=NOW, published=NOW + DAY, precision=Precision.DAY)
    add(open_archive, 5, by="a", seen=NOW, published=NOW + MINUTE)  # the site's clock is a minute ahead
    found = of(measured(open_archive), "a")
    assert (found.items, found.undated, found.old, found.ahead) == (5, 1, 1, 2)
    assert found.to_sight == Delays(count=1, median_s=0, p90_s=0)


def test_first_crawls_backfills_and_the_opening_are_no_news(archive: Archive) -> None:
    add(archive, 1, by="a", seen=NOW - 2 * DAY, published=NOW - 3 * DAY)  # a first crawl
    archive.record_poll(poll("a", at=NOW - DAY))
    add(archive, 2, by="a", seen=NOW - MINUTE, published=NOW - 2 * MINUTE)
    assert enter(archive, NOW) == 2  # opens with both
    add(archive, 3, by="b", seen=NOW, published=NOW - MINUTE)  # another first crawl
    assert enter(archive, NOW + MINUTE) == 1
    found = measured(archive)
    assert [one.source_id for one in found.sources] == ["a"]
    assert found.whole.items == 1
    assert found.whole.to_feed == found.whole.in_all == NONE


def test_a_reprint_that_comes_later_does_not_wait_for_the_feed(open_archive: Archive) -> None:
    add(open_archive, 1, by="a", seen=NOW, published=NOW - 10 * MINUTE, body=prose("same"))
    add(open_archive, 2, by="b", seen=NOW + MINUTE, published=NOW - 5 * MINUTE, body=prose("same"))
    assert enter(open_archive, NOW + 2 * MINUTE) == 1
    found = measured(open_archive)
    assert of(found, "a").to_feed == Delays(count=1, median_s=120, p90_s=120)
    assert of(found, "b").to_feed == NONE
    assert of(found, "b").to_sight == Delays(count=1, median_s=360, p90_s=360)


def test_two_that_come_at_once_count_once_in_the_whole(open_archive: Archive) -> None:
    for by in ("a", "b"):
        add(open_archive, 1, by=by, seen=NOW, published=NOW - 10 * MINUTE, body=prose("same"))
    assert enter(open_archive, NOW + MINUTE) == 1
    found = measured(open_archive)
    assert of(found, "a").to_feed.count == of(found, "b").to_feed.count == 1
    assert found.whole.to_feed.count == 1


def test_only_the_feed_of_all_and_the_period_count(open_archive: Archive) -> None:
    add(open_archive, 1, by="a", seen=NOW - 10 * DAY, published=NOW - 11 * DAY)
    add(open_archive, 2, by="a", seen=NOW, published=NOW - DAY, relevant=False)
    assert enter(open_archive, NOW - 10 * DAY + MINUTE) == 1
    assert enter(open_archive, NOW, "zone-other") == 2
    assert measured(open_archive).whole.to_feed.count == 1
    lately = measured(open_archive, days=5).whole
    assert (lately.items, lately.to_feed.count) == (1, 0)


def test_no_text_is_read_for_first_sight(tmp_path: Path) -> None:
    with open_file(tmp_path / "a.sqlite3") as archive, plans(archive) as told:
        archive.freshness(since=NOW - DAY, until=NOW)
    assert any("COVERING INDEX ix_items_first_seen" in line for line in told), told


@contextmanager
def plans(archive: Archive) -> Iterator[list[str]]:
    """How SQLite answers what is asked of it meanwhile."""
    told: list[str] = []
    engine: Engine = archive._engine

    def explain(connection, cursor, statement, parameters, context, executemany) -> None:  # type: ignore[no-untyped-def]
        if statement.startswith("SELECT"):
            asked = connection.connection.driver_connection.cursor()
            told.extend(row[3] for row in asked.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield told
    finally:
        event.remove(engine, "before_cursor_execute", explain)


@given(st.lists(st.floats(0, 1e7), min_size=1), st.sampled_from([0.5, 0.9, 1.0]))
def test_a_rank_is_one_that_was_measured_and_holds_its_share(found: list[float], share: float) -> None:
    rank = _rank(sorted(found), share)
    assert rank in found
    assert sum(one <= rank for one in found) >= share * len(found) - 1e-9
    assert sum(one < rank for one in found) < share * len(found)
