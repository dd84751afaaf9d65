"""Copies of an archive in use, and putting them back: whole or not at all, from and to both databases."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archive import Archive
from archive.archive import open_file
from archive.copies.backup import BackedUp, back_up
from archive.copies.restore import Restored, restore
from archive.records import Question
from crawler.errors import ArchiveError, SchemaError
from tests.archive.making import NOW, judged, prose
from tests.archive.older import move
from tests.archive.places import Place

pytestmark = pytest.mark.usefixtures("english")


def source_of(place: Place) -> Path | str:
    return place.name if place.name.startswith("postgresql:") else Path(place.name)


def copied(place: Place | Path, target: Path, *, force: bool = False) -> BackedUp:
    source = place if isinstance(place, Path) else source_of(place)
    return back_up(source, target, is_replacing=force, tell=lambda *_told: None)


def restored(file: Path, target: Path | str, *, force: bool = False, folder: Path | None = None) -> Restored:
    return restore(file, target, folder=folder or file.parent, now=NOW, is_replacing=force, tell=lambda *_told: None)


def store(archive: Archive, *numbers: int) -> None:
    for number in numbers:
        archive.store(judged(f"https://a.example/{number}", prose(number), title=f"第{number}条"), now=NOW)


def titles(archive: Archive) -> list[str]:
    return sorted(story.title for story in archive.stories(limit=1000))


def titles_of(file: Path) -> list[str]:
    with open_file(file) as archive:
        assert archive.check() == ()
        return titles(archive)


def alone(folder: Path, *names: str) -> None:
    """Nothing passing was left in the folder."""
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_copy_of_an_open_archive(archive: Archive, place: Place, out: Path) -> None:
    store(archive, 1, 2, 3)
    made = copied(place, out / "copy.sqlite3")
    alone(out, "copy.sqlite3")
    assert (made.items, made.stories, made.bytes) == (3, 3, (out / "copy.sqlite3").stat().st_size)
    store(archive, 4)
    assert titles_of(out / "copy.sqlite3") == ["第1条", "第2条", "第3条"]


def test_one_state_while_others_write(archive: Archive, place: Place, out: Path) -> None:
    """What is stored before the copy begins is in it, and no item without its story."""
    store(archive, *range(20))
    stop = threading.Event()

    def write() -> None:
        number = 100
        while not stop.is_set():
            store(archive, number)
            number += 1

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for turn in range(3):
            copied(place, out / f"{turn}.sqlite3")
    finally:
        stop.set()
        writing.join()
    counts = [len(titles_of(out / f"{turn}.sqlite3")) for turn in range(3)]
    assert counts == sorted(counts)
    assert counts[0] >= 20
    assert counts[-1] < len(titles(archive)) + 1


def test_a_file_that_is_there_is_replaced_only_when_asked(archive: Archive, place: Place, out: Path) -> None:
    store(archive, 1)
    (out / "copy.sqlite3").write_text("a letter", "utf-8")
    with pytest.raises(ArchiveError, match=r"copy\.sqlite3.*--force"):
        copied(place, out / "copy.sqlite3")
    assert (out / "copy.sqlite3").read_text("utf-8") == "a letter"
    copied(place, out / "copy.sqlite3", force=True)
    assert titles_of(out / "copy.sqlite3") == ["第1条"]


def test_interrupted_it_leaves_nothing(archive: Archive, place: Place, out: Path) -> None:
    store(archive, 1)

    def interrupted(*_told: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(source_of(place), out / "copy.sqlite3", tell=interrupted)
    alone(out)


def test_copy_back(archive: Archive, place: Place, new_place: Callable[[], Place], out: Path) -> None:
    """From either database into a new one of the same kind."""
    store(archive, 1, 2)
    copied(place, out / "copy.sqlite3")
    before = (out / "copy.sqlite3").read_bytes()
    other = new_place()
    done = restored(out / "copy.sqlite3", source_of(other))
    assert (done.items, done.stories) == (2, 2)
    assert (out / "copy.sqlite3").read_bytes() == before
    alone(out, "copy.sqlite3")
    with other.open() as opened:
        assert opened.check() == ()
        assert [story.guid for story in opened.stories()] == [story.guid for story in archive.stories()]
        store(opened, 3)
        assert len(titles(opened)) == 3


def test_a_database_that_is_used_is_not_written_over(archive: Archive, place: Place, out: Path) -> None:
    store(archive, 1)
    copied(place, out / "copy.sqlite3")
    store(archive, 2)
    with pytest.raises(ArchiveError, match="already"):
        restored(out / "copy.sqlite3", source_of(place))
    assert len(titles(archive)) == 2


# From here on: files


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An archive of two stories in a folder of its own, closed."""
    (tmp_path / "D").mkdir()
    with open_file(tmp_path / "D" / "hrwatch.sqlite3") as archive:
        store(archive, 1, 2)
    return tmp_path / "D" / "hrwatch.sqlite3"


def test_what_was_there_stays_beside(file: Path, out: Path) -> None:
    copied(file, out / "copy.sqlite3")
    with open_file(file) as archive:
        store(archive, 3)
    done = restored(out / "copy.sqlite3", file, force=True)
    assert done.old is not None
    alone(file.parent, file.name, done.old.name)
    assert titles_of(file) == ["第1条", "第2条"]
    assert titles_of(done.old) == ["第1条", "第2条", "第3条"]


def test_a_log_of_before_is_not_played_into_what_is_restored(file: Path, out: Path) -> None:
    """A killed run leaves its log; it goes with its own database."""
    copied(file, out / "copy.sqlite3")
    killed = (
        "import os, sys; from pathlib import Path; from archive.archive import open_file;"
        "from tests.archive.copies.test_backup import store;"
        "store(open_file(Path(sys.argv[1])), 3, 4, 5); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", killed, str(file)], check=False, timeout=60)
    assert file.with_name(file.name + "-wal").stat().st_size > 0
    done = restored(out / "copy.sqlite3", file, force=True)
    assert titles_of(file) == ["第1条", "第2条"]
    assert done.old is not None
    assert titles_of(done.old) == [f"第{number}条" for number in range(1, 6)]


def test_a_log_without_its_database(file: Path, out: Path) -> None:
    copied(file, out / "copy.sqlite3")
    file.with_name(file.name + "-wal").write_bytes(b"what somebody left" * 100)
    file.unlink()
    restored(out / "copy.sqlite3", file)
    assert titles_of(file) == ["第1条", "第2条"]


def test_refuses_while_another_process_has_it_open(file: Path, out: Path) -> None:
    copied(file, out / "copy.sqlite3")
    idle = (
        "import sys; from pathlib import Path; from archive.archive import open_file;"
        "archive = open_file(Path(sys.argv[1])); print(archive.counts().stories, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", idle, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"2\n"
        with pytest.raises(ArchiveError, match="in use"):
            restored(out / "copy.sqlite3", file, force=True)
        other.communicate(timeout=60)
    assert titles_of(file) == ["第1条", "第2条"]
    alone(file.parent, file.name)


def broken_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def garbage_inside(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[8192:16384] = b"\xff" * 8192
    path.write_bytes(bytes(whole))


def a_letter(path: Path) -> None:
    path.write_text("a letter", "utf-8")


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE theirs (x)")


def without_a_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE lease_watches")


def of_a_newer_one(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (broken_off, ArchiveError),
        (garbage_inside, ArchiveError),
        (a_letter, SchemaError),
        (nothing, SchemaError),
        (of_another_program, SchemaError),
        (of_a_newer_one, SchemaError),
        (without_a_table, ArchiveError),
        (Path.unlink, ArchiveError),
    ],
    ids=lambda value: value.__name__,
)
def test_refuses_what_is_no_sound_copy(
    file: Path, out: Path, damage: Callable[[Path], None], kind: type[ArchiveError]
) -> None:
    copy = out / "copy.sqlite3"
    copied(file, copy)
    damage(copy)
    before = file.read_bytes()
    with pytest.raises(kind, match=r"copy\.sqlite3"):
        restored(copy, file, force=True)
    assert file.read_bytes() == before
    alone(file.parent, file.name)


@pytest.mark.parametrize("damage", [broken_off, garbage_inside])
def test_a_damaged_archive_makes_no_copy(file: Path, out: Path, damage: Callable[[Path], None]) -> None:
    damage(file)
    with pytest.raises(ArchiveError, match=r"\.sqlite3"):
        copied(file, out / "copy.sqlite3")
    alone(out)


@pytest.mark.parametrize("damage", [broken_off, garbage_inside, a_letter, of_another_program])
def test_a_damaged_archive_is_replaced_and_stays_beside(file: Path, out: Path, damage: Callable[[Path], None]) -> None:
    copied(file, out / "copy.sqlite3")
    damage(file)
    before = file.read_bytes()
    with pytest.raises(ArchiveError, match="--force"):
        restored(out / "copy.sqlite3", file)
    done = restored(out / "copy.sqlite3", file, force=True)
    assert titles_of(file) == ["第1条", "第2条"]
    assert done.old is not None
    if damage is not of_another_program:  # whose log may have been tidied away
        assert done.old.read_bytes()[100:] == before[100:]


def test_the_archive_is_not_its_own_copy(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(ArchiveError, match="itself"):
        copied(file, file, force=True)
    with pytest.raises(ArchiveError, match="itself"):
        restored(file, file, force=True)
    assert file.read_bytes() == before


def test_numbers_and_cursor_go_on(file: Path, out: Path) -> None:
    """A reader that asked what is new since the last change must hear of the next one."""
    copied(file, out / "copy.sqlite3")
    with open_file(file) as archive:
        store(archive, 3, 4)
        newest = archive.stories(limit=1000)
    last_seq = max(story.seq for story in newest)
    restored(out / "copy.sqlite3", file, force=True)
    with open_file(file) as archive:
        store(archive, 5)
        (changed,) = archive.changes(Question(), after_seq=last_seq)
    assert changed.title == "第5条"
    assert changed.id > max(story.id for story in newest)


def test_a_copy_of_an_older_schema_is_brought_up_to_date(file: Path, out: Path) -> None:
    copy = out / "copy.sqlite3"
    copied(file, copy)
    move(copy, "0008")
    assert restored(copy, file, force=True).schema == "0008"
    assert titles_of(file) == ["第1条", "第2条"]


def test_nothing_is_where_an_archive_should_be(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"none\.sqlite3"):
        copied(tmp_path / "none.sqlite3", tmp_path / "copy.sqlite3")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full(file: Path, out: Path) -> None:
    """A limit on the size of files stands for it: nothing of the copy stays, and the file is named."""
    with open_file(file) as archive:
        store(archive, *range(10, 40))
    code = (
        "import resource, signal, sys; from pathlib import Path; from archive.copies.backup import back_up;"
        "from crawler.errors import ArchiveError;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "try: back_up(Path(sys.argv[1]), Path(sys.argv[2]), tell=lambda *_told: None)\n"
        "except ArchiveError as error: print(error); sys.exit(3)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file), str(out / "copy.sqlite3")], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert "copy.sqlite3" in done.stdout
    alone(out)


def test_a_disk_that_is_full_does_not_make_the_copy_a_damaged_one(file: Path, out: Path) -> None:
    with open_file(file) as archive:
        store(archive, *range(10, 40))
    copied(file, out / "copy.sqlite3")
    before = file.read_bytes()
    code = (
        "import resource, signal, sys; from datetime import UTC, datetime; from pathlib import Path;"
        "from archive.copies.restore import restore; from crawler.errors import ArchiveError;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); file = Path(sys.argv[2])\n"
        "try: restore(Path(sys.argv[1]), file, folder=file.parent, now=datetime.now(UTC), is_replacing=True,"
        " tell=lambda *_told: None)\n"
        "except ArchiveError as error: print(error); sys.exit(3)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(out / "copy.sqlite3"), str(file)], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert str(file) in done.stdout
    assert "copy.sqlite3" not in done.stdout
    assert file.read_bytes() == before


def test_a_folder_that_nothing_can_be_written_into(file: Path, tmp_path: Path) -> None:
    """A link to itself stands for a disk that may only be read, which root may write to all the same."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(ArchiveError, match=r"copy\.sqlite3: cannot be written"):
        copied(file, tmp_path / "loop" / "copy.sqlite3")
