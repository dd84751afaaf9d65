"""What the check finds: each test breaks one thing behind the archive's back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archive import Archive
from archive.archive import open_file
from archive.records import Fault
from crawler.model import Judged, WarcPosition
from tests.archive.making import NOW, judged, prose

RECORD = b"\x1f\x8b synthetic record"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hrwatch.sqlite3"


@pytest.fixture
def archive(file: Path, tmp_path: Path) -> Iterator[Archive]:
    """Two stories, whose pages are the two records of one WARC file."""
    folder = tmp_path / "warc"
    folder.mkdir()
    (folder / "a.warc.gz").write_bytes(RECORD * 2)
    with open_file(file, warc_dir=folder) as opened:
        for number in range(2):
            opened.store(kept(number, "a.warc.gz", number * len(RECORD)), now=NOW)
        yield opened


def kept(number: int, name: str, offset: int) -> Judged:
    item = judged(f"https://a.example/{number}", prose(number))
    assert item.capture.page is not None
    place = WarcPosition(file=name, offset=offset, length=len(RECORD))
    return replace(item, capture=replace(item.capture, page=replace(item.capture.page, warc=place)))


def broken(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def found(archive: Archive) -> list[tuple[str, str]]:
    return [(fault.part, fault.detail) for fault in archive.check()]


def test_all_is_well(archive: Archive) -> None:
    assert archive.check() == ()


def test_item_that_is_not_indexed(archive: Archive, file: Path) -> None:
    broken(file, "INSERT INTO item_search (item_search) VALUES ('delete-all')")
    assert ("item_search", "2 items not indexed") in found(archive)


def test_index_row_without_an_item(archive: Archive, file: Path) -> None:
    broken(file, "INSERT INTO item_search (rowid, title, body) VALUES (77, '川', '渝')")
    assert found(archive) == [("item_search", "1 indexed, but no items")]


def test_damaged_index(archive: Archive, file: Path) -> None:
    broken(file, "UPDATE item_search_data SET block = x'00' WHERE id > 10")
    assert "item_search" in {part for part, _detail in found(archive)}


def test_reference_to_nothing(archive: Archive, file: Path) -> None:
    broken(file, "INSERT INTO item_zones (item_id, zone) VALUES (77, '川渝')")
    (fault,) = archive.check()
    assert fault.part == "item_zones"
    assert "no items" in fault.detail


def test_story_that_shows_another_storys_item(archive: Archive, file: Path) -> None:
    broken(file, "UPDATE stories SET text_item_id = 2 WHERE id = 1")
    assert found(archive) == [("stories", "1 that show an item which is not a member")]


def test_story_without_a_member(archive: Archive, file: Path) -> None:
    broken(file, "UPDATE items SET story_id = 1")
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
