"""How the polls of each source went, day by day in China: small enough to be drawn."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import Connection, false, func, select

from archive.records import PollDay
from archive.reports.dimensions import period_key
from archive.schema import polls


def load_poll_days(connection: Connection, *, since: datetime) -> dict[str, tuple[PollDay, ...]]:
    """The days since then on which a source was polled, in order, by source."""
    day = period_key(connection.dialect.name, "day", polls.c.ended_at).label("day")
    rows = connection.execute(
        select(
            polls.c.source_id,
            day,
            func.count().label("polls"),
            func.count().filter(polls.c.reason.is_not(None)).label("failed"),
            func.sum(polls.c.new).label("new"),
        )
        .where(polls.c.ended_at >= since, polls.c.is_skipped == false())
        # the day first: by source first, SQLite goes through all polls ever made to spare itself a sort
        .group_by(day, polls.c.source_id)
        .order_by(day, polls.c.source_id)
    )
    days: defaultdict[str, list[PollDay]] = defaultdict(list)
    for row in rows:
        told = PollDay(day=date.fromisoformat(row.day), polls=row.polls, failed=row.failed, new=int(row.new))
        days[row.source_id].append(told)
    return {source_id: tuple(days[source_id]) for source_id in sorted(days)}
