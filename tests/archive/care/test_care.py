"""What the check finds: each test breaks one thing behind the archive's back."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, event, text

from archive import Archive
from archive.archive import open_file
from archive.care import checking
from archive.database.deadline import OverdueError, within
from archive.records import Fault
from crawler.leases.owner import owner_name
from crawler.model import Judged, WarcPosition
from tests.archive.making import NOW, judged, prose
from tests.archive.places import Place
from tests.conftest import ROOT

OWNER = "from crawler.leases.owner import owner_name; print(owner_name())"
RECORD = b"\x1f\x8b synthetic record"

# for what only SQLite lets happen: PostgreSQL holds to its references, and keeps its index itself
IN_A_FILE = pytest.mark.parametrize("new_place", ["sqlite"], indirect=True)


@pytest.fixture
def archive(place: Place, tmp_path: Path) -> Iterator[Archive]:
    """Two stories, whose pages are the two records of one WARC file."""
    folder = tmp_path / "warc"
    folder.mkdir()
    (folder / "a.warc.gz").write_bytes(RECORD * 2)
    with place.open(warc_dir=folder) as opened:
        for number in range(2):
            opened.store(kept(number, "a.warc.gz", number * len(RECORD)), now=NOW)
        yield opened


@pytest.fixture
def file(place: Place) -> Path:
    """The archive's file, for tests that are `IN_A_FILE`."""
    return Path(place.name)


def kept(number: int, name: str, offset: int) -> Judged:
    item = judged(f"https://a.example/{number}", prose(number))
    assert item.capture.page is not None
    place = WarcPosition(file=name, offset=offset, length=len(RECORD))
    return replace(item, capture=replace(item.capture, page=replace(item.capture.page, warc=place)))


def broken(place: Place | Path, *statements: str) -> None:
    if isinstance(place, Place) and place.name.startswith("postgresql:"):
        with psycopg.connect(place.name) as connection:
            for statement in statements:
                connection.execute(statement.encode())
        return
    with closing(sqlite3.connect(place.name if isinstance(place, Place) else place)) as held, held:
        for statement in statements:
            held.execute(statement)


def found(archive: Archive) -> list[tuple[str, str]]:
    return [(fault.part, fault.detail) for fault in archive.check()]


def test_all_is_well(archive: Archive) -> None:
    assert archive.check() == ()


def test_item_that_is_not_indexed(archive: Archive, place: Place) -> None:
    broken(place, "UPDATE items SET search_facets = NULL WHERE id = 1")
    assert ("item_search", "1 items not indexed") in found(archive)


@IN_A_FILE
def test_index_that_is_empty(archive: Archive, file: Path) -> None:
    broken(file, "INSERT INTO item_search (item_search) VALUES ('delete-all')")
    assert ("item_search", "2 items missing from the index") in found(archive)


@IN_A_FILE
def test_index_row_without_an_item(archive: Archive, file: Path) -> None:
    broken(file, "INSERT INTO item_search (rowid, tokens) VALUES (77, '川 渝')")
    assert found(archive) == [("item_search", "1 indexed, but no items")]


@IN_A_FILE
def test_damaged_index(archive: Archive, file: Path) -> None:
    broken(file, "UPDATE item_search_data SET block = x'00' WHERE id > 10")
    assert "item_search" in {part for part, _detail in found(archive)}


@IN_A_FILE
def test_reference_to_nothing(archive: Archive, file: Path) -> None:
    broken(file, "INSERT INTO item_zones (item_id, zone) VALUES (77, '川渝')")
    (fault,) = archive.check()
    assert fault.part == "item_zones"
    assert "no items" in fault.detail


def test_story_that_shows_another_storys_item(archive: Archive, place: Place) -> None:
    broken(place, "UPDATE stories SET text_item_id = 2 WHERE id = 1")
    assert found(archive) == [("stories", "1 that show an item which is not a member")]


def test_story_without_a_member(archive: Archive, place: Place) -> None:
    broken(place, "UPDATE items SET story_id = 1")
    assert ("stories", "1 without a member") in found(archive)


def test_page_behind_the_end_of_its_file(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "warc" / "a.warc.gz"
    path.write_bytes(RECORD + RECORD[:-3])  # a disk that was full
    size, end = 2 * len(RECORD) - 3, 2 * len(RECORD)
    assert found(archive) == [("pages", f"{path}: {size} bytes, but a page ends at {end}")]


def test_file_that_is_gone(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "warc" / "a.warc.gz"
    path.unlink()
    assert found(archive) == [("pages", f"{path}: not there; 2 pages cannot be read again")]


def test_file_that_is_another(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "warc" / "a.warc.gz"
    path.write_bytes(b"x" * 2 * len(RECORD))
    assert found(archive) == [("pages", f"{path}: no record begins at {offset}") for offset in (len(RECORD), 0)]


@IN_A_FILE
def test_damaged_database_is_told_and_not_raised(archive: Archive, file: Path) -> None:
    archive.close()
    with closing(sqlite3.connect(file)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'items'").fetchone()
    with file.open("r+b") as stream:
        stream.seek((root - 1) * size)
        stream.write(b"\xff" * size)
    with open_file(file) as opened:
        faults = opened.check()
    assert faults
    assert all(isinstance(fault, Fault) and fault.detail for fault in faults)


ENDLESS = {
    "sqlite": "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}


def test_a_part_that_takes_too_long_is_told_as_unfinished(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(connection: Connection) -> Iterator[Fault]:
        connection.execute(text(ENDLESS[connection.dialect.name]))
        yield Fault(part="never", detail="reached")

    monkeypatch.setattr(checking, "_check_indexed", endless)
    assert archive.check(limit_s=2) == (Fault(part="item_search", detail="", is_unfinished=True),)
    monkeypatch.undo()
    assert archive.check(limit_s=60) == ()


def test_a_question_is_given_up_and_the_transaction_goes_on(archive: Archive) -> None:
    started = time.monotonic()
    with archive._reading() as connection:
        with pytest.raises(OverdueError), within(connection, 0.2):
            connection.execute(text(ENDLESS[connection.dialect.name]))
        assert connection.execute(text("SELECT count(*) FROM items")).scalar_one() == 2
    assert time.monotonic() - started < 45  # of a minute, or of for ever


def test_ctrl_c_within_a_question_is_passed_on(archive: Archive) -> None:
    def stop(_cursor: object, statement: str, *_given: object) -> None:
        if statement == "SELECT 1 + 1":
            raise KeyboardInterrupt

    engine = archive._engine
    event.listen(engine, "do_execute", stop)
    try:
        with pytest.raises(KeyboardInterrupt), archive._reading() as connection, within(connection, 60):
            connection.execute(text("SELECT 1 + 1"))
    finally:
        event.remove(engine, "do_execute", stop)
    assert archive.counts().items == 2


# sqlite3 tells what its handlers raise, where something in this process has asked for that
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ctrl_c_is_no_answer_that_came_too_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[BaseException | None] = [None, KeyboardInterrupt()]  # the second look at the clock is SQLite's

    def clock() -> float:
        if said and (struck := said.pop(0)):
            raise struck
        return 0.0

    with open_file(tmp_path / "d.sqlite3") as archive, archive._reading() as connection:
        monkeypatch.setattr("archive.database.deadline.time.monotonic", clock)
        with pytest.raises(KeyboardInterrupt), within(connection, 60):
            connection.execute(text(ENDLESS["sqlite"]))
        assert said == []


def test_condition(archive: Archive, place: Place) -> None:
    assert archive.acquire_lease("a.example", "somewhere/1/1.0/x", 60.0) is not None
    found = archive.condition()
    assert found.held == {"a.example": "somewhere/1/1.0/x"}
    assert found.schema
    is_file = not place.name.startswith("postgresql:")
    assert (found.log_bytes is not None, found.free_bytes is not None) == (is_file, is_file)
    process = subprocess.run([sys.executable, "-c", OWNER], capture_output=True, text=True, cwd=ROOT, check=True)
    # of a run here it is known that it has ended, whatever the clock says
    assert archive.acquire_lease("b.example", process.stdout.strip(), 10**9) is not None
    assert archive.acquire_lease("c.example", owner_name(), 60.0) is not None
    assert set(archive.condition().held) == {"a.example", "c.example"}
