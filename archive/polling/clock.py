"""What people ask of the clock of sources (pause, resume, poll now), and what it plans; never when to poll."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, or_, select, update

from archive.database.upsert import insert_new
from archive.records import Pause, PollMade, Wishes
from archive.schema import polls, sources

if TYPE_CHECKING:
    from crawler.clock.rhythm import NewsSeen

_ASKED = select(
    sources.c.source_id,
    sources.c.last_polled_at,
    sources.c.paused_at,
    sources.c.paused_until,
    sources.c.paused_why,
    sources.c.wanted_at,
).where(
    or_(
        sources.c.paused_at.is_not(None),
        sources.c.wanted_at.is_not(None),
        sources.c.last_polled_at >= bindparam("since", type_=sources.c.last_polled_at.type),
    )
)

# The lease by which other processes see that a clock runs on this archive; hosts have a dot or none, never a space.
RUNNING = "hrwatch run"

# Of a stream of polls: so many are in memory at once.
_AT_ONCE = 2_000


def plan(
    connection: Connection, source_id: str, next_poll_at: datetime | None, why: str | None, retry_at: datetime | None
) -> None:
    """Remember when and why a source is polled next, and until when its site asked not to be asked."""
    insert_new(connection, sources, [{"source_id": source_id, "failures": 0}])
    connection.execute(
        update(sources)
        .where(sources.c.source_id == source_id)
        .values(next_poll_at=next_poll_at, next_why=why, retry_at=retry_at)
    )


def pause(connection: Connection, source_ids: Sequence[str], given: Pause) -> None:
    """Pause sources; a pause that stands is replaced."""
    _set(
        connection,
        source_ids,
        {"paused_at": given.since, "paused_until": given.until, "paused_why": given.why, "wanted_at": None},
    )


def resume(connection: Connection, source_ids: Sequence[str]) -> None:
    """End pauses."""
    _set(connection, source_ids, {"paused_at": None, "paused_until": None, "paused_why": None})


def want(connection: Connection, source_ids: Sequence[str], now: datetime) -> None:
    """Note that a person wants sources polled at once."""
    _set(connection, source_ids, {"wanted_at": now})


def take_wanted(connection: Connection, source_id: str, wanted_at: datetime) -> bool:
    """Take a wish up; False where it was taken up, or asked anew, meanwhile."""
    taken = connection.execute(
        update(sources).where(sources.c.source_id == source_id, sources.c.wanted_at == wanted_at).values(wanted_at=None)
    )
    return taken.rowcount > 0


def wishes(connection: Connection, since: datetime) -> Wishes:
    """What people ask, pauses that have run out among it, and which sources were polled since then."""
    rows = connection.execute(_ASKED, {"since": since}).all()
    return Wishes(
        pauses={row.source_id: found for row in rows if (found := pause_of(row)) is not None},
        wanted={row.source_id: row.wanted_at for row in rows if row.wanted_at is not None},
        polled={row.source_id: row.last_polled_at for row in rows if (row.last_polled_at or since) > since},
    )


def pause_of(row: Row[*tuple[Any, ...]]) -> Pause | None:
    """The pause that a row of `sources` tells of."""
    return Pause.of(row.paused_at, row.paused_until, row.paused_why)


def news_seen(
    connection: Connection, since: datetime, source_ids: Sequence[str] | None
) -> Generator[tuple[str, NewsSeen], None, None]:
    """What each poll since then that read a list found new, source by source, the oldest first.

    A poll that failed in part counts where it found something: those rows are not new to the next.
    """
    from crawler.clock.rhythm import NewsSeen  # brings numpy, which most commands can do without

    found = (
        select(polls.c.source_id, polls.c.ended_at, polls.c.new)
        .where(
            polls.c.ended_at >= since,
            polls.c.is_skipped.is_(False),
            or_(polls.c.reason.is_(None), polls.c.new > 0),
        )
        .order_by(polls.c.source_id, polls.c.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    if source_ids is not None:
        found = found.where(polls.c.source_id.in_(source_ids))
    source_id: str | None = None
    before: datetime | None = None
    with closing(connection.execute(found)) as rows:  # a reader may stop before its end
        for row in rows:
            if row.source_id != source_id:
                source_id, before = row.source_id, None
            yield row.source_id, NewsSeen(since=before, at=row.ended_at, new=row.new)
            before = row.ended_at


def articles_asked(connection: Connection, since: datetime) -> dict[str, int]:
    """How many articles the polls since then asked for, by source; sources that asked for none are left out."""
    # added up here: to have them grouped SQLite goes through all polls, source by source
    asked = select(polls.c.source_id, polls.c.fetched).where(polls.c.ended_at >= since, polls.c.fetched > 0)
    counts: Counter[str] = Counter()
    for source_id, fetched in connection.execute(asked):
        counts[source_id] += fetched
    return dict(counts)


def polls_made(connection: Connection, since: datetime) -> tuple[PollMade, ...]:
    """The polls since then that were not skipped, the oldest first."""
    made = (
        select(polls.c.source_id, polls.c.ended_at, polls.c.new, polls.c.reason)
        .where(polls.c.ended_at >= since, polls.c.is_skipped.is_(False))
        .order_by(polls.c.ended_at, polls.c.id)
    )
    return tuple(
        PollMade(source_id=row.source_id, at=row.ended_at, new=row.new, is_well=row.reason is None)
        for row in connection.execute(made)
    )


def _set(connection: Connection, source_ids: Sequence[str], values: dict[str, Any]) -> None:
    insert_new(connection, sources, [{"source_id": source_id, "failures": 0} for source_id in sorted(source_ids)])
    connection.execute(update(sources).where(sources.c.source_id.in_(sorted(source_ids))).values(**values))
