"""What was answered: pages with their WARC positions, and answers to robots.txt."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from archive.database.upsert import insert_new, upsert
from archive.records import PageRecord
from archive.schema import item_parts, items, pages, robots
from crawler.model import MissingPart, Page, Reason, RobotsRecord, WarcPosition, part_numbers
from crawler.text.urls import url_key


def note_page(connection: Connection, page: Page) -> int:
    """Remember a page and return its number; the same answer again is the same page."""
    key = {"url_key": url_key(page.url), "status": page.status, "sha256": hashlib.sha256(page.body).hexdigest()}
    values = key | {
        "url": page.url,
        "requested_url": page.requested_url,
        "fetched_at": page.fetched_at,
        "size": len(page.body),
        "warc_file": page.warc.file if page.warc else None,
        "warc_offset": page.warc.offset if page.warc else None,
        "warc_length": page.warc.length if page.warc else None,
    }
    insert_new(connection, pages, [values])
    held = connection.execute(select(pages.c.id, pages.c.warc_file, pages.c.let_go_at).filter_by(**key)).one()
    # what was let go and came again is kept again; a replay of what was read before that has no bytes to offer
    has_bytes = page.warc is not None and (held.let_go_at is None or page.fetched_at > held.let_go_at)
    if held.warc_file is None and has_bytes:
        connection.execute(update(pages).where(pages.c.id == held.id).values(**values, let_go_at=None))
    number: int = held.id
    return number


def note_parts(connection: Connection, item_id: int, parts: Sequence[Page], missing: Sequence[MissingPart]) -> None:
    """Remember the further pages of an item in their order, and those that were not had, in place of what was known."""
    rows: list[dict[str, Any]] = [
        {"number": part.number, "page_id": None, "url": part.url, "reason": part.reason.value, "detail": part.detail}
        for part in missing
    ]
    for number, part in zip(part_numbers(parts, missing), parts, strict=True):
        rows.append(
            {"number": number, "page_id": note_page(connection, part), "url": part.url, "reason": None, "detail": ""}
        )
    rows = [{"item_id": item_id, **row} for row in sorted(rows, key=lambda row: row["number"])]
    held = select(item_parts).where(item_parts.c.item_id == item_id).order_by(item_parts.c.number)
    if [dict(row) for row in connection.execute(held).mappings()] != rows:
        connection.execute(delete(item_parts).where(item_parts.c.item_id == item_id))
        insert_new(connection, item_parts, rows)


def pages_of(connection: Connection, item_id: int) -> tuple[PageRecord, ...]:
    """All pages that an item was read from: its own first, then its further parts in order.

    Empty for a bare link, and where the item is not there.
    """
    own = select(pages).join(items, items.c.page_id == pages.c.id).where(items.c.id == item_id)
    further = (
        select(pages)
        .join(item_parts, item_parts.c.page_id == pages.c.id)
        .where(item_parts.c.item_id == item_id)
        .order_by(item_parts.c.number)
    )
    return tuple(page_record(row) for query in (own, further) for row in connection.execute(query))


def missing_of(connection: Connection, item_id: int) -> tuple[MissingPart, ...]:
    """The parts of an item that were not had, in order."""
    found = select(item_parts).where(item_parts.c.item_id == item_id, item_parts.c.reason.is_not(None))
    return tuple(
        MissingPart(number=row.number, url=row.url, reason=Reason(row.reason), detail=row.detail)
        for row in connection.execute(found.order_by(item_parts.c.number))
    )


def page_record(row: Row[Any]) -> PageRecord:
    """A row of `pages` as readers see it."""
    warc = None
    if row.warc_file is not None:
        warc = WarcPosition(file=row.warc_file, offset=row.warc_offset, length=row.warc_length)
    return PageRecord(
        url=row.url,
        requested_url=row.requested_url,
        status=row.status,
        fetched_at=row.fetched_at,
        sha256=row.sha256,
        size=row.size,
        warc=warc,
        let_go_at=row.let_go_at,
    )


def same_page(connection: Connection, record: PageRecord) -> PageRecord | None:
    """The page as it is filed now: its WARC file may have been written anew since `record` was read."""
    key = {"url_key": url_key(record.url), "status": record.status, "sha256": record.sha256}
    row = connection.execute(select(pages).filter_by(**key)).one_or_none()
    return None if row is None else page_record(row)


def save_robots(connection: Connection, record: RobotsRecord) -> None:
    """Keep the newest answer of an origin."""
    values = {"origin": record.origin, "fetched_at": record.fetched_at, "body": record.body}
    upsert(connection, robots, ["origin"], values)


def load_robots(connection: Connection, origin: str) -> RobotsRecord | None:
    """The last known answer of an origin."""
    row = connection.execute(select(robots).where(robots.c.origin == origin)).one_or_none()
    return None if row is None else RobotsRecord(origin=row.origin, fetched_at=row.fetched_at, body=row.body)
