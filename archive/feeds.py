"""Which story entered which feed, and when: recorded once, never announced again.

What a feed file holds follows from these rows alone, so that deleted files come back byte for byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from archive.reading import NEWEST_FIRST, conditions, load_stories
from archive.records import FeedEntry, FeedQuery, FeedRecord
from archive.schema import feed_entries, feeds, stories
from archive.upsert import insert_new

_AT_ONCE = 2000  # stories that enter a feed in one go; the rest enters with the next publication


def enter_feed(
    connection: Connection,
    feed_id: str,
    *,
    kind: str,
    key: str,
    title: str,
    query: FeedQuery,
    now: datetime,
    opening: int,
    max_age_days: int,
    per_source: int,
) -> int:
    """Let the relevant stories that match enter the feed, each once; return how many did.

    A feed that nothing entered yet opens with its newest `opening` stories of any date. Later, what came with a
    source's first crawl or a backfill enters only if published within `max_age_days` of its first sight, and at most
    `per_source` of a source.
    """
    new_feed = {"id": feed_id, "kind": kind, "key": key, "title": title, "first_published_at": now}
    insert_new(connection, feeds, [new_feed])
    connection.execute(update(feeds).where(feeds.c.id == feed_id, feeds.c.title != title).values(title=title))
    highest = connection.execute(
        select(func.max(feed_entries.c.position)).where(feed_entries.c.feed_id == feed_id)
    ).scalar()
    matching = (
        select(
            stories.c.id,
            stories.c.guid,
            stories.c.published_at,
            stories.c.first_seen_at,
            stories.c.is_backfill,
            stories.c.found_by,
        )
        .where(stories.c.is_relevant, *conditions(query))
        .order_by(*NEWEST_FIRST)
    )
    if highest is None:
        rows = connection.execute(matching.limit(opening)).all()
    else:
        entered = select(feed_entries.c.story_id).where(feed_entries.c.feed_id == feed_id)
        rows = _admitted(
            connection.execute(matching.where(stories.c.id.not_in(entered))).all(),
            _backfilled(connection, feed_id),
            timedelta(days=max_age_days),
            per_source,
        )[:_AT_ONCE]
    if not rows:
        return 0
    entries = [
        {
            "feed_id": feed_id,
            "story_id": row.id,
            "position": (highest or 0) + place,
            "entered_at": now,
            "guid": row.guid,
            "backfill_of": row.found_by if row.is_backfill and highest is not None else None,
        }
        for place, row in enumerate(reversed(rows), start=1)
    ]
    connection.execute(insert(feed_entries), entries)
    return len(entries)


def load_entries(connection: Connection, feed_id: str, limit: int) -> tuple[FeedEntry, ...]:
    """The newest entries of a feed, newest first."""
    rows = connection.execute(
        select(feed_entries)
        .where(feed_entries.c.feed_id == feed_id)
        .order_by(feed_entries.c.position.desc())
        .limit(limit)
    ).all()
    records = {record.id: record for record in load_stories(connection, [row.story_id for row in rows])}
    return tuple(
        FeedEntry(guid=row.guid, story=records[row.story_id], entered_at=row.entered_at, position=row.position)
        for row in rows
    )


def load_feeds(connection: Connection, story_id: int | None = None) -> tuple[FeedRecord, ...]:
    """All feeds ever published, or those that a story entered, by id."""
    counted = (
        select(
            feeds,
            func.count(feed_entries.c.story_id).label("items"),
            func.max(feed_entries.c.entered_at).label("entered_at"),
            func.max(stories.c.updated_at).label("updated_at"),
        )
        .join(feed_entries, feed_entries.c.feed_id == feeds.c.id, isouter=True)
        .join(stories, stories.c.id == feed_entries.c.story_id, isouter=True)
        .group_by(feeds.c.id)
        .order_by(feeds.c.id)
    )
    if story_id is not None:
        mine = select(feed_entries.c.feed_id).where(feed_entries.c.story_id == story_id)
        counted = counted.where(feeds.c.id.in_(mine))
    return tuple(
        FeedRecord(
            id=row.id,
            kind=row.kind,
            key=row.key,
            title=row.title,
            first_published_at=row.first_published_at,
            changed_at=max(time for time in (row.first_published_at, row.entered_at, row.updated_at) if time),
            items=row.items,
        )
        for row in connection.execute(counted)
    )


def _backfilled(connection: Connection, feed_id: str) -> Counter[str]:
    """How many old stories of each source entered the feed after its opening."""
    rows = connection.execute(
        select(feed_entries.c.backfill_of, func.count())
        .where(feed_entries.c.feed_id == feed_id, feed_entries.c.backfill_of.is_not(None))
        .group_by(feed_entries.c.backfill_of)
    )
    return Counter({row[0]: row[1] for row in rows})


def _admitted(rows: Sequence[Any], backfilled: Counter[str], max_age: timedelta, per_source: int) -> list[Any]:
    """Rows, newest first, without what is old or too much of a source's first crawl or backfill."""
    admitted = []
    for row in rows:
        if row.is_backfill:
            if row.published_at is None or row.first_seen_at - row.published_at > max_age:
                continue
            if backfilled[row.found_by] >= per_source:
                continue
            backfilled[row.found_by] += 1
        admitted.append(row)
    return admitted
