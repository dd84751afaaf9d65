"""The archive in Datasette: ready queries run, and the file is read while somebody writes. Synthetic stories."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from datasette.app import Datasette

from archive import Archive
from archive.datasette import metadata
from archive.views.described import ready_queries
from tests.archive.making import NOW, judged, prose
from tests.archive.places import Place
from tests.archive.views.test_schema_page import fill

Ask = Callable[[str], Any]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Place(str(tmp_path / "hrwatch.sqlite3")).open() as opened:
        fill(opened)
        yield opened


def browse(file: Path, look: Callable[[Ask], Coroutine[Any, Any, None]], *, immutable: bool = False) -> None:
    """Let `look` ask a Datasette on the file, started as docs/archive.md says."""

    async def browsing() -> None:
        files, immutables = ([], [file]) if immutable else ([file], [])
        served = Datasette(files, immutables, metadata=metadata(), settings={"sql_time_limit_ms": 20000})
        await served.invoke_startup()

        async def ask(path: str) -> Any:
            answer = await served.client.get(path)
            assert answer.status_code == 200, (path, answer.text[:500])
            return answer.json() if ".json" in path else answer.text

        try:
            await look(ask)
        finally:
            served.executor.shutdown()
            for database in served.databases.values():
                database.close()

    asyncio.run(browsing())


def test_each_ready_query_runs_and_finds_something(archive: Archive) -> None:
    story = str(archive.stories()[0].id)

    async def look(ask: Ask) -> None:
        for query in ready_queries():
            asked = {name: story if name == "story" else sample for name, sample in query.samples.items()}
            found = await ask(f"/hrwatch/{query.name}.json?{urlencode({'_shape': 'array', **asked})}")
            assert found, query.name
            page = await ask(f"/hrwatch/{query.name}?{urlencode(asked)}")
            assert query.title in page
            assert all(f'name="{name}"' in page for name in asked), query.name

    browse(Path(archive.name), look)


def test_tables_and_views_have_their_meanings_beside_them(archive: Archive) -> None:
    async def look(ask: Ask) -> None:
        tables = await ask("/hrwatch.json")
        hidden = {table["name"] for table in tables["tables"] if table["hidden"]}
        assert {"bands", "alembic_version", "item_search"} <= hidden
        assert {view["name"] for view in tables["views"]} == {
            "stories_v",
            "items_v",
            "region_pairs_v",
            "source_health_v",
        }
        assert "cursor of change" in await ask("/hrwatch/stories")
        assert "on China&#39;s clock" in await ask("/hrwatch/stories_v")

    browse(Path(archive.name), look)


def test_what_is_written_meanwhile_is_seen(archive: Archive) -> None:
    async def look(ask: Ask) -> None:
        before = await ask("/hrwatch/newest.json?_shape=array")
        await asyncio.to_thread(archive.store, judged("https://synthetic.example/9", prose(9)), now=NOW)
        after = await ask("/hrwatch/newest.json?_shape=array")
        assert len(after) == len(before) + 1

    browse(Path(archive.name), look)


def test_nothing_can_be_written_through_it(archive: Archive) -> None:
    async def look(ask: Ask) -> None:
        sql = "INSERT INTO facts (name, value) VALUES ('a', 'b')"
        with pytest.raises(AssertionError, match="Statement must be a SELECT"):
            await ask(f"/hrwatch.json?{urlencode({'sql': sql})}")

    browse(Path(archive.name), look)


def test_a_backup_opens_where_nothing_can_be_written(archive: Archive, tmp_path: Path) -> None:
    archive.close()  # the last to close folds the log into the file

    async def look(ask: Ask) -> None:
        assert await ask("/hrwatch/newest.json?_shape=array")

    browse(tmp_path / "hrwatch.sqlite3", look, immutable=True)


def test_the_documented_command_starts_on_an_archive_in_use(archive: Archive, tmp_path: Path) -> None:
    made = subprocess.run([sys.executable, "-m", "archive.datasette"], capture_output=True, check=True, timeout=120)
    assert json.loads(made.stdout) == metadata()
    file = tmp_path / "hrwatch.json"
    file.write_bytes(made.stdout)
    options = ["--metadata", str(file), "--setting", "sql_time_limit_ms", "20000", "--get"]
    path = "/hrwatch/newest.json?_shape=array"
    got = subprocess.run(
        [sys.executable, "-m", "datasette", "serve", archive.name, *options, path],
        capture_output=True,
        timeout=120,
    )
    assert got.returncode == 0, got.stderr.decode()
    assert len(json.loads(got.stdout)) == len(archive.stories())
