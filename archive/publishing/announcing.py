"""Which stories a notification announces, once and for all, and what has reached whom. Sends nothing.

A notification opens silently: what was there before is not announced. A story is asked about when it is new or has
changed since the last look; what matches then gets a place, or is passed over with a reason. Each target has its own
record of the places that reached it, so that one that failed is made up for without telling the others again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, insert, select, update

from archive.database.upsert import insert_new, upsert
from archive.health.looking import load_events
from archive.reading import load_stories
from archive.records import Announced, HealthEvent, Question, StoryRecord, TargetState
from archive.schema import (
    announcements,
    deliveries,
    facts,
    health_events,
    notification_targets,
    notifications,
    stories,
)
from archive.search.questions import wanted

LATE = "late"  # published long before it came to match
QUOTA = "quota"  # its source's first crawl, or backfill, has brought enough
SPLIT = "split"  # it was part of a story that the notification has dealt with
_AT_ONCE = 500  # changed stories asked about in one statement
_OF_HEALTH = -1  # stands for the `seq` that a notification of health events has no use for


def notice(
    connection: Connection, name: str, question: Question | None, *, now: datetime, max_age: timedelta, per_source: int
) -> int:
    """Give the stories that match and are new to the notification a place; return how many got one.

    The first call only opens it. As into feeds (entering.py), a story comes in only if published within
    `max_age`, and at most `per_source` of one source's first crawl and backfills. Without a question it is a
    notification of health events, which have their own numbers.
    """
    held = _notification(connection, name)
    if held is not None and (held.seen_seq == _OF_HEALTH) != (question is None):
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
    held = _notification(connection, name)
    if held is None:
        return None
    return load_stories(connection, [row.id for row in _sift(connection, held, question, max_age, per_source)[0]])


def add_targets(connection: Connection, name: str, targets: Sequence[str], now: datetime) -> None:
    """Make targets known; a new one is told nothing that was noticed before."""
    held = _notification(connection, name)
    last = 0 if held is None else held.last_position
    if held is not None and held.seen_seq == _OF_HEALTH:
        last = connection.execute(select(func.max(health_events.c.id))).scalar() or 0
    row = {"notification": name, "added_at": now, "from_position": last, "failures": 0}
    insert_new(connection, notification_targets, [row | {"target": target} for target in targets])


def load_targets(connection: Connection) -> tuple[TargetState, ...]:
    """Every target ever told or tried, by notification and target."""
    table = notification_targets
    return tuple(
        TargetState(
            notification=row.notification,
            target=row.target,
            added_at=row.added_at,
            failures=row.failures,
            retry_at=row.retry_at,
            fault=row.fault,
            sent_at=row.sent_at,
        )
        for row in connection.execute(select(table).order_by(table.c.notification, table.c.target))
    )


def load_pending(
    connection: Connection, name: str, target: str, *, before: datetime | None, limit: int
) -> tuple[tuple[Announced, ...], int]:
    """What was noticed `before` and has not reached the target: the newest `limit`, in order, and how many in all."""
    there = _unreached(connection, name, target, before)
    count = connection.execute(select(func.count()).select_from(announcements).where(*there)).scalar_one()
    found = select(announcements.c.position, announcements.c.story_id).where(*there)
    rows = connection.execute(found.order_by(announcements.c.position.desc()).limit(limit)).all()[::-1]
    records = {record.id: record for record in load_stories(connection, [row.story_id for row in rows])}
    return tuple(Announced(position=row.position, story=records[row.story_id]) for row in rows), count


def load_pending_events(
    connection: Connection, name: str, target: str, *, before: datetime | None, limit: int
) -> tuple[HealthEvent, ...]:
    """The newest health events noticed `before` that have not reached the target, in order."""
    there = _unreached(connection, name, target, before, health_events.c.id, health_events.c.noticed_at)
    return load_events(connection, limit=limit, where=there)[::-1]


def record_delivery(connection: Connection, name: str, target: str, positions: Iterable[int], now: datetime) -> None:
    """These places have reached the target."""
    row = {"notification": name, "target": target, "delivered_at": now}
    insert_new(connection, deliveries, [row | {"position": position} for position in positions])
    _note(connection, name, target, {"failures": 0, "retry_at": None, "fault": None, "sent_at": now})


def record_rest(connection: Connection, name: str, target: str, *, before: datetime | None, now: datetime) -> None:
    """A message has stood for whatever else was noticed `before`."""
    held = _notification(connection, name)
    if held is not None and held.seen_seq == _OF_HEALTH:
        there = _unreached(connection, name, target, before, health_events.c.id, health_events.c.noticed_at)
        rest = connection.execute(select(health_events.c.id).where(*there)).scalars().all()
    else:
        there = _unreached(connection, name, target, before)
        rest = connection.execute(select(announcements.c.position).where(*there)).scalars().all()
    record_delivery(connection, name, target, rest, now)


def record_failure(connection: Connection, name: str, target: str, fault: str, retry_at: datetime) -> None:
    """The last attempt failed."""
    failures = notification_targets.c.failures + 1
    _note(connection, name, target, {"failures": failures, "retry_at": retry_at, "fault": fault})


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


def _notification(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(select(notifications).where(notifications.c.name == name)).one_or_none()


def _open(connection: Connection, name: str, question: Question | None, now: datetime) -> None:
    values = {
        "name": name,
        "opened_at": now,
        "opened_story_id": _newest(connection),
        "seen_seq": _seq(connection) if question is not None else _OF_HEALTH,
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
    asked = wanted(connection, question)
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


def _start(connection: Connection, name: str, target: str) -> int:
    table = notification_targets
    found = select(table.c.from_position).where(table.c.notification == name, table.c.target == target)
    return connection.execute(found).scalar() or 0


def _unreached(
    connection: Connection,
    name: str,
    target: str,
    before: datetime | None,
    position: ColumnElement[int] | None = None,
    noticed_at: ColumnElement[datetime] | None = None,
) -> list[ColumnElement[bool]]:
    """What holds of things noticed `before` that the target lacks: announcements, unless other columns are given."""
    there: list[ColumnElement[bool]] = []
    if position is None or noticed_at is None:
        position, noticed_at = announcements.c.position, announcements.c.noticed_at
        there.append(announcements.c.notification == name)
    reached = exists().where(
        deliveries.c.notification == name, deliveries.c.target == target, deliveries.c.position == position
    )
    there += [position > _start(connection, name, target), ~reached]
    return there if before is None else [*there, noticed_at <= before]


def _note(connection: Connection, name: str, target: str, values: dict[str, Any]) -> None:
    table = notification_targets
    connection.execute(update(table).where(table.c.notification == name, table.c.target == target).values(**values))
