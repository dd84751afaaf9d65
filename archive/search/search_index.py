"""The search index of items, in the same transaction as the data: the same tokens on both databases.

Tokens of the text are its characters, its other words, and its pairs of characters; those of the title once more as the
title's; and the facts of the story (facets.py). SQLite: FTS5 without places and without a text of its own, so that an
entry is removed by handing in what was put there. PostgreSQL: GIN over what a function makes of the row; nothing is
stored but the index. What the index cannot tell (a phrase of three characters) is seen from the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    cast,
    column,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    table,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from archive.schema import items
from archive.search.narrowing import TITLE, Words, is_exact, is_told, narrowed, rendered
from archive.search.phrase_patterns import loose, sure
from crawler.text.indexed import index_tokens
from crawler.text.query import All, AnyOf, Expression, Field, Not, Phrase, conjuncts
from crawler.text.tokens import is_character

MAX_CHARS = 80_000  # of a text: PostgreSQL takes a megabyte of tokens; what follows in a longer text is tables
_MANY = 2000  # items: to look up their rows takes as long as to go through that index
_FTS5 = Words(quote='"', both=" AND ", either=" OR ", but_not=" NOT ")
_TSQUERY = Words(quote="'", both=" & ", either=" | ", but_not=" & !")
_ADD = text("INSERT INTO item_search (rowid, tokens) VALUES (:item_id, :tokens)")
_REMOVE = text("INSERT INTO item_search (item_search, rowid, tokens) VALUES ('delete', :item_id, :tokens)")
_GATHER = text("INSERT INTO item_search (item_search) VALUES ('optimize')")
_FIRST = text("SELECT rowid FROM item_search WHERE item_search MATCH :asked LIMIT :number")
_fts = table("item_search", column("rowid"), column("item_search"))


def file_story(connection: Connection, story_id: int, facets: str) -> None:
    """Let the members of a story be found by their texts and by `facets`, where they are not yet."""
    filed = items.c.search_facets
    stale = select(items.c.id).where(items.c.story_id == story_id, or_(filed.is_(None), filed != facets))
    refile(connection, dict.fromkeys(connection.execute(stale).scalars().all(), facets))


def refile(connection: Connection, filed: Mapping[int, str]) -> None:
    """Let items be found by their texts and by the facets that `filed` has for their numbers, no more by others."""
    if not filed:
        return
    if connection.dialect.name == "sqlite":
        held = select(items.c.folded_title, items.c.folded_body, items.c.search_facets)
        for item_id, facets in filed.items():
            title, body, before = connection.execute(held.where(items.c.id == item_id)).one()
            tokens = _text_tokens(title, body)
            if before is not None:
                connection.execute(_REMOVE, _entry(item_id, tokens, before))
            connection.execute(_ADD, _entry(item_id, tokens, facets))
    filing = update(items).where(items.c.id == bindparam("item_id")).values(search_facets=bindparam("facets"))
    connection.execute(filing, [{"item_id": item_id, "facets": facets} for item_id, facets in filed.items()])


def add(connection: Connection, rows: Iterable[Any]) -> None:
    """Put rows of `items` into the index that are filed already, as a copy of an archive has them."""
    if connection.dialect.name == "sqlite":
        entries = [
            _entry(row.id, _text_tokens(row.folded_title, row.folded_body), row.search_facets)
            for row in rows
            if row.search_facets is not None
        ]
        if entries:
            connection.execute(_ADD, entries)


def remove(connection: Connection, item_id: int, folded_title: str, folded_body: str) -> None:
    """Take an item out of the index until it is filed anew; the texts must be those it was filed with."""
    filed = connection.execute(select(items.c.search_facets).where(items.c.id == item_id)).scalar_one()
    if filed is None:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(_REMOVE, _entry(item_id, _text_tokens(folded_title, folded_body), filed))
    connection.execute(update(items).where(items.c.id == item_id).values(search_facets=None))


def gather(connection: Connection) -> None:
    """Make one part of those in which SQLite's index grew: each is looked into for every token that is asked for.

    By itself it comes to some twenty of them; 500,000 items are gathered in half a minute.
    """
    connection.execute(_GATHER)


def holds(
    connection: Connection, expression: Expression, number: ColumnElement[int] = items.c.id
) -> ColumnElement[bool]:
    """The condition on `items` that one holds the expression. A phrase stands in one field, its tokens side by side.

    `number` is theirs; as a sum with nothing, what the index finds is only compared with it, and not looked up.
    """
    asked = narrowed(expression)
    if asked is None:
        return true() if expression == All(()) else _checked(connection, expression)
    rest = [part for part in conjuncts(expression) if not is_told(part, is_beside=True)]
    return and_(number.in_(found_by(connection, asked)), *(_checked(connection, part) for part in rest))


def finds_many(connection: Connection, expression: Expression) -> bool:
    """True where SQLite's index tells all of it, and of so many items that their rows are better left alone.

    Whose member an item is stands far back in its row, behind its texts; the index of items by story says it, too.
    """
    asked = narrowed(expression)
    if asked is None or connection.dialect.name != "sqlite" or not is_exact(expression):
        return False
    return len(first_of(connection, asked, _MANY + 1)) > _MANY


def found_by(connection: Connection, asked: Expression) -> Any:
    """The numbers of the items that hold index tokens, as a query; each phrase of `asked` is one token."""
    if connection.dialect.name == "sqlite":
        return select(_fts.c.rowid).where(_fts.c.item_search.op("MATCH")(written(connection, asked)))
    return select(_own.c.id).where(_matches(_own, literal(written(connection, asked))))


def first_of(connection: Connection, asked: Expression, number: int) -> Sequence[int]:
    """The numbers of items that SQLite's index finds, at most so many."""
    return connection.execute(_FIRST, {"asked": written(connection, asked), "number": number}).scalars().all()


def written(connection: Connection, asked: Expression) -> str:
    """An expression of tokens in the words of the database's index."""
    return rendered(asked, _FTS5 if connection.dialect.name == "sqlite" else _TSQUERY)


def _matches(of: Any, asked: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition on PostgreSQL's `items` that its index answers."""
    tokens = func.search_tokens(of.c.folded_title, of.c.folded_body, of.c.search_facets)
    return and_(of.c.search_facets.is_not(None), tokens.op("@@")(cast(asked, TSQUERY)))


_own = items.alias("own")
# The condition on `items` that the index finds what is `written` as the parameter "asked", made once: to make it anew
# takes as long as the answer.
FOUND: Mapping[str, ColumnElement[bool]] = {
    "sqlite": items.c.id.in_(
        select(_fts.c.rowid).where(_fts.c.item_search.op("MATCH")(bindparam("asked", type_=Text)))
    ),
    "postgresql": _matches(items, bindparam("asked", type_=Text)),
}


def seen(connection: Connection, expression: Expression) -> ColumnElement[bool]:
    """The condition on `items` that the text itself holds the expression: dear, for a few."""
    match expression:
        case Phrase(tokens, is_title):
            if not tokens:
                return true()
            found = [_in_text(connection, items.c.folded_title, tokens)]
            if not is_title:
                found.append(_in_text(connection, func.substr(items.c.folded_body, 1, MAX_CHARS), tokens))
            return or_(*found)
        case Not(part):
            return not_(seen(connection, part))
        case All(parts):
            return and_(true(), *(seen(connection, part) for part in parts))
        case AnyOf(parts):
            return or_(false(), *(seen(connection, part) for part in parts))
        case Field():
            raise TypeError(expression)


def _checked(connection: Connection, expression: Expression) -> ColumnElement[bool]:
    """The same, with the index's help for what it tells exactly."""
    match expression:
        case Not(part):
            return not_(_checked(connection, part))
        case All(parts):
            return and_(true(), *(_checked(connection, part) for part in parts))
        case AnyOf(parts):
            return or_(false(), *(_checked(connection, part) for part in parts))
        case _:
            asked = narrowed(expression)
            found = true() if asked is None else items.c.id.in_(found_by(connection, asked))
            return found if is_exact(expression) else and_(found, seen(connection, expression))


def _in_text(connection: Connection, of: Any, tokens: Sequence[str]) -> ColumnElement[bool]:
    position = func.strpos if connection.dialect.name == "postgresql" else func.instr
    # most phrases stand in the text as they are; the rest have a mark or a line's end within: 川、渝
    as_it_is = position(of, "".join(tokens)) > 0 if all(map(is_character, tokens)) else of.regexp_match(sure(tokens))
    in_line = position(func.search_line(of), f" {' '.join(tokens)} ") > 0
    return or_(as_it_is, and_(of.regexp_match(loose(tokens)), in_line))


def _entry(item_id: int, text_tokens: str, facets: str) -> dict[str, int | str]:
    return {"item_id": item_id, "tokens": f"{text_tokens} {facets}"}


def _text_tokens(folded_title: str, folded_body: str) -> str:
    title = index_tokens(folded_title[:MAX_CHARS])
    return " ".join(title | index_tokens(folded_body[:MAX_CHARS]) | {f"{TITLE}{token}" for token in title})
