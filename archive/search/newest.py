"""The newest stories that a question means: of few items those one by one, else from the index (finding.py)."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, tuple_

from archive.reading import NEWEST_FIRST
from archive.records import Cursor, Question
from archive.schema import items, stories
from archive.search.finding import find
from archive.search.questions import are_of_few, holds, wanted
from crawler.text.query import EVERYTHING, Expression

_CHUNK = 500


def newest(
    connection: Connection,
    question: Question,
    words: Expression,
    *,
    limit: int,
    after: Cursor | None = None,
    offset: int = 0,
) -> list[tuple[int, int]]:
    """As `find`, of a question whose sources are looked up (questions.readied) and the words of it."""
    if not are_of_few(connection, question):
        return find(connection, question, words, limit=limit, after=after, offset=offset)
    behind = [] if after is None else [tuple_(stories.c.sorted_at, stories.c.id) < (after.sorted_at, after.id)]
    asked = wanted(connection, question)
    if asked is None:
        return []
    shown = select(stories.c.id, stories.c.text_item_id).where(*asked, *behind).order_by(*NEWEST_FIRST)
    rows = connection.execute(shown.limit(limit).offset(offset)).all()
    found = {row.id: row.text_item_id for row in rows}
    if words != EVERYTHING:
        for start in range(0, len(rows), _CHUNK):
            ids = [row.id for row in rows[start : start + _CHUNK]]
            held = holds(connection, words, are_few=True)
            first = select(items.c.story_id, func.min(items.c.id).label("item_id")).where(
                items.c.story_id.in_(ids), held
            )
            found |= {row.story_id: row.item_id for row in connection.execute(first.group_by(items.c.story_id))}
    return list(found.items())
