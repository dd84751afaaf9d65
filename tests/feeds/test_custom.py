"""Feeds of the operator's own: what the file may say, what it is told, and what becomes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest

from archive import Archive
from archive.records import Question
from crawler.config import Config
from crawler.errors import ConfigError
from crawler.taxonomy import load_taxonomy
from feeds.custom import load_custom_feeds
from feeds.publish import PublishReport, publish
from feeds.wanted import feed_id
from tests.archive.conftest import new_place, place, server, template  # noqa: F401 - fixtures
from tests.archive.making import NOW, judged, judgement, poll, prose, source
from tests.archive.places import Place

FILE = """
[feed.社保川渝]
title = "川渝社保"
zones = ["川渝"]
words = "社保 互认"
exclude = ["招聘会"]

[feed.daily]
sources = ["daily"]
"""


@pytest.fixture
def archive(place: Place) -> Iterator[Archive]:  # noqa: F811
    with place.open(authority="feeds.example.org") as opened:
        for name in ("daily", "evening"):
            opened.record_poll(poll(name, at=NOW - timedelta(days=9)))
        yield opened


@pytest.fixture
def config(tmp_path: Path) -> Config:
    file = tmp_path / "feeds.toml"
    file.write_text(FILE, "utf-8")
    return Config(data=tmp_path, base_url="https://hr.example", feeds=file)


def add(archive: Archive, number: int, text: str, *, by: str = "evening", days: int = 0) -> None:
    item = judged(
        f"https://{by}.example/{number}",
        f"{text}。{prose(number, 4)}",
        title=f"第{number}份合成消息",
        published=NOW + timedelta(days=days),
        of=source(by),
        verdict=judgement(),
    )
    archive.store(item, now=NOW + timedelta(days=days, hours=1))


def publish_on(archive: Archive, config: Config, day: int) -> PublishReport:
    return publish(archive, load_taxonomy(), config, now=NOW + timedelta(days=day, hours=2))


def titles(config: Config, name: str) -> list[str]:
    found = feedparser.parse((config.feeds_dir / f"{feed_id('custom', name)}.atom").read_bytes())
    assert not found.bozo
    return [entry.title for entry in found.entries]


def test_custom_feeds_follow_their_queries(archive: Archive, config: Config) -> None:
    add(archive, 1, "两地社保互认")
    add(archive, 2, "两地社保互认，并举办招聘会")
    add(archive, 3, "两地职称互通", by="daily")
    publish_on(archive, config, 0)
    assert titles(config, "社保川渝") == ["第1份合成消息"]
    assert titles(config, "daily") == ["第3份合成消息"]
    rows = {row["id"]: row for row in json.loads((config.feeds_dir / "index.json").read_bytes())}
    assert rows[feed_id("custom", "社保川渝")]["title"] == "川渝社保"
    add(archive, 4, "社保关系转移，待遇互认", days=1)
    add(archive, 5, "社保卡", days=1)
    report = publish_on(archive, config, 1)
    assert feed_id("custom", "社保川渝") in report.changed
    assert feed_id("custom", "daily") not in report.changed
    assert titles(config, "社保川渝") == ["第4份合成消息", "第1份合成消息"]


def test_a_changed_query_keeps_the_entries_and_one_taken_out_of_the_file_stays(
    archive: Archive, config: Config
) -> None:
    assert config.feeds is not None
    add(archive, 1, "两地社保互认")
    add(archive, 2, "两地职称互通")
    publish_on(archive, config, 0)
    config.feeds.write_text('[feed.社保川渝]\nwords = "职称"\n', "utf-8")
    add(archive, 3, "又一次职称互通", days=1)
    publish_on(archive, config, 1)
    # what was there when the query changed does not come up as news
    assert titles(config, "社保川渝") == ["第3份合成消息", "第1份合成消息"]
    config.feeds.write_text("", "utf-8")
    add(archive, 4, "再次职称互通", days=2)
    publish_on(archive, config, 2)
    assert titles(config, "社保川渝") == ["第3份合成消息", "第1份合成消息"]


def test_a_feed_without_a_story_is_not_there_and_appears_with_its_first(archive: Archive, config: Config) -> None:
    add(archive, 1, "两地社保互认")
    publish_on(archive, config, 0)
    assert feed_id("custom", "daily") not in {feed.id for feed in archive.feeds()}
    assert not (config.feeds_dir / f"{feed_id('custom', 'daily')}.rss").exists()
    publish_on(archive, config, 1)
    add(archive, 2, "两地职称互通", by="daily", days=2)
    publish_on(archive, config, 2)
    assert titles(config, "daily") == ["第2份合成消息"]


def test_a_query_put_right_before_it_found_anything_opens_with_what_is_there(archive: Archive, config: Config) -> None:
    assert config.feeds is not None
    add(archive, 1, "两地社保互认")
    config.feeds.write_text('[feed.x]\nwords = "无此一说"\n', "utf-8")
    publish_on(archive, config, 0)
    config.feeds.write_text('[feed.x]\nwords = "社保"\n', "utf-8")
    publish_on(archive, config, 1)
    assert titles(config, "x") == ["第1份合成消息"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[feed.a]\nzone = ['川渝']", "feed.a.zone"),
        ("[feed.a]\nzones = 1", "feed.a.zones"),
        ("[feed.a]\nzones = ['川川']", "川川"),
        ("[feed.a]\nregions = ['无此省']", "无此省"),
        ("[feed.a]\npair = ['四川']", "feed.a.pair"),
        ("[feed.a]\ntopics = ['none']", "none"),
        ("[feed.a]\nwords = '\"川渝'", "feed.a"),
        ("[feed.a]\ntitle = ''", "feed.a.title"),
        ("[feeds.a]\nwords = '川渝'", "feeds"),
        ("feed = 1", "feed"),
        ("[feed]\na = 1", "feed.a"),
        (f"[feed.{'n' * 41}]\nwords = '川渝'", "feed.n"),
        ("[feed.a\n", "line 1"),
    ],
)
def test_a_fault_in_the_file_names_file_feed_and_key(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "feeds.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as raised:
        load_custom_feeds(file, load_taxonomy())
    assert str(file) in str(raised.value)
    assert told in str(raised.value)


def test_bytes_that_are_no_text_and_files_that_are_not_there(tmp_path: Path) -> None:
    file = tmp_path / "feeds.toml"
    with pytest.raises(ConfigError, match=r"feeds\.toml"):
        load_custom_feeds(file, load_taxonomy())
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"feeds\.toml"):
        load_custom_feeds(file, load_taxonomy())
    file.write_bytes(b"#" * (1 << 20) + b"#")
    with pytest.raises(ConfigError, match=r"feeds\.toml"):
        load_custom_feeds(file, load_taxonomy())


def test_ids_come_from_the_name_alone_and_the_query_is_a_question(tmp_path: Path) -> None:
    file = tmp_path / "feeds.toml"
    file.write_text("[feed.社保川渝]\nzones = ['川渝']\n", "utf-8")
    (one,) = load_custom_feeds(file, load_taxonomy())
    assert isinstance(one.query, Question)
    assert (one.id, one.title, one.query.query.zones) == (feed_id("custom", "社保川渝"), "社保川渝", ("川渝",))
    assert load_custom_feeds(None, load_taxonomy()) == ()
