"""The folder while it is published into: in place when it is left, no more in memory than is under way, faults told."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from feeds import folder as writing
from feeds.folder import FeedFolder, with_siblings


def test_all_is_in_place_with_its_siblings_when_it_is_left(tmp_path: Path) -> None:
    (tmp_path / "b.rss").write_bytes(b"as before")
    with FeedFolder(tmp_path) as files:
        for name in ("a.rss", "a.atom"):
            files.write(name, name.encode(), feed_id="a")
        files.write("b.rss", b"as before", feed_id="b")
        files.write("a_p1.rss", b"a page", is_alone=True)
        files.write("icon.png", b"a picture")
    expected = {file for name in ("a.rss", "a.atom", "b.rss", "icon.png") for file in with_siblings(name)}
    assert {file.name for file in tmp_path.iterdir()} == expected | {"a_p1.rss"}
    assert "icon.png.gz" not in expected
    assert (files.rewritten, [*files.changed]) == (4, ["a"])  # b held it already: only its siblings were missing


def test_what_was_there_is_what_was_there_in_the_beginning(tmp_path: Path) -> None:
    (tmp_path / "a.rss").write_bytes(b"")
    with FeedFolder(tmp_path) as files:
        files.write("b.rss", b"")
        files.wait()
        assert (files.has(["a.rss"]), files.has(["a.rss", "b.rss"]), files.has([])) == (True, False, True)


def test_more_than_a_few_documents_are_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held, most, lock = 0, 0, threading.Lock()
    write_whole = writing.write_whole

    def counted(path: Path, content: bytes) -> bool:
        nonlocal held
        done = write_whole(path, content)
        with lock:
            held -= 1
        return done

    monkeypatch.setattr(writing, "write_whole", counted)
    with FeedFolder(tmp_path) as files:
        for number in range(60):
            files.write(f"{number}.rss", b"x", is_alone=True)
            with lock:
                held += 1
                most = max(most, held)
    assert (len([*tmp_path.iterdir()]), held) == (60, 0)
    assert most <= 12


def test_a_file_that_cannot_be_written_is_named_and_the_others_are_whole(tmp_path: Path) -> None:
    (tmp_path / "b.rss").mkdir()

    def write_all() -> None:
        with FeedFolder(tmp_path) as files:
            for name in ("a.rss", "b.rss", "c.rss"):
                files.write(name, b"whole", is_alone=True)

    with pytest.raises(OSError, match=r"b\.rss"):
        write_all()
    assert (tmp_path / "a.rss").read_bytes() == b"whole"
    assert [file.name for file in tmp_path.iterdir() if file.name.endswith(".part")] == []


def test_whoever_is_interrupted_waits_for_files_under_way_and_begins_no_others(tmp_path: Path) -> None:
    def interrupted() -> None:
        with FeedFolder(tmp_path) as files:
            for number in range(10):
                files.write(f"{number}.rss", b"whole", is_alone=True)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    written = [*tmp_path.iterdir()]
    assert all(file.suffix == ".rss" and file.read_bytes() == b"whole" for file in written)
    assert [thread for thread in threading.enumerate() if thread.name.startswith("hrwatch-feeds")] == []
