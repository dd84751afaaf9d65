"""A file without a byte: a new archive, or what is left of one. Nothing of the latter is lost by looking at it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.archive import open_file
from archive.copies.backup import back_up
from archive.copies.restore import restore
from crawler.errors import ArchiveError
from tests.archive.making import NOW, judged

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def emptied(tmp_path: Path) -> Path:
    """What a process leaves that is killed right after opening, a full disk, or a broken copy."""
    file = tmp_path / "hrwatch.sqlite3"
    file.touch()
    return file


def test_a_file_without_a_byte_is_a_new_archive(emptied: Path, tmp_path: Path) -> None:
    (tmp_path / "warc").mkdir()
    with open_file(emptied, warc_dir=tmp_path / "warc") as archive:
        assert archive.counts().items == 0


def test_where_pages_were_kept_it_is_what_is_left_of_one(emptied: Path, tmp_path: Path) -> None:
    (tmp_path / "warc").mkdir()
    (tmp_path / "warc" / "hrwatch-20260301080512-4711-9f3a2c.warc.gz").touch()
    with pytest.raises(ArchiveError, match=r"hrwatch\.sqlite3: is empty, though pages are kept in .*warc: .* restore"):
        open_file(emptied, warc_dir=tmp_path / "warc")
    assert emptied.stat().st_size == 0
    emptied.unlink()
    open_file(emptied, warc_dir=tmp_path / "warc").close()


def test_its_log_is_not_thrown_away(emptied: Path, tmp_path: Path) -> None:
    log = tmp_path / "hrwatch.sqlite3-wal"
    log.write_bytes(b"what the log still held")
    with pytest.raises(ArchiveError, match=r"hrwatch\.sqlite3: is empty, but its log .*-wal is not: "):
        open_file(emptied)
    assert log.read_bytes() == b"what the log still held"  # SQLite would remove it


def test_a_copy_takes_its_place(emptied: Path, tmp_path: Path) -> None:
    with open_file(tmp_path / "old.sqlite3") as archive:
        archive.store(judged("https://synthetic.example/a/1", "合成正文。"), now=NOW)
    back_up(tmp_path / "old.sqlite3", copy := tmp_path / "copy.sqlite3", tell=lambda *_: None)
    (tmp_path / "hrwatch.sqlite3-wal").write_bytes(b"what the log still held")
    now = datetime(2026, 3, 2, 8, tzinfo=UTC)
    with pytest.raises(ArchiveError, match="is there already"):
        restore(copy, emptied, folder=tmp_path, now=now, tell=lambda *_: None)
    restored = restore(copy, emptied, folder=tmp_path, now=now, is_replacing=True, tell=lambda *_: None)
    assert restored.old is not None
    assert (restored.items, restored.old.stat().st_size) == (1, 0)
    assert restored.old.with_name(f"{restored.old.name}-wal").read_bytes() == b"what the log still held"
    with open_file(emptied) as archive:
        assert archive.counts().items == 1
