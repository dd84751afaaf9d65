"""Which stories a notification announces, once and for all. What has reached whom: delivering.py.

A notification opens silently: what was there before is not announced. A story is asked about when it is new or has
changed since the last look; what matches then gets a place, or is passed over with a reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, select, update

from archive.database.upsert import insert_new, upsert
from archive.reading import load_stories
from archive.records import Question, StoryRecord
from archive.schema import announcements, facts, notifications, stories
from archive.search.questions import wanted

LATE = "late"  # published long before it came to match
QUOTA = "quota"  # its source's first crawl, or backfill, has brought enough
SPLIT = "split"  # it was part of a story that the notification has dealt with
_AT_ONCE = 500  # changed stories asked about in one statement
OF_HEALTH = -1  # stands for the `seq` that a notification of health events has no use for


def notice(
    connection: Connection, name: str, question: Question | None, *, now: datetime, max_age: timedelta, per_source: int
) -> int:
    """Give the stories that match and are new to the notification a place; return how many got one.

    The first call only opens it. As into feeds (entering.py), a story comes in only if published within
    `max_age`, and at most `per_source` of one source's first crawl and backfills. Without a question it is a
    notification of health events, which have their own numbers.
    """
    held = load_notification(connection, name)
    if held is not None and (held.seen_seq == OF_HEALTH) != (question is None):
        # the file gives this name to something else now, whose numbers are others
        connection.execute(delete(notifications).where(notifications.c.name == name))
        held = None
    if held is None:
        _open(connection, name, question, now)
        return 0
    seq = _seq(connection)
    if question is None or held.seen_seq == seq:
        return 0
    places, passed = _sift(connection, held, question, max_age, per_source)
    rows: list[dict[str, Any]] = [
        {
            "notification": name,
            "story_id": row.id,
            "position": held.last_position + place,
            "reason": None,
            "noticed_at": now,
            "backfill_of": row.found_by if row.is_backfill else None,
        }
        for place, row in enumerate(places, start=1)
    ]
    rows += [
        {"notification": name, "story_id": row.id, "position": None, "reason": reason, "noticed_at": now}
        | {"backfill_of": None}
        for row, reason in passed
    ]
    if rows:
        connection.execute(insert(announcements), rows)
    values = {"last_position": held.last_position + len(places), "seen_seq": seq, "seen_story_id": _newest(connection)}
    connection.execute(update(notifications).where(notifications.c.name == name).values(**values))
    return len(places)


def preview(
    connection: Connection, name: str, question: Question, *, max_age: timedelta, per_source: int
) -> tuple[StoryRecord, ...] | None:
    """The stories that `notice` would give a place now; None where it would open the notification."""
    held = load_notification(connection, name)
    if held is None:
        return None
    return load_stories(connection, [row.id for row in _sift(connection, held, question, max_age, per_source)[0]])


def move_announcements(connection: Connection, retired: int, survivor: int) -> None:
    """Make over what was announced of a story that turned out to be `survivor`: nothing is announced twice.

    Where both were noticed, the earlier place stays: it has reached more.
    """
    table = announcements
    of_survivor = {
        row.notification: row for row in connection.execute(select(table).where(table.c.story_id == survivor))
    }
    for row in connection.execute(select(table).where(table.c.story_id == retired)).all():
        other = of_survivor.get(row.notification)
        mine = (table.c.notification == row.notification, table.c.story_id == retired)
        if other is None:
            connection.execute(update(table).where(*mine).values(story_id=survivor))
            continue
        connection.execute(delete(table).where(*mine))
        if row.position is not None and (other.position is None or row.position < other.position):
            its = (table.c.notification == row.notification, table.c.story_id == survivor)
            connection.execute(update(table).where(*its).values(position=row.position, reason=None))


def pass_over(connection: Connection, known: int, parted: int, now: datetime) -> None:
    """Let every notification that has dealt with the story `known` pass over what was part of it."""
    dealt = select(announcements.c.notification).where(announcements.c.story_id == known)
    row = {"story_id": parted, "position": None, "reason": SPLIT, "noticed_at": now, "backfill_of": None}
    names = connection.execute(dealt.order_by(announcements.c.notification)).scalars().all()
    insert_new(connection, announcements, [row | {"notification": name} for name in names])


def load_notification(connection: Connection, name: str) -> Row[Any] | None:
    """The notification of this name; None where it has not been opened."""
    return connection.execute(select(notifications).where(notifications.c.name == name)).one_or_none()


def _open(connection: Connection, name: str, question: Question | None, now: datetime) -> None:
    values = {
        "name": name,
        "opened_at": now,
        "opened_story_id": _newest(connection),
        "seen_seq": _seq(connection) if question is not None else OF_HEALTH,
        "seen_story_id": _newest(connection),
        "last_position": 0,
    }
    upsert(connection, notifications, ["name"], values)


def _seq(connection: Connection) -> int:
    return int(connection.execute(select(facts.c.value).where(facts.c.name == "seq")).scalar_one())


def _newest(connection: Connection) -> int:
    return connection.execute(select(func.max(stories.c.id))).scalar() or 0


def _sift(
    connection: Connection, held: Row[Any], question: Question, max_age: timedelta, per_source: int
) -> tuple[list[Row[Any]], list[tuple[Row[Any], str]]]:
    """The stories that get a place, the oldest first, and those that are passed over."""
    asked = wanted(connection, question, are_few=True)  # those that have changed since
    if asked is None:
        return [], []
    changed = connection.execute(
        select(stories.c.id)
        .where(stories.c.seq > held.seen_seq, stories.c.id > held.opened_story_id)
        .order_by(stories.c.id)
    ).scalars()
    story_ids = list(changed)
    backfilled = _backfilled(connection, held.name)
    places: list[Row[Any]] = []
    passed: list[tuple[Row[Any], str]] = []
    for start in range(0, len(story_ids), _AT_ONCE):
        for row in _matching(connection, held.name, story_ids[start : start + _AT_ONCE], asked):
            reason = _refusal(row, held, backfilled, max_age, per_source)
            if reason is not None:
                passed.append((row, reason))
                continue
            places.append(row)
            if row.is_backfill:
                backfilled[row.found_by] += 1
    return places, passed


def _matching(connection: Connection, name: str, story_ids: list[int], asked: list[Any]) -> Sequence[Row[Any]]:
    is_known = exists().where(announcements.c.notification == name, announcements.c.story_id == stories.c.id)
    return connection.execute(
        select(stories.c.id, stories.c.sorted_at, stories.c.first_seen_at, stories.c.updated_at)
        .add_columns(stories.c.published_at, stories.c.is_backfill, stories.c.found_by)
        .where(stories.c.id.in_(story_ids), ~is_known, *asked)
        .order_by(stories.c.sorted_at, stories.c.id)
    ).all()


def _refusal(
    row: Row[Any], held: Row[Any], backfilled: Counter[str], max_age: timedelta, per_source: int
) -> str | None:
    """Why a story that matches is not announced: as for feeds (entering.py)."""
    if row.is_backfill and row.published_at is None:
        return LATE
    is_new = row.id > held.seen_story_id
    came_to_match_at = max(row.first_seen_at, row.updated_at) if is_new else row.updated_at
    if came_to_match_at - row.sorted_at > max_age:
        return LATE
    return QUOTA if row.is_backfill and backfilled[row.found_by] >= per_source else None


def _backfilled(connection: Connection, name: str) -> Counter[str]:
    rows = connection.execute(
        select(announcements.c.backfill_of, func.count())
        .where(announcements.c.notification == name, announcements.c.backfill_of.is_not(None))
        .group_by(announcements.c.backfill_of)
    )
    return Counter({row[0]: row[1] for row in rows})
