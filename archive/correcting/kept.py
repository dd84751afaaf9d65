"""What can be read and judged again: items with their pages, and refused rows with theirs. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from archive.named import find_story_id
from archive.records import KeptItem, KeptQuery, PageRecord, RefusedRow
from archive.schema import entries, items, judgements, pages
from archive.storing.entries import entry_of
from archive.storing.pages import missing_of, page_record, pages_of
from crawler.model import Precision, Reason, Stamp
from crawler.text.urls import url_key


def find_items(connection: Connection, name: str) -> tuple[int, ...]:
    """The items that a user names: those of a story, by its number or guid, or the one behind a URL."""
    story_id = find_story_id(connection, int(name) if name.isdecimal() else name)
    if story_id is not None:
        members = select(items.c.id).where(items.c.story_id == story_id).order_by(items.c.id)
        return tuple(connection.execute(members).scalars())
    key = url_key(name)
    own = connection.execute(select(items.c.id).where(items.c.url_key == key)).scalar()
    led = connection.execute(select(entries.c.item_id).where(entries.c.url_key == key)).scalar()
    found: int | None = led if own is None else own
    return () if found is None else (found,)


def find_refused(connection: Connection, url: str) -> int | None:
    """The refused row of a URL, by number; None where there is none."""
    asked = select(entries.c.id).where(entries.c.url_key == url_key(url), *_is_refused())
    found: int | None = connection.execute(asked).scalar()
    return found


def count_items(connection: Connection, query: KeptQuery) -> int:
    """How many items the query means."""
    asked = select(func.count()).select_from(items.outerjoin(judgements)).where(*_item_conditions(query))
    number: int = connection.execute(asked).scalar_one()
    return number


def count_refused(connection: Connection, query: KeptQuery) -> int:
    """How many refused rows the query means."""
    number: int = connection.execute(
        select(func.count()).select_from(entries).where(*_row_conditions(query))
    ).scalar_one()
    return number


def load_items(connection: Connection, query: KeptQuery, *, after: int, limit: int) -> tuple[KeptItem, ...]:
    """The next items by number, `limit` of them at most."""
    asked = kept_columns().where(items.c.id > after, *_item_conditions(query)).order_by(items.c.id).limit(limit)
    return tuple(
        KeptItem(
            item_id=row.id,
            story_id=row.story_id,
            url=row.url,
            source_id=row.source_id,
            title=row.title,
            body=row.body,
            published=None
            if row.published_at is None
            else Stamp(at=row.published_at, precision=Precision(row.precision), origin=row.published_from or ""),
            origins=row.origins,
            is_link_only=row.is_link_only,
            entry=_leading(connection, row),
            pages=pages_of(connection, row.id),
            missing=missing_of(connection, row.id),
            stand=stand_of(row),
        )
        for row in connection.execute(asked).all()
    )


def load_refused(connection: Connection, query: KeptQuery, *, after: int, limit: int) -> tuple[RefusedRow, ...]:
    """The next refused rows by number, `limit` of them at most, whether or not a page of theirs was kept."""
    asked = select(entries).where(entries.c.id > after, *_row_conditions(query)).order_by(entries.c.id).limit(limit)
    rows = connection.execute(asked).all()
    page_of = _newest_pages(connection, rows)
    return tuple(
        RefusedRow(
            entry_id=row.id,
            entry=entry_of(row),
            reason=None if row.reason is None else Reason(row.reason),
            first_seen_at=row.first_seen_at,
            page=page_of.get(row.id),
        )
        for row in rows
    )


def kept_columns() -> Select[Any]:
    """Items with the time of their judgement: all that `stand_of` looks at."""
    return select(items, judgements.c.judged_at).select_from(items.outerjoin(judgements))


def stand_of(row: Row[Any]) -> str:
    """Changes whenever somebody stores or judges the item anew."""
    return f"{row.updated_at} {row.judged_at} {row.page_id}"


def _item_conditions(query: KeptQuery) -> list[ColumnElement[bool]]:
    seen = func.coalesce(items.c.published_at, items.c.first_seen_at, type_=items.c.published_at.type)
    conditions: list[ColumnElement[bool]] = []
    if query.ids is not None:
        conditions.append(items.c.id.in_(query.ids))
    if query.source_ids:
        conditions.append(items.c.source_id.in_(query.source_ids))
    if query.since is not None:
        conditions.append(seen >= query.since)
    if query.until is not None:
        conditions.append(seen < query.until)
    if query.relevant is not None:
        conditions.append(judgements.c.is_relevant.is_(query.relevant))
    return conditions


def _row_conditions(query: KeptQuery) -> list[ColumnElement[bool]]:
    conditions = list(_is_refused())
    if query.ids is not None:
        conditions.append(entries.c.id.in_(query.ids))
    if query.source_ids:
        conditions.append(entries.c.source_id.in_(query.source_ids))
    if query.since is not None:
        conditions.append(entries.c.first_seen_at >= query.since)
    if query.until is not None:
        conditions.append(entries.c.first_seen_at < query.until)
    return conditions


def _is_refused() -> tuple[ColumnElement[bool], ...]:
    return entries.c.outcome == "refused", entries.c.item_id.is_(None)


def _leading(connection: Connection, item: Row[Any]) -> Any:
    """The row that led to an item; where several did, the one with its own address, else the first."""
    asked = (
        select(entries)
        .where(entries.c.item_id == item.id)
        .order_by(entries.c.url_key != item.url_key, entries.c.id)
        .limit(1)
    )
    row = connection.execute(asked).one_or_none()
    return None if row is None else entry_of(row)


def _newest_pages(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, PageRecord]:
    """The newest kept page of each row, else the newest let go: what its address answered, or led to."""
    by_key = {row.url_key: row.id for row in rows}
    by_url = {row.url: row.id for row in rows}
    asked = (
        select(pages)
        .where(
            and_(
                or_(pages.c.url_key.in_(by_key), pages.c.requested_url.in_(by_url)),
                or_(pages.c.warc_file.is_not(None), pages.c.let_go_at.is_not(None)),
            )
        )
        .order_by(pages.c.warc_file.is_not(None), pages.c.fetched_at, pages.c.id)
    )
    found: dict[int, PageRecord] = {}
    for page in connection.execute(asked):
        entry_id = by_url.get(page.requested_url, by_key.get(page.url_key))
        if entry_id is not None:
            found[entry_id] = page_record(page)
    return found
