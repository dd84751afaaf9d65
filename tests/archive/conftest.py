"""Every archive test that asks for `archive` or `place` runs on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archive import Archive
from archive.archive import open_server
from tests.archive.places import Place, new_file
from tests.postgresql import Server, programs, running_server

AUTHORITY = "feeds.example.org"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if programs() is None:
        pytest.skip("no PostgreSQL server on this machine")
    with running_server() as running:
        yield running


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """Name of a database with the schema: copying it takes a tenth of the time of making it."""
    url = server.make()
    open_server(url, authority=AUTHORITY).close()
    return url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Place]]:
    """Makes places for archives, each new and empty."""
    made: list[str] = []
    if request.param == "sqlite":

        def make() -> Place:
            file = new_file(tmp_path / f"{len(made)}.sqlite3", authority=AUTHORITY)
            made.append(str(file))
            return Place(made[-1])

        yield make
        return
    server: Server = request.getfixturevalue("server")
    template: str = request.getfixturevalue("template")

    def copy() -> Place:
        made.append(server.make(template))
        return Place(made[-1])

    yield copy
    for url in made:
        server.drop(url)


@pytest.fixture
def place(new_place: Callable[[], Place]) -> Place:
    return new_place()


@pytest.fixture
def archive(place: Place) -> Iterator[Archive]:
    with place.open(authority=AUTHORITY) as opened:
        yield opened
