"""Which stories enter which feed, once and for all: entered or passed over, and never asked about again.

A story is asked about when it is new or has changed since the feed last looked. What matches then enters, or is passed
over with a reason; either is for good. A story that did not match is asked about again when a member joins it or its
judgement changes. A merge moves both records to the story that stays, and announces nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, delete, exists, func, insert, literal, select, update

from archive.reading import NEWEST_FIRST, conditions
from archive.records import FeedQuery
from archive.schema import facts, feed_entries, feed_omissions, feeds, stories
from archive.upsert import insert_new

OPENING = "opening"  # older than the newest so many that the feed opened with
LATE = "late"  # published long before it came to match
QUOTA = "quota"  # its source's first crawl, or backfill, has brought enough


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

    A feed that nothing entered yet opens with its newest `opening` stories of any date. Later, a story enters only if
    published within `max_age_days` of its first sight, and at most `per_source` of one source's first crawl and
    backfills. A story that the archive held when the feed last looked, and that matches only now, is measured by the
    time of the change that made it match: better rules that find an old story are no news.
    """
    new_feed = {"id": feed_id, "kind": kind, "key": key, "title": title, "first_published_at": now}
    insert_new(connection, feeds, [new_feed | {"last_position": 0, "seen_seq": 0, "seen_story_id": 0}])
    feed = connection.execute(select(feeds).where(feeds.c.id == feed_id)).one()
    seq = int(connection.execute(select(facts.c.value).where(facts.c.name == "seq")).scalar_one())
    if feed.last_position > 0 and feed.title == title and feed.seen_seq == seq:
        return 0
    entering = (
        _open(connection, feed_id, query, opening, now)
        if feed.last_position == 0
        else _follow(connection, feed, query, timedelta(days=max_age_days), per_source, now)
    )
    entries = [
        {
            "feed_id": feed_id,
            "story_id": row.id,
            "position": feed.last_position + place,
            "entered_at": now,
            "guid": row.guid,
            "backfill_of": row.found_by if row.is_backfill and feed.last_position > 0 else None,
        }
        for place, row in enumerate(reversed(entering), start=1)
    ]
    if entries:
        connection.execute(insert(feed_entries), entries)
    values = {
        "title": title,
        "last_position": feed.last_position + len(entries),
        "seen_seq": seq,
        "seen_story_id": connection.execute(select(func.max(stories.c.id))).scalar() or 0,
    }
    connection.execute(update(feeds).where(feeds.c.id == feed_id).values(**values))
    return len(entries)


def move_entries(connection: Connection, retired: int, survivor: int) -> None:
    """Make over what a story that turned out to be `survivor` entered, and where it was passed over.

    Where both had entered, the survivor's own entry stays; its place in the order is not given to another.
    """
    _move(connection, feed_entries, retired, survivor, held=(feed_entries,))
    _move(connection, feed_omissions, retired, survivor, held=(feed_entries, feed_omissions))
    entered = select(feed_entries.c.feed_id).where(feed_entries.c.story_id == survivor)
    connection.execute(
        delete(feed_omissions).where(feed_omissions.c.story_id == survivor, feed_omissions.c.feed_id.in_(entered))
    )


def _open(connection: Connection, feed_id: str, query: FeedQuery, opening: int, now: datetime) -> Sequence[Row[Any]]:
    matching = _candidates(query).where(stories.c.is_relevant)
    entering = connection.execute(matching.order_by(*NEWEST_FIRST).limit(opening)).all()
    omitted_at = literal(now, feed_omissions.c.omitted_at.type)
    others = matching.with_only_columns(literal(feed_id), stories.c.id, literal(OPENING), omitted_at)
    others = others.where(stories.c.id.not_in([row.id for row in entering]))
    columns = ["feed_id", "story_id", "reason", "omitted_at"]
    connection.execute(insert(feed_omissions).from_select(columns, others))
    return entering


def _follow(
    connection: Connection, feed: Row[Any], query: FeedQuery, max_age: timedelta, per_source: int, now: datetime
) -> Sequence[Row[Any]]:
    unknown = (
        ~exists().where(table.c.feed_id == feed.id, table.c.story_id == stories.c.id)
        for table in (feed_entries, feed_omissions)
    )
    changed = _candidates(query, are_few=True).where(stories.c.seq > feed.seen_seq, *unknown)
    # sorted and sifted here: in SQL, either would lead the planner to read every relevant story instead of the changed
    rows = [row for row in connection.execute(changed) if row.is_relevant]
    rows.sort(key=lambda row: (row.sorted_at, row.id), reverse=True)
    backfilled = _backfilled(connection, feed.id)
    entering, omitted = [], []
    for row in rows:
        reason = _refusal(row, feed, backfilled, max_age, per_source)
        if reason is not None:
            omitted.append({"feed_id": feed.id, "story_id": row.id, "reason": reason, "omitted_at": now})
            continue
        entering.append(row)
        if row.is_backfill:
            backfilled[row.found_by] += 1
    insert_new(connection, feed_omissions, omitted)
    return entering


def _refusal(
    row: Row[Any], feed: Row[Any], backfilled: Counter[str], max_age: timedelta, per_source: int
) -> str | None:
    """Why a story does not enter a feed that is open; None where it does."""
    if row.is_backfill and row.published_at is None:
        return LATE  # what an archive of years brings without a date is hardly of today
    # a new story is as old as its first sight, unless its row was refused then and read again with success later
    came_to_match_at = max(row.first_seen_at, row.updated_at) if row.id > feed.seen_story_id else row.updated_at
    if came_to_match_at - row.sorted_at > max_age:
        return LATE
    return QUOTA if row.is_backfill and backfilled[row.found_by] >= per_source else None


def _candidates(query: FeedQuery, *, are_few: bool = False) -> Select[Any]:
    return select(
        stories.c.id,
        stories.c.guid,
        stories.c.published_at,
        stories.c.sorted_at,
        stories.c.first_seen_at,
        stories.c.updated_at,
        stories.c.is_relevant,
        stories.c.is_backfill,
        stories.c.found_by,
    ).where(*conditions(query, are_few=are_few))


def _backfilled(connection: Connection, feed_id: str) -> Counter[str]:
    """How many old stories of each source entered the feed after its opening."""
    rows = connection.execute(
        select(feed_entries.c.backfill_of, func.count())
        .where(feed_entries.c.feed_id == feed_id, feed_entries.c.backfill_of.is_not(None))
        .group_by(feed_entries.c.backfill_of)
    )
    return Counter({row[0]: row[1] for row in rows})


def _move(connection: Connection, table: Table, retired: int, survivor: int, held: Iterable[Table]) -> None:
    """Give the rows of `retired` to `survivor`, but for feeds in which that is among `held` already."""
    for other in held:
        already = select(other.c.feed_id).where(other.c.story_id == survivor)
        connection.execute(delete(table).where(table.c.story_id == retired, table.c.feed_id.in_(already)))
    connection.execute(update(table).where(table.c.story_id == retired).values(story_id=survivor))
