"""Search: a reader's words against the index of folded characters, filtered, newest first, with marked excerpts."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from archive import search_index
from archive.folding import fold
from archive.reading import NEWEST_FIRST, bounded, conditions, load_stories
from archive.records import FeedQuery, SearchHit
from archive.schema import items, storable, stories
from crawler.text.tokens import query_words

_BEFORE, _AFTER = 40, 120  # characters of an excerpt before the first word found, and from there on
_MAX_SCANNED = 500_000  # of a text, for the first word
_MAX_WORDS_CHARS = 4000  # of a reader's words; what follows is a pasted article
_MAX_SOURCE_CHARS = 200


def search(
    connection: Connection,
    words: str,
    *,
    query: FeedQuery | None = None,
    source: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 20,
    offset: int = 0,
    relevant_only: bool = True,
) -> tuple[SearchHit, ...]:
    """Stories with a member that has all the words, newest first; without words, all that the filters let through.

    Words are separated by blanks, quotes hold them together; traditional and simplified are one. `source` is a source's
    id or a part of its name or of a 来源. `since` is included, `until` is not. Never raises, whatever the words.
    At most MAX_LIMIT are returned, and none from beyond MAX_OFFSET.
    """
    limit, offset = bounded(limit, offset)
    asked = query_words(fold(words[:_MAX_WORDS_CHARS].replace("\x00", " ")))
    if words.strip() and not asked:
        return ()
    wanted: list[Any] = conditions(query)
    if relevant_only:
        wanted.append(stories.c.is_relevant)
    if since is not None:
        wanted.append(stories.c.sorted_at >= since)
    if until is not None:
        wanted.append(stories.c.sorted_at < until)
    if source:
        source = storable(source[:_MAX_SOURCE_CHARS])
        named = or_(
            items.c.source_id == source,
            items.c.site_name.icontains(source, autoescape=True),
            items.c.source_name.icontains(source, autoescape=True),
        )
        wanted.append(stories.c.id.in_(select(items.c.story_id).where(named)))
    if asked:
        found = (
            select(stories.c.id, func.min(items.c.id).label("item_id"))
            .join_from(items, stories, stories.c.id == items.c.story_id)
            .where(search_index.holds(connection, asked), and_(True, *wanted))
            .group_by(stories.c.id)
        )
    else:
        found = select(stories.c.id, stories.c.text_item_id.label("item_id")).where(and_(True, *wanted))
    rows = connection.execute(found.order_by(*NEWEST_FIRST).limit(limit).offset(offset)).all()
    records = load_stories(connection, [row.id for row in rows])
    texts = {
        row.id: row.folded_body
        for row in connection.execute(
            select(items.c.id, func.substr(items.c.folded_body, 1, _MAX_SCANNED).label("folded_body")).where(
                items.c.id.in_([row.item_id for row in rows])
            )
        )
    }
    item_of = {row.id: row.item_id for row in rows}
    return tuple(_hit(record, texts.get(item_of[record.id], ""), asked) for record in records)


def _hit(record: Any, text: str, words: list[list[str]]) -> SearchHit:
    if not words:
        return SearchHit(story=record, excerpt=_one_line(text[: _BEFORE + _AFTER]))
    # the index drops what stands between two characters of a word: 川渝, 川-渝, 川 渝
    pattern = re.compile("|".join(r"[\W_]*".join(map(re.escape, word)) for word in words), re.I)
    first = pattern.search(text)
    start = 0 if first is None else max(0, first.start() - _BEFORE)
    excerpt = _one_line(text[start : start + _BEFORE + _AFTER])
    marks = tuple(found.span() for found in pattern.finditer(excerpt))
    return SearchHit(story=record, excerpt=excerpt, marks=marks)


def _one_line(text: str) -> str:
    return " ".join(text.split())
