"""A Question as conditions on the table of stories: the one place that says which stories it means."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, false, not_, or_, select

from archive.reading import conditions
from archive.records import FeedQuery, Question
from archive.schema import items, sources, storable, stories
from archive.search import search_index
from archive.search.narrowing import with_facets
from crawler.text.asked import read_query
from crawler.text.characters import written_forms
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

_MAX_VALUE_CHARS = 200


def wanted(connection: Connection, question: Question, *, are_few: bool = False) -> list[ColumnElement[bool]] | None:
    """What a story must fulfil; None where its words ask for nothing that a text could hold, so that none does.

    `are_few` as in archive/reading.py: then each text is looked at, instead of the index.
    """
    words = words_of(question)
    if words is None:
        return None
    found = filters(question, are_few=are_few)
    if words != EVERYTHING:
        found.append(_has_item(holds(connection, words, are_few=are_few), are_few=are_few))
    return found


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


def holds(connection: Connection, words: Expression, *, are_few: bool = False) -> ColumnElement[bool]:
    """The condition on `items` that one holds `words`, in which fields of its story may stand."""
    in_text = search_index.seen if are_few else search_index.holds
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
            return not_(holds(connection, part, are_few=are_few))
        case AnyOf(parts):
            return or_(false(), *(holds(connection, part, are_few=are_few) for part in parts))
        case All(parts):
            texts = tuple(part for part in parts if not has_fields(part))
            mixed = tuple(part for part in parts if has_fields(part))
            each = (*mixed, *((joined(texts),) if texts else ()))
            return and_(*(holds(connection, part, are_few=are_few) for part in each))
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
        case "zone":
            return and_(*conditions(FeedQuery(zones=field.values), are_few=are_few))
        case "topic":
            return and_(*conditions(FeedQuery(topics=field.values), are_few=are_few))
        case "source":
            return or_(*(_has_source(value, are_few) for value in field.values))
        case "kind":
            return or_(*(_has_kind(value, are_few) for value in field.values))
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


def _has_source(source: str, are_few: bool) -> ColumnElement[bool]:
    source = storable(source[:_MAX_VALUE_CHARS])
    columns = (items.c.site_name, items.c.source_name)
    written = [column.icontains(name, autoescape=True) for column in columns for name in written_forms(source)]
    return _has_item(or_(items.c.source_id == source, *written), are_few=are_few)


def _has_kind(kind: str, are_few: bool) -> ColumnElement[bool]:
    kind = storable(kind[:_MAX_VALUE_CHARS])
    # "gov" takes in "gov-hrss"
    of_kind = or_(sources.c.kind == kind, sources.c.kind.startswith(f"{kind}-", autoescape=True))
    return _has_item(items.c.source_id.in_(select(sources.c.source_id).where(of_kind)), are_few=are_few)


def _has_item(condition: ColumnElement[bool], *, are_few: bool) -> ColumnElement[bool]:
    # any of the story's items, also within a query that is about items itself
    if are_few:
        return exists().where(items.c.story_id == stories.c.id, condition).correlate(stories)
    return stories.c.id.in_(select(items.c.story_id).where(condition).correlate(None))
