"""What programs that watch over the archive ask for, each part within its time. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Text, cast, func, select

from archive.care.checking import bytes_of, count
from archive.care.condition import condition_of
from archive.database.deadline import OverdueError, within
from archive.health import freshness
from archive.records import Meters, Pause, PollTotals, SourceMeter
from archive.schema import notification_targets, polls, source_health, sources
from crawler.model import Reason, Status

FRESH = timedelta(days=7)  # whose news tells how fresh it is: a week has every day of it once
MOST_SOURCES = 5_000  # each has lines of its own
_AT_ONCE = 20_000  # polls: some 30 ms

T = TypeVar("T")


def read_meters(
    connection: Connection, file: Path | None, *, counted: PollTotals, now: datetime, limit_s: float
) -> Meters:
    """All of it, each part given up after `limit_s`.

    `counted` are the sums over polls as the last call returned them: only newer polls are read, and sums that were not
    whole for want of time become so.
    """

    def part(read: Callable[[], T]) -> T | None:
        try:
            with within(connection, limit_s):
                return read()
        except OverdueError:
            return None

    targets = part(lambda: _targets(connection))
    return Meters(
        database=connection.dialect.name,
        sources=part(lambda: _sources(connection, now)),
        counts=part(lambda: count(connection, bytes_of(connection, file))),
        condition=part(lambda: condition_of(connection, file)),
        targets=None if targets is None else targets[0],
        failing_targets=None if targets is None else targets[1],
        freshness=part(lambda: freshness.measure(connection, since=now - FRESH, until=now)),
        polls=_count_polls(connection, counted, limit_s),
    )


def _sources(connection: Connection, now: datetime) -> tuple[SourceMeter, ...]:
    rows = connection.execute(
        select(sources, source_health.c.verdict, source_health.c.since)
        .join(source_health, source_health.c.source_id == sources.c.source_id, isouter=True)
        .where(sources.c.left_at.is_(None))
        .order_by(sources.c.source_id)
        .limit(MOST_SOURCES)
    )
    return tuple(
        SourceMeter(
            source_id=row.source_id,
            is_awaited=row.status in (None, Status.ACTIVE) and not _is_paused(row, now),
            is_paused=_is_paused(row, now),
            verdict=row.verdict,
            since=row.since,
            failures=row.failures,
            last_polled_at=row.last_polled_at,
            last_ok_at=row.last_ok_at,
            last_new_at=row.last_new_at,
            next_poll_at=row.next_poll_at,
        )
        for row in rows
    )


def _is_paused(row: Any, now: datetime) -> bool:
    pause = Pause.of(row.paused_at, row.paused_until, row.paused_why)
    return pause is not None and pause.holds(now)


def _targets(connection: Connection) -> tuple[int, int]:
    failing = func.count().filter(notification_targets.c.failures > 0)
    row = connection.execute(select(func.count(), failing).select_from(notification_targets)).one()
    return int(row[0]), int(row[1])


def _count_polls(connection: Connection, counted: PollTotals, limit_s: float) -> PollTotals:
    """Add the polls after those that are counted, some at a time; what there was time for is kept."""
    try:
        with within(connection, limit_s):
            newest = int(connection.execute(select(func.max(polls.c.id))).scalar() or 0)
            if newest < counted.last_id:
                counted = PollTotals()  # another archive stands in this one's place: a copy was put back
            while counted.last_id < newest:
                counted = _add(connection, counted, min(counted.last_id + _AT_ONCE, newest))
    except OverdueError:
        return replace(counted, is_whole=False)
    return replace(counted, is_whole=True)


def _add(connection: Connection, counted: PollTotals, last_id: int) -> PollTotals:
    chosen = (polls.c.id > counted.last_id, polls.c.id <= last_id)
    summed = [func.sum(polls.c[name]).label(f"sum_{name}") for name in _SUMMED]
    by_reason: Counter[Reason | None] = Counter(counted.polls)
    sums: Counter[str] = Counter()
    skipped = counted.skipped
    for row in connection.execute(
        select(polls.c.reason, polls.c.is_skipped, func.count().label("polls"), *summed)
        .where(*chosen)
        .group_by(polls.c.reason, polls.c.is_skipped)
    ):
        if row.is_skipped:
            skipped += row.polls
        else:
            by_reason[None if row.reason is None else Reason(row.reason)] += row.polls
        sums.update({name: int(row._mapping[f"sum_{name}"]) for name in _SUMMED})
    refused: Counter[Reason] = Counter(counted.refused)
    for told in connection.execute(
        select(polls.c.refused).where(*chosen, cast(polls.c.refused, Text) != "{}")
    ).scalars():
        refused.update({Reason(name): number for name, number in told.items()})
    return PollTotals(
        last_id=last_id,
        polls=dict(by_reason),
        skipped=skipped,
        refused=dict(refused),
        **{name: getattr(counted, name) + sums[name] for name in _SUMMED},
    )


_SUMMED = ("rows", "new", "fetched", "stored", "relevant", "merged")
