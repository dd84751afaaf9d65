"""What happened to a URL, and why: everything the archive knows of it, in one value."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, or_, select

from archive.publishing.feeds import load_feeds, load_omissions
from archive.reading import load_stories, member_of
from archive.records import EntryRecord, UrlHistory
from archive.schema import entries, item_checks, item_parts, items, pages, stories
from archive.storing.judging import load_judgement
from archive.storing.pages import page_record
from crawler.model import Reason
from crawler.text.urls import url_key


def explain(connection: Connection, url: str) -> UrlHistory | None:
    """The history of `url`, whatever clothes it wears; None where it was never seen."""
    key = url_key(url)
    entry = connection.execute(select(entries).where(entries.c.url_key == key)).one_or_none()
    item = connection.execute(select(items).where(items.c.url_key == key)).one_or_none()
    if item is None and entry is not None and entry.item_id is not None:
        item = connection.execute(select(items).where(items.c.id == entry.item_id)).one()
    if entry is None and item is not None:
        # an address that a redirect led to: the row that led there
        entry = connection.execute(select(entries).where(entries.c.item_id == item.id).limit(1)).one_or_none()
    asked = [pages.c.url_key == key, pages.c.requested_url == url]
    if entry is not None:
        asked.append(pages.c.requested_url == entry.url)
    if item is not None:
        asked.append(pages.c.id == item.page_id)
        asked.append(pages.c.id.in_(select(item_parts.c.page_id).where(item_parts.c.item_id == item.id)))
    answers = connection.execute(select(pages).where(or_(*asked)).order_by(pages.c.id)).all()
    if entry is None and item is None and not answers:
        return None
    history: dict[str, Any] = {}
    if item is not None:
        (story,) = load_stories(connection, [item.story_id])
        first = connection.execute(select(stories.c.first_item_id).where(stories.c.id == item.story_id)).scalar_one()
        gone = select(item_checks.c.vanished_at).where(item_checks.c.item_id == item.id)
        vanished_at = connection.execute(gone).scalar_one_or_none()
        history = {
            "member": member_of(item, is_first=first == item.id, vanished_at=vanished_at),
            "title": item.title,
            "origins": item.origins,
            "repairs": tuple(item.repairs),
            "folded_title": item.folded_title,
            "folded_body": item.folded_body,
            "judgement": load_judgement(connection, item.id),
            "story": story,
            "feeds": load_feeds(connection, story_id=item.story_id),
            "omissions": load_omissions(connection, item.story_id),
        }
    return UrlHistory(
        url=url,
        url_key=key,
        entry=None if entry is None else _entry(entry),
        pages=tuple(page_record(row) for row in answers),
        **history,
    )


def _entry(row: Row[Any]) -> EntryRecord:
    return EntryRecord(
        url=row.url,
        source_id=row.source_id,
        list_url=row.list_url,
        title=row.title,
        row_date=row.row_date,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        outcome=row.outcome,
        reason=None if row.reason is None else Reason(row.reason),
        detail=row.detail,
        attempts=row.attempts,
        retry_at=row.retry_at,
        settled_at=row.settled_at,
    )
