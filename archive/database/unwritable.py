"""Reads a SQLite file that cannot be written: through its log where one lies beside it, else as it lies.

Knows no table. A log that cannot be read is never passed over: what was stored last would silently be missed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, event
from sqlalchemy.exc import DBAPIError

from archive.database.engine import engine_on, is_unwritable, refuse_strangers
from archive.database.snapshot import beside, has_content
from crawler.errors import ArchiveError
from crawler.language import _

_LAIN = "lain"  # what a connection that takes no notice of writers remembers: how the file lay when it was opened
_Lie = tuple[int, int, int]


def open_unwritable(file: Path) -> Engine:
    """An engine for questions on `file`, into which others may write, now or later; it leaves no trace beside it.

    Its first connection raises SchemaError where the file is another program's, ArchiveError where it cannot be read.
    """
    engine = engine_on(file, poolclass=NullPool)  # each transaction looks anew at what lies there

    def connect(_dialect: Any, record: Any, _args: Any, given: dict[str, Any]) -> sqlite3.Connection:
        connection, record.info[_LAIN] = _connect(file, given)
        return connection

    event.listen(engine, "do_connect", connect)
    return engine


@contextmanager
def undisturbed(connection: Connection, name: str) -> Iterator[None]:
    """Raise ArchiveError where a file was written while a connection read it that takes no notice of writers."""
    lain: _Lie | None = connection.info.get(_LAIN)
    fault: DBAPIError | None = None
    try:
        yield
    except DBAPIError as error:  # pages of two states look like damage
        fault = error
    if lain is not None and lain != _lie_of(Path(str(connection.engine.url.database))):
        raise ArchiveError(_("{file}: was written to while it was read; ask again").format(file=name)) from fault
    if fault is not None:
        raise fault


def _connect(file: Path, given: dict[str, Any]) -> tuple[sqlite3.Connection, _Lie | None]:
    try:
        refuse_strangers(file)
        lain = _lie_of(file)
        is_logged = _is_logged(file)
    except OSError as error:
        raise ArchiveError(
            _("{file}: the archive cannot be opened: {error}").format(file=file, error=error.strerror or error)
        ) from error
    fault: sqlite3.Error | None = None
    # SQLite would make both, and where the folder is ours and the file is not, its owner could not use them
    if not is_logged or (beside(file, "-wal").exists() and beside(file, "-shm").exists()):
        try:
            return _opened(file, "mode=ro", given), None
        except sqlite3.Error as error:
            if not is_unwritable(error):
                raise
            fault = error
    for log in (beside(file, "-wal"), beside(file, "-journal")):
        if has_content(log):
            raise ArchiveError(
                _(
                    "{file}: not whole without {log} beside it, which can be read only where it can be written:"
                    " copy both to such a folder"
                ).format(file=file, log=log.name)
            ) from fault
    # nothing but the file itself: whoever begins to write makes a log first, which the next transaction sees
    return _opened(file, "mode=ro&immutable=1", given), lain


def _opened(file: Path, mode: str, given: dict[str, Any]) -> sqlite3.Connection:
    connection: sqlite3.Connection = sqlite3.connect(f"file:{quote(str(file.resolve()))}?{mode}", **given, uri=True)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").close()  # SQLite opens files with the first question
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _is_logged(file: Path) -> bool:
    """True where a database keeps a write-ahead log; a copy that `backup` made does not."""
    with file.open("rb") as stream:
        return stream.read(20)[18:] == b"\2\2"  # https://www.sqlite.org/fileformat.html: file format versions


def _lie_of(file: Path) -> _Lie:
    held = file.stat()
    return held.st_ino, held.st_size, held.st_mtime_ns
