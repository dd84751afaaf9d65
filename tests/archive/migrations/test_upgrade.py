"""An archive of any earlier schema, with what it holds, brought up to today's: nothing lost, all of it usable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, text

import archive as room
from archive.records import FeedQuery, Question
from archive.schema import APPLICATION_ID
from crawler.taxonomy import load_taxonomy
from tests.archive.making import NOW, judged, poll, prose, source
from tests.archive.places import Place
from tests.postgresql import Server

_SCRIPTS = AlembicConfig()
_SCRIPTS.set_main_option("script_location", str(Path(room.__file__).parent / "migrations"))
REVISIONS = sorted(script.revision for script in ScriptDirectory.from_config(_SCRIPTS).walk_revisions())

URL = "https://synthetic.example/1"
# each table of the first schema that has to do with one story, as its archive had it; the database numbers rows from 1
_HELD: tuple[tuple[str, dict[str, Any]], ...] = (
    ("facts", {"name": "seq", "value": "2"}),
    ("facts", {"name": "tag_authority", "value": "feeds.example.org"}),
    ("facts", {"name": "tag_date", "value": "2025"}),
    ("facts", {"name": "created_at", "value": "2025-03-02T04:00:00+00:00"}),
    ("sources", {"source_id": "synthetic", "failures": 3, "is_backfilling": True}),
    ("stories", {
        "guid": "tag:feeds.example.org,2025:story/1", "seq": 2, "title": "川渝签署合作协议",
        "first_item_id": 1, "text_item_id": 1, "first_source": "合成日报",
        "published_at": NOW - timedelta(days=1), "precision": "minute",
        "first_seen_at": NOW, "updated_at": NOW, "sorted_at": NOW - timedelta(days=1), "is_relevant": True,
        "score": 0.9, "agreements": [], "is_link_only": False, "is_backfill": False, "found_by": "synthetic",
        "digest": "of the first schema",
    }),
    ("story_regions", {"story_id": 1, "adcode": "500000"}),
    ("story_regions", {"story_id": 1, "adcode": "511721"}),
    ("story_zones", {"story_id": 1, "zone": "川渝"}),
    ("story_topics", {"story_id": 1, "topic": "agreement"}),
    ("pages", {
        "url_key": "synthetic.example/1", "url": URL, "status": 200, "fetched_at": NOW, "sha256": "0" * 64,
        "size": 9, "warc_file": "a.warc.gz", "warc_offset": 0, "warc_length": 9,
    }),
    ("items", {
        "url_key": "synthetic.example/1", "url": URL, "source_id": "synthetic", "site_name": "合成日报",
        "found_by": "synthetic", "title": "川渝签署合作协议", "body": prose(1), "published_at": NOW - timedelta(days=1),
        "precision": "minute", "attachments": [], "origins": {}, "repairs": [], "folded_title": "川渝签署合作协议",
        "folded_body": prose(1), "is_link_only": False, "is_backfill": False, "first_seen_at": NOW, "updated_at": NOW,
        "page_id": 1, "story_id": 1,
    }),
    ("judgements", {
        "item_id": 1, "is_relevant": True, "score": 0.9, "agreements": [], "evidence": [], "version": "of then",
        "judged_at": NOW,
    }),
    ("item_regions", {"item_id": 1, "adcode": "500000", "role": "party"}),
    ("item_regions", {"item_id": 1, "adcode": "511721", "role": "party"}),
    ("item_zones", {"item_id": 1, "zone": "川渝"}),
    ("item_topics", {"item_id": 1, "topic": "agreement"}),
    ("entries", {
        "url_key": "synthetic.example/1", "url": URL, "source_id": "synthetic", "list_url": "l", "title": "t",
        "is_pinned": False, "position": 0, "first_seen_at": NOW, "last_seen_at": NOW, "outcome": "stored",
        "detail": "", "attempts": 1, "item_id": 1,
    }),
    ("entries", {
        "url_key": "synthetic.example/2", "url": "https://synthetic.example/2", "source_id": "synthetic",
        "list_url": "l", "title": "t", "is_pinned": False, "position": 1, "first_seen_at": NOW, "last_seen_at": NOW,
        "outcome": "refused", "reason": "no-body", "detail": "empty", "attempts": 1,
    }),
    ("feeds", {
        "id": "all", "kind": "all", "key": "", "title": "全部", "first_published_at": NOW, "last_position": 1,
        "seen_seq": 2, "seen_story_id": 1,
    }),
    ("feed_entries", {
        "feed_id": "all", "story_id": 1, "position": 1, "entered_at": NOW,
        "guid": "tag:feeds.example.org,2025:story/1",
    }),
    ("retired_guids", {"guid": "tag:older", "retired_id": 7, "story_id": 1, "retired_at": NOW}),
)  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A place where nothing is yet, not even a schema."""
    if request.param == "sqlite":
        yield Place(str(tmp_path / "hrwatch.sqlite3"))
        return
    server: Server = request.getfixturevalue("server")
    url = server.make()
    yield Place(url)
    server.drop(url)


@contextmanager
def connected(place: Place) -> Iterator[Callable[[str], Connection]]:
    """Bring a database to a revision, as the programs of those days did, and hand out the connection."""
    is_server = place.name.startswith("postgresql:")
    engine = create_engine(
        place.name.replace("postgresql:", "postgresql+psycopg:") if is_server else f"sqlite:///{place.name}"
    )
    try:
        with engine.begin() as connection:
            if not is_server:
                connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            config = AlembicConfig()
            config.set_main_option("script_location", _SCRIPTS.get_main_option("script_location") or "")
            config.attributes["connection"] = connection

            def at(revision: str) -> Connection:
                command.upgrade(config, revision)
                return connection

            yield at
    finally:
        engine.dispose()


def keep_first(connection: Connection) -> None:
    """Put into an archive of the first schema what it held."""
    tables = MetaData()
    tables.reflect(connection, only=sorted({name for name, _values in _HELD}))
    for name, values in _HELD:
        plain = {
            column: value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value
            for column, value in values.items()
        }
        connection.execute(tables.tables[name].insert().values(**plain))


# from the first all steps are taken; 0006 has the old search index, the last but one the views
@pytest.mark.parametrize("revision", [REVISIONS[0], "0006", REVISIONS[-2]])
def test_what_an_earlier_archive_holds_is_there_and_of_use(empty: Place, revision: str) -> None:
    with connected(empty) as at:
        keep_first(at("0001"))
        at(revision)
    later = NOW + timedelta(days=1)
    with empty.open() as archive:
        assert archive.check() == ()
        assert [(state.source_id, state.failures) for state in archive.source_states()] == [("synthetic", 3)]
        story = archive.story("tag:older")
        assert story is not None
        assert (story.id, story.guid, story.body) == (1, "tag:feeds.example.org,2025:story/1", prose(1))
        asked = Question(words="川渝", query=FeedQuery(adcodes=("510000",)))
        assert [hit.story.id for hit in archive.search(asked)] == [1]
        refused = archive.explain("https://synthetic.example/2")
        assert refused is not None
        assert refused.entry is not None
        assert refused.entry.reason == "no-body"
        assert [entry.guid for entry in archive.feed_entries("all")] == [story.guid]

        # names and views work on what was there
        archive.keep_sources([source()], now=later)
        archive.keep_names(load_taxonomy())
        told = archive.submit(lambda connection: connection.execute(text("SELECT * FROM stories_v")).one()).result()
        assert (told.regions, told.zones, told.topics) == ("重庆市、四川省达州市达县", "川渝", "合作协议")
        health = archive.submit(
            lambda connection: connection.execute(text("SELECT * FROM source_health_v")).one()
        ).result()
        assert (health.name, health.kind, health.failures, health.items) == ("合成日报", "news", 3, 1)

        # and it goes on: a poll, the same page again, a reprint
        archive.record_poll(poll(at=later))
        assert archive.store(judged(URL, prose(1)), now=later).story_id == 1
        joined = archive.store(judged("https://other.example/1", prose(1), of=source("other", "合成晚报")), now=later)
        assert joined.is_new
        (after,) = archive.changes(Question(), after_seq=2)
        assert after.seq > 2
        assert archive.check() == ()
