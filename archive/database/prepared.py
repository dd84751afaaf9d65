"""Statements that are asked many times a second, as the text that they come to.

SQLAlchemy finds a statement of many parts in its cache after a sixth of a millisecond, and a text at once; by then
SQLite has answered.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect, Select, TextualSelect, text
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

# Those of no driver: one writes casts after parameters, which a text has from their types.
_DIALECTS: dict[str, Dialect] = {
    "sqlite": SQLiteDialect(paramstyle="named"),
    "postgresql": PGDialect(paramstyle="named"),  # type: ignore[no-untyped-call]
}


def prepared(statement: Select[Any], dialect: str) -> TextualSelect:
    """The same statement for that database. Its parameters must have names."""
    compiled = statement.compile(dialect=_DIALECTS[dialect])
    columns = {str(column.key): column.type for column in statement.selected_columns}
    return text(str(compiled)).bindparams(*compiled.binds.values()).columns(**columns)
