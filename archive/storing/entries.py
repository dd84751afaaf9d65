"""Rows of lists and what became of them: noted with the list's validators, settled with a reason, tried again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, and_, bindparam, insert, or_, select, update

from archive.database.upsert import insert_new, upsert
from archive.leases import holding
from archive.schema import entries, items, validators
from archive.storing.checks import note_failure
from archive.storing.pages import note_page
from crawler.model import Entry, Lease, Page, Reason, RowDate, RowsNoted, Validators
from crawler.text.urls import url_key

# After each failure that may pass; the sixth is final. A site's bad night heals within an hour, a bad week in days.
_RETRY_AFTER = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
)
_IN_WORK = timedelta(hours=1)  # a row noted under another list is left to that list's own poll for so long
_LIST_GONE = timedelta(hours=20)  # a list of yesterday's date is not read again: its open rows go to today's
_CHUNK = 500  # bound values of one statement
_MAX_DUE = 500  # rows of a list that are handed out at once; the rest waits for the next poll
# 2022-05-28 23:40, 2022-05-28, 05-28, 05-28 23:40
_ROW_DATE = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)(?: (\d\d):(\d\d))?")

# A row that is to be fetched: never settled, or refused for a passing reason whose time has come.
IS_OPEN = or_(
    entries.c.outcome == "pending",
    and_(
        entries.c.outcome == "refused",
        entries.c.retry_at.is_not(None),
        entries.c.retry_at <= bindparam("now"),
    ),
)

# Built once: every poll and item runs these, and putting them together costs more than running them.
_BY_KEY = select(entries).where(entries.c.url_key == bindparam("of_key"))
_VALIDATORS = select(validators).where(validators.c.url == bindparam("of_url"))
_DUE = (
    select(entries)
    .where(
        entries.c.source_id == bindparam("of_source"),
        or_(entries.c.list_url == bindparam("of_list"), entries.c.last_seen_at < bindparam("gone_before")),
        IS_OPEN,
    )
    .order_by(entries.c.outcome != "pending", entries.c.position, entries.c.id)
    .limit(_MAX_DUE)
)

T = TypeVar("T")


def note_rows(
    connection: Connection,
    rows: Sequence[Entry],
    *,
    list_url: str,
    source_id: str,
    now: datetime,
    new_validators: Validators | None,
    lease: Lease | None,
    is_backfill: bool = False,
) -> RowsNoted:
    """Remember rows and the list's validators; say which are to be fetched: open ones in list order, failures last."""
    holding.require(connection, lease)
    by_key = _unique(rows)
    known = {row.url_key: row for row in _rows_of(connection, by_key)}
    held = _held_items(connection, by_key.keys() - known.keys())
    fresh: list[dict[str, Any]] = []
    to_fetch: list[Entry] = []
    retries: list[Entry] = []
    for key, entry in by_key.items():
        row = known.get(key)
        if row is not None:
            _complete(connection, row, entry)
            is_elsewhere = (row.source_id, row.list_url) != (source_id, list_url) and row.first_seen_at > now - _IN_WORK
            if row.outcome == "pending" and not is_elsewhere:
                to_fetch.append(entry)
            elif row.retry_at is not None and row.retry_at <= now:
                retries.append(entry)
            continue
        values = _new_row(key, entry, now) | {
            "source_id": source_id,
            "list_url": list_url,
            "is_backfill": is_backfill,
        }
        if key in held:
            values |= {"outcome": "stored", "item_id": held[key], "settled_at": now}
        else:
            to_fetch.append(entry)
        fresh.append(values)
    insert_new(connection, entries, fresh)
    for chunk in _chunks(known.keys()):
        connection.execute(update(entries).where(entries.c.url_key.in_(chunk)).values(last_seen_at=now))
    if new_validators is not None:
        _save_validators(connection, list_url, new_validators, now)
    left = [
        entry
        for entry in due_rows(connection, source_id=source_id, list_url=list_url, now=now)
        if url_key(entry.url) not in by_key
    ]
    new = sum(1 for values in fresh if values["outcome"] == "pending")
    return RowsNoted(new=new, known=len(by_key) - new, to_fetch=(*to_fetch, *left, *retries))


def due_rows(connection: Connection, *, source_id: str, list_url: str, now: datetime) -> tuple[Entry, ...]:
    """Rows of a list that are open: never settled, then those whose time to be tried again has come.

    Open rows of lists of the same source that are read no more (yesterday's edition) are among them.
    """
    given = {"of_source": source_id, "of_list": list_url, "now": now, "gone_before": now - _LIST_GONE}
    return tuple(entry_of(row) for row in connection.execute(_DUE, given))


def settle(
    connection: Connection,
    entry: Entry,
    reason: Reason,
    detail: str,
    *,
    now: datetime,
    lease: Lease | None,
    page: Page | None,
) -> None:
    """Record why a row went no further. What is stored already stays stored, with how its address answered."""
    holding.require(connection, lease)
    if page is not None:
        note_page(connection, page)
    if note_failure(connection, entry.url, reason, detail, now):
        return
    row = ensure_entry(connection, entry, now)
    if row.item_id is not None:
        return
    attempts = row.attempts + 1
    is_last = not reason.is_passing or attempts > len(_RETRY_AFTER)
    connection.execute(
        update(entries)
        .where(entries.c.id == row.id)
        .values(
            outcome="refused",
            reason=reason.value,
            detail=detail[:2000],
            attempts=attempts,
            retry_at=None if is_last else now + _RETRY_AFTER[attempts - 1],
            settled_at=now,
        )
    )


def ensure_entry(connection: Connection, entry: Entry, now: datetime) -> Row[Any]:
    """The row kept for `entry`, made where nobody noted it."""
    key = url_key(entry.url)
    row = connection.execute(_BY_KEY, {"of_key": key}).one_or_none()
    if row is None:
        connection.execute(insert(entries), _new_row(key, entry, now))
        row = connection.execute(_BY_KEY, {"of_key": key}).one()
    return row


def load_validators(connection: Connection, url: str) -> Validators | None:
    """What is known to make the next request for `url` conditional."""
    row = connection.execute(_VALIDATORS, {"of_url": url}).one_or_none()
    return None if row is None else validators_of(row)


def validators_of(row: Row[Any]) -> Validators:
    """The Validators that a row of `validators` stands for."""
    return Validators(
        etag=row.etag, last_modified=row.last_modified, body_hash=row.body_hash, source_digest=row.source_digest
    )


def entry_of(row: Row[Any]) -> Entry:
    """The Entry that a row of `entries` stands for."""
    return Entry(
        source_id=row.source_id,
        list_url=row.list_url,
        url=row.url,
        title=row.title,
        date=_read_date(row.row_date),
        is_pinned=row.is_pinned,
        position=row.position,
    )


def _unique(rows: Iterable[Entry]) -> dict[str, Entry]:
    """Rows by URL key, each once: in the order of the first, as the first that has a date."""
    unique: dict[str, Entry] = {}
    for entry in rows:
        key = url_key(entry.url)
        if key not in unique or (unique[key].date is None and entry.date is not None):
            unique[key] = entry
    return unique


def _rows_of(connection: Connection, keys: Iterable[str]) -> Iterator[Row[Any]]:
    for chunk in _chunks(keys):
        yield from connection.execute(select(entries).where(entries.c.url_key.in_(chunk)))


def _held_items(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """Items reached by another way, such as a redirect, by URL key."""
    held: dict[str, int] = {}
    for chunk in _chunks(keys):
        found = connection.execute(select(items.c.url_key, items.c.id).where(items.c.url_key.in_(chunk)))
        held.update((row.url_key, row.id) for row in found)
    return held


def _complete(connection: Connection, row: Row[Any], entry: Entry) -> None:
    """Take over a date or title that an earlier sight of the row did not show."""
    shown = {"row_date": _write_date(entry.date), "title": entry.title}
    missing = {name: value for name, value in shown.items() if value and not getattr(row, name)}
    if missing:
        connection.execute(update(entries).where(entries.c.id == row.id).values(**missing))


def _new_row(key: str, entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "url_key": key,
        "url": entry.url,
        "source_id": entry.source_id,
        "list_url": entry.list_url,
        "title": entry.title,
        "row_date": _write_date(entry.date),
        "is_pinned": entry.is_pinned,
        "position": entry.position,
        "first_seen_at": now,
        "last_seen_at": now,
        "outcome": "pending",
        "detail": "",
        "attempts": 0,
        "is_backfill": False,
        "item_id": None,
        "settled_at": None,
    }


def _save_validators(connection: Connection, url: str, given: Validators, now: datetime) -> None:
    values = {
        "url": url,
        "etag": given.etag,
        "last_modified": given.last_modified,
        "body_hash": given.body_hash,
        "source_digest": given.source_digest,
        "updated_at": now,
    }
    upsert(connection, validators, ["url"], values)


def _write_date(date: RowDate | None) -> str | None:
    if date is None:
        return None
    day = f"{date.month:02}-{date.day:02}"
    day = day if date.year is None else f"{date.year:04}-{day}"
    return day if date.hour is None else f"{day} {date.hour:02}:{date.minute or 0:02}"


def _read_date(text: str | None) -> RowDate | None:
    found = _ROW_DATE.fullmatch(text or "")
    if found is None:
        return None
    year, month, day, hour, minute = (None if part is None else int(part) for part in found.groups())
    return RowDate(year=year, month=month or 1, day=day or 1, hour=hour, minute=minute)


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    values = list(values)
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
