"""Feeds as readers see them: what entered each, and in which order.

What a feed file holds follows from these rows alone, so that deleted files come back byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from archive.reading import load_stories
from archive.records import FeedEntry, FeedOmission, FeedRecord
from archive.schema import feed_entries, feed_omissions, feeds

_CHUNK = 500  # values in one statement


def load_entries(connection: Connection, feed_id: str, limit: int, *, last: int | None = None) -> tuple[FeedEntry, ...]:
    """The entries in the newest `limit` places of a feed, or in those up to the place `last`; newest first.

    Places and not rows are counted: were an entry that went with its story (a merge) made up for, one that had left the
    feed would come back to readers who have forgotten it.
    """
    end = select(feeds.c.last_position).where(feeds.c.id == feed_id).scalar_subquery() if last is None else last
    rows = connection.execute(
        select(feed_entries)
        .where(feed_entries.c.feed_id == feed_id, feed_entries.c.position > end - limit, feed_entries.c.position <= end)
        .order_by(feed_entries.c.position.desc())
    ).all()
    records = {record.id: record for record in load_stories(connection, [row.story_id for row in rows])}
    return tuple(
        FeedEntry(guid=row.guid, story=records[row.story_id], entered_at=row.entered_at, position=row.position)
        for row in rows
    )


def load_feeds(
    connection: Connection, feed_ids: Sequence[str] | None = None, *, story_id: int | None = None
) -> tuple[FeedRecord, ...]:
    """All feeds ever published, those of these ids, or those that a story entered; by id."""
    found = select(feeds).where(feeds.c.last_position > 0).order_by(feeds.c.id)
    if story_id is not None:
        found = found.where(feeds.c.id.in_(select(feed_entries.c.feed_id).where(feed_entries.c.story_id == story_id)))
    rows: list[Row[Any]] = []
    if feed_ids is None:
        rows += connection.execute(found).all()
    else:
        for chunk in _chunks(sorted(feed_ids)):
            rows += connection.execute(found.where(feeds.c.id.in_(chunk))).all()
    return tuple(
        FeedRecord(
            id=row.id,
            kind=row.kind,
            key=row.key,
            title=row.title,
            first_published_at=row.first_published_at,
            changed_at=row.changed_at or row.first_published_at,
            items=row.items,
            last_position=row.last_position,
        )
        for row in rows
    )


def load_omissions(connection: Connection, story_id: int) -> tuple[FeedOmission, ...]:
    """The feeds that a story matched and did not enter, by id."""
    rows = connection.execute(
        select(feed_omissions, feeds.c.title)
        .join(feeds, feeds.c.id == feed_omissions.c.feed_id)
        .where(feed_omissions.c.story_id == story_id)
        .order_by(feed_omissions.c.feed_id)
    )
    return tuple(
        FeedOmission(feed_id=row.feed_id, title=row.title, reason=row.reason, omitted_at=row.omitted_at) for row in rows
    )


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
