"""Puts a copy back: into the data folder in place of what is there, or into an empty PostgreSQL database.

The copy is brought over, checked and brought to this program's schema under another name first; what was there keeps
its name until that moment, and stays beside under a new one.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.archive import open_file
from archive.care import checking
from archive.care.comparing import MARK
from archive.copies.backup import Tell, make_single, named, part_of, schema_of, told_of, words_of
from archive.copies.copying import Purpose, copy
from archive.database import snapshot
from archive.database.engine import open_sqlite, reading
from crawler.errors import ArchiveError
from crawler.language import _

# What numbers are given out by: a story or a ruling of the copy must not get the number of one that came after it.
_COUNTED = ("stories", "rulings")
_IN_USE_S = 2  # a command that just ends is waited for; a daemon never ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put back; `old` is where what was there stays, None where there was nothing."""

    schema: str  # of the copy, before it was brought to this program's
    items: int
    stories: int
    old: Path | None = None


def restore(
    file: Path, target: Path | str, *, folder: Path, now: datetime, is_replacing: bool = False, tell: Tell
) -> Restored:
    """Make the archive at `target` what it was when the copy `file` was made; `file` itself stays as it is.

    `folder` has room for a passing copy.
    Raises ArchiveError, and changes nothing, where the copy is no archive, broken or of a newer schema, where `target`
    holds an archive and is not to be replaced, and where somebody runs on it.
    """
    snapshot.require_archive(file)
    if isinstance(target, Path):
        if target.exists() and target.samefile(file):
            raise ArchiveError(_("{file}: is the archive itself").format(file=file))
        if not is_replacing and _holds_something(target):
            raise ArchiveError(_("{file}: is there already; --force replaces it").format(file=target))
    with part_of(target if isinstance(target, Path) else folder / file.name) as part:
        schema = _bring(file, part, tell)
        held = snapshot.require_whole(part, name=file)
        restored = Restored(schema=schema, items=held["items"], stories=held["stories"])
        if isinstance(target, str):
            with named(part, file):
                copy(part, target, purpose=Purpose.SNAPSHOT, tell=lambda progress: tell(*words_of(progress)))
            return restored
        old = _put_in_place(part, target, now)
    return Restored(schema=schema, items=restored.items, stories=restored.stories, old=old)


def _bring(file: Path, part: Path, tell: Tell) -> str:
    """Copy `file` to `part`, sound and of today's schema; return the schema it had."""
    with closing(snapshot.open_source(file, is_live=False)) as source:
        schema = schema_of(source, file)
        if source.execute("SELECT 1 FROM facts WHERE name = ?", (MARK,)).fetchone():
            raise ArchiveError(_("{file}: itself a copy that is not finished").format(file=file))
        with told_of(file):
            expected = snapshot.counts(source)
            snapshot.take(source, part, lambda done, total: tell("", done, total))
    snapshot.require_whole(part, expected, name=file)
    with named(part, file):
        open_file(part).close()  # to today's schema
    make_single(part)
    engine = open_sqlite(part)
    try:
        with reading(engine).connect() as connection:
            faults = checking.check(connection, None)
    finally:
        engine.dispose()
    if faults:
        found = f"{faults[0].part}: {faults[0].detail}"
        raise ArchiveError(_("{file}: damaged: {error}").format(file=file, error=found))
    make_single(part)
    return schema


def _holds_something(target: Path) -> bool:
    """True unless nothing is there, or an archive without a single row of any list."""
    if not target.exists():
        return False
    try:
        with closing(snapshot.open_source(target, is_live=True)) as held:
            asked = "SELECT EXISTS (SELECT 1 FROM entries) OR EXISTS (SELECT 1 FROM items)"
            return bool(held.execute(asked).fetchone()[0])
    except (ArchiveError, sqlite3.Error):
        return True  # whatever it is, it is not ours to remove unasked


def _put_in_place(part: Path, target: Path, now: datetime) -> Path | None:
    """Let `part` be `target`; return the name under which what was there stays."""
    aside = target.with_name(f"{target.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
    with _out_of_use(target) as held:
        was_there = target.exists()
        if held is not None:
            with suppress(sqlite3.DatabaseError):  # a broken one has no numbers to go on from
                _go_on_from(held, part)
        # a log without its database, or of a broken one: SQLite would play it into whatever stands beside it
        for suffix in ("-wal", "-shm", "-journal"):
            if snapshot.beside(target, suffix).exists():
                snapshot.beside(target, suffix).rename(snapshot.beside(aside, suffix))
        if was_there:
            try:
                os.link(target, aside)  # the name `target` is never without an archive
            except FileExistsError:
                raise
            except OSError:  # a file system without links
                target.rename(aside)
        part.replace(target)
        snapshot.sync_folder(target.parent)
    return aside if was_there else None


@contextmanager
def _out_of_use(target: Path) -> Iterator[sqlite3.Connection | None]:
    """Hold a database for ourselves alone, its log taken in; None where there is none.

    Raises ArchiveError where another process has it open.
    """
    if not snapshot.has_content(target):  # SQLite would remove the log beside an empty file
        yield None
        return
    in_use = ArchiveError(_("{file}: in use: stop hrwatch first").format(file=target))
    with closing(sqlite3.connect(target, isolation_level=None, timeout=_IN_USE_S)) as held:
        try:
            # only who is alone can leave the log behind: any other open connection prevents it, idle or not
            if held.execute("PRAGMA journal_mode = DELETE").fetchone() != ("delete",):
                raise in_use
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise in_use from error
            raise
        except sqlite3.DatabaseError:  # broken: nobody runs on it
            pass
        yield held


def _go_on_from(old: sqlite3.Connection, part: Path) -> None:
    """Let numbers of stories and rulings, and the cursor of change, go on from where `old` was, if it is the same.

    Readers that ask "what is new since 700" would else be told nothing until 700 changes were made again.
    """
    identity = "SELECT name, value FROM facts WHERE name IN ('created_at', 'tag_authority', 'tag_date') ORDER BY name"
    with closing(sqlite3.connect(part)) as copied, copied:
        if old.execute(identity).fetchall() != copied.execute(identity).fetchall():
            return
        (seq,) = old.execute("SELECT value FROM facts WHERE name = 'seq'").fetchone()
        copied.execute("UPDATE facts SET value = ? WHERE name = 'seq' AND CAST(value AS INTEGER) < ?", (seq, int(seq)))
        for table in _COUNTED:
            last = old.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
            if last is not None:
                copied.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (last[0], table))
                copied.execute(
                    "INSERT INTO sqlite_sequence (name, seq) SELECT ?, ? "
                    "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)",
                    (table, last[0], table),
                )
