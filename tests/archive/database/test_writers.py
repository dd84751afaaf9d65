"""Two processes, kill -9, and bad operations: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import Connection, text

from archive import Archive
from archive.records import Question
from crawler.errors import ArchiveError
from tests.archive.making import NOW, judged, prose
from tests.archive.places import Place

_STORE = """
import sys
from tests.archive.making import NOW, entry, judged, prose
from tests.archive.places import Place
rows = [entry(f"https://{n % 7}.example/{n}") for n in range(60)]
with Place(sys.argv[1]).open() as archive:
    archive.note_rows(rows, list_url="l", source_id="s", now=NOW, validators=None, lease=None)
    order = range(60) if sys.argv[2] == "up" else range(59, -1, -1)
    for n in order:
        archive.store(judged(f"https://{n % 7}.example/{n}", prose(n // 3)), now=NOW)
print("done")
"""


def start(place: Place, direction: str = "up") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", _STORE, place.name, direction], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def held(place: Place) -> set[tuple[str, ...]]:
    with place.open() as archive:
        assert archive.check() == ()
        assert archive.counts().items == 60
        return {tuple(sorted(member.url for member in story.members)) for story in archive.stories(limit=100)}


EXPECTED = {tuple(sorted(f"https://{n % 7}.example/{n}" for n in range(first, first + 3))) for first in range(0, 60, 3)}


def test_two_processes_lose_and_double_nothing(place: Place) -> None:
    processes = [start(place, direction) for direction in ("up", "down")]
    for process in processes:
        out, error = process.communicate(timeout=120)
        assert out == b"done\n", error
    assert held(place) == EXPECTED


def test_killed_at_any_moment_and_run_again(place: Place) -> None:
    rng = random.Random(5)
    for _ in range(3):
        process = start(place)
        time.sleep(rng.uniform(0.6, 1.4))  # starting takes about half a second
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=120)
    process = start(place)
    out, error = process.communicate(timeout=120)
    assert out == b"done\n", error
    assert held(place) == EXPECTED


def test_a_bad_operation_costs_itself_and_not_its_batch(archive: Archive) -> None:
    gate = threading.Event()

    def wait(_: Connection) -> None:
        gate.wait(60)

    def write_and_fail(connection: Connection) -> None:
        connection.execute(text("INSERT INTO facts VALUES ('bad', '')"))
        raise ValueError("bad")

    waiting = archive.submit(wait)
    good = [
        archive.submit(
            lambda connection, n=n: connection.execute(text(f"INSERT INTO facts VALUES ('{n}', '')")).rowcount
        )
        for n in range(3)
    ]  # type: ignore[misc]
    bad = archive.submit(write_and_fail)
    wrong = archive.submit(lambda connection: connection.execute(text("INSERT INTO nowhere VALUES (1)")).rowcount)
    gate.set()
    waiting.result(60)
    assert [future.result(60) for future in good] == [1, 1, 1]
    with pytest.raises(ValueError, match="bad"):
        bad.result(60)
    with pytest.raises(ArchiveError, match="nowhere"):
        wrong.result(60)
    names = archive.submit(lambda connection: connection.execute(text("SELECT name FROM facts")).scalars().all())
    assert {"0", "1", "2"} <= set(names.result(60))
    assert "bad" not in names.result(60)


def test_many_threads_at_once(archive: Archive) -> None:
    def work(first: int) -> None:
        for n in range(first, 40, 4):
            archive.store(judged(f"https://a.example/{n}", prose(n)), now=NOW)
            archive.stories(limit=5)
            archive.search(Question(words="川渝"))

    threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert archive.counts().items == 40


def test_leases_do_not_wait_behind_the_queue(archive: Archive) -> None:
    queued = [archive.submit(lambda _connection: time.sleep(0.05)) for _ in range(200)]
    assert archive.acquire_lease("a.example", "one", 60) is not None
    assert not queued[-1].done()
