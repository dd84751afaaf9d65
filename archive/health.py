"""How sources stand: each poll since the last look is looked at once. What it says is crawler/health.py's business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select

from archive.records import HealthEvent
from archive.schema import facts, health_events, polls, source_health, sources
from archive.upsert import upsert
from crawler.health import Change, Health, PollSeen, Standing, follow
from crawler.model import Reason

_LAST_POLL = "health_poll"  # the number of the last poll that was looked at, among the facts
_AT_ONCE = 5_000  # polls: some 50 ms of holding up other writers


def judge_polls(connection: Connection, max_silence_days: Mapping[str, int], now: datetime) -> tuple[int, int]:
    """Look at the next polls that nobody looked at; return how many there were, and how many changes they made."""
    last = connection.execute(select(facts.c.value).where(facts.c.name == _LAST_POLL)).scalar()
    rows = connection.execute(
        select(polls.c.id, polls.c.source_id, polls.c.ended_at, polls.c.reason, polls.c.detail, polls.c.new)
        .add_columns(polls.c.newest, polls.c.is_skipped)
        .where(polls.c.id > int(last or 0))
        .order_by(polls.c.id)
        .limit(_AT_ONCE)
    ).all()
    if not rows:
        return 0, 0
    standings = _standings(connection, {row.source_id for row in rows})
    changes = []
    for row in rows:
        before = standings.get(row.source_id, Standing())
        after, change = follow(before, _seen(row), max_silence_days.get(row.source_id))
        standings[row.source_id] = after
        if change is not None:
            changes.append(_change_values(row, change, now))
    for source_id, standing in sorted(standings.items()):
        upsert(connection, source_health, ["source_id"], {"source_id": source_id} | _values(standing))
    if changes:
        connection.execute(insert(health_events), changes)
    upsert(connection, facts, ["name"], {"name": _LAST_POLL, "value": str(rows[-1].id)})
    return len(rows), len(changes)


def load_events(
    connection: Connection, *, limit: int, where: Sequence[ColumnElement[bool]] = ()
) -> tuple[HealthEvent, ...]:
    """The newest changes of sources' health, newest first."""
    found = (
        select(health_events, sources.c.name, sources.c.home)
        .join(sources, sources.c.source_id == health_events.c.source_id, isouter=True)
        .where(*where)
    )
    rows = connection.execute(found.order_by(health_events.c.id.desc()).limit(limit))
    return tuple(
        HealthEvent(
            id=row.id,
            source_id=row.source_id,
            name=row.name or row.source_id,
            home=row.home,
            verdict=Health(row.verdict),
            previous=None if row.previous is None else Health(row.previous),
            since=row.since,
            noticed_at=row.noticed_at,
            reason=None if row.reason is None else Reason(row.reason),
            detail=row.detail,
        )
        for row in rows
    )


def guid_base(connection: Connection) -> tuple[str, datetime]:
    """What the guids of this archive begin with ("tag:feeds.example.org,2026:"), and when it was made."""
    held = {row.name: row.value for row in connection.execute(select(facts))}
    return f"tag:{held['tag_authority']},{held['tag_date']}:", datetime.fromisoformat(held["created_at"])


def _standings(connection: Connection, source_ids: set[str]) -> dict[str, Standing]:
    rows = connection.execute(select(source_health).where(source_health.c.source_id.in_(sorted(source_ids))))
    return {
        row.source_id: Standing(
            verdict=None if row.verdict is None else Health(row.verdict),
            since=row.since,
            next=None if row.next_verdict is None else Health(row.next_verdict),
            next_since=row.next_since,
            apart=row.polls_apart,
            alike=row.polls_alike,
            freshest_at=row.freshest_at,
        )
        for row in rows
    }


def _values(standing: Standing) -> dict[str, Any]:
    return {
        "verdict": standing.verdict,
        "since": standing.since,
        "next_verdict": standing.next,
        "next_since": standing.next_since,
        "polls_apart": standing.apart,
        "polls_alike": standing.alike,
        "freshest_at": standing.freshest_at,
    }


def _seen(row: Row[Any]) -> PollSeen:
    # the end of that day, wherever the source's clock stands: rows show no hours
    newest = None if row.newest is None else datetime.combine(row.newest, time.max, UTC)
    return PollSeen(
        ended_at=row.ended_at,
        reason=None if row.reason is None else Reason(row.reason),
        new=row.new,
        newest=newest,
        is_skipped=row.is_skipped,
    )


def _change_values(row: Row[Any], change: Change, now: datetime) -> dict[str, Any]:
    return {
        "source_id": row.source_id,
        "verdict": change.verdict,
        "previous": change.previous,
        "since": change.since,
        "noticed_at": now,
        "reason": row.reason,
        "detail": row.detail,
    }
