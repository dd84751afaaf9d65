"""The database that is being copied into: whose copy it is, one copier at a time, and what waits until the end.

References between tables are checked once, at the end: rows that have changed at the source since an earlier call are
taken out and put in again, in an order that references would not allow.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Row,
    Table,
    and_,
    bindparam,
    delete,
    event,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.schema import AddConstraint

from archive.care.comparing import MARK, key_of, named
from archive.database.engine import writing
from archive.database.fault import fault_text
from archive.database.upsert import upsert
from archive.schema import facts, items, metadata
from archive.search import search_index
from crawler.errors import ArchiveError
from crawler.language import _

# "hrwc": beside the lock of writers, held by the one process that copies into a database
_COPY_LOCK = 0x68727763


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Of what a database is the unfinished copy."""

    source: str  # its name, for people
    identity: str  # what no two archives share
    schema: str  # revision


@contextmanager
def alone(engine: Engine, name: str) -> Iterator[None]:
    """Raise ArchiveError where another process copies into the same database; a killed one holds nothing back."""
    busy = ArchiveError(_("{file}: another process is copying into it").format(file=name))
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()  # closed in the end rather than kept open: the lock goes with it
            if not connection.execute(select(func.pg_try_advisory_lock(_COPY_LOCK))).scalar_one():
                raise busy
            yield
        return
    # a file of its own: closing a second handle of the database would drop SQLite's locks on it
    file = Path(f"{engine.url.database}.copying")
    with file.open("wb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise busy from error
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


def refuse_unfinished(engine: Engine, name: str) -> None:
    """Raise ArchiveError where a database is the unfinished copy of another."""
    with engine.connect() as connection:
        if (mark := load_mark(connection)) is not None:
            raise ArchiveError(
                _("{file}: a copy of {source} that is not finished; hrwatch copy-archive goes on with it").format(
                    file=name, source=mark.source
                )
            )


def load_mark(connection: Connection) -> Mark | None:
    """The mark of an unfinished copy; None where there is none."""
    if not inspect(connection).has_table(facts.name):
        return None
    value = connection.execute(select(facts.c.value).where(facts.c.name == MARK)).scalar_one_or_none()
    return None if value is None else Mark(**json.loads(value))


def begin(engine: Engine, mark: Mark) -> None:
    """Mark a database as a copy, and let go of the references between its tables until the end."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _let_references_go)
        engine.dispose()  # connections that are open hold to them
    with writing(engine).begin() as connection:
        upsert(connection, facts, ["name"], {"name": MARK, "value": json.dumps(asdict(mark), ensure_ascii=False)})
        if engine.dialect.name == "postgresql":
            for table, name in _references(connection):
                quote = connection.dialect.identifier_preparer.quote
                connection.execute(text(f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(name)}"))


def finish(engine: Engine) -> None:
    """Hold to the references between tables again, and take the mark away: from now on it is an archive.

    Raises DBAPIError where a row refers to one that is not there.
    """
    with writing(engine).begin() as connection:
        if engine.dialect.name == "postgresql":
            held = set(_references(connection))
            for table in metadata.sorted_tables:
                for constraint in table.foreign_key_constraints:
                    if (table.name, str(constraint.name)) not in held:
                        connection.execute(AddConstraint(constraint, isolate_from_table=False))
        connection.execute(delete(facts).where(facts.c.name == MARK))
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))  # else the first questions are planned for empty tables


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    """Put rows in as they are, and items into the search index too.

    Raises ArchiveError naming the row that the database does not take.
    """
    dbapi = connection.dialect.loaded_dbapi
    savepoint = connection.begin_nested()
    try:
        if connection.dialect.name == "postgresql":
            _copy_in(connection, table, rows)
        else:
            connection.execute(insert(table), [dict(row._mapping) for row in rows])
        if table is items:
            search_index.add(connection, rows)
    except (DataError, IntegrityError, dbapi.DataError, dbapi.IntegrityError):
        savepoint.rollback()
        _name_refused(connection, table, rows)
        raise
    savepoint.commit()


def delete_rows(connection: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    """Take rows out, and items out of the search index."""
    if table is items:
        for row in rows:
            search_index.remove(connection, row.id, row.folded_title, row.folded_body)
    keys = list(table.primary_key)
    gone = delete(table).where(and_(*(column == bindparam(f"key{n}") for n, column in enumerate(keys))))
    key = key_of(table)
    connection.execute(gone, [{f"key{n}": value for n, value in enumerate(key(row))} for row in rows])


def adjust_counters(source: Connection, target: Connection) -> None:
    """Let new rows be numbered from where the source is, so that no number is given twice."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        newest = target.execute(select(func.coalesce(func.max(column), 0))).scalar_one()
        last = max(newest, _counter(source, table, column))
        if target.dialect.name == "postgresql":
            if last:
                given = {"name": _sequence(target, table, column), "last": last}
                target.execute(text("SELECT setval(CAST(:name AS regclass), :last)"), given)
        elif _is_counted(target, table):
            given = {"name": table.name, "last": last}
            target.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), given)
            target.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), given)


def _counter(connection: Connection, table: Table, column: Column[Any]) -> int:
    """The last number that was given, to a row that may be gone; 0 where nobody counts."""
    if connection.dialect.name == "postgresql":
        asked = text("SELECT pg_sequence_last_value(CAST(:name AS regclass))")  # NULL: nothing was counted yet
        return int(connection.execute(asked, {"name": _sequence(connection, table, column)}).scalar() or 0)
    if not _is_counted(connection, table):
        return 0
    asked = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    return int(connection.execute(asked, {"name": table.name}).scalar() or 0)


def _is_counted(connection: Connection, table: Table) -> bool:
    return bool(table.dialect_options["sqlite"].get("autoincrement"))


def _sequence(connection: Connection, table: Table, column: Column[Any]) -> str:
    return str(connection.execute(select(func.pg_get_serial_sequence(table.name, column.name))).scalar_one())


def _let_references_go(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = OFF")
    cursor.close()


def _references(connection: Connection) -> list[tuple[str, str]]:
    """Table and name of each reference that there is, among the tables of the schema."""
    known = inspect(connection)
    return [(table, str(held["name"])) for table in metadata.tables for held in known.get_foreign_keys(table)]


def _copy_in(connection: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    """COPY … FROM STDIN: three times as fast as inserts."""
    dialect = connection.dialect
    made = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.c]
    names = ", ".join(dialect.identifier_preparer.format_column(column) for column in table.c)
    into = f"COPY {dialect.identifier_preparer.format_table(table)} ({names}) FROM STDIN"
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(into) as stream:
        for row in rows:
            stream.write_row([make(value) if make else value for make, value in zip(made, row, strict=True)])


def _name_refused(connection: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    """Raise ArchiveError for the first row that the database does not take; writes nothing."""
    for row in rows:
        savepoint = connection.begin_nested()
        try:
            connection.execute(insert(table).values(**row._mapping))
        except DBAPIError as error:
            savepoint.rollback()
            raise ArchiveError(
                _("table {table}, row {key}: refused by the database: {error}").format(
                    table=table.name, key=named(key_of(table)(row)), error=fault_text(error)
                )
            ) from error
