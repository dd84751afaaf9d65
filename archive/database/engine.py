"""Opens the SQLite file as an engine: pragmas, BEGIN IMMEDIATE for writers, and whose file it is.

Knows no table. What a connection is for (`writing`, `leasing`, `reading`) is said here for PostgreSQL too.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVarTuple

from sqlalchemy import Connection, CursorResult, Engine, Select, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError

from archive.database.fault import fault_text
from archive.database.snapshot import beside, has_content
from archive.schema import APPLICATION_ID, json_text
from crawler.errors import ArchiveError, SchemaError, UnwritableError
from crawler.language import _
from crawler.text.indexed import token_line

BUSY_TIMEOUT_S = 30  # another process may hold the write lock for a whole batch on a slow disk
# SQLite begins its log anew every 1000 pages (4 MiB) unless somebody reads for long; what it grew to is given back.
MAX_LOG_BYTES = 16 * 2**20
_MARKS_BYTES = 2**16  # what SQLite takes for the marks of readers and writers: 32 KiB
_CACHE_KIB = 16 * 1024
_MAGIC = b"SQLite format 3\x00"
# What SQLite says where a file, or what it keeps beside it, cannot be written: https://www.sqlite.org/rescode.html
_UNWRITABLE = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}

Ts = TypeVarTuple("Ts")


def open_sqlite(file: Path) -> Engine:
    """An engine on `file`, made where there is none; its connections are safe to use from any thread, one at a time.

    Raises UnwritableError where it cannot be written, SchemaError where the file is another program's.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        refuse_strangers(file)
    except OSError as error:
        # of a file, or a link to itself, where the folder should be mkdir says that it exists
        why = os.strerror(errno.ENOTDIR) if isinstance(error, FileExistsError) else error.strerror or error
        raise ArchiveError(_("{file}: the archive cannot be opened: {error}").format(file=file, error=why)) from error
    if file.exists() and not os.access(file, os.W_OK):
        # SQLite would read it, and leave marks of readers beside it that its owner may not write
        raise _unwritable(file, None)
    engine = engine_on(file, pool_size=16, max_overflow=48)
    try:
        _use_wal(engine)
    except SchemaError:
        engine.dispose()
        raise
    except (DBAPIError, sqlite3.Error) as error:  # what goes wrong while connecting comes as it is
        engine.dispose()
        raise not_opened(str(file), error) from error
    return engine


def engine_on(file: Path, **pool: Any) -> Engine:
    """An engine whose connections are set up as all of ours are; opens nothing yet."""
    engine = create_engine(URL.create("sqlite", database=str(file)), json_serializer=json_text, **pool)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    logging.getLogger(f"sqlalchemy.pool.impl.{type(engine.pool).__name__}").addFilter(_is_no_ctrl_c)
    return engine


def not_opened(name: str, error: DBAPIError | sqlite3.Error) -> ArchiveError:
    """What a database says when it is opened or made ready, in words.

    An UnwritableError where a file cannot be written.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if is_unwritable(cause):
        return _unwritable(Path(name), cause)
    return ArchiveError(_("{file}: the archive cannot be opened: {error}").format(file=name, error=fault_text(cause)))


def is_unwritable(error: BaseException | None) -> bool:
    """True where SQLite could not write the file, or what it keeps beside it."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _UNWRITABLE


def obstacle(file: Path) -> str | None:
    """What keeps SQLite from writing, where it can be seen; SQLite calls all of it "disk I/O error" or the like."""
    if not os.access(file.parent, os.W_OK) or (file.exists() and not os.access(file, os.W_OK)):
        return _("it may not be written")
    if shutil.disk_usage(file.parent).free < _MARKS_BYTES:
        return _("no room is left on the disk")
    return None


def _unwritable(file: Path, cause: object) -> UnwritableError:
    return UnwritableError(
        _("{file}: the archive cannot be opened: {error}").format(file=file, error=obstacle(file) or cause)
    )


def writing(engine: Engine) -> Engine:
    """The same engine for transactions that write: they take the write lock when they begin.

    A transaction that reads first and writes later fails at once when somebody wrote in between; no timeout helps.
    """
    return engine.execution_options(is_writing="items")


def leasing(engine: Engine) -> Engine:
    """The same engine for short writes that must not wait for a batch of items, where the database lets them."""
    return engine.execution_options(is_writing="leases")


def reading(engine: Engine) -> Engine:
    """The same engine for transactions that see one state of the database throughout, and change nothing."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine  # SQLite's transactions are like that


@contextmanager
def streaming(connection: Connection, asked: Select[*Ts], size: int) -> Iterator[CursorResult[*Ts]]:
    """The rows of a question, `size` of them at a time in memory; let go where nobody reads on."""
    # yield_per is a cursor on the server on PostgreSQL; SQLite hands rows out one by one of itself
    result = connection.execute(asked, execution_options={"yield_per": size})
    try:
        yield result
    finally:
        # Ctrl-C within a statement closes the connection; sqlite3 complains of cursors that are closed after it. One
        # between two rows may leave them to be let go later than the connection, and their cursor went with it.
        if not (connection.dialect.name == "sqlite" and (connection.closed or connection.invalidated)):
            result.close()


def refuse_writes(engine: Engine) -> None:
    """From here on no transaction of the engine changes anything: the database itself refuses, whatever is asked."""
    if engine.dialect.name == "postgresql":
        # a session's default would not do: psycopg says READ WRITE at BEGIN once a connection has served for reading
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("SET TRANSACTION READ ONLY"))
        return
    # query_only lets the last connection to go tidy the WAL away, as mode=ro would not
    event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA query_only = ON").close())
    engine.dispose()  # connections of before


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # sqlite3's own BEGINs come too late; ours are in _on_begin
    connection.create_function("search_line", 1, token_line, deterministic=True)  # as PostgreSQL has it
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    cursor.execute(f"PRAGMA journal_size_limit = {MAX_LOG_BYTES}")
    cursor.close()


def _is_no_ctrl_c(record: logging.LogRecord) -> bool:
    # closing writes the log back, and takes its time: SQLAlchemy tells of a Ctrl-C in it, and then passes it on
    return not (record.exc_info and isinstance(record.exc_info[1], KeyboardInterrupt))


def _on_begin(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing") is not None
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _use_wal(engine: Engine) -> None:
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        if cursor.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID and (
            cursor.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
        ):
            raise _stranger(engine.url.database)
        for attempt in range(100):
            try:
                if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                    cursor.execute("PRAGMA journal_mode = WAL")
            except engine.dialect.loaded_dbapi.OperationalError as error:
                # two processes opening a new file: the switch does not wait for the busy timeout
                if "locked" not in str(error) or attempt == 99:
                    raise OperationalError("PRAGMA journal_mode = WAL", None, error) from error
                time.sleep(0.05)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DBAPIError("PRAGMA journal_mode = WAL", None, error) from error
            else:
                break
        cursor.close()
    finally:
        connection.close()


def refuse_strangers(file: Path) -> None:
    """Raise SchemaError where a file is there that is no archive; OSError where it cannot be read."""
    if not file.exists():
        return
    with file.open("rb") as stream:
        head = stream.read(100)
    log = beside(file, "-wal")
    if not head and has_content(log):  # SQLite would remove the log
        raise ArchiveError(
            _(
                "{file}: is empty, but its log {log} is not: look for the file, or put a copy back:"
                " hrwatch restore COPY --force"
            ).format(file=file, log=log)
        )
    # https://www.sqlite.org/fileformat.html: application_id stands at offset 68, page count at 28
    is_ours = head[:16] == _MAGIC and int.from_bytes(head[68:72], "big") in (APPLICATION_ID, 0)
    if head and not is_ours:
        raise _stranger(file)


def _stranger(file: Path | str | None) -> SchemaError:
    return SchemaError(_("{file}: not an archive of hrwatch; it was left untouched").format(file=file))
