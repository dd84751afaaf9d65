"""A copy of the archive as one SQLite file, whichever database it lives in: consistent while others write.

Written whole or not at all, and verified. Holds the database alone: WARC files and feeds stay where they are.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from archive.copies.copying import Progress, Purpose, copy
from archive.database import snapshot
from archive.migrations.migrate import require_known
from crawler.errors import ArchiveError, SchemaError
from crawler.language import _

# Told as the work goes on: what is done (a table's name; "" the whole file), how much of it, of how much.
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """A copy that was made: its size and what it holds."""

    file: Path
    bytes: int
    schema: str
    items: int
    stories: int


def back_up(source: Path | str, target: Path, *, is_replacing: bool = False, tell: Tell) -> BackedUp:
    """Copy the archive at `source` (a Path is a SQLite file, text an address) into the new file `target`.

    Raises ArchiveError where `target` is there and not to be replaced, is the archive itself, or cannot be written,
    and where the archive is damaged; SchemaError for a newer schema.
    """
    if isinstance(source, Path):
        if not source.exists():
            raise ArchiveError(_("{file}: no archive there").format(file=source))
        if target.exists() and target.samefile(source):
            raise ArchiveError(_("{file}: is the archive itself").format(file=target))
    _refuse_present(target, is_replacing)
    with part_of(target) as part:
        if isinstance(source, Path):
            with closing(snapshot.open_source(source, is_live=True)) as origin:
                schema = schema_of(origin, source)
                expected = snapshot.counts(origin)
                with told_of(source):
                    snapshot.take(origin, part, lambda done, total: tell("", done, total))
            held = snapshot.require_whole(part, expected, name=source)
        else:
            with named(part, target):
                copy(source, part, purpose=Purpose.SNAPSHOT, tell=lambda progress: tell(*words_of(progress)))
            make_single(part)
            with closing(snapshot.open_source(part, is_live=False)) as made:
                schema = schema_of(made, part)
            held = snapshot.require_whole(part, name=target)
        _refuse_present(target, is_replacing)
        size = part.stat().st_size
        part.replace(target)
        snapshot.sync_folder(target.parent)
    return BackedUp(file=target, bytes=size, schema=schema, items=held["items"], stories=held["stories"])


def schema_of(connection: sqlite3.Connection, file: Path) -> str:
    """The revision of an archive's schema; raises SchemaError where there is none or this program does not know it."""
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.OperationalError as error:
        raise SchemaError(_("{file}: not an archive of hrwatch").format(file=file)) from error
    if row is None or not {"facts", "items", "stories"} <= tables:
        raise SchemaError(_("{file}: not an archive of hrwatch").format(file=file))
    revision = str(row[0])
    require_known(revision, str(file))
    return revision


def make_single(file: Path) -> None:
    """Take what SQLite keeps beside a closed database into it, so that the file is all there is."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _refuse_present(target: Path, is_replacing: bool) -> None:
    if target.is_dir():
        raise ArchiveError(_("{file}: is a folder").format(file=target))
    if target.exists() and not is_replacing:
        raise ArchiveError(_("{file}: is there already; --force replaces it").format(file=target))


@contextmanager
def part_of(target: Path) -> Iterator[Path]:
    """A name beside `target` to write under; whatever happens, nothing stays there."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            part.touch(exist_ok=False)
        except OSError as error:
            raise ArchiveError(
                _("{file}: cannot be written: {error}").format(file=target, error=error.strerror or error)
            ) from error
        yield part
    except (OSError, sqlite3.Error) as error:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise ArchiveError(_("{file}: cannot be written: {error}").format(file=target, error=cause)) from error
    finally:
        with suppress(OSError):  # where nothing can be written there is nothing to remove
            snapshot.remove(part)


@contextmanager
def named(part: Path, name: Path) -> Iterator[None]:
    """Errors with `name` in place of the passing one, which tells nobody anything."""
    try:
        yield
    except ArchiveError as error:
        raise type(error)(str(error).replace(str(part), str(name))) from error


@contextmanager
def told_of(source: Path) -> Iterator[None]:
    """What SQLite says of the bytes of `source`, rather than of the room for a copy, comes as an ArchiveError of it."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise
        raise ArchiveError(_("{file}: damaged: {error}").format(file=source, error=error)) from error


def words_of(progress: Progress) -> tuple[str, int, int]:
    """Progress of a copy in the words of `Tell`."""
    return progress.table, progress.done, progress.total
