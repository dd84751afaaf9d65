"""The search index of items, in the same transaction as the data; each database has its own table `item_search`.

SQLite: FTS5 over single characters; its own text is not kept, so an entry is removed by handing in what was put there.
PostgreSQL: pairs of neighbouring tokens as lexemes of tsvectors under a GIN index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from sqlalchemy import ColumnElement, Connection, and_, cast, column, delete, select, table, text
from sqlalchemy.dialects.postgresql import TSQUERY

from archive.schema import items
from crawler.text.tokens import fts_query, is_character, token_string, tokens_of

_ADD = text("INSERT INTO item_search (rowid, title, body) VALUES (:item_id, :title, :body)")
_REMOVE = text("INSERT INTO item_search (item_search, rowid, title, body) VALUES ('delete', :item_id, :title, :body)")
_ADD_PART = text("INSERT INTO item_search (item_id, part, pairs) VALUES (:item_id, :part, CAST(:pairs AS tsvector))")
_MAX_CHARS = 500_000  # of one text; what follows in a text of megabytes is tables
# A tsvector holds a megabyte, positions up to 16383, and 256 of them for a lexeme: a long text is indexed in parts.
_PART_TOKENS = 1500
_OVERLAP_TOKENS = 64  # as many as the longest phrase of a query has, so that none is cut in two
_fts = table("item_search", column("rowid"), column("item_search"))
_parts = table("item_search", column("item_id"), column("pairs"))


def add(connection: Connection, item_id: int, folded_title: str, folded_body: str) -> None:
    """Make an item findable by its folded title and body."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ADD_PART, list(_rows(item_id, folded_title, folded_body)))
    else:
        connection.execute(_ADD, _tokens(item_id, folded_title, folded_body))


def remove(connection: Connection, item_id: int, folded_title: str, folded_body: str) -> None:
    """Take an item out of the index; the texts must be those it was added with."""
    if connection.dialect.name == "postgresql":
        connection.execute(delete(_parts).where(_parts.c.item_id == item_id))
    else:
        connection.execute(_REMOVE, _tokens(item_id, folded_title, folded_body))


def holds(connection: Connection, words: Sequence[Sequence[str]]) -> ColumnElement[bool]:
    """The condition on `items` that one holds all `words`, each the tokens of a phrase, side by side in one field."""
    if connection.dialect.name == "postgresql":
        having = (_parts.c.pairs.op("@@")(cast(_phrase(word), TSQUERY)) for word in words)
        return and_(*(items.c.id.in_(select(_parts.c.item_id).where(one)) for one in having))
    return items.c.id.in_(select(_fts.c.rowid).where(_fts.c.item_search.op("MATCH")(fts_query(words))))


def _tokens(item_id: int, folded_title: str, folded_body: str) -> dict[str, int | str]:
    return {
        "item_id": item_id,
        "title": token_string(folded_title),
        "body": token_string(folded_body[:_MAX_CHARS]),
    }


def _rows(item_id: int, folded_title: str, folded_body: str) -> Iterator[dict[str, int | str]]:
    """The rows of a text: its title, and its body in parts that overlap."""
    title, body = tokens_of(folded_title), tokens_of(folded_body[:_MAX_CHARS])
    cuts = [title[:_PART_TOKENS]]
    cuts += [body[at : at + _PART_TOKENS + _OVERLAP_TOKENS] for at in range(0, len(body), _PART_TOKENS)]
    for part, tokens in enumerate(cuts):
        yield {"item_id": item_id, "part": part, "pairs": _vector(tokens)}


def _vector(tokens: Sequence[str]) -> str:
    """["川", "渝", "rcep"] as a tsvector: '川渝':1 '渝rcep':2 'rcep':3. Tokens hold neither quote nor backslash."""
    return " ".join(f"'{pair}':{place}" for place, pair in enumerate(_pairs(tokens), start=1))


def _pairs(tokens: Sequence[str]) -> Iterator[str]:
    """Each token with the one that follows it; the last by itself."""
    for token, following in zip_longest(tokens, tokens[1:], fillvalue=""):
        # a character is always a token, so that nothing need stand after it
        yield token + following if is_character(token) or not following else f"{token} {following}"


def _phrase(word: Sequence[str]) -> str:
    """A word as a tsquery: its pairs side by side, or whatever begins with the one token it has."""
    if len(word) > 1:
        return " <-> ".join(f"'{pair}'" for pair in list(_pairs(word))[:-1])
    return f"'{word[0]}':*" if is_character(word[0]) else f"'{word[0]}' | '{word[0]} ':*"
