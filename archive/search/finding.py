"""The newest stories that a question means: from the index, span of days by span of days, until enough are found.

A word of two characters may stand in a third of all texts: to collect all of them, only to show the newest twenty,
takes longer than to read those. A span of days is part of what the index is asked, and costs what it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from math import ceil
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    TextualSelect,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    true,
    tuple_,
)

from archive.database.prepared import prepared
from archive.reading import NEWEST_FIRST
from archive.records import Cursor, FeedQuery, Question
from archive.schema import items, stories
from archive.search import facets, search_index
from archive.search.narrowing import facts_of, is_told, narrowed, with_facets
from archive.search.questions import asked_of_story, filters, holds
from crawler.text.query import EVERYTHING, Expression, Phrase, conjuncts, joined

_FIRST_STORIES = 1000  # of the first span
_TELLING = 4  # so many found tell how long a span holds what is missing; of what gives fewer, all of it is few
_AMPLE = 1.5  # times what is missing is aimed at
_FEW = 200  # items whose own rows are asked for everything else
_NONE = literal_column("0", Integer)  # SQLite is told an offset always, and a prepared one needs a name


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
    words = () if expression is None else conjuncts(expression)
    of_story, end = asked_of_story(question), limit + offset
    plain = replace(question, words="", expression=joined(of_story))
    behind = [] if after is None else [tuple_(stories.c.sorted_at, stories.c.id) < (after.sorted_at, after.id)]
    asked = narrowed(joined((*facts_of(question), *map(with_facets, (*of_story, *words)))))
    if not words and asked in (None, Phrase((facets.RELEVANT,))):
        shown = select(stories.c.id, stories.c.text_item_id).where(*filters(plain), *behind).order_by(*NEWEST_FIRST)
        return [(row.id, row.text_item_id) for row in connection.execute(shown.limit(limit).offset(offset))]
    unseen = [part for part in words if not is_told(with_facets(part), is_beside=asked is not None)]
    behind += [holds(connection, part, are_few=narrowed(with_facets(part)) is not None) for part in unseen]
    # what the index does not know of a story is asked of those that it finds
    rest = tuple(part for part in of_story if not is_told(with_facets(part), is_beside=asked is not None))
    query = FeedQuery(sources=question.query.sources)
    others = filters(replace(plain, expression=joined(rest), query=query, pair=None, relevant_only=False), are_few=True)
    found: list[tuple[int, int]] = []

    def missing() -> int:
        return end - len(found)

    for before, days in _spans(connection, question, after, missing):
        few = _few(connection, words) if days is None else None
        matching = joined(tuple(one for one in (asked, days) if one is not None)) if few is None else EVERYTHING
        is_rest = days is None and before is not None
        given: dict[str, Any] = {"missing": missing()}
        if is_rest:
            given["before"] = before
        if matching != EVERYTHING:
            given["asked"] = search_index.written(connection, matching)
        form = _Form(bool(words), matching != EVERYTHING, is_rest)
        here = [*behind, *others]
        if few is not None:
            here = [*behind, items.c.id.in_(few), *filters(replace(plain, relevant_only=False), are_few=True)]
            if question.relevant_only:
                here.append(stories.c.is_relevant.is_not(False))  # SQLite would take its index for ten stories
        dialect = connection.dialect.name
        rows = connection.execute(_shown(form, dialect, here) if here else _prepared(form, dialect), given)
        found += [(row.id, row.item_id) for row in rows]
    return found[offset:]


class _Form(NamedTuple):
    """What the statement for a span has in it; made once for each, as to make it anew takes as long as the answer."""

    has_words: bool
    is_indexed: bool  # asks the index for what is `asked`
    is_rest: bool  # of the stories from `before` on


def _shown(form: _Form, dialect: str, beside: Sequence[ColumnElement[bool]] = ()) -> Select[Any]:
    asked = [stories.c.id == items.c.story_id, *beside]
    if form.is_rest:
        asked.append(stories.c.sorted_at < bindparam("before"))
    story: Any = stories
    if dialect == "postgresql":
        # The stories of what the index finds, one by one: there is no better way, and other ways to join are not even
        # looked for in what has an offset, which takes a tenth of a millisecond.
        columns = (stories.c.id, stories.c.sorted_at, stories.c.text_item_id)
        story = select(*columns).where(*asked).correlate(items).offset(_NONE).lateral("story")
        asked = [true()]
    member = func.min(items.c.id if form.has_words else story.c.text_item_id)
    shown = select(story.c.id, member.label("item_id")).join_from(items, story, and_(*asked))
    if form.is_indexed:
        shown = shown.where(search_index.FOUND[dialect])
    shown = shown.group_by(story.c.id, story.c.sorted_at)
    newest_first = (story.c.sorted_at.desc(), story.c.id.desc())
    return shown.order_by(*newest_first).limit(bindparam("missing", type_=Integer)).offset(_NONE)


@cache
def _prepared(form: _Form, dialect: str) -> TextualSelect:
    return prepared(_shown(form, dialect), dialect)


def _few(connection: Connection, words: Sequence[Expression]) -> Sequence[int] | None:
    """The items that have the words, where they are few and that is soon seen."""
    asked = narrowed(joined(tuple(map(with_facets, words)))) if words else None
    # PostgreSQL collects all that its index holds before it hands out the first
    if asked is None or connection.dialect.name != "sqlite":
        return None
    found = search_index.first_of(connection, asked, _FEW + 1)
    return found if len(found) <= _FEW else None


def _spans(
    connection: Connection, question: Question, after: Cursor | None, missing: Callable[[], int]
) -> Iterator[tuple[datetime | None, Expression | None]]:
    """Spans of days, the newest first: the time each ends before, and its days as tokens; last all that is left.

    Each is as long as some stories take there, so many times over: a date that a site has mistaken for 2099 is no span
    of its own, and makes none long but its own. It ends when none are missing.
    """
    last = min(
        (facets.day_of(one) for one in (question.until, after and after.sorted_at) if one), default=facets.LAST_DAY
    )
    first = 1 if question.since is None else facets.day_of(question.since)
    is_newest = question.until is None and after is None  # then nothing is newer, and a block of days is one token
    times = 1
    while times > 0 and (before := missing()) > 0:
        newest = _newest(connection, last, relevant_only=question.relevant_only)
        if newest is None or newest[0] < first:
            return
        if newest[1] is None:
            break
        last, length = newest[0], times * (newest[0] - newest[1] + 1)
        start = last - length + 1
        # a little shorter or longer, and some tokens fewer: each is looked up by itself
        if (later := facets.block_end(start - 1) + 1) - start <= length // 4:
            start = later
        elif start - (earlier := facets.block_start(start)) <= length // 2:
            start = earlier
        start = max(first, start)
        end = facets.block_end(last) if is_newest else last
        yield facets.start_of(last + 1), facets.of_days(start, end, relevant_only=question.relevant_only)
        last, is_newest = start - 1, False
        if last < first:
            return
        held = before - missing()
        times = ceil(_AMPLE * times * missing() / held) if held >= _TELLING else 0
    if missing() > 0 and last >= first:
        yield None if last == facets.LAST_DAY else facets.start_of(last + 1), None


def _newest(connection: Connection, last: int, *, relevant_only: bool) -> tuple[int, int | None] | None:
    """The day of the newest story up to the day `last`, and of the one that is so many older; None: there is none."""
    asked = _newest_two(connection.dialect.name, relevant_only=relevant_only)
    newest, older = connection.execute(asked, {"end": facets.end_of(last)}).one()
    return None if newest is None else (facets.day_of(newest), None if older is None else facets.day_of(older))


@cache
def _newest_two(dialect: str, *, relevant_only: bool) -> TextualSelect:
    one = select(stories.c.sorted_at).where(stories.c.sorted_at <= bindparam("end"))
    if relevant_only:
        one = one.where(stories.c.is_relevant)
    one = one.order_by(stories.c.sorted_at.desc()).limit(literal_column("1", Integer)).offset(_NONE)
    older = one.offset(literal_column(str(_FIRST_STORIES), Integer))  # as a parameter it would be planned for each time
    return prepared(select(one.scalar_subquery().label("newest"), older.scalar_subquery().label("older")), dialect)
