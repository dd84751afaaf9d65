"""A Question as conditions on the table of stories: the one place that says which stories it means."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, exists, false, func, not_, or_, select

from archive.reading import MAX_KEYS, conditions, lies_within
from archive.records import FeedQuery, Question
from archive.schema import items, sources, stories, story_regions
from archive.search import search_index
from archive.search.narrowing import facts_of, with_facets
from archive.search.whose import OF, OF_MANY, borne_by, of_kind, of_source, put_as_borne
from crawler.text.asked import read_query
from crawler.text.query import (
    EVERYTHING,
    NOTHING,
    All,
    AnyOf,
    Expression,
    Field,
    Not,
    Phrase,
    conjuncts,
    has_fields,
    joined,
    leaves,
)


def wanted(connection: Connection, question: Question, *, are_few: bool = False) -> list[ColumnElement[bool]] | None:
    """What a story must fulfil; None where its words ask for nothing that a text could hold, so that none does.

    `are_few` as in archive/reading.py: then each text is looked at, instead of the index.
    """
    if not are_few:
        question = readied(connection, question)
    words = words_of(question)
    if words is None:
        return None
    if words == EVERYTHING:
        return filters(question, are_few=are_few)
    if are_few:
        return [*filters(question, are_few=True), _has_item(holds(connection, words, are_few=True), are_few=True)]
    # the fewer the index finds, the fewer items are looked up for their stories
    told = replace(question, query=FeedQuery(sources=question.query.sources), pair=None, relevant_only=False)
    words = joined((words, *facts_of(question)))
    is_one_by_one = are_of_few(connection, question)
    is_compared = is_one_by_one or search_index.finds_many(connection, with_facets(words))
    found = holds(connection, words, number=items.c.id + 0 if is_compared else items.c.id)
    return [*filters(told), _has_item(found, are_few=is_one_by_one)]


def are_of_few(connection: Connection, question: Question) -> bool:
    """True where the question is of sources, looked up, that have few items, so that each of their stories is asked.

    PostgreSQL would make the tokens of each anew, in place of asking its index once; it is not asked so for words.
    """
    is_of_few = any(isinstance(part, Field) and part.name == OF for part in conjuncts(_expression(question)))
    return is_of_few and (connection.dialect.name == "sqlite" or words_of(question) == EVERYTHING)


def readied(connection: Connection, question: Question) -> Question:
    """The same question, with what is asked of sources looked up: else each item is asked what it is called."""
    return put_as_borne(connection, question, _expression(question))


def filters(question: Question, *, are_few: bool = False) -> list[ColumnElement[bool]]:
    """All that a question asks of a story as a whole: everything but what its texts must hold."""
    found: list[Any] = conditions(question.query, are_few=are_few)
    if question.pair is not None:
        found += [_has_region(adcodes, are_few) for adcodes in question.pair]
    if question.relevant_only:
        found.append(stories.c.is_relevant)
    if question.since is not None:
        found.append(stories.c.sorted_at >= question.since)
    if question.until is not None:
        found.append(stories.c.sorted_at < question.until)
    if question.source:
        found.append(_has_source(question.source, are_few))
    if question.kind:
        found.append(_has_kind(question.kind, are_few))
    return found + [_of_story(part, are_few) for part in asked_of_story(question)]


def asked_of_story(question: Question) -> tuple[Expression, ...]:
    """What the question's own expression asks of a story as a whole, each part by itself; all of them must hold."""
    return tuple(part for part in conjuncts(_expression(question)) if _is_of_story(part))


def words_of(question: Question) -> Expression | None:
    """What one member of a story must hold; EVERYTHING where no words were asked for, None where no text could."""
    parts = tuple(part for part in conjuncts(_expression(question)) if not _is_of_story(part))
    return None if NOTHING in conjuncts(_expression(question)) else joined(parts)


def holds(
    connection: Connection, words: Expression, *, are_few: bool = False, number: ColumnElement[int] = items.c.id
) -> ColumnElement[bool]:
    """The condition on `items` that one holds `words`, in which fields of its story may stand.

    `number` as of search_index.holds.
    """
    in_text = search_index.seen if are_few else partial(search_index.holds, number=number)
    if not are_few:
        words = with_facets(words)
    if not has_fields(words):
        return in_text(connection, words)
    match words:
        case Field():
            if are_few:
                return exists().where(stories.c.id == items.c.story_id, _of_field(words, are_few)).correlate(items)
            return items.c.story_id.in_(select(stories.c.id).where(_of_field(words)))
        case Not(part):
            return not_(holds(connection, part, are_few=are_few, number=number))
        case AnyOf(parts):
            return or_(false(), *(holds(connection, part, are_few=are_few, number=number) for part in parts))
        case All(parts):
            texts = tuple(part for part in parts if not has_fields(part))
            mixed = tuple(part for part in parts if has_fields(part))
            each = (*mixed, *((joined(texts),) if texts else ()))
            return and_(*(holds(connection, part, are_few=are_few, number=number) for part in each))
        case Phrase():
            return in_text(connection, words)


def _expression(question: Question) -> Expression:
    if question.expression is not None:
        return question.expression
    return read_query(question.words).expression or EVERYTHING


def _is_of_story(part: Expression) -> bool:
    """True for what asks nothing of a text."""
    found = list(leaves(part))
    return bool(found) and all(isinstance(leaf, Field) for leaf in found)


def _of_story(part: Expression, are_few: bool = False) -> ColumnElement[bool]:
    match part:
        case Field():
            return _of_field(part, are_few)
        case Not(other):
            return not_(_of_story(other, are_few))
        case All(parts):
            return and_(*(_of_story(one, are_few) for one in parts))
        case AnyOf(parts):
            return or_(false(), *(_of_story(one, are_few) for one in parts))
        case Phrase():
            return false()


def _of_field(field: Field, are_few: bool = False) -> ColumnElement[bool]:
    """The condition on `stories` of a field whose values are the archive's own; false where they are not."""
    match field.name:
        case "region":
            return _has_region(field.values, are_few)
        case "pair":
            return and_(*(_has_region(tuple(end.split(",")), are_few) for end in field.values))
        case "within":
            return _has_pair_within(field.values[:MAX_KEYS])
        case "undated":
            return stories.c.published_at.is_(None)
        case "zone":
            return and_(*conditions(FeedQuery(zones=field.values), are_few=are_few))
        case "topic":
            return and_(*conditions(FeedQuery(topics=field.values), are_few=are_few))
        case "source":
            return or_(*(_has_source(value, are_few) for value in field.values))
        case "kind":
            return or_(*(_has_kind(value, are_few) for value in field.values))
        case _ if field.name in (OF, OF_MANY):
            return _bears(field, are_few)
        case "since" | "until":
            try:
                moment = datetime.fromisoformat(field.values[0])
            except ValueError:
                return false()
            if moment.tzinfo is None:
                return false()
            return stories.c.sorted_at >= moment if field.name == "since" else stories.c.sorted_at < moment
    return false()


def _has_region(adcodes: tuple[str, ...], are_few: bool) -> ColumnElement[bool]:
    return and_(*conditions(FeedQuery(adcodes=adcodes), are_few=are_few))


def _has_pair_within(adcodes: tuple[str, ...]) -> ColumnElement[bool]:
    """Two parties within these regions that are a pair."""
    one, other = story_regions.alias("one"), story_regions.alias("other")
    ends = (lies_within(end.c.adcode, adcodes) for end in (one, other))
    both = one.join(other, and_(other.c.story_id == one.c.story_id, are_pair(one, other)))
    return exists().select_from(both).where(one.c.story_id == stories.c.id, *ends).correlate(stories)


def are_pair(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Two codes, the smaller first, neither of which lies within the other: the wider one is the smaller."""
    holds = or_(
        and_(one.c.adcode.endswith("0000"), func.substr(one.c.adcode, 1, 2) == func.substr(other.c.adcode, 1, 2)),
        and_(one.c.adcode.endswith("00"), func.substr(one.c.adcode, 1, 4) == func.substr(other.c.adcode, 1, 4)),
    )
    return and_(other.c.adcode > one.c.adcode, not_(holds))


def _has_source(source: str, are_few: bool) -> ColumnElement[bool]:
    return _has_item(of_source(source, items.c.source_id, items.c.site_name, items.c.source_name), are_few=are_few)


def _has_kind(kind: str, are_few: bool) -> ColumnElement[bool]:
    return _has_item(items.c.source_id.in_(select(sources.c.source_id).where(of_kind(kind))), are_few=are_few)


def _bears(field: Field, are_few: bool) -> ColumnElement[bool]:
    if field.name == OF_MANY:
        return _has_item(borne_by(field.values), are_few=True)
    found = select(items.c.story_id).where(borne_by(field.values)).correlate(None)
    # SQLite would look each of these stories up with each item that the index found
    return (stories.c.id + 0 if are_few else stories.c.id).in_(found)


def _has_item(condition: ColumnElement[bool], *, are_few: bool) -> ColumnElement[bool]:
    # any of the story's items, also within a query that is about items itself
    if are_few:
        return exists().where(items.c.story_id == stories.c.id, condition).correlate(stories)
    return stories.c.id.in_(select(items.c.story_id).where(condition).correlate(None))
