"""What only a server can be: absent, another program's, named with a password; and its own search index."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime

import psycopg
import pytest

from archive.archive import open_server
from archive.records import Question
from crawler.errors import ArchiveError, SchemaError
from tests.archive.making import NOW, judged
from tests.archive.places import Place
from tests.postgresql import Server


def test_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(ArchiveError) as caught:
        open_server("postgresql://hrwatch:geheim@127.0.0.1:9/news")
    assert "127.0.0.1:9/news" in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)  # psycopg's own text has three lines


@pytest.mark.parametrize("url", ["mysql://root:geheim@127.0.0.1/news", "geheim"])
def test_address_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(ArchiveError) as caught:
        open_server(url)
    assert "HRWATCH_DATABASE_URL" in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_database_of_another_program_is_left_alone(server: Server) -> None:
    url = server.make()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE theirs (id int)")
    with pytest.raises(SchemaError, match=r"t[0-9_]+"):
        open_server(url)
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == [("theirs",)]


def test_two_make_an_archive_at_once(server: Server) -> None:
    url = server.make()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            open_server(url).close()
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []


def test_long_text_is_found_in_all_its_parts(server: Server, template: str) -> None:
    # characters that are the same in traditional and simplified writing, so that folding leaves any part as it is
    text = "".join(
        random.Random(7).choices(
            "的一是在不了有和人中大上我以要他用生到作地出分成可主年同工也能下子方多定行法所民", k=4990
        )
    )
    with Place(server.make(template)).open() as archive:
        archive.store(judged("https://a.example/1", text), now=NOW)
        for start in range(0, 4900, 61):
            (hit,) = archive.search(Question(words=text[start : start + 64]))
            assert hit.marks
        assert archive.check() == ()
        assert archive.counts().bytes > 0


def test_a_write_waits_for_another_process_and_a_reader_does_not(server: Server, template: str) -> None:
    with Place(server.make(template)).open() as one, Place(one.name).open() as two:
        gate, began = threading.Event(), threading.Event()

        def hold(_connection: object) -> None:
            began.set()
            gate.wait(120)

        held = one.submit(hold)
        assert began.wait(60)
        waiting = two.submit(lambda _connection: datetime.now(UTC))
        assert two.stories() == ()
        assert two.acquire_lease("a.example", "two", 60) is not None
        assert not waiting.done()
        released = datetime.now(UTC)
        gate.set()
        held.result(60)
        assert waiting.result(60) >= released
