"""Tables of two databases side by side: the same order of rows and the same value for each on both. Reads only.

A digest is of this process alone: it says that two tables hold the same, and is not kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, String, Table, collate, select

from archive.database.engine import streaming
from archive.schema import facts

# The mark of a copy that is not finished; it belongs to the copy and not to what is copied.
MARK = "copying"
_FETCHED = 200  # rows held at a time; a page of megabytes may be among them
_TOLD = 2000  # rows between two words of progress

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How a table of the source and its copy compare."""

    table: str
    source_rows: int
    target_rows: int
    source_digest: str
    target_digest: str
    first_difference: str | None  # the key of the first row that only one has, or that differs

    @property
    def is_same(self) -> bool:
        """True where both hold the same rows."""
        return self.first_difference is None and self.source_digest == self.target_digest


def rows_of(connection: Connection, table: Table) -> Generator[Row[Any], None, None]:
    """All rows of a table in the order of its key, a few at a time."""
    asked = select(table).order_by(
        *(
            # by bytes, as SQLite does; a database of PostgreSQL may have the order of some language
            collate(column, "C")
            if isinstance(column.type, String) and connection.dialect.name == "postgresql"
            else column
            for column in table.primary_key
        )
    )
    if table is facts:
        asked = asked.where(facts.c.name != MARK)
    with streaming(connection, asked, _FETCHED) as rows:
        yield from rows


def key_of(table: Table) -> Callable[[Row[Any]], Key]:
    """The function that takes the key from a row; keys compare as the databases order them."""
    places = [list(table.c).index(column) for column in table.primary_key]
    return lambda row: tuple(row[place] for place in places)


def merged(
    table: Table, source: Iterable[Row[Any]], target: Iterable[Row[Any]]
) -> Iterator[tuple[Row[Any] | None, Row[Any] | None]]:
    """The rows of both in one order, those of one key together; None where one of them has no such row."""
    key = key_of(table)
    ours, theirs = iter(source), iter(target)
    one, other = next(ours, None), next(theirs, None)
    while one is not None and other is not None:
        first, second = key(one), key(other)
        if first < second:
            yield one, None
            one = next(ours, None)
        elif second < first:
            yield None, other
            other = next(theirs, None)
        else:
            yield one, other
            one, other = next(ours, None), next(theirs, None)
    while one is not None:
        yield one, None
        one = next(ours, None)
    while other is not None:
        yield None, other
        other = next(theirs, None)


def canonical(row: Row[Any]) -> bytes:
    """A row as bytes that are the same whichever database it came from.

    The columns' types have made the same values of it: aware times, dates, True and False, parsed JSON, bytes.
    """
    return repr(tuple(row)).encode()


def compare_table(
    table: Table, source: Connection, target: Connection, tell: Callable[[int], None] = lambda _rows: None
) -> Compared:
    """Read both tables through; `tell` is told how many rows of the source were read."""
    key = key_of(table)
    digests = hashlib.sha256(), hashlib.sha256()
    counts = [0, 0]
    first: str | None = None
    for rows in merged(table, rows_of(source, table), rows_of(target, table)):
        values = [None if row is None else canonical(row) for row in rows]
        for side, value in enumerate(values):
            if value is not None:
                # its length before it: no two tables run together to the same bytes
                digests[side].update(b"%d:%b" % (len(value), value))
                counts[side] += 1
        if first is None and values[0] != values[1]:
            first = named(key(next(row for row in rows if row is not None)))
        if rows[0] is not None and counts[0] % _TOLD == 0:
            tell(counts[0])
    tell(counts[0])
    return Compared(
        table=table.name,
        source_rows=counts[0],
        target_rows=counts[1],
        source_digest=digests[0].hexdigest(),
        target_digest=digests[1].hexdigest(),
        first_difference=first,
    )


def named(key: Key) -> str:
    """A key for people: 17, or 川渝/17."""
    return "/".join(map(str, key))
