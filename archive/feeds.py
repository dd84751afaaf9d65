"""Feeds as readers see them: what entered each, and in which order.

What a feed file holds follows from these rows alone, so that deleted files come back byte for byte.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from archive.reading import load_stories
from archive.records import FeedEntry, FeedOmission, FeedRecord
from archive.schema import feed_entries, feed_omissions, feeds, stories


def load_entries(connection: Connection, feed_id: str, limit: int) -> tuple[FeedEntry, ...]:
    """The entries in the newest `limit` places of a feed, newest first.

    Places and not rows are counted: were an entry that went with its story (a merge) made up for, one that had left the
    feed would come back to readers who have forgotten it.
    """
    last = select(feeds.c.last_position).where(feeds.c.id == feed_id).scalar_subquery()
    rows = connection.execute(
        select(feed_entries)
        .where(feed_entries.c.feed_id == feed_id, feed_entries.c.position > last - limit)
        .order_by(feed_entries.c.position.desc())
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
