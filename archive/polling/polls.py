"""How polls of sources went, and what is remembered of a source between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Update, bindparam, exists, func, insert, or_, select, update

from archive.database.upsert import insert_new
from archive.polling.clock import pause_of
from archive.records import PollRecord, SourceState
from archive.schema import polls, sources
from crawler.model import ListReport, PollReport, Reason, WarcPosition

# of a list; those that were not made are left out
MEASURES = ("titled", "dated", "linked", "bytes", "charset", "shows_family", "wait_ms")
_KEEP = insert(polls)
_THERE = select(sources.c.source_id).where(sources.c.source_id.in_(bindparam("of_sources", expanding=True)))

# the registry's facts are kept of sources, too, that no poll has asked for yet
_IS_KNOWN = or_(
    sources.c.last_polled_at.is_not(None),
    sources.c.next_poll_at.is_not(None),
    sources.c.paused_at.is_not(None),
    sources.c.wanted_at.is_not(None),
    sources.c.failures > 0,
    exists().where(polls.c.source_id == sources.c.source_id),
)


def record_poll(connection: Connection, report: PollReport) -> None:
    """Keep the account of a poll. A skipped one leaves the source's state as it was."""
    connection.execute(_KEEP, _poll_values(report))
    statement = _state_after(went_well=report.reason is None, found_new=any(page.new for page in report.lists))
    given = {"of_source": report.source_id, "at": report.ended_at}
    if not report.skipped and connection.execute(statement, given).rowcount > 0:
        return
    insert_new(connection, sources, [{"source_id": report.source_id, "failures": 0}])
    if not report.skipped:
        connection.execute(statement, given)


def record_polls(connection: Connection, reports: Sequence[PollReport]) -> None:
    """Keep the accounts of several polls: as `record_poll`, with each statement run once for all."""
    if not reports:
        return
    connection.execute(_KEEP, [_poll_values(report) for report in reports])
    of_sources = {"of_sources": sorted({report.source_id for report in reports})}
    there = {row.source_id for row in connection.execute(_THERE, of_sources)}
    new = sorted({report.source_id for report in reports} - there)
    insert_new(connection, sources, [{"source_id": source_id, "failures": 0} for source_id in new])
    alike: defaultdict[tuple[bool, bool], list[dict[str, Any]]] = defaultdict(list)
    for report in sorted(reports, key=lambda report: report.source_id):
        if not report.skipped:
            outcome = report.reason is None, any(page.new for page in report.lists)
            alike[outcome].append({"of_source": report.source_id, "at": report.ended_at})
    for (went_well, found_new), given in alike.items():
        connection.execute(_state_after(went_well=went_well, found_new=found_new), given)


@cache
def _state_after(*, went_well: bool, found_new: bool) -> Update:
    """What a poll does to its source's state. Built once: putting it together costs more than running it."""
    at = bindparam("at", type_=sources.c.last_polled_at.type)
    values: dict[str, Any] = {"last_polled_at": at}
    if went_well:
        values |= {"last_ok_at": at, "failures": 0, "first_polled_at": func.coalesce(sources.c.first_polled_at, at)}
    else:
        values["failures"] = sources.c.failures + 1
    if found_new:
        values["last_new_at"] = at
    return update(sources).where(sources.c.source_id == bindparam("of_source")).values(**values)


def source_states(connection: Connection) -> tuple[SourceState, ...]:
    """What is remembered of every source ever polled or planned, by id."""
    newest = select(func.max(polls.c.id)).group_by(polls.c.source_id)
    last = {row.source_id: _poll(row) for row in connection.execute(select(polls).where(polls.c.id.in_(newest)))}
    return tuple(
        SourceState(
            source_id=row.source_id,
            first_polled_at=row.first_polled_at,
            last_polled_at=row.last_polled_at,
            last_ok_at=row.last_ok_at,
            last_new_at=row.last_new_at,
            failures=row.failures,
            next_poll_at=row.next_poll_at,
            last_poll=last.get(row.source_id),
            next_why=row.next_why,
            retry_at=row.retry_at,
            pause=pause_of(row),
            wanted_at=row.wanted_at,
        )
        for row in connection.execute(select(sources).where(_IS_KNOWN).order_by(sources.c.source_id))
    )


def polls_of(connection: Connection, source_id: str, limit: int) -> tuple[PollRecord, ...]:
    """The newest polls of a source, newest first."""
    rows = connection.execute(
        select(polls).where(polls.c.source_id == source_id).order_by(polls.c.id.desc()).limit(limit)
    )
    return tuple(_poll(row) for row in rows)


def _poll_values(report: PollReport) -> dict[str, Any]:
    return {
        "source_id": report.source_id,
        "started_at": report.started_at,
        "ended_at": report.ended_at,
        "rows": sum(page.rows for page in report.lists),
        "new": sum(page.new for page in report.lists),
        "newest": _newest(page.newest for page in report.lists),
        "unchanged": sum(page.unchanged for page in report.lists),
        "fetched": report.fetched,
        "stored": report.stored,
        "relevant": report.relevant,
        "merged": report.merged,
        "refused": {reason.value: count for reason, count in sorted(report.refused.items())},
        "lists": [_list_values(page) for page in report.lists],
        "reason": None if report.reason is None else report.reason.value,
        "detail": report.detail[:2000],
        "is_skipped": report.skipped,
        "titled": _sum(page.titled for page in report.lists),
        "dated": _sum(page.dated for page in report.lists),
        "linked": _sum(page.linked for page in report.lists),
        "bytes": _sum(page.bytes for page in report.lists),
        "charset": next((page.charset for page in report.lists if page.charset is not None), None),
        "shows_family": _all(page.shows_family for page in report.lists),
        "wait_ms": max((page.wait_ms for page in report.lists if page.wait_ms is not None), default=None),
        "read": report.read,
        "read_dated": report.read_dated,
        "read_sourced": report.read_sourced,
    }


def _list_values(page: ListReport) -> dict[str, Any]:
    values: dict[str, Any] = {
        "url": page.url,
        "status": page.status,
        "rows": page.rows,
        "new": page.new,
        "newest": None if page.newest is None else page.newest.isoformat(),
        "unchanged": page.unchanged,
        "reason": None if page.reason is None else page.reason.value,
        "detail": page.detail[:500],
    }
    measures = {name: value for name in MEASURES if (value := getattr(page, name)) is not None}
    if page.warc is not None:
        measures["warc"] = {"file": page.warc.file, "offset": page.warc.offset, "length": page.warc.length}
    if page.number > 1:
        measures["number"] = page.number
    return values | measures


def _list(values: dict[str, Any]) -> ListReport:
    return ListReport(
        url=values["url"],
        status=values["status"],
        rows=values["rows"],
        new=values["new"],
        newest=None if values["newest"] is None else date.fromisoformat(values["newest"]),
        unchanged=values["unchanged"],
        reason=None if values["reason"] is None else Reason(values["reason"]),
        detail=values["detail"],
        **{name: values.get(name) for name in MEASURES},
        warc=None if values.get("warc") is None else WarcPosition(**values["warc"]),
        number=values.get("number", 1),
    )


def _sum(counts: Iterable[int | None]) -> int | None:
    """The sum of what was measured; None where nothing was."""
    found = [count for count in counts if count is not None]
    return sum(found) if found else None


def _all(answers: Iterable[bool | None]) -> bool | None:
    found = [answer for answer in answers if answer is not None]
    return all(found) if found else None


def _newest(days: Iterable[date | None]) -> date | None:
    return max((day for day in days if day is not None), default=None)


def _poll(row: Row[Any]) -> PollRecord:
    return PollRecord(
        source_id=row.source_id,
        started_at=row.started_at,
        ended_at=row.ended_at,
        rows=row.rows,
        new=row.new,
        newest=row.newest,
        unchanged=row.unchanged,
        fetched=row.fetched,
        stored=row.stored,
        relevant=row.relevant,
        merged=row.merged,
        refused={Reason(name): count for name, count in row.refused.items()},
        lists=tuple(_list(values) for values in row.lists),
        reason=None if row.reason is None else Reason(row.reason),
        detail=row.detail,
        skipped=row.is_skipped,
        dated=row.dated,
        bytes=row.bytes,
        charset=row.charset,
        shows_family=row.shows_family,
        wait_ms=row.wait_ms,
        read=row.read,
        read_dated=row.read_dated,
        read_sourced=row.read_sourced,
    )
