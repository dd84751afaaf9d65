"""Disks and files that fail under the archive: a clear error that names the file, nothing lost, and it goes on after.

Faults that only a process can have (killed, out of room by its limits, without the right to write) have one here.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, event, text

from archive import Archive
from archive.archive import open_file
from archive.correcting import reprocess
from archive.records import KeptQuery, Redo
from crawler.errors import ArchiveError
from tests.archive.making import NOW, judged, prose
from tests.archive.places import Place

# Stores items until it is stopped, and says which were acknowledged.
STORING = """
import os, sys
from tests.archive.making import NOW, judged, prose
from tests.archive.places import Place
archive = Place(sys.argv[1]).open()
number = int(sys.argv[2])
while True:
    archive.store(judged(f"https://a.example/{number}", prose(number), title=f"第{number}条"), now=NOW)
    print(number, flush=True)
    number += 1
"""


def store(archive: Archive, *numbers: int) -> None:
    for number in numbers:
        archive.store(judged(f"https://a.example/{number}", prose(number), title=f"第{number}条"), now=NOW)


def held(archive: Archive) -> set[str]:
    return {story.title for story in archive.stories(limit=10_000)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with open_file(tmp_path / "D" / "hrwatch.sqlite3") as archive:
        store(archive, 1, 2)
    return tmp_path / "D" / "hrwatch.sqlite3"


def test_killed_while_it_stores(place: Place) -> None:
    """What was acknowledged is there, and the archive is whole, however often."""
    acknowledged: set[int] = set()
    for turn in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", STORING, place.name, str(turn * 1000)], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            for line in child.stdout:
                acknowledged.add(int(line))
                if len(acknowledged) >= (turn + 1) * 10:
                    child.kill()  # in the middle of the next one
                    break
            acknowledged |= {int(line) for line in child.stdout if line.endswith("\n")}
    with place.open() as archive:
        assert {f"第{number}条" for number in acknowledged} <= held(archive)
        assert archive.check() == ()
        store(archive, 999_999)


def lose(connection: Connection, place: Place) -> None:
    """Write, and let the server end the connection before it is committed."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
    connection.execute(text("UPDATE facts SET value = 'lost' WHERE name = 'created_at'"))
    with psycopg.connect(place.name, autocommit=True) as other:
        other.execute(others, (other.info.backend_pid,))
    connection.execute(text("SELECT 1"))


@pytest.mark.parametrize("new_place", ["postgresql"], indirect=True)  # a file has no server
def test_a_server_that_ends_the_connection_in_mid_transaction(archive: Archive, place: Place) -> None:
    store(archive, 1)
    are_queued = threading.Event()
    before = archive.submit(lambda _connection: are_queued.wait(60))
    losing = archive.submit(lambda connection: lose(connection, place))
    behind = archive.submit(lambda connection: connection.execute(text("SELECT 7")).scalar_one())
    are_queued.set()
    for lost in (before, losing):  # what was not committed is told to each who waits for it
        with pytest.raises(ArchiveError, match="127"):
            lost.result()
    assert behind.result() == 7
    store(archive, 2)
    assert held(archive) == {"第1条", "第2条"}
    assert archive.check() == ()


@pytest.mark.parametrize("new_place", ["postgresql"], indirect=True)
def test_a_server_that_goes_away_while_items_are_written_anew(
    archive: Archive, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(archive, 1, 2)
    redos = [
        Redo(of=kept, judged=judged(kept.url, prose(9)), is_read_again=True)
        for kept in archive.kept_items(KeptQuery(), after=0, limit=2)
    ]
    with monkeypatch.context() as patched:
        patched.setattr(reprocess, "_write", lambda connection, *_of: lose(connection, place))
        with pytest.raises(ArchiveError, match="127"):
            archive.redo(redos, now=NOW)
    assert [bool(done.changes) for done in archive.redo(redos, now=NOW)] == [True, True]


def test_a_database_that_is_full(file: Path) -> None:
    """SQLITE_FULL: nothing of the item is written, and once there is room again it is stored as if nothing had been."""
    with open_file(file) as archive:
        limit = [10]

        def at_most(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {limit[0]}")

        event.listen(archive._engine, "connect", at_most)
        archive._engine.dispose()
        with pytest.raises(ArchiveError, match=r"hrwatch\.sqlite3.*full"):
            store(archive, *range(3, 200))
        stored = held(archive)
        assert {"第1条", "第2条"} <= stored
        assert archive.check() == ()
        limit[0] = 1_000_000
        archive._engine.dispose()
        store(archive, 500)
        assert held(archive) == stored | {"第500条"}


def test_a_disk_that_takes_no_more(file: Path) -> None:
    """The system refuses to let the file grow: an error that names it, and what was acknowledged stays."""
    limited = (
        "import resource, signal, sys\n"
        "from crawler.errors import ArchiveError\n"
        "from pathlib import Path\n"
        "from archive.archive import open_file\n"
        "from tests.archive.database.test_bad_places import store\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))\n"
        "archive = open_file(Path(sys.argv[1]))\n"
        "try:\n"
        "    for number in range(10, 10_000):\n"
        "        store(archive, number); print(number, flush=True)\n"
        "except ArchiveError as error: print(error, file=sys.stderr); sys.exit(3)\n"
    )
    done = subprocess.run([sys.executable, "-c", limited, str(file)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 3, done.stderr
    assert "hrwatch.sqlite3" in done.stderr
    assert "Traceback" not in done.stderr
    acknowledged = {f"第{number}条" for number in map(int, done.stdout.split())}
    assert acknowledged
    with open_file(file) as archive:
        assert acknowledged <= held(archive)
        assert archive.check() == ()
        store(archive, 20_000)


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(file: Path, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from crawler.errors import ArchiveError\n"
        "from pathlib import Path\n"
        "from archive.archive import open_file\n"
        "try: open_file(Path(sys.argv[1]))\n"
        "except ArchiveError as error: print(error); sys.exit(3)\n"
    )
    # root without the right to pass by permissions is as everybody else
    plain = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] if os.geteuid() == 0 else []
    (tmp_path / "empty").mkdir()
    for path in (file, file.parent, tmp_path / "empty"):
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        for wanted in (file, tmp_path / "empty" / "hrwatch.sqlite3", tmp_path / "empty" / "D" / "hrwatch.sqlite3"):
            done = subprocess.run(
                [*plain, sys.executable, "-c", code, str(wanted)], capture_output=True, text=True, timeout=60
            )
            assert (done.returncode, done.stderr) == (3, ""), wanted
            assert str(wanted) in done.stdout
        asked = "print(len(open_file(Path(sys.argv[1]), read_only=True).stories(limit=10)))"
        code = code.replace("open_file(Path(sys.argv[1]))", asked)
        done = subprocess.run(
            [*plain, sys.executable, "-c", code, str(file)], capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "2\n", "")
    finally:
        for path in (file.parent, tmp_path / "empty", file):
            path.chmod(0o700)
    with open_file(file) as archive:
        assert held(archive) == {"第1条", "第2条"}


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])


def garbage_in_a_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'stories'").fetchone()
    with path.open("r+b") as stream:
        stream.seek((root - 1) * size)
        stream.write(os.urandom(size))


@pytest.mark.parametrize("damage", [cut_in_half, garbage_in_a_table])
def test_a_damaged_file_is_named_and_left_as_it_is(file: Path, damage: Callable[[Path], None]) -> None:
    damage(file)
    before = file.read_bytes()

    def use() -> None:
        with open_file(file) as archive:
            assert archive.check() != ()
            archive.stories(limit=10)
            store(archive, 3)

    with pytest.raises(ArchiveError, match=r"hrwatch\.sqlite3"):
        use()
    assert file.read_bytes()[: len(before) // 2] == before[: len(before) // 2]
