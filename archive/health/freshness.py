"""How fresh the news is: from publication to first sight, and on into the feed of all stories.

Only news counts. What a first crawl, a backfill or the opening of the feed brought was old when it came.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, select

from archive.database.engine import streaming
from archive.periods import CHINA
from archive.records import Delays, Freshness, SourceFreshness
from archive.schema import feed_entries, feeds, items, stories
from crawler.model import Precision

FEED = "all"  # what every other feed takes its stories from
# A row found so long after its date is no news: a list was changed, or an old page was put up again.
OLDEST = timedelta(days=30)
# Clocks of sites and ours differ by minutes; a date further ahead of first sight is a slip, or an announcement.
_SKEW = timedelta(minutes=10)
_AT_ONCE = 5_000  # rows in memory
_DAY_S = 86_400.0


def measure(
    connection: Connection, *, since: datetime, until: datetime, source_ids: Collection[str] | None = None
) -> Freshness:
    """The delays of items first seen, and of stories that entered the feed, from `since` up to `until`.

    By source, those of `source_ids` or all that had any; the whole is of these sources too.
    """
    of_source: defaultdict[str, _Sample] = defaultdict(_Sample)
    whole = _Sample()
    for row in _seen(connection, since, until, source_ids):
        of_source[row.source_id].see(row)
        whole.see(row)
    counted = set[int]()
    for row in _entered(connection, since, until, source_ids):
        of_source[row.source_id].enter(row)
        if row.story_id not in counted:  # two sources may have shown it at one moment
            counted.add(row.story_id)
            whole.enter(row)
    return Freshness(
        since=since,
        until=until,
        whole=whole.told(None),
        sources=tuple(of_source[source_id].told(source_id) for source_id in sorted(of_source)),
    )


class _Sample:
    """Delays in seconds as they come in: eight bytes each."""

    def __init__(self) -> None:
        self._items = self._same_day = self._undated = self._old = self._ahead = 0
        self._to_sight, self._days = array("d"), array("d")
        self._to_feed, self._in_all = array("d"), array("d")

    def see(self, row: Any) -> None:
        self._items += 1
        if row.published_at is None:
            self._undated += 1
        elif row.first_seen_at - row.published_at > OLDEST:
            self._old += 1
        elif row.precision == Precision.MINUTE:
            delay = row.first_seen_at - row.published_at
            if delay < -_SKEW:
                self._ahead += 1
            else:
                self._to_sight.append(max(delay.total_seconds(), 0.0))
        else:
            # a day is no time: midnight is where it begins, not when anything was published
            days = (row.first_seen_at.astimezone(CHINA).date() - row.published_at.astimezone(CHINA).date()).days
            if days < 0:
                self._ahead += 1
            else:
                self._days.append(days * _DAY_S)
                self._same_day += days == 0

    def enter(self, row: Any) -> None:
        to_feed = row.entered_at - row.first_seen_at
        if not timedelta() <= to_feed <= OLDEST:
            return  # judged anew long after; or a clock was set back
        self._to_feed.append(to_feed.total_seconds())
        if row.published_at is not None and row.precision == Precision.MINUTE:
            in_all = row.entered_at - row.published_at
            if -_SKEW <= in_all <= OLDEST:
                self._in_all.append(max(in_all.total_seconds(), 0.0))

    def told(self, source_id: str | None) -> SourceFreshness:
        return SourceFreshness(
            source_id=source_id,
            items=self._items,
            to_sight=_delays(self._to_sight),
            to_sight_by_day=_delays(self._days),
            same_day=self._same_day,
            to_feed=_delays(self._to_feed),
            in_all=_delays(self._in_all),
            undated=self._undated,
            old=self._old,
            ahead=self._ahead,
        )


def _delays(found: array[float]) -> Delays:
    ordered = sorted(found)
    return Delays(count=len(ordered), median_s=_rank(ordered, 0.5), p90_s=_rank(ordered, 0.9))


def _rank(ordered: list[float], share: float) -> float | None:
    """The least value that `share` of all are no greater than (nearest rank): one that was measured."""
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None


def _seen(
    connection: Connection, since: datetime, until: datetime, source_ids: Collection[str] | None
) -> Iterator[Any]:
    # all these columns are in ix_items_first_seen: no text is read
    asked = select(items.c.source_id, items.c.first_seen_at, items.c.published_at, items.c.precision).where(
        items.c.first_seen_at >= since,
        items.c.first_seen_at < until,
        items.c.is_backfill == false(),
        *_of(source_ids),
    )
    with streaming(connection, asked, _AT_ONCE) as rows:
        yield from rows


def _entered(
    connection: Connection, since: datetime, until: datetime, source_ids: Collection[str] | None
) -> Iterator[Any]:
    """Stories that entered the open feed, each with the item that brought it."""
    brought = and_(items.c.story_id == stories.c.id, items.c.first_seen_at == stories.c.first_seen_at)
    asked = (
        select(items.c.source_id, items.c.published_at, items.c.precision, items.c.first_seen_at)
        .add_columns(feed_entries.c.entered_at, feed_entries.c.story_id)
        .select_from(feed_entries)
        .join(feeds, feeds.c.id == feed_entries.c.feed_id)
        .join(stories, stories.c.id == feed_entries.c.story_id)
        .join(items, brought)
        .where(
            feed_entries.c.feed_id == FEED,
            feed_entries.c.entered_at >= since,
            feed_entries.c.entered_at < until,
            feed_entries.c.entered_at > feeds.c.first_published_at,
            items.c.is_backfill == false(),
            *_of(source_ids),
        )
        .order_by(feed_entries.c.position, items.c.id)
    )
    with streaming(connection, asked, _AT_ONCE) as rows:
        yield from rows


def _of(source_ids: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if source_ids is None else [items.c.source_id.in_(sorted(source_ids))]
