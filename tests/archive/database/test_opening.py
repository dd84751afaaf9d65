from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from archive import open_archive
from archive.archive import open_file
from archive.database.engine import open_sqlite
from archive.schema import APPLICATION_ID, metadata
from crawler.config import Config
from crawler.errors import ArchiveError, SchemaError


def test_makes_folder_and_schema(tmp_path: Path) -> None:
    config = Config(data=tmp_path / "new" / "folder", base_url="https://feeds.example.org/")
    open_archive(config).close()
    with sqlite3.connect(config.database) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("SELECT value FROM facts WHERE name = 'tag_authority'").fetchone() == (
            "feeds.example.org",
        )
    connection.close()


def test_authority_is_fixed_when_made(tmp_path: Path) -> None:
    open_archive(Config(data=tmp_path)).close()
    open_archive(Config(data=tmp_path, base_url="https://other.example.org")).close()
    with sqlite3.connect(tmp_path / "hrwatch.sqlite3") as connection:
        names = connection.execute("SELECT value FROM facts WHERE name = 'tag_authority'").fetchall()
    connection.close()
    assert names == [("hrwatch.invalid",)]


def test_migrations_make_what_the_schema_says(tmp_path: Path) -> None:
    open_file(tmp_path / "a.sqlite3").close()
    engine = open_sqlite(tmp_path / "a.sqlite3")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    # the index and its shadow tables are no tables of the schema
    assert [change for change in differences if "item_search" not in str(change)] == []


def test_refuses_newer_schema(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite3"
    open_file(file).close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(SchemaError, match=r"a\.sqlite3.*9999"):
        open_file(file)


@pytest.mark.parametrize("marked", [True, False])
def test_leaves_strangers_untouched(tmp_path: Path, marked: bool) -> None:
    file = tmp_path / "b.sqlite3"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE theirs (x)")
        if marked:
            connection.execute("PRAGMA application_id = 42")
    connection.close()
    before = file.read_bytes()
    with pytest.raises(SchemaError, match=r"b\.sqlite3"):
        open_file(file)
    assert file.read_bytes() == before


def test_refuses_what_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "c.sqlite3"
    file.write_text("a letter", "utf-8")
    with pytest.raises(SchemaError, match=r"c\.sqlite3"):
        open_file(file)
    assert file.read_text("utf-8") == "a letter"


def test_damaged_archive_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite3"
    open_file(file).close()
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    with pytest.raises(ArchiveError, match=r"a\.sqlite3"):
        open_file(file)


def test_says_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(ArchiveError, match=r"hrwatch\.sqlite3"):
        open_archive(Config(data=tmp_path / "file"))


def test_two_processes_open_a_new_archive_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from archive.archive import open_file;"
        "open_file(Path(sys.argv[1])).close()"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "d.sqlite3")], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    ended = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], ended


def test_ctrl_c_while_it_closes_is_passed_on_and_told_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def interrupted(connection: sqlite3.Connection) -> None:
        connection.close()
        raise KeyboardInterrupt

    engine = open_sqlite(tmp_path / "d.sqlite3")
    monkeypatch.setattr(engine.dialect, "do_close", interrupted)
    with pytest.raises(KeyboardInterrupt):
        engine.dispose()
    assert caplog.text == ""


def test_closing_twice_does_nothing_and_closed_refuses(tmp_path: Path) -> None:
    archive = open_file(tmp_path / "e.sqlite3")
    archive.close()
    archive.close()
    with pytest.raises(ArchiveError, match=r"e\.sqlite3"):
        archive.plan("x", None)
