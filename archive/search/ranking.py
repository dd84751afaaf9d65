"""Relevance: what of the words of a query stands in the title, in the lead, further on. The same on both databases."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from archive.schema import items
from archive.search.excerpts import Marker

MAX_RANKED = 2000  # of the stories found, the newest; the cost of ranking is bounded by it
_SCORED_CHARS = 2000  # of a text: who comes to the point later is not about it
_LEAD_CHARS = 200  # a news item says in its first sentences what it is about
_IN_TITLE, _IN_LEAD, _FURTHER_ON = 8, 3, 1  # one word in the title outweighs two that are mentioned
_CHUNK = 500


def ranked(connection: Connection, found: Sequence[tuple[int, int]], marker: Marker) -> list[tuple[int, int]]:
    """Pairs of story and member that was found, given newest first: most relevant first, of equal ones the newest."""
    scores: dict[int, int] = {}
    for start in range(0, len(found), _CHUNK):
        rows = connection.execute(
            select(
                items.c.id,
                items.c.folded_title,
                func.substr(items.c.folded_body, 1, _SCORED_CHARS).label("text"),
            ).where(items.c.id.in_([item_id for _story, item_id in found[start : start + _CHUNK]]))
        )
        for row in rows:
            title, lead, rest = marker.counts(row.folded_title, row.text[:_LEAD_CHARS], row.text[_LEAD_CHARS:])
            scores[row.id] = _IN_TITLE * title + _IN_LEAD * lead + _FURTHER_ON * rest
    return sorted(found, key=lambda pair: -scores.get(pair[1], 0))
