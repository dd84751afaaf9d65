"""A Question as conditions on the table of stories: the one place that says which stories it means."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from archive import search_index
from archive.folding import fold
from archive.reading import conditions
from archive.records import FeedQuery, Question
from archive.schema import items, storable, stories
from crawler.text.tokens import query_words

_MAX_WORDS_CHARS = 4000  # of a reader's words; what follows is a pasted article
_MAX_SOURCE_CHARS = 200


def wanted(connection: Connection, question: Question) -> list[ColumnElement[bool]] | None:
    """What a story must fulfil; None where its words ask for nothing that a text could hold, so that none does."""
    asked = query_words(fold(question.words[:_MAX_WORDS_CHARS].replace("\x00", " ")))
    if question.words.strip() and not asked:
        return None
    found = filters(question)
    if asked:
        found.append(stories.c.id.in_(select(items.c.story_id).where(search_index.holds(connection, asked))))
    return found


def filters(question: Question) -> list[ColumnElement[bool]]:
    """All that a question asks beside its words."""
    found: list[Any] = conditions(question.query)
    for adcodes in question.pair or ():
        found += conditions(FeedQuery(adcodes=adcodes))
    if question.relevant_only:
        found.append(stories.c.is_relevant)
    if question.since is not None:
        found.append(stories.c.sorted_at >= question.since)
    if question.until is not None:
        found.append(stories.c.sorted_at < question.until)
    if question.source:
        source = storable(question.source[:_MAX_SOURCE_CHARS])
        named = or_(
            items.c.source_id == source,
            items.c.site_name.icontains(source, autoescape=True),
            items.c.source_name.icontains(source, autoescape=True),
        )
        found.append(stories.c.id.in_(select(items.c.story_id).where(named)))
    return found
