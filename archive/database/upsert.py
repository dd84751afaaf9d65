"""INSERT … ON CONFLICT for SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table, key: Sequence[str], values: Mapping[str, Any]) -> None:
    """Insert a row, or give the row with the same `key` the other `values`."""
    connection.execute(_upserting(connection.dialect.name, table, tuple(key), tuple(values)), dict(values))


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, and leave those alone whose key is there."""
    if rows:
        connection.execute(_inserting(connection.dialect.name, table), [dict(row) for row in rows])


# Built once for each table: putting a statement together costs more than running it.


@cache
def _upserting(dialect: str, table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> sqlite.Insert:
    statement = _insert(dialect, table)
    changes = {name: statement.excluded[name] for name in names if name not in key}
    if changes:
        return statement.on_conflict_do_update(index_elements=list(key), set_=changes)
    return statement.on_conflict_do_nothing(index_elements=list(key))


@cache
def _inserting(dialect: str, table: Table) -> sqlite.Insert:
    return _insert(dialect, table).on_conflict_do_nothing()


def _insert(dialect: str, table: Table) -> sqlite.Insert:
    if dialect == "postgresql":
        return postgresql.insert(table)  # type: ignore[return-value]  # the two have the same methods
    return sqlite.insert(table)
