"""The operators' feed: valid, stable, beside the others and in none of their lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest

from archive import Archive
from archive.archive import open_file
from crawler.config import Config
from crawler.health.standing import Health
from crawler.model import Reason
from crawler.taxonomy import load_taxonomy
from feeds.health import publish_health
from feeds.publish import publish
from tests.archive.making import NOW, judged, poll, prose, source

HOUR = timedelta(hours=1)
FILES = ("health.rss", "health.atom", "health.json")


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path, base_url="https://feeds.example.org/")


@pytest.fixture
def archive(config: Config) -> Iterator[Archive]:
    with open_file(config.database, authority="feeds.example.org") as opened:
        opened.keep_sources([source(), source("other", "<b>合成]]>\x00晚报</b>")], now=NOW)
        yield opened


def hourly(archive: Archive, *reasons: Reason | None, of: str = "synthetic", start: int = 0) -> None:
    for n, reason in enumerate(reasons, start=start):
        archive.record_poll(poll(of, at=NOW + n * HOUR, reason=reason))


def read(config: Config) -> tuple[Any, Any, Any]:
    rss, atom, text = ((config.feeds_dir / name).read_bytes() for name in FILES)
    return feedparser.parse(rss), feedparser.parse(atom), json.loads(text)


def test_the_feed_is_there_before_anything_happened(archive: Archive, config: Config) -> None:
    assert publish_health(archive, (), config, now=NOW).changed == 0
    rss, atom, document = read(config)
    assert (rss.bozo, atom.bozo) == (False, False)
    assert (rss.entries, atom.entries, document["items"]) == ([], [], [])
    assert rss.feed.title == "Health of the sources"


def test_what_broke_and_recovered_is_told_in_all_formats(archive: Archive, config: Config) -> None:
    hourly(archive, None, None, Reason.NO_ROWS, Reason.NO_ROWS)
    assert publish_health(archive, [source()], config, now=NOW + 4 * HOUR).changed == 1
    hourly(archive, None, None, start=5)
    assert publish_health(archive, [source()], config, now=NOW + 7 * HOUR).changed == 1
    rss, atom, document = read(config)
    titles = ["合成日报: well again", "合成日报: broken: its pages are not what they were"]
    for parsed in (rss, atom):
        assert not parsed.bozo
        assert [entry.title for entry in parsed.entries] == titles
        assert [entry.id for entry in parsed.entries] == [item["id"] for item in document["items"]]
        assert parsed.entries[1].link == "https://synthetic.example/"
    assert [item["title"] for item in document["items"]] == titles
    assert document["items"][1]["id"].endswith(":health/1")
    assert document["items"][1]["id"].startswith("tag:feeds.example.org,")
    assert document["items"][1]["date_published"] == "2026-03-02T16:00:00+08:00"
    assert "since 2026-03-02 14:00 · no rows matched" in document["items"][1]["summary"]
    assert document["items"][0]["summary"].endswith("before: broken: its pages are not what they were")


def test_nothing_new_changes_no_byte_and_deleted_files_come_back_the_same(archive: Archive, config: Config) -> None:
    hourly(archive, Reason.BLOCKED, Reason.BLOCKED)
    publish_health(archive, (), config, now=NOW)
    before = {name: (config.feeds_dir / name).read_bytes() for name in FILES}
    marks = {name: (config.feeds_dir / name).stat().st_ino for name in FILES}
    hourly(archive, Reason.BLOCKED, start=2)
    publish_health(archive, (), config, now=NOW + 9 * HOUR)
    assert {name: (config.feeds_dir / name).stat().st_ino for name in FILES} == marks
    for name in FILES:
        (config.feeds_dir / name).unlink()
    publish_health(archive, (), config, now=NOW + 99 * HOUR)
    assert {name: (config.feeds_dir / name).read_bytes() for name in FILES} == before


def test_a_hostile_name_makes_a_valid_feed(archive: Archive, config: Config) -> None:
    hourly(archive, Reason.BLOCKED, Reason.BLOCKED, of="other")
    publish_health(archive, (), config, now=NOW)
    rss, atom, document = read(config)
    assert (rss.bozo, atom.bozo, len(document["items"])) == (False, False, 1)
    assert "<b>" not in document["items"][0]["content_html"]


def test_subscribers_are_not_offered_it(archive: Archive, config: Config) -> None:
    archive.store(judged("https://synthetic.example/1", prose(1)), now=NOW)
    hourly(archive, Reason.BLOCKED, Reason.BLOCKED)
    publish_health(archive, (), config, now=NOW)
    publish(archive, load_taxonomy(), config, now=NOW)
    assert all((config.feeds_dir / name).exists() for name in FILES)
    for name in ("index.json", "index.opml", "index.html"):
        assert "health" not in (config.feeds_dir / name).read_text("utf-8")


def test_silence_is_judged_by_what_the_sources_file_expects(archive: Archive, config: Config) -> None:
    hourly(archive, None, None)
    for day in (40, 41):
        archive.record_poll(poll(at=NOW + timedelta(days=day)))
    quiet = source()
    assert publish_health(archive, [quiet], config, now=NOW).changed == 0
    assert archive.health_events() == ()
    for day in (42, 43):
        archive.record_poll(poll(at=NOW + timedelta(days=day)))
    assert publish_health(archive, [replace(quiet, max_silence_days=30)], config, now=NOW).changed == 1
    assert [event.verdict for event in archive.health_events()] == [Health.SILENT]
