"""How sources stand: each poll since the last look is looked at once. What it says is told by crawler/health/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select

from archive.database.upsert import insert_new, upsert
from archive.health.standing import poll_seen, snapshot_of, standing_of, values_of
from archive.records import HealthEvent, Pause, SourceHealth
from archive.schema import facts, health_events, polls, source_health, sources
from crawler.clock.workdays import is_working_day
from crawler.health.silence import GAPS, working_days
from crawler.health.standing import Change, Expected, Health, Standing
from crawler.health.verdicts import CHINA, follow
from crawler.model import Reason

_LAST_POLL = "health_poll"  # the number of the last poll that was looked at, among the facts
_AT_ONCE = 1_000  # polls: some 0.1 s of holding up other writers
_HISTORY = 400  # polls with news of a source that is judged by its history for the first time
_SEEN: tuple[ColumnElement[Any], ...] = (
    polls.c.id,
    polls.c.source_id,
    polls.c.ended_at,
    polls.c.reason,
    polls.c.detail,
    polls.c.new,
    polls.c.newest,
    polls.c.is_skipped,
    polls.c.lists,
    polls.c.refused,
    polls.c.read,
    polls.c.read_dated,
)
_NOTHING_EXPECTED = Expected()


def judge_polls(connection: Connection, expected: Mapping[str, Expected], now: datetime) -> tuple[int, int]:
    """Look at the next polls that nobody looked at; return how many there were, and how many changes they made.

    Whoever else looks waits for this transaction to end: each poll is looked at once, whoever it is.
    """
    insert_new(connection, facts, [{"name": _LAST_POLL, "value": "0"}])
    held = select(facts.c.value).where(facts.c.name == _LAST_POLL).with_for_update()
    last = int(connection.execute(held).scalar_one())
    rows = connection.execute(select(*_SEEN).where(polls.c.id > last).order_by(polls.c.id).limit(_AT_ONCE)).all()
    if not rows:
        return 0, 0
    standings = _standings(connection, {row.source_id for row in rows}, last)
    changes = []
    for row in rows:
        before = standings.get(row.source_id, Standing())
        after, change = follow(
            before, poll_seen(row), expected.get(row.source_id, _NOTHING_EXPECTED), is_workday=is_working_day
        )
        standings[row.source_id] = after
        if change is not None:
            changes.append(_change_values(row, change, now))
    for source_id, standing in sorted(standings.items()):
        upsert(connection, source_health, ["source_id"], {"source_id": source_id} | values_of(standing))
    if changes:
        connection.execute(insert(health_events), changes)
    upsert(connection, facts, ["name"], {"name": _LAST_POLL, "value": str(rows[-1].id)})
    return len(rows), len(changes)


def _standings(connection: Connection, source_ids: set[str], last_poll: int) -> dict[str, Standing]:
    rows = connection.execute(select(source_health).where(source_health.c.source_id.in_(sorted(source_ids)))).all()
    return {
        row.source_id: standing_of(row) if row.usual is not None else _with_history(connection, row, last_poll)
        for row in rows
    }


def _with_history(connection: Connection, row: Row[Any], last_poll: int) -> Standing:
    """A standing that an older program kept, with the gaps between news that its polls show."""
    found = connection.execute(
        select(polls.c.ended_at)
        .where(polls.c.source_id == row.source_id, polls.c.id <= last_poll, polls.c.new > 0)
        .order_by(polls.c.id.desc())
        .limit(_HISTORY)
    )
    times = sorted(found.scalars())
    days = sorted({at.astimezone(CHINA).date() for at in times})
    gaps = [working_days(before, day, is_working_day) for before, day in pairwise(days)]
    standing = standing_of(row)
    if not times:
        return standing
    return replace(standing, usual=replace(standing.usual, gaps=tuple(gaps[-GAPS:])), news_at=times[-1])


def load_healths(connection: Connection) -> tuple[SourceHealth, ...]:
    """How sources stand, by id; those that were never judged are left out."""
    found = select(
        source_health,
        sources.c.name,
        sources.c.home,
        sources.c.failures,
        sources.c.first_polled_at,
        sources.c.last_polled_at,
        sources.c.next_poll_at,
        sources.c.paused_at,
        sources.c.paused_until,
        sources.c.paused_why,
    ).join(sources, sources.c.source_id == source_health.c.source_id, isouter=True)
    return tuple(_health(row) for row in connection.execute(found.order_by(source_health.c.source_id)))


def _health(row: Row[Any]) -> SourceHealth:
    standing = standing_of(row)
    return SourceHealth(
        source_id=row.source_id,
        name=row.name or row.source_id,
        home=row.home,
        verdict=standing.verdict,
        since=standing.since,
        reason=standing.reason,
        detail=standing.detail,
        next=standing.next,
        good_at=standing.good_at,
        snapshot=snapshot_of(row),
        news_at=standing.news_at,
        # silence is counted from the first poll, but one that never went well saw no row
        freshest_at=None if row.first_polled_at is None else standing.freshest_at,
        usual=standing.usual,
        failures=row.failures or 0,
        last_polled_at=row.last_polled_at,
        next_poll_at=row.next_poll_at,
        pause=Pause.of(row.paused_at, row.paused_until, row.paused_why),
    )


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


def _change_values(row: Row[Any], change: Change, now: datetime) -> dict[str, Any]:
    return {
        "source_id": row.source_id,
        "verdict": change.verdict,
        "previous": change.previous,
        "since": change.since,
        "noticed_at": now,
        "reason": change.reason,
        "detail": change.detail,
    }
