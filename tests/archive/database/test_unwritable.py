"""A file that cannot be written is read all the same, with all that was stored, and without a trace beside it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from archive import Archive
from archive.archive import open_file, open_server
from archive.database import engine
from crawler.errors import ArchiveError, SchemaError, UnwritableError
from tests.archive.making import NOW, judged, prose
from tests.archive.places import Place, new_file

pytestmark = pytest.mark.usefixtures("english")


def store(archive: Archive, number: int) -> None:
    archive.store(judged(f"https://a.example/{number}", prose(number), title=f"第{number}条"), now=NOW)


def held(archive: Archive) -> int:
    return len(archive.stories(limit=10))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with open_file(new_file(tmp_path / "D" / "hrwatch.sqlite3")) as archive:
        store(archive, 1)
    os.utime(tmp_path / "D" / "hrwatch.sqlite3", (0, 0))  # written long ago: whatever is written now shows
    return tmp_path / "D" / "hrwatch.sqlite3"


@contextmanager
def forbidden() -> Iterator[None]:
    """Nothing may be written, as on a read-only disk or in a folder of somebody else."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine.os, "access", lambda _path, mode: not mode & os.W_OK)
        yield


def open_to_ask(file: Path) -> Archive:
    with forbidden():
        return open_file(file, read_only=True)


def beside(file: Path) -> set[str]:
    return {path.name for path in file.parent.iterdir()}


def test_a_file_at_rest_is_read_without_a_trace(file: Path) -> None:
    before = file.read_bytes()
    with open_to_ask(file) as archive:
        assert archive.only_read_as == "it may not be written"
        assert held(archive) == 1
        assert beside(file) == {file.name}
        with pytest.raises(UnwritableError, match="nothing was written"):
            store(archive, 2)
    assert file.read_bytes() == before
    with forbidden(), pytest.raises(UnwritableError, match=r"hrwatch\.sqlite3.*may not be written"):
        open_file(file)


def test_what_is_written_meanwhile_is_seen(file: Path) -> None:
    """A web side that was started over an archive at rest follows whoever writes it, until he ends and after."""
    with open_to_ask(file) as archive:
        assert held(archive) == 1
        with open_file(file) as writer:
            store(writer, 2)
            assert beside(file) > {file.name}
            assert held(archive) == 2
            with open_to_ask(file) as another:
                assert held(another) == 2
        assert held(archive) == 2


def export_while_others_write(archive: Archive, file: Path) -> None:
    with archive.exporting(), open_file(file) as writer:  # closing takes the log into the file
        store(writer, 2)


def test_an_answer_from_two_states_is_none(file: Path) -> None:
    with open_to_ask(file) as archive:
        with pytest.raises(ArchiveError, match="was written to while it was read"):
            export_while_others_write(archive, file)
        assert held(archive) == 2


def with_a_log(file: Path) -> None:
    """A copy of what a killed process leaves, without the marks that cannot be copied."""
    copy = file.with_name("copy")
    with open_file(file) as writer:
        store(writer, 2)
        shutil.copy(file, copy)
        shutil.copy(f"{file}-wal", f"{copy}-wal")
    copy.rename(file)
    copy.with_name("copy-wal").rename(f"{file}-wal")


def with_a_journal(file: Path) -> None:
    """A copy of a file without a log that is half-written."""
    copy = file.with_name("copy")
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE half AS SELECT * FROM items")
        connection.execute("UPDATE items SET title = 'half'")
        shutil.copy(file, copy)
        shutil.copy(f"{file}-journal", f"{copy}-journal")
        connection.execute("ROLLBACK")
    copy.rename(file)
    copy.with_name("copy-journal").rename(f"{file}-journal")


@pytest.mark.parametrize(("leave", "log"), [(with_a_log, "-wal"), (with_a_journal, "-journal")])
def test_a_log_that_cannot_be_read_is_not_passed_over(file: Path, leave: Callable[[Path], None], log: str) -> None:
    leave(file)
    with pytest.raises(ArchiveError, match=f"not whole without hrwatch.sqlite3{log}"):
        open_to_ask(file)
    with open_file(file) as archive:  # where it can be written it is whole again
        assert held(archive) == (2 if log == "-wal" else 1)


def test_a_backup_keeps_no_log_and_is_read(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with open_to_ask(file) as archive:
        assert held(archive) == 1
    assert beside(file) == {file.name}


def test_an_older_schema_is_refused(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0014'")
    with pytest.raises(SchemaError, match=r"hrwatch\.sqlite3: made by an older hrwatch \(schema 0014\)"):
        open_to_ask(file)


def test_a_full_disk(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_engine: object) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
        raise error

    monkeypatch.setattr(engine, "_use_wal", full)
    monkeypatch.setattr(engine.shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(9, 9, 0))
    with open_file(file, read_only=True) as archive:
        assert archive.only_read_as == "no room is left on the disk"
        assert held(archive) == 1
    with pytest.raises(UnwritableError, match="no room is left on the disk"):
        open_file(file)


def test_a_question_does_not_wait_for_whoever_writes(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with open_file(file, read_only=True) as archive:
            assert held(archive) == 1


@pytest.mark.parametrize("new_place", ["postgresql"], indirect=True)
def test_a_server_that_takes_no_writes(place: Place) -> None:
    """As a standby, or a role that may only read."""
    with psycopg.connect(place.name, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{connection.info.dbname}" SET default_transaction_read_only = on')
    with open_server(place.name, read_only=True) as archive:
        assert held(archive) == 0
