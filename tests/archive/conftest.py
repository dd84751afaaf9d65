"""Every archive test that asks for `archive` or `place` runs on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archive import Archive
from archive.archive import open_server
from tests.archive.places import Place, new_file
from tests.postgresql import Server, programs, running_server

AUTHORITY = "feeds.example.org"
DATABASES = ("sqlite", "postgresql")


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


@pytest.fixture(params=DATABASES)
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Place]]:
    """Makes places for archives, each new and empty."""
    with new_places(request, tmp_path) as make:
        yield make


@contextmanager
def new_places(request: pytest.FixtureRequest, folder: Path) -> Iterator[Callable[[], Place]]:
    """The same for a fixture of one's own whose params are DATABASES."""
    made: list[str] = []
    if request.param == "sqlite":

        def make() -> Place:
            made.append(str(folder / f"{len(made)}.sqlite3"))
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
    if not place.is_on_server:
        new_file(Path(place.name), authority=AUTHORITY)
    with place.open(authority=AUTHORITY) as opened:
        yield opened
