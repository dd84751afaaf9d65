"""What of the things that were noticed has reached whom. Sends nothing.

Each target of a notification has its own record of the places that reached it, so that one that failed is made up for
without telling the others again. Health events have numbers of their own, which stand for places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, select, update

from archive.database.upsert import insert_new
from archive.health.looking import load_events
from archive.publishing.announcing import OF_HEALTH, load_notification
from archive.reading import load_stories
from archive.records import Announced, HealthEvent, TargetState
from archive.schema import announcements, deliveries, health_events, notification_targets


def add_targets(connection: Connection, name: str, targets: Sequence[str], now: datetime) -> None:
    """Make targets known; a new one is told nothing that was noticed before."""
    held = load_notification(connection, name)
    last = 0 if held is None else held.last_position
    if held is not None and held.seen_seq == OF_HEALTH:
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
    held = load_notification(connection, name)
    if held is not None and held.seen_seq == OF_HEALTH:
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
