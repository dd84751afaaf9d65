"""The search index as words, characters, pairs of characters and facts of the story, on both databases.

What is in the archive is filed anew, some hundred items at a time. On PostgreSQL the tokens are made by a function of
the database, whose classes of characters are those of crawler/text/indexed.py, spelled out: its own depend on a locale.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from archive.search.narrowing import TITLE
from archive.search.refiling import file_all
from archive.search.search_index import MAX_CHARS
from crawler.text.indexed import CHARACTERS
from crawler.text.tokens import is_character, tokens_of

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_items = sa.table("items", sa.column("id"), sa.column("folded_title"), sa.column("folded_body"))
_BATCH = 500


def upgrade() -> None:
    op.drop_table("item_search")
    op.add_column("items", sa.Column("search_facets", sa.Text()))
    if op.get_context().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE item_search USING fts5(tokens, content='', detail=none, tokenize='ascii')")
        file_all(op.get_bind())
        return
    for statement in _functions():
        op.get_bind().exec_driver_sql(statement)
    file_all(op.get_bind())


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        op.drop_table("item_search")
        op.execute("CREATE VIRTUAL TABLE item_search USING fts5(title, body, content='', tokenize='ascii')")
        _refill(
            connection, "INSERT INTO item_search (rowid, title, body) VALUES (:item_id, :title, :body)", _characters
        )
    else:
        op.drop_index("ix_items_search", "items")
        for function in (
            "search_tokens(text, text, text)",
            "search_words(text)",
            "search_line(text)",
            "search_lower(text)",
        ):
            op.execute(f"DROP FUNCTION {function}")
        op.create_table(
            "item_search",
            sa.Column("item_id", sa.BigInteger(), nullable=False),
            sa.Column("part", sa.SmallInteger(), nullable=False),
            sa.Column("pairs", TSVECTOR(), nullable=False),
            sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_item_search_item_id", ondelete="CASCADE"),
            sa.PrimaryKeyConstraint("item_id", "part", name="pk_item_search"),
        )
        _refill(
            connection,
            "INSERT INTO item_search (item_id, part, pairs) VALUES (:item_id, :part, CAST(:pairs AS tsvector))",
            _parts,
        )
        op.create_index("ix_item_search_pairs", "item_search", ["pairs"], postgresql_using="gin")
    op.drop_column("items", "search_facets")


def _functions() -> Iterator[str]:
    """A text in small letters; its words between blanks; its tokens; the tokens of a row of items."""
    wordlike = re.compile(rf"[^\W_{CHARACTERS}]")
    places = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    letters = _class(place for place in places if wordlike.match(place))
    # "lower" of PostgreSQL knows ASCII alone in the locale C
    large = [place for place in places if place > "\x7f" and len(place.lower()) == 1 and place.lower() != place]
    small = "".join(map(str.lower, large))
    # bodies that are understood when they are made name functions for good: a dump is restored without a search_path
    function = "LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
    yield f"""
        CREATE FUNCTION search_lower(given text) RETURNS text {function} BEGIN ATOMIC
        SELECT CASE WHEN given ~ '[{_class(large)}]'
                    THEN translate(lower(given COLLATE "C"), '{"".join(large)}', '{small}')
                    ELSE lower(given COLLATE "C") END;
        END"""
    yield f"""
        CREATE FUNCTION search_line(given text) RETURNS text {function} COST 5000 BEGIN ATOMIC
        SELECT ' ' || btrim(regexp_replace(regexp_replace(regexp_replace(
            search_lower(given), '([{CHARACTERS}])', ' \\1 ', 'g'), '[^{CHARACTERS}{letters}]+', ' ', 'g'),
            '([^ ]{{64}})[^ ]+', '\\1', 'g')) || ' ';
        END"""
    # characters: "川渝RCEP合、作" as "川渝 合作", of which the pairs from the first on are 川渝, " 合", 作; from the
    # second on "渝 ", 合作. Cut at blanks, half a pair is a character, which is a token anyway.
    yield f"""
        CREATE FUNCTION search_words(given text) RETURNS text[] {function} COST 5000 BEGIN ATOMIC
        WITH low AS MATERIALIZED (SELECT search_lower(given) AS low),
        run AS MATERIALIZED (
            SELECT low, regexp_replace(
                regexp_replace(low, '[^{CHARACTERS}{letters}]+', '', 'g'), '[{letters}]+', ' ', 'g') AS characters
            FROM low
        )
        SELECT array_remove(array_remove(string_to_array(characters, NULL)
            || string_to_array(regexp_replace(characters, '(..)', '\\1 ', 'g'), ' ')
            || string_to_array(regexp_replace(substr(characters, 2), '(..)', '\\1 ', 'g'), ' ')
            || string_to_array(regexp_replace(regexp_replace(low, '[^{letters}]+', ' ', 'g'),
                               '([^ ]{{64}})[^ ]+', '\\1', 'g'), ' '), ' '), '') FROM run;
        END"""  # noqa: S608 (no value in it)
    yield f"""
        CREATE FUNCTION search_tokens(title text, body text, facets text) RETURNS tsvector {function} COST 10000
        BEGIN ATOMIC
        WITH title AS MATERIALIZED (SELECT search_words(left(title, {MAX_CHARS})) AS tokens)
        SELECT array_to_tsvector(tokens || ARRAY(SELECT '{TITLE}' || token FROM unnest(tokens) AS token)
            || search_words(left(body, {MAX_CHARS})) || string_to_array(facets, ' ')) FROM title;
        END"""  # noqa: S608


def _class(places: Any) -> str:
    """Characters as the ranges of a bracket expression."""
    ranges: list[list[int]] = []
    for code in map(ord, places):
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(chr(first) if first == last else f"{chr(first)}-{chr(last)}" for first, last in ranges)


def _refill(connection: sa.Connection, add: str, made: Callable[..., Iterator[dict[str, Any]]]) -> None:
    last = 0
    while rows := connection.execute(
        sa.select(_items).where(_items.c.id > last).order_by(_items.c.id).limit(_BATCH)
    ).all():
        last = rows[-1].id
        connection.execute(sa.text(add), [one for row in rows for one in made(*row)])


def _characters(item_id: int, title: str, body: str) -> Iterator[dict[str, Any]]:
    yield {"item_id": item_id, "title": " ".join(tokens_of(title)), "body": " ".join(tokens_of(body[:500_000]))}


def _parts(item_id: int, title: str, body: str) -> Iterator[dict[str, Any]]:
    """A title and a body in parts that overlap, each token with the one that follows it."""
    words, found = tokens_of(title), tokens_of(body[:500_000])
    for part, tokens in enumerate([words[:1500], *(found[at : at + 1564] for at in range(0, len(found), 1500))]):
        pairs = (
            one + following if is_character(one) or not following else f"{one} {following}"
            for one, following in zip_longest(tokens, tokens[1:], fillvalue="")
        )
        vector = " ".join(f"'{pair}':{place}" for place, pair in enumerate(pairs, start=1))
        yield {"item_id": item_id, "part": part, "pairs": vector}
