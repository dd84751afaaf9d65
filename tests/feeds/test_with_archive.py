"""Publishing from a real archive with the shipped taxonomy: what the fakes stand for elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest

from archive import Archive, open_archive
from crawler.config import Config
from crawler.taxonomy import load_taxonomy
from feeds.publish import publish
from tests.web.archive_of import NOW, poll, source, store


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path, base_url="https://hr.example")


@pytest.fixture
def archive(config: Config) -> Iterator[Archive]:
    with open_archive(config) as opened:
        yield opened


def entries(config: Config, feed: str) -> list[Any]:
    found = feedparser.parse((config.feeds_dir / feed).read_bytes())
    assert not found.bozo
    return list(found.entries)


def test_from_first_pass_to_reprint(archive: Archive, config: Config) -> None:
    taxonomy = load_taxonomy()
    assert publish(archive, taxonomy, config, now=NOW).feeds == 0
    for number in range(40):
        store(archive, number)
    poll(archive, source())
    report = publish(archive, taxonomy, config, now=NOW)
    rows = {(row["kind"], row["key"]): row for row in json.loads((config.feeds_dir / "index.json").read_bytes())}
    assert report.feeds == len(rows)
    assert rows["zone", "川渝"]["title"].startswith(("川渝", "Sichuan"))
    regions = {key: row["items"] for (kind, key), row in rows.items() if kind == "region"}
    # 江北区 became part of 两江新区 in 2025: its stories are in both, and in Chongqing's
    assert regions == {"510000": 40, "500000": 40, "500105": 40, "500157": 40}
    before = entries(config, "all.atom")
    assert len({entry.id for entry in before}) == len(before) == 40

    later = NOW + timedelta(hours=1)
    copy = source("synthetic-b", "合成晚报")
    first = archive.find_story(f"https://{source().hosts[0]}/39.html")
    assert first is not None
    store(archive, 39, by=copy, title=first.title, body=first.body, now=later)
    again = publish(archive, taxonomy, config, now=later)
    after = entries(config, "all.atom")
    assert [entry.id for entry in after] == [entry.id for entry in before]
    assert again.entries_added == 1  # the feed of the source that reprinted opens
    (changed,) = (entry for entry in after if entry.id == first.guid)
    assert f"https://{copy.hosts[0]}/39.html" in changed.content[0].value
    assert publish(archive, taxonomy, config, now=later + timedelta(days=3)).rewritten == 0


def test_new_stories_enter_at_the_top_whatever_their_date(archive: Archive, config: Config) -> None:
    store(archive, 1)
    poll(archive, source())
    publish(archive, load_taxonomy(), config, now=NOW)
    later = NOW + timedelta(days=1)
    store(archive, 2, published=NOW - timedelta(days=20), now=later)
    publish(archive, load_taxonomy(), config, now=later)
    assert [entry.link[-6:] for entry in entries(config, "all.rss")] == ["2.html", "1.html"]


def test_hostile_items_come_through(archive: Archive, config: Config) -> None:
    store(
        archive,
        1,
        title="川渝 ]]> <b>&\u202e" + "长" * 5000,
        body="正文 <script>x</script>\n]]>",
        body_html="<p>正文<script>x()</script></p>]]>",
    )
    store(archive, 2, title="川渝联合招聘", body="", is_link_only=True)
    publish(archive, load_taxonomy(), config, now=NOW)
    for name in ("all.rss", "all.atom"):
        assert len(entries(config, name)) == 2
        assert "script" not in "".join(entry.content[0].value for entry in entries(config, name))
