"""Daemon, cron and workers on one archive: what they store together is what one of them would have stored."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from archive import Archive
from archive.archive import open_file
from archive.database import engine
from archive.database.engine import open_sqlite, writing
from crawler.errors import ArchiveError
from tests.archive.making import NOW, judged, prose
from tests.archive.places import Place

# Every child stores every item: the same addresses, and reprints of one another, each in an order of its own.
_STORE = """
import random, sys
from tests.archive.making import NOW, judged, prose, source
from tests.archive.places import Place
numbers = list(range(18))
random.Random(sys.argv[2]).shuffle(numbers)
with Place(sys.argv[1]).open() as archive:
    print("ready", flush=True)
    sys.stdin.readline()
    for n in numbers:
        host = f"h{n % 3}"
        item = judged(f"https://{host}.example/{n}", prose(n // 3), of=source(host, f"合成日报{n % 3}"))
        archive.store(item, now=NOW)
"""
_PLAIN = ("url", "source_id", "title", "body", "folded_body", "body_hash", "published_at", "found_by")


def _store_with(place: Place, children: int) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _STORE, place.name, str(n)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for n in range(children)
    ]
    for child in started:  # all at once, and not one after the other as they come up
        assert child.stdout is not None
        child.stdout.readline()
    ended = [child.communicate(b"\n", timeout=240)[1] for child in started]
    assert [child.returncode for child in started] == [0] * children, ended


def _held(place: Place) -> tuple[object, ...]:
    """What does not depend on who came first: items, entries, pages, prints, and who is one story with whom."""
    with place.open() as archive:
        assert archive.check() == ()

        def read(statement: str) -> list[tuple[object, ...]]:
            rows = archive.submit(lambda connection: connection.execute(text(statement)).all()).result()
            return sorted(map(tuple, rows), key=repr)

        stories = archive.stories(limit=100, relevant_only=False)
        return (
            read(f"SELECT {', '.join(_PLAIN)} FROM items"),
            read("SELECT url, source_id, outcome FROM entries"),
            read("SELECT url, sha256 FROM pages"),
            read("SELECT i.url, b.band, b.hash FROM bands b JOIN items i ON i.id = b.item_id WHERE b.band < 1"),
            sorted(sorted(member.url for member in story.members) for story in stories),
        )


def test_three_processes_store_what_one_would(new_place: Callable[[], Place]) -> None:
    one, several = new_place(), new_place()
    for place in (one, several):
        place.open(authority="feeds.example.org").close()
    _store_with(one, 1)
    _store_with(several, 3)
    assert _held(several) == _held(one)
    with several.open() as archive:
        stories = archive.stories(limit=100, relevant_only=False)
        assert [len(story.members) for story in stories] == [3] * 6
        assert len({story.guid for story in stories}) == 6


def test_a_reader_that_stays_blocks_nobody(archive: Archive) -> None:
    archive.store(judged("https://a.example/0", prose(0)), now=NOW)
    with archive._reading() as connection:
        asked = text("SELECT count(*) FROM items")
        assert connection.execute(asked).scalar_one() == 1
        began = time.monotonic()
        for number in range(1, 11):
            archive.store(judged(f"https://a.example/{number}", prose(number)), now=NOW)
        assert time.monotonic() - began < 60, "nobody waited for a lock"
        assert connection.execute(asked).scalar_one() == 1, "the reader sees the state it began with"
    assert archive.counts().items == 11


def test_the_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite3"
    log = file.with_name("a.sqlite3-wal")
    with open_file(file) as archive:
        _write_megabytes(archive, 12)
        assert log.stat().st_size < 8 * 2**20, "the log is begun anew every thousand pages"
        with archive._reading() as connection:  # an analyst's open transaction keeps what it sees
            connection.execute(text("SELECT count(*) FROM facts")).scalar_one()
            _write_megabytes(archive, 48)
            assert log.stat().st_size > 32 * 2**20
        _write_megabytes(archive, 6)
        assert log.stat().st_size <= engine.MAX_LOG_BYTES


def _write_megabytes(archive: Archive, number: int) -> None:
    for _ in range(number):
        archive.submit(
            lambda connection: (
                connection.execute(
                    text("INSERT OR REPLACE INTO robots VALUES ('x', '2026-03-02 00:00:00', randomblob(1048576))")
                ).rowcount
            )
        ).result()


def test_a_lock_that_is_not_given_ends_in_a_word(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.database.engine.BUSY_TIMEOUT_S", 1)
    monkeypatch.setattr("archive.database.postgresql._LOCK_TIMEOUT_S", 1)
    with place.open() as holder, place.open() as waiting:
        is_held, is_done = threading.Event(), threading.Event()

        def hold(_connection: object) -> None:
            is_held.set()
            is_done.wait(120)

        held = holder.submit(hold)
        assert is_held.wait(60)
        name = place.name.rpartition("/")[2]
        with pytest.raises(ArchiveError, match=rf"{name}.*(lock|Lock)"):
            waiting.store(judged("https://a.example/1", prose(1)), now=NOW)
        is_done.set()
        held.result(60)
        assert waiting.store(judged("https://a.example/1", prose(1)), now=NOW).is_new, "and the next one is written"


def test_a_writer_that_reads_first_does_not_fail(tmp_path: Path) -> None:
    """BEGIN IMMEDIATE: a transaction that began to read before another wrote could not write any more."""
    file = tmp_path / "a.sqlite3"
    open_file(file).close()
    one = open_sqlite(file)
    with writing(one).begin() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        assert raw.in_transaction
        other = open_sqlite(file)
        with other.connect() as reader:  # readers are let in
            assert reader.execute(text("SELECT count(*) FROM items")).scalar_one() == 0
        other.dispose()
        connection.execute(text("INSERT INTO facts VALUES ('x', 'y')"))
    one.dispose()


def test_a_duplicate_key_costs_its_row_alone(archive: Archive) -> None:
    def put(name: str) -> Callable[..., int]:
        return lambda connection: connection.execute(text(f"INSERT INTO facts VALUES ('{name}', '')")).rowcount

    names = ["a", "b", "a", "c", "seq", "d"]
    ended = [archive.submit(put(name)) for name in names]
    assert [future.exception(60) is None for future in ended] == [True, True, False, True, False, True]
    fault = ended[2].exception()
    assert isinstance(fault, ArchiveError)
    assert archive.name in str(fault)
