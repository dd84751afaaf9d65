"""Stores an item in one transaction: page, text, judgement, search index, prints, story, and the row's outcome."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, insert, select, update

from archive.leases import holding
from archive.schema import entries, items, sources, storable
from archive.search import search_index
from archive.storing.checks import CHANGED, SAME, note_answer, note_move
from archive.storing.entries import ensure_entry
from archive.storing.folding import fold
from archive.storing.joins import forget_joins
from archive.storing.judging import keep_judgement
from archive.storing.labels import effective
from archive.storing.likes import find_likes, prepare, save_prints
from archive.storing.pages import note_page, note_parts
from archive.storing.revisions import is_edit, is_other_text, save_revision
from archive.storing.stories import choose_story, merge, refresh
from crawler.model import Article, Judged, Judgement, Reason, Stamp, Stored
from crawler.text.urls import url_key

# what a page says, and what is made of it
_MAX_NAME_CHARS = 255  # an index has names whole, and an entry of PostgreSQL's takes 2,704 bytes
_TEXT = frozenset({"title", "body", "body_html", "folded_title", "folded_body"})


def store(connection: Connection, judged: Judged, *, now: datetime) -> Stored:
    """Store what a page came to; storing the same again changes nothing.

    Raises LeaseLostError where the host has passed to another owner.
    """
    capture, article = judged.capture, judged.article
    holding.require(connection, capture.lease)
    entry = ensure_entry(connection, capture.entry, now)
    page_id = None if capture.page is None else note_page(connection, capture.page)
    values = values_of(judged)
    values["page_id"] = page_id
    key = url_key(article.url)
    held = connection.execute(select(items).where(items.c.url_key == key)).one_or_none()
    if held is None:
        stored = _store_new(connection, values | {"url_key": key}, entry, now)
    else:
        is_same_page = page_id is not None and page_id == held.page_id and not capture.parts
        stored = _store_again(connection, held, values, now, is_same_page=is_same_page)
    if url_key(capture.entry.url) != key:
        note_move(connection, capture.entry.url, article.url, now)
    if capture.page is not None:
        note_parts(connection, stored.item_id, capture.parts, capture.missing)
    is_less = held is not None and article.is_link_only and not held.is_link_only
    judgement = judged.judgement if is_less else effective(connection, stored.item_id, judged.judgement)
    is_rejudged = not is_less and keep_judgement(connection, stored.item_id, judgement, now)
    if is_rejudged or held is None or differs(held, values):
        refresh(connection, stored.story_id, now)
    _settle_entry(connection, entry, judged, judgement, stored.item_id, now)
    return stored


def _store_new(connection: Connection, values: dict[str, Any], entry: Row[Any], now: datetime) -> Stored:
    text, prints = prepare(values["folded_title"], values["folded_body"], values)
    likes = () if values["is_link_only"] else find_likes(connection, 0, text, prints)
    story_id, same = choose_story(connection, None, likes, now)
    values |= {
        "story_id": story_id,
        "body_hash": None if values["is_link_only"] else prints.body_hash,
        "found_by": entry.source_id,
        "first_seen_at": entry.first_seen_at,
        "is_backfill": _is_backfill(connection, entry),
        "updated_at": now,
    }
    item_id: int = connection.execute(insert(items).values(**values).returning(items.c.id)).scalar_one()
    if not values["is_link_only"]:
        save_prints(connection, item_id, prints, is_new=True)
    merge(connection, same, story_id, now)
    return Stored(item_id=item_id, story_id=story_id, is_new=True, joined=bool(likes))


def _store_again(
    connection: Connection, held: Row[Any], values: dict[str, Any], now: datetime, *, is_same_page: bool
) -> Stored:
    """An item that is there: the same, an edited page, or a page behind what was only a link."""
    if values["is_link_only"] and not held.is_link_only:
        values = {}  # the page says more than a row that links to it
    elif not values["is_link_only"] and not held.is_link_only:
        # the same bytes, read by other rules: nobody has edited anything
        is_edited = not is_same_page and is_edit(held, values)
        if is_edited:
            save_revision(connection, held, now)
        elif not is_same_page and not held.repairs and not is_other_text(held, values):
            # a counter has moved, a comma was added: readers are not told of it, and the text stays as it was
            values = {name: value for name, value in values.items() if name not in _TEXT}
        note_answer(connection, held.id, held.story_id, CHANGED if is_edited else SAME, now)
    if not differs(held, values):
        return Stored(item_id=held.id, story_id=held.story_id, is_new=False, joined=False)
    connection.execute(update(items).where(items.c.id == held.id).values(**values, updated_at=now))
    story_id: int = held.story_id
    folded = values.get("folded_title", held.folded_title), values.get("folded_body", held.folded_body)
    if folded != (held.folded_title, held.folded_body):
        forget_text(connection, held)
        if not values["is_link_only"]:
            text, prints = prepare(values["folded_title"], values["folded_body"], values)
            likes = [like for like in find_likes(connection, held.id, text, prints) if like.story_id != held.story_id]
            save_prints(connection, held.id, prints)
            story_id, same = choose_story(connection, held.story_id, likes, now)
            merge(connection, same, story_id, now)
    return Stored(item_id=held.id, story_id=story_id, is_new=False, joined=False)


def forget_text(connection: Connection, held: Row[Any]) -> None:
    """The folded text of an item has changed: `refresh` of its story files the new one; told likenesses are void."""
    forget_joins(connection, held.id, held.story_id)
    search_index.remove(connection, held.id, held.folded_title, held.folded_body)


def values_of(judged: Judged) -> dict[str, Any]:
    """The columns of `items` that an article fills, as the database takes them."""
    values = {name: storable(value) if isinstance(value, str) else value for name, value in _values(judged).items()}
    return values | {name: values[name] and values[name][:_MAX_NAME_CHARS] for name in ("site_name", "source_name")}


def _values(judged: Judged) -> dict[str, Any]:
    capture, article = judged.capture, judged.article
    zone = ZoneInfo(capture.source.timezone)
    return {
        "url": article.url,
        "source_id": capture.source.id,
        "site_name": capture.source.name,
        "title": article.title,
        "body": article.body,
        "body_html": article.body_html,
        "published_at": article.published.at if article.published else None,
        "precision": article.published.precision.value if article.published else None,
        "published_from": article.published.origin if article.published else None,
        "written": _day(article.written, zone),
        "source_name": article.source_name,
        "author": article.author,
        "document_number": article.document_number,
        "site_code": article.site_code,
        "charset": article.charset,
        "attachments": [asdict(attachment) for attachment in article.attachments],
        "origins": dict(article.origins),
        "repairs": list(article.repairs),
        "is_link_only": article.is_link_only,
        **_folded(article),
    }


def _folded(article: Article) -> dict[str, str]:
    return {
        "folded_title": article.folded_title or fold(article.title),
        "folded_body": article.folded_body or fold(article.body),
    }


def _day(stamp: Stamp | None, zone: ZoneInfo) -> date | None:
    return None if stamp is None else stamp.at.astimezone(zone).date()


def differs(held: Row[Any], values: dict[str, Any]) -> bool:
    """True where a row holds something else; which of several equal answers it was read from does not count."""
    return any(getattr(held, name) != value for name, value in values.items() if name != "page_id")


def _is_backfill(connection: Connection, entry: Row[Any]) -> bool:
    """True for what was found in a list's history, or before the finding source's first poll had ended."""
    first_polled_at = connection.execute(
        select(sources.c.first_polled_at).where(sources.c.source_id == entry.source_id)
    ).scalar_one_or_none()
    return entry.is_backfill or first_polled_at is None or entry.first_seen_at <= first_polled_at


def _settle_entry(
    connection: Connection, entry: Row[Any], judged: Judged, judgement: Judgement, item_id: int, now: datetime
) -> None:
    values = {
        "outcome": "link-only" if judged.article.is_link_only else "stored",
        "reason": None if judgement.relevant else Reason.IRRELEVANT.value,
        "detail": "",
        "retry_at": None,
        "item_id": item_id,
    }
    if differs(entry, values):
        connection.execute(update(entries).where(entries.c.id == entry.id).values(**values, settled_at=now))
