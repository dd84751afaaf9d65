"""One state of an archive's SQLite file copied into another file, while others write; and whether a file is whole.

Knows no table but what tells an archive from other files.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from archive.schema import APPLICATION_ID
from crawler.errors import ArchiveError, SchemaError
from crawler.language import _

# Told between two pieces: how many pages of the database are done, of how many.
Tell = Callable[[int, int], None]
_PIECE_PAGES = 4096  # 16 MiB between two words of progress, and before Ctrl-C is heard
_BESIDE = ("-wal", "-shm", "-journal")


def open_source(file: Path, *, is_live: bool) -> sqlite3.Connection:
    """A connection that reads `file` and changes nothing in it, on one state of it until it is closed.

    `is_live`: others may write meanwhile. Raises SchemaError where it is no archive, ArchiveError where it cannot be
    read.
    """
    require_archive(file)
    # what lies at rest is read without a trace; what is written wants the marks of a reader beside it
    modes = ["mode=rw", "mode=ro&immutable=1"] if is_live else ["mode=ro&immutable=1", "mode=rw"]
    for mode in modes:
        if mode != "mode=rw" and has_content(beside(file, "-wal")):
            continue
        try:
            return _reading(file, mode)
        except sqlite3.Error as error:
            fault = error
    raise ArchiveError(_("{file}: cannot be read: {error}").format(file=file, error=fault)) from fault


def _reading(file: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{quote(str(file.resolve()))}?{mode}", uri=True, isolation_level=None)
    try:
        connection.execute("PRAGMA busy_timeout = 30000")
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def require_archive(file: Path) -> None:
    """Raise SchemaError unless `file` is a SQLite file of hrwatch; ArchiveError where it cannot be read."""
    try:
        with file.open("rb") as stream:
            head = stream.read(100)
    except OSError as error:
        raise ArchiveError(
            _("{file}: cannot be read: {error}").format(file=file, error=error.strerror or error)
        ) from error
    # https://www.sqlite.org/fileformat.html: application_id stands at offset 68, of a new archive in the log still
    known = (APPLICATION_ID, 0) if has_content(beside(file, "-wal")) else (APPLICATION_ID,)
    if not head.startswith(b"SQLite format 3\x00") or int.from_bytes(head[68:72], "big") not in known:
        raise SchemaError(_("{file}: not an archive of hrwatch").format(file=file))


def take(source: sqlite3.Connection, target: Path, tell: Tell) -> None:
    """Copy the state that `source` sees into the new file `target`, one file without a log beside it."""
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous = OFF")  # nothing counts before the whole is on disk
        source.backup(copy, pages=_PIECE_PAGES, progress=lambda _status, left, total: tell(total - left, total))
        copy.execute("PRAGMA journal_mode = DELETE")
    with target.open("rb") as stream:
        os.fsync(stream.fileno())


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has."""
    names = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        if not name.startswith(("sqlite_", "item_search"))
    ]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608


def require_whole(file: Path, expected: dict[str, int] | None = None, *, name: Path) -> dict[str, int]:
    """Raise ArchiveError unless every page of a database is sound and its tables have as many rows as expected.

    `name` is what the error calls it: that of which `file` is a passing copy.
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file.resolve()))}?mode=ro", uri=True)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                # "*** in database main ***\nOn tree page 761 cell 4: Rowid 0 out of order"
                raise ArchiveError(_("{file}: damaged: {error}").format(file=name, error=" ".join(found.split())))
            held = counts(connection)
    except sqlite3.Error as error:
        raise ArchiveError(_("{file}: damaged: {error}").format(file=name, error=error)) from error
    if expected is not None and held != expected:
        wrong = next(name for name in sorted({*expected, *held}) if expected.get(name) != held.get(name))
        raise ArchiveError(
            _("{file}: damaged: {error}").format(file=name, error=f"{wrong} {held.get(wrong)} ≠ {expected.get(wrong)}")
        )
    return held


def sync_log(file: Path) -> None:
    """Make all that was committed outlast a loss of power: synchronous = NORMAL leaves that to the next checkpoint."""
    with suppress(FileNotFoundError), beside(file, "-wal").open("rb") as stream:
        os.fsync(stream.fileno())


def remove(file: Path) -> None:
    """Remove a database file and what SQLite keeps beside it."""
    for path in (file, *(beside(file, suffix) for suffix in _BESIDE)):
        path.unlink(missing_ok=True)


def beside(file: Path, suffix: str) -> Path:
    """The file of this suffix that SQLite keeps beside a database."""
    return file.with_name(file.name + suffix)


def has_content(file: Path) -> bool:
    """True where a file is there and not empty."""
    return file.exists() and file.stat().st_size > 0


def sync_folder(folder: Path) -> None:
    """Make new names in `folder` outlast a loss of power."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
