"""What a subscriber sees over time: each story once, whatever joins, merges or turns up late behind it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest

from archive import Archive, open_archive
from crawler.config import Config
from crawler.taxonomy import Taxonomy, load_taxonomy
from feeds.publish import PublishReport, publish
from feeds.wanted import feed_id
from tests.archive.making import prose
from tests.web.archive_of import NOW, poll, source, store

DAY = timedelta(days=1)
REST = "份合成劳务协作协议的消息"


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path, base_url="https://hr.example")


@pytest.fixture
def archive(config: Config) -> Iterator[Archive]:
    with open_archive(config) as opened:
        yield opened


def entries(config: Config, feed: str = "all") -> list[Any]:
    found = feedparser.parse((config.feeds_dir / f"{feed}.atom").read_bytes())
    assert not found.bozo
    by_rss = feedparser.parse((config.feeds_dir / f"{feed}.rss").read_bytes())
    assert [entry.id for entry in by_rss.entries] == [entry.id for entry in found.entries]
    return list(found.entries)


def guids(config: Config, feed: str = "all") -> list[str]:
    return [entry.id for entry in entries(config, feed)]


def add(archive: Archive, number: int, *, now: datetime = NOW, age: timedelta = DAY, **more: Any) -> None:
    more = {
        "title": f"第{number}{REST}",
        "body": prose(number, 6),
        "published": now - age,
        "regions": ("510000",),
    } | more
    store(archive, number, now=now, **more)


def bridge(archive: Archive, one: int, other: int, *, now: datetime) -> None:
    """An item that shows two stories to be one."""
    number = 100_000 + one * 300 + other
    add(archive, number, now=now, title=f"两{REST}", body=prose(one, 6) + prose(other, 6), by=source("bridge"))


def test_opening_takes_fifty_and_the_rest_never_comes(archive: Archive, config: Config, taxonomy: Taxonomy) -> None:
    for number in range(64):
        add(archive, number, age=number * timedelta(hours=5))
    first = publish(archive, taxonomy, config, now=NOW)
    assert len(entries(config)) == 50
    poll(archive, source())
    for day in range(1, 4):
        again = publish(archive, taxonomy, config, now=NOW + day * DAY)
        assert (again.entries_added, again.rewritten) == (0, 0)
    assert first.entries_added == 50 * first.feeds


def test_merge_of_two_published_stories(archive: Archive, config: Config, taxonomy: Taxonomy) -> None:
    for number in range(3):
        add(archive, number, now=NOW + number * timedelta(minutes=1))
    publish(archive, taxonomy, config, now=NOW)
    before = guids(config)
    later = NOW + DAY
    bridge(archive, 1, 2, now=later)
    report = publish(archive, taxonomy, config, now=later)
    assert report.entries_added == 1  # the feed of the source that showed it opens
    assert guids(config) == before[1:]  # 第2 came last, was on top, and is now part of 第1
    survivor = entries(config)[0]
    assert survivor.title.startswith("第1")
    for number in (2, 100_302):
        assert f"/{number}.html" in survivor.content[0].value
    add(archive, 3, now=later)
    publish(archive, taxonomy, config, now=later)
    assert len(guids(config)) == 3
    assert guids(config)[1:] == before[1:]


def test_a_feed_keeps_the_guid_it_announced_a_story_under(archive: Archive, config: Config, taxonomy: Taxonomy) -> None:
    add(archive, 1)
    add(archive, 2, now=NOW + timedelta(minutes=1), zones=("川藏",))
    publish(archive, taxonomy, config, now=NOW)
    here, there = feed_id("zone", "川渝"), feed_id("zone", "川藏")
    before = {feed: guids(config, feed) for feed in (here, there)}
    assert before[here] != before[there]
    bridge(archive, 1, 2, now=NOW + DAY)
    assert publish(archive, taxonomy, config, now=NOW + DAY).entries_added == 1  # in the feed of the third source
    assert {feed: guids(config, feed) for feed in (here, there)} == before
    (one,), (other,) = entries(config, here), entries(config, there)
    assert one.content[0].value == other.content[0].value  # the same story, whatever its name here
    assert guids(config) == before[here]


def test_days_with_reprints_merges_edits_and_old_finds(archive: Archive, config: Config, taxonomy: Taxonomy) -> None:
    """A reader that remembers no more than the last file it read is never shown an entry for the second time."""
    chance = random.Random(20260302)
    other = source("synthetic-b", "合成晚报")
    for by in (source(), other, source("bridge")):
        poll(archive, by)
    for number in range(60):
        add(archive, number, age=number * DAY, now=NOW)
    publish(archive, taxonomy, config, now=NOW)
    seen, last = set(guids(config)), guids(config)
    number = 60
    for day in range(1, 13):
        now = NOW + day * DAY
        fresh = chance.choice((0, 5, 12))
        for _ in range(fresh):
            add(archive, number, now=now, age=timedelta(hours=chance.randint(0, 200)))
            number += 1
        for _ in range(3):
            old = chance.randrange(number)
            add(archive, old, now=now, by=other, body=f"讯{prose(old, 6)}")
        add(archive, 5000 + day, now=now, age=2000 * DAY)
        add(archive, 40 + day // 2, now=now, age=60 * DAY, body=prose(40 + day // 2, 7))
        if day % 2 == 0:
            one, two = sorted(chance.sample(range(number), 2))
            bridge(archive, one, two, now=now)
        report = publish(archive, taxonomy, config, now=now)
        current = guids(config)
        new = [guid for guid in current if guid not in last]
        assert not seen & set(new), day
        assert len(new) <= fresh, day
        seen |= set(new)
        last = current
        idle = publish(archive, taxonomy, config, now=now + timedelta(hours=1))
        assert (idle.entries_added, idle.rewritten) == (0, 0), report
    assert number - 60 > config.feed_length - 50  # the feed has run over its length
    rebuilt: PublishReport = publish(archive, taxonomy, config, now=NOW + 99 * DAY, to=config.data / "copy")
    for path in config.feeds_dir.glob("[!.]*"):
        assert path.read_bytes() == (rebuilt.folder / path.name).read_bytes(), path.name
