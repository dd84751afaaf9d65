"""The newest stories that a question means: from the index, span of days by span of days, until enough are found.

A word of two characters may stand in a third of all texts: to collect all of them, only to show the newest twenty,
takes longer than to read those. A span of days is part of what the index is asked, and costs what it holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, tuple_

from archive import facets, search_index
from archive.questions import asked_of_story, filters, holds
from archive.reading import NEWEST_FIRST
from archive.records import Cursor, FeedQuery, Question
from archive.schema import items, stories
from crawler.text.query import EVERYTHING, All, AnyOf, Expression, Field, Phrase, has_fields, joined

# The first span has as many stories, the second so many times more; where that gives too few, so few are left to come
# that all of them are collected.
_FIRST_STORIES, _TIMES = 1000, (1, 16)


def find(
    connection: Connection,
    question: Question,
    expression: Expression | None,
    *,
    limit: int,
    after: Cursor | None = None,
    offset: int = 0,
) -> list[tuple[int, int]]:
    """Stories that the question means and of which a member holds the expression, the newest first, behind `after`.

    For each its id and that of its first member that holds the expression; without one, of the member shown.
    """
    words = None if expression == EVERYTHING else expression
    # what is asked of stories beside the words: of the index as far as it knows, the rest of the database
    wanted = [_facets(part) for part in asked_of_story(question)]
    rest = tuple(part for part, known in zip(asked_of_story(question), wanted, strict=True) if known is None)
    asked = [*_of_query(question), *(known for known in wanted if known is not None)]
    conditions = filters(
        replace(
            question,
            words="",
            expression=joined(rest),
            query=FeedQuery(sources=question.query.sources),
            pair=None,
            relevant_only=False,
        )
    )
    if after is not None:
        conditions.append(tuple_(stories.c.sorted_at, stories.c.id) < (after.sorted_at, after.id))
    if words is None and not asked:
        flags = [stories.c.is_relevant] if question.relevant_only else []
        plain = select(stories.c.id, stories.c.text_item_id).where(*flags, *conditions).order_by(*NEWEST_FIRST)
        return [(row.id, row.text_item_id) for row in connection.execute(plain.limit(limit).offset(offset))]
    if words is not None:
        if (known := search_index.narrowed(words)) is not None:
            asked.append(known)
        if has_fields(words):
            conditions.append(holds(connection, words))
        elif not search_index.is_exact(words):
            conditions.append(search_index.seen(connection, words))
    if question.relevant_only:
        asked.append(Phrase((facets.RELEVANT,)))
    item_id = stories.c.text_item_id if words is None else func.min(items.c.id)
    shown = select(stories.c.id, item_id.label("item_id")).join_from(items, stories, items.c.story_id == stories.c.id)
    shown = shown.where(*conditions).group_by(stories.c.id).order_by(*NEWEST_FIRST)
    found: list[tuple[int, int]] = []
    for before, days in _spans(connection, question, after):
        here = shown.limit(limit + offset - len(found))
        matching = asked if days is None else [*asked, days]
        if days is None and before is not None:
            here = here.where(stories.c.sorted_at < before)
        if matching:
            here = here.where(_matches(connection, All(tuple(matching))))
        found += [(row.id, row.item_id) for row in connection.execute(here)]
        if len(found) >= limit + offset:
            break
    return found[offset : offset + limit]


def _matches(connection: Connection, asked: Expression) -> ColumnElement[bool]:
    if connection.dialect.name == "postgresql":
        return search_index.matches(items, asked)
    return items.c.id.in_(search_index.found_by(connection, asked))


def _spans(
    connection: Connection, question: Question, after: Cursor | None
) -> Iterator[tuple[datetime | None, Expression | None]]:
    """Spans of days, the newest first: the time each ends before, and its days as tokens; last all that is left.

    Each is as long as some stories take there, so many times over: a date that a site has mistaken for 2099 is no span
    of its own, and makes none long but its own.
    """
    last = min(
        (facets.day_of(one) for one in (question.until, after and after.sorted_at) if one), default=facets.LAST_DAY
    )
    first = 1 if question.since is None else facets.day_of(question.since)
    for times in _TIMES:
        newest = _newest(connection, last, relevant_only=question.relevant_only)
        if newest is None or newest[0] < first:
            return
        if newest[1] is None:
            break
        last, start = newest[0], max(first, newest[0] - times * (newest[0] - newest[1] + 1) + 1)
        yield facets.start_of(last + 1), facets.of_days(start, last)
        last = start - 1
    if last >= first:
        yield None if last == facets.LAST_DAY else facets.start_of(last + 1), None


def _newest(connection: Connection, last: int, *, relevant_only: bool) -> tuple[int, int | None] | None:
    """The day of the newest story up to the day `last`, and of the one that is so many older; None: there is none."""
    asked = select(stories.c.sorted_at).order_by(stories.c.sorted_at.desc()).limit(1)
    if relevant_only:
        asked = asked.where(stories.c.is_relevant)
    if last < facets.LAST_DAY:
        asked = asked.where(stories.c.sorted_at < facets.start_of(last + 1))
    both = select(asked.scalar_subquery(), asked.offset(_FIRST_STORIES).scalar_subquery())
    newest, older = connection.execute(both).one()
    return None if newest is None else (facets.day_of(newest), None if older is None else facets.day_of(older))


def _of_query(question: Question) -> Iterator[Expression]:
    query = question.query
    groups: list[tuple[str, Any]] = [("zone", query.zones), ("region", query.adcodes), ("topic", query.topics)]
    groups += [("region", adcodes) for adcodes in question.pair or ()]
    yield from (facets.of_keys(name, values) for name, values in groups if values)


def _facets(part: Expression) -> Expression | None:
    """What is asked of a story, in tokens; None where the index does not know."""
    match part:
        case Field("pair", values):
            return All(tuple(facets.of_keys("region", end.split(",")) for end in values))
        case Field("region" | "zone" | "topic", values):
            return facets.of_keys(part.name, values)
        case All(parts) | AnyOf(parts) if parts:
            known = [_facets(one) for one in parts]
            return None if None in known else type(part)(tuple(one for one in known if one is not None))
    return None
