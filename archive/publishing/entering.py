"""Which stories enter which feed, once and for all: entered or passed over, and never asked about again.

A story is asked about when it is new or has changed since the feed last looked. What matches then enters, or is passed
over with a reason; either is for good. A story that did not match is asked about again when a member joins it or its
judgement changes. A merge moves both records to the story that stays, and announces nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, delete, exists, false, func, insert, literal, select, update

from archive.database.upsert import insert_new, upsert
from archive.reading import NEWEST_FIRST, conditions
from archive.records import EntryRules, FeedNews, FeedQuery, Question, WantedFeed
from archive.schema import facts, feed_entries, feed_gaps, feed_omissions, feeds, stories
from archive.search.questions import wanted as wanted_by

OPENING = "opening"  # older than the newest so many that the feed opened with
LATE = "late"  # published long before it came to match
QUOTA = "quota"  # its source's first crawl, or backfill, has brought enough
TURN = "feed_turn"  # name of the fact


def enter_feed(
    connection: Connection, feed: WantedFeed, *, rules: EntryRules, now: datetime, news: FeedNews | None = None
) -> int:
    """Let the relevant stories that match enter the feed, each once; return how many did.

    A feed that nothing entered yet opens with its newest `opening` stories of any date. Later, a story enters only if
    published within `max_age_days` of its first sight, and at most `per_source` of one source's first crawl and
    backfills. A story that the archive held when the feed last looked, and that matches only now, is measured by the
    time of the change that made it match: better rules that find an old story are no news.

    `news` says up to where all feeds have looked, those too that nothing concerned meanwhile.
    """
    seq = int(connection.execute(select(facts.c.value).where(facts.c.name == "seq")).scalar_one())
    held = connection.execute(select(feeds).where(feeds.c.id == feed.id)).one_or_none()
    digest = hashlib.sha256(repr(feed.query).encode("utf-8", "backslashreplace")).hexdigest()[:32]
    values: dict[str, Any] = {"title": feed.title, "query": digest}
    if held is not None and held.seen_seq == seq and (held.title, held.query) == (feed.title, digest):
        return 0
    is_open = held is not None and held.last_position > 0
    if held is not None and (is_open or held.query == digest):
        seen_seq, seen_id = held.seen_seq, held.seen_story_id
        if news is not None and news.seq is not None and news.story_id is not None:
            seen_seq, seen_id = max(seen_seq, news.seq), max(seen_id, news.story_id)
        rows = _changed(connection, feed, seen_seq)
    if held is not None and is_open:
        entering = _sift(connection, feed.id, rows, seen_id, rules, now)
    elif held is not None and held.query == digest and not rows:
        entering = ()  # nothing had matched, and nothing that has changed does
    else:
        insert_new(connection, feeds, [_new_feed(feed, now)])
        entering = _open(connection, feed, rules.opening, now)
    last = held.last_position if held is not None else 0
    entries = [
        {
            "feed_id": feed.id,
            "story_id": row.id,
            "position": last + place,
            "entered_at": now,
            "guid": row.guid,
            "backfill_of": row.found_by if row.is_backfill and is_open else None,
        }
        for place, row in enumerate(reversed(entering), start=1)
    ]
    if entries:
        connection.execute(insert(feed_entries), entries)
        values |= {"turn": next_turn(connection), "items": feeds.c["items"] + len(entries), "changed_at": now}
        values |= {} if is_open else {"first_published_at": now}
    elif is_open and held is not None and held.title != feed.title:
        values["turn"] = next_turn(connection)
    values |= {
        "last_position": last + len(entries),
        "seen_seq": seq,
        "seen_story_id": connection.execute(select(func.max(stories.c.id))).scalar() or 0,
    }
    connection.execute(update(feeds).where(feeds.c.id == feed.id).values(**values))
    return len(entries)


def next_turn(connection: Connection) -> int:
    """The next number in the count of changes to which entries feeds have."""
    held = connection.execute(select(facts.c.value).where(facts.c.name == TURN).with_for_update()).scalar()
    turn = int(held or 0) + 1
    upsert(connection, facts, ["name"], {"name": TURN, "value": str(turn)})
    return turn


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


def _new_feed(feed: WantedFeed, now: datetime) -> dict[str, Any]:
    named = {"id": feed.id, "kind": feed.kind, "key": feed.key, "title": feed.title, "first_published_at": now}
    return named | {"last_position": 0, "seen_seq": 0, "seen_story_id": 0}


def _open(connection: Connection, feed: WantedFeed, opening: int, now: datetime) -> Sequence[Row[Any]]:
    matching = _candidates(connection, feed.query).where(stories.c.is_relevant)
    entering = connection.execute(matching.order_by(*NEWEST_FIRST).limit(opening)).all()
    if len(entering) < opening:
        return entering  # there are no others
    omitted_at = literal(now, feed_omissions.c.omitted_at.type)
    others = matching.with_only_columns(literal(feed.id), stories.c.id, literal(OPENING), omitted_at)
    others = others.where(stories.c.id.not_in([row.id for row in entering]))
    columns = ["feed_id", "story_id", "reason", "omitted_at"]
    connection.execute(insert(feed_omissions).from_select(columns, others))
    return entering


def _changed(connection: Connection, feed: WantedFeed, seen_seq: int) -> Sequence[Row[Any]]:
    """The relevant stories that match, have changed since, and that the feed has not dealt with; newest first."""
    unknown = (
        ~exists().where(table.c.feed_id == feed.id, table.c.story_id == stories.c.id)
        for table in (feed_entries, feed_omissions)
    )
    changed = _candidates(connection, feed.query, are_few=True).where(stories.c.seq > seen_seq, *unknown)
    # sorted and sifted here: in SQL, either would lead the planner to read every relevant story instead of the changed
    rows = [row for row in connection.execute(changed) if row.is_relevant]
    return sorted(rows, key=lambda row: (row.sorted_at, row.id), reverse=True)


def _sift(
    connection: Connection, feed_id: str, rows: Sequence[Row[Any]], seen_id: int, rules: EntryRules, now: datetime
) -> Sequence[Row[Any]]:
    """Those that enter; the others are passed over, for good."""
    backfilled = _backfilled(connection, feed_id) if any(row.is_backfill for row in rows) else Counter[str]()
    entering, omitted = [], []
    for row in rows:
        reason = _refusal(row, seen_id, backfilled, rules)
        if reason is not None:
            omitted.append({"feed_id": feed_id, "story_id": row.id, "reason": reason, "omitted_at": now})
            continue
        entering.append(row)
        if row.is_backfill:
            backfilled[row.found_by] += 1
    insert_new(connection, feed_omissions, omitted)
    return entering


def _refusal(row: Row[Any], seen_id: int, backfilled: Counter[str], rules: EntryRules) -> str | None:
    """Why a story does not enter a feed that is open; None where it does."""
    if row.is_backfill and row.published_at is None:
        return LATE  # what an archive of years brings without a date is hardly of today
    # a new story is as old as its first sight, unless its row was refused then and read again with success later
    came_to_match_at = max(row.first_seen_at, row.updated_at) if row.id > seen_id else row.updated_at
    if came_to_match_at - row.sorted_at > timedelta(days=rules.max_age_days):
        return LATE
    return QUOTA if row.is_backfill and backfilled[row.found_by] >= rules.per_source else None


def _candidates(connection: Connection, query: FeedQuery | Question, *, are_few: bool = False) -> Select[Any]:
    if isinstance(query, FeedQuery):
        asked = conditions(query, are_few=are_few)
    else:
        found = wanted_by(connection, query, are_few=are_few)
        asked = [false()] if found is None else found
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
    ).where(*asked)


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
        gone = (table.c.story_id == retired, table.c.feed_id.in_(already))
        if table is feed_entries:
            _leave_gaps(connection, connection.execute(select(table).where(*gone)).all())
        connection.execute(delete(table).where(*gone))
    connection.execute(update(table).where(table.c.story_id == retired).values(story_id=survivor))


def _leave_gaps(connection: Connection, entries: Sequence[Row[Any]]) -> None:
    """Remember where entries were, so that the files that show them are written anew."""
    if not entries:
        return
    turn = next_turn(connection)
    rows = [{"feed_id": entry.feed_id, "position": entry.position, "turn": turn} for entry in entries]
    insert_new(connection, feed_gaps, rows)
    feed_ids = [entry.feed_id for entry in entries]
    connection.execute(update(feeds).where(feeds.c.id.in_(feed_ids)).values(turn=turn, items=feeds.c["items"] - 1))
