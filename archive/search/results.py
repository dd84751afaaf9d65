"""Search: the stories that a question means, newest or most relevant first, with marked excerpts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import Connection, func, select

from archive.reading import bounded, load_stories
from archive.records import Cursor, Question, SearchHit, StoryRecord
from archive.schema import items
from archive.search.excerpts import Marker
from archive.search.newest import newest
from archive.search.questions import readied, words_of
from archive.search.ranking import MAX_RANKED, ranked
from crawler.text.query import EVERYTHING

_MAX_SCANNED = 500_000  # of a text, for its words

Order = Literal["time", "relevance"]


def search(
    connection: Connection,
    question: Question,
    *,
    order: Order = "time",
    limit: int = 20,
    after: Cursor | None = None,
    offset: int = 0,
) -> tuple[SearchHit, ...]:
    """Stories that the question means: by time, newest first, behind `after`; or by relevance, see ranking.py.

    By relevance the newest MAX_RANKED of them are ranked, and `after` is passed over; without words all are equal.
    Never raises, whatever the words. At most MAX_LIMIT are returned, and none from beyond MAX_OFFSET.
    """
    limit, offset = bounded(limit, offset)
    question = readied(connection, question)
    words = words_of(question)
    if words is None or limit == 0:
        return ()
    marker = Marker(words)
    is_ranked = order == "relevance" and words != EVERYTHING
    if is_ranked:
        found = ranked(connection, newest(connection, question, words, limit=MAX_RANKED), marker)
        found = found[offset : offset + limit]
    else:
        behind = after if order == "time" else None
        found = newest(connection, question, words, limit=limit, after=behind, offset=offset)
    item_of = dict(found)
    records = load_stories(connection, list(item_of))
    texts = _texts(connection, list(item_of.values()))
    return tuple(_hit(record, texts.get(item_of[record.id]), marker, has_cursor=order == "time") for record in records)


def _chunks(ids: Sequence[int]) -> Any:
    return (ids[start : start + 500] for start in range(0, len(ids), 500))


def _texts(connection: Connection, item_ids: Sequence[int]) -> dict[int, Any]:
    bodies = [func.substr(column, 1, _MAX_SCANNED).label(column.name) for column in (items.c.body, items.c.folded_body)]
    found: dict[int, Any] = {}
    for chunk in _chunks(item_ids):
        for row in connection.execute(select(items.c.id, *bodies).where(items.c.id.in_(chunk))):
            found[row.id] = row
    return found


def _hit(record: StoryRecord, text: Any, marker: Marker, *, has_cursor: bool) -> SearchHit:
    excerpt = marker.excerpt(text.body, text.folded_body) if text is not None else marker.excerpt("", "")
    return SearchHit(
        story=record,
        excerpt=excerpt.text,
        marks=excerpt.marks,
        title_marks=marker.title_marks(record.title),
        cursor=Cursor(sorted_at=record.published or record.first_seen_at, id=record.id) if has_cursor else None,
    )
