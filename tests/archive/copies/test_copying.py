"""An archive copied into another database: everything, whatever happens meanwhile, and nothing believed unchecked."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    Float,
    Integer,
    LargeBinary,
    func,
    insert,
    select,
    text,
)

from archive import Archive
from archive.care.copy_target import alone
from archive.copies.copying import NOT_COPIED, Copied, Progress, Purpose, compare, copied_tables, copy, users_of
from archive.database.engine import open_sqlite
from archive.database.postgresql import open_postgresql
from archive.records import Label, Question
from archive.schema import UtcTime, metadata
from crawler.config import Config
from crawler.errors import ArchiveError, SchemaError
from crawler.taxonomy import load_taxonomy
from feeds.publish import publish
from tests.archive.full import DAY, address, fill
from tests.archive.making import NOW, judged, prose
from tests.archive.places import Place
from tests.postgresql import Server, programs

LATER = NOW + 3 * DAY


@dataclass(frozen=True, slots=True)
class Move:
    """From where to where, and a maker of more places of the target's kind."""

    source: Place
    target: Place
    another: Callable[[], Place]

    def copy(self, **more: Any) -> Copied:
        return copy(where(self.source), where(self.target), **more)

    def compare(self) -> Copied:
        return compare(where(self.source), where(self.target))


def where(place: Place) -> Path | str:
    return place.name if place.name.startswith("postgresql:") else Path(place.name)


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture(scope="module")
def full_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A full archive, to be copied by the file."""
    file = tmp_path_factory.mktemp("full") / "full.sqlite3"
    _fill(Place(str(file)))
    return file


@pytest.fixture(scope="module")
def full_database(server: Server, template: str) -> str:
    """The name of a database that holds a full archive, to be copied by the server."""
    url = server.make(template)
    _fill(Place(url))
    return url.rpartition("/")[2]


def _fill(place: Place) -> None:
    with place.open(authority="feeds.example.org") as archive:
        fill(archive)
        archive.submit(_invent_the_rest).result()


# where there is a server it is one of the two ends
WAYS = ["file to file"] if programs() is None else ["file to server", "server to file"]


@pytest.fixture(params=WAYS)
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Move]:
    databases: list[str] = []
    numbers = count()

    def file() -> Place:
        return Place(str(tmp_path / f"{next(numbers)}.sqlite3"))

    def database(template: str = "") -> Place:
        server: Server = request.getfixturevalue("server")
        databases.append(server.make(template or request.getfixturevalue("template")))
        return Place(databases[-1])

    from_, _, to = request.param.partition(" to ")
    if from_ == "file":
        source = file()
        shutil.copy(request.getfixturevalue("full_file"), source.name)
    else:
        source = database(request.getfixturevalue("full_database"))
    make = {"file": file, "server": database}[to]
    yield Move(source, make(), make)
    for url in databases:
        request.getfixturevalue("server").drop(url)


# for what only one kind of database lets happen
FROM_FILE = pytest.mark.parametrize("filled", [way for way in WAYS if way.startswith("file")], indirect=True)
TO_SERVER = pytest.mark.parametrize("filled", ["file to server"], indirect=True)


def _invent_the_rest(connection: Connection) -> None:
    """A row in every table that is still empty, whatever tables there will be."""
    for table in copied_tables():
        if connection.execute(select(func.count()).select_from(table)).scalar_one() == 0:
            connection.execute(insert(table).values(**{c.name: _invented(connection, c) for c in table.c}))


def _invented(connection: Connection, column: Any) -> Any:
    for reference in column.foreign_keys:
        return connection.execute(select(func.min(reference.column))).scalar_one()
    for kind, value in ((UtcTime, NOW), (Boolean, True), (Date, date(2026, 3, 2)), (Float, 0.1), (Integer, 7)):
        if isinstance(column.type, kind):
            return value
    return b"\x00\xff" if isinstance(column.type, LargeBinary) else [] if isinstance(column.type, JSON) else "合"


def test_copies_every_table_and_says_so(filled: Move) -> None:
    told: list[Progress] = []
    copied = filled.copy(tell=told.append)
    assert copied.is_same
    assert copied.is_finished
    assert {table.table for table in copied.tables} == set(metadata.tables) - set(NOT_COPIED)
    assert [table.table for table in copied.tables if table.source_rows == 0] == [], "a copy of nothing shows nothing"
    facts, *others = copied.tables  # some facts are the same in every new archive
    assert 0 <= copied.written - sum(table.source_rows for table in others) <= facts.source_rows
    assert {(one.table, one.is_check) for one in told} >= {("items", False), ("items", True)}
    assert all(one.done <= one.total for one in told)
    assert filled.compare().is_same
    with filled.target.open() as archive:
        assert archive.check() == ()
        assert archive.acquire_lease("synthetic.example", "another", 60) is not None, "leases stay where they are"


def test_the_copy_answers_and_publishes_like_the_archive(filled: Move, tmp_path: Path) -> None:
    filled.copy()
    answers = []
    for place in (filled.source, filled.target):
        with place.open() as archive:
            folder = tmp_path / f"feeds of {len(answers)}"
            publish(archive, load_taxonomy(), Config(data=tmp_path), now=LATER, to=folder)
            files = {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
            assert len(files) > 3
            hits = [archive.search(Question(words=words)) for words in ("川渝", "合作协议", prose(1)[3:5])]
            assert all(hits)
            answers.append((files, hits, archive.stories(relevant_only=False, limit=1000), archive.labels()))
    assert answers[0] == answers[1]


def test_new_rows_are_numbered_on(filled: Move) -> None:
    with filled.source.open() as archive:
        newest = archive.store(judged("https://new.example/0", prose("new 0")), now=LATER).story_id
        archive.join_stories(["https://new.example/0", address(1)], by="op", now=LATER)  # the younger one goes
        assert newest not in [story.id for story in archive.stories(relevant_only=False, limit=1000)]
    filled.copy()
    stored = []
    for place in (filled.source, filled.target):
        with place.open() as archive:
            new = archive.store(judged("https://new.example/1", prose("new 1")), now=LATER)
            story = archive.story(new.story_id)
            assert story is not None
            stored.append((new, story.guid.partition("/")[0], story.seq))
            assert new.story_id > newest, "the number of a story that has gone is not given again"
    assert stored[0][0].story_id == stored[1][0].story_id
    assert stored[0][1:] == stored[1][1:]


_COPY_AND_DIE = """
import os, signal, sys
from pathlib import Path
from archive.copies import copying
copying._BATCH_ROWS, copying._TOLD_ROWS = 5, 5
left = int(sys.argv[3])
def tell(progress):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
places = [name if name.startswith("postgresql:") else Path(name) for name in sys.argv[1:3]]
copying.copy(*places, tell=tell)
"""


def test_killed_at_any_moment_and_gone_on_with(filled: Move) -> None:
    rng = random.Random(7)
    brought = []
    for moment in (rng.randrange(30, 60), rng.randrange(150, 350)):
        killed = subprocess.run(
            [sys.executable, "-c", _COPY_AND_DIE, filled.source.name, filled.target.name, str(moment)],
            capture_output=True,
            timeout=60,
        )
        assert killed.returncode == -9, killed.stderr
        with pytest.raises(ArchiveError, match="copy-archive"):
            filled.target.open()
        difference = filled.compare()
        assert not difference.is_same
        assert not difference.is_finished
        brought.append(sum(table.target_rows for table in difference.tables))
        with filled.source.open() as archive:
            _go_on(archive, len(brought))
    assert 0 < brought[0] < brought[1]
    copied = filled.copy()
    assert copied.is_finished
    assert copied.written < sum(table.source_rows for table in copied.tables), "what was there was kept"
    with filled.target.open() as archive, filled.source.open() as source:
        assert archive.check() == ()
        asked = Question(words=prose(4)[3:5])
        assert archive.search(asked) == source.search(asked)


def _go_on(archive: Archive, round_: int) -> None:
    """What may happen to an archive between two calls: new, edited, joined, split, labelled, gone."""
    archive.store(judged(f"https://late.example/{round_}", prose(f"late {round_}")), now=LATER)
    archive.store(judged(address(4), prose(f"edited {round_}", 40)), now=LATER + round_ * DAY)
    if round_ == 1:
        archive.unlabel(archive.find_items(address(1)), now=LATER)
        archive.label(archive.find_items(address(5)), Label(relevant=True, by="kim", zones=("川渝",)), now=LATER)
        archive.join_stories([address(13), address(14)], by="op", now=LATER)
        archive.undo_ruling(1, by="op", now=LATER)
    else:
        archive.store(judged(address(16), prose(17)), now=LATER)  # becomes a reprint of another
        archive.submit(lambda connection: connection.execute(text("DELETE FROM polls WHERE id = 2")).rowcount).result()


def test_what_is_written_meanwhile_leaves_the_copy_unfinished(filled: Move) -> None:
    with filled.source.open() as source:

        def store(progress: Progress) -> None:
            if progress.table == "items" and progress.is_check:
                source.store(judged("https://late.example/1", prose("late")), now=LATER)

        copied = filled.copy(tell=store)
    assert copied.is_same, "with the state that the call began with"
    assert not copied.is_finished
    followed = filled.copy(purpose=Purpose.FOLLOW)
    assert not followed.is_finished
    assert 0 < followed.written < 100
    last = filled.copy()
    assert (last.is_finished, last.written) == (True, 0)
    with filled.target.open() as archive:
        assert archive.find_story("https://late.example/1") is not None


def test_a_snapshot_is_finished_whoever_writes(filled: Move) -> None:
    with filled.source.open() as source:
        copied = filled.copy(
            purpose=Purpose.SNAPSHOT,
            tell=lambda one: (
                source.store(judged("https://late.example/1", prose("late")), now=LATER)
                if one.table == "items"
                else None
            ),
        )
    assert copied.is_finished
    with filled.target.open() as archive:
        assert archive.find_story("https://late.example/1") is None


PLANTED = {
    "items": "UPDATE items SET body = body || '。' WHERE id = 5",
    "pages": "UPDATE pages SET fetched_at = (SELECT min(labelled_at) FROM labels) WHERE id = 5",
    "labels": "UPDATE labels SET machine = '{}' WHERE item_id = (SELECT min(item_id) FROM labels)",
    "judgements": "UPDATE judgements SET score = score + 1e-12 WHERE item_id = 5",
    "bands": "DELETE FROM bands WHERE item_id = 5 AND band = 3",
    "facts": "INSERT INTO facts VALUES ('more', '')",
    "entries": "UPDATE entries SET reason = NULL WHERE id = (SELECT min(id) FROM entries WHERE reason IS NOT NULL)",
}


def test_planted_differences_are_found(filled: Move) -> None:
    filled.copy()
    with filled.target.open() as archive:
        for statement in PLANTED.values():
            done = archive.submit(lambda connection, one=statement: connection.execute(text(one)).rowcount)  # type: ignore[misc]
            assert done.result() == 1, statement
    compared = filled.compare()
    assert not compared.is_same
    different = [one for one in compared.tables if not one.is_same]
    assert {one.table for one in different} == set(PLANTED)
    assert all(one.first_difference and one.source_digest != one.target_digest for one in different)


def test_other_targets_are_left_untouched(filled: Move) -> None:
    other = filled.another()
    with other.open(authority="another.example.org") as archive:
        archive.store(judged("https://a.example/1", prose(1)), now=NOW)
    with pytest.raises(ArchiveError, match="already"):
        copy(where(filled.source), where(other))
    begun = filled.another()
    copy(where(other), where(begun), purpose=Purpose.FOLLOW)
    with pytest.raises(ArchiveError, match="another archive"):
        copy(where(filled.source), where(begun))
    with pytest.raises(ArchiveError, match="not finished"):
        copy(where(begun), where(filled.target))
    assert compare(where(other), where(begun)).is_same
    filled.copy()
    with pytest.raises(ArchiveError, match="already"):
        filled.copy()


def test_another_programs_database_is_left_untouched(filled: Move) -> None:
    place = filled.another()
    engine = open_sqlite(Path(place.name)) if isinstance(where(place), Path) else open_postgresql(place.name)
    with engine.begin() as connection:
        for table in ("alembic_version", *(table.name for table in reversed(metadata.sorted_tables)), "item_search"):
            if isinstance(where(place), str):
                connection.execute(text(f"DROP TABLE IF EXISTS {table} CASCADE"))
        connection.execute(text("CREATE TABLE theirs (x INTEGER)"))
    engine.dispose()
    with pytest.raises(SchemaError):
        copy(where(filled.source), where(place))


def test_one_at_a_time(filled: Move) -> None:
    place = where(filled.target)
    engine = open_sqlite(place) if isinstance(place, Path) else open_postgresql(place)
    with alone(engine, "x"), pytest.raises(ArchiveError, match="another process"):
        filled.copy()
    engine.dispose()
    assert filled.copy().is_finished


@FROM_FILE  # a server holds to its references itself
def test_a_row_that_belongs_to_nothing_is_not_made_an_archive(filled: Move) -> None:
    engine = open_sqlite(Path(filled.source.name))
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("INSERT INTO story_zones VALUES (4711, '合')")
        raw.commit()
    engine.dispose()
    with pytest.raises(ArchiveError, match="story_zones"):
        filled.copy()
    with pytest.raises(ArchiveError, match="copy-archive"):
        filled.target.open()


@TO_SERVER  # SQLite takes texts of any length
def test_a_row_that_the_server_refuses_is_named(filled: Move) -> None:
    with filled.source.open() as archive:
        archive.submit(
            lambda connection: (
                connection.execute(text("UPDATE items SET charset = :long WHERE id = 9"), {"long": "x" * 33}).rowcount
            )
        ).result()
    with pytest.raises(ArchiveError, match=r"items.*9"):
        filled.copy()
    with filled.source.open() as archive:
        archive.submit(
            lambda connection: connection.execute(text("UPDATE items SET charset = NULL WHERE id = 9")).rowcount
        ).result()
    assert filled.copy().is_finished


@TO_SERVER  # a file is not lost
def test_a_lost_connection_costs_nothing(filled: Move, server: Server) -> None:
    name = filled.target.name.rpartition("/")[2]

    def let_in(allowed: bool) -> None:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}")
            connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def cut(progress: Progress) -> None:
        if progress.table == "items" and not progress.is_check:
            let_in(False)

    with pytest.raises(ArchiveError, match="broken off") as told:
        filled.copy(tell=cut)
    assert filled.target.name in str(told.value)
    let_in(True)
    copied = filled.copy()
    assert copied.is_finished
    assert copied.written < sum(table.source_rows for table in copied.tables)


def test_passwords_are_not_shown(tmp_path: Path) -> None:
    Place(str(tmp_path / "a.sqlite3")).open().close()
    with pytest.raises(ArchiveError) as told:
        copy(tmp_path / "a.sqlite3", "postgresql://someone:geheim@127.0.0.1:1/x?connect_timeout=2")
    assert "geheim" not in str(told.value)
    assert "someone" in str(told.value)


def test_says_who_writes(filled: Move) -> None:
    with filled.source.open() as archive:
        assert archive.acquire_lease("old.example", "elsewhere/2/0.0/ab", -1) is not None
        lease = archive.acquire_lease("busy.example", "elsewhere/1/0.0/ab", 60)
        assert lease is not None
        assert users_of(where(filled.source)) == ("elsewhere/1/0.0/ab",)
        archive.release_lease(lease)
    assert users_of(where(filled.source)) == ()


def test_no_table_is_forgotten_and_no_null_lost() -> None:
    assert set(NOT_COPIED) <= set(metadata.tables)
    assert all(NOT_COPIED.values())
    for table in metadata.tables.values():
        for column in table.c:
            is_vague = isinstance(column.type, JSON) and column.nullable and not column.type.none_as_null
            assert not is_vague, f"{table}.{column.name}: NULL and JSON's null would be copied as one"
