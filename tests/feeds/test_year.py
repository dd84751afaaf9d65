"""A year of daily publishing, seen by a subscriber who remembers the guids of all entries it was ever shown."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import feedparser
import pytest

from archive import Archive
from crawler.config import Config
from crawler.taxonomy import Taxonomy, load_taxonomy
from feeds.publish import publish
from tests.archive.conftest import new_place, place, server, template  # noqa: F401 - fixtures
from tests.archive.making import NOW, judged, judgement, poll, prose, source
from tests.archive.places import Place

DAY = timedelta(days=1)
REST = "份合成劳务协作协议的消息"
PAPERS = [source(f"paper{number}", f"合成日报{number}") for number in range(12)]
MIRROR = source("mirror", "合成晚报")
PLAIN = {"zones": (), "topics": (), "regions": ()}


class Subscriber:
    """Reads a feed as readers do: whole, remembering guids; an unchanged file is not read again."""

    def __init__(self, folder: Path, feed: str) -> None:
        self._file = folder / f"{feed}.atom"
        self._held = b""
        self._known: set[str] = set()
        self.shown: Counter[str] = Counter()  # titles, each as it was when the entry was first shown

    def read(self) -> list[str]:
        content = self._file.read_bytes()
        if content == self._held:
            return []
        self._held = content
        found = feedparser.parse(content)
        assert not found.bozo
        ids = [entry.id for entry in found.entries]
        assert len(ids) == len(set(ids))
        new = [entry for entry in found.entries if entry.id not in self._known]
        # what is new stands above all that was there
        assert [entry.id for entry in found.entries[: len(new)]] == [entry.id for entry in new]
        self._known |= {entry.id for entry in new}
        titles = [entry.title for entry in new]
        self.shown.update(titles)
        return titles


class Newsroom:
    """What happens to an archive in a year."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.chance = random.Random(20260302)
        self.number = 0
        self.wanted: list[str] = []  # titles that must be shown, once
        self.joined: set[str] = set()

    def item(
        self, number: int, *, now: Any, by: Any = None, age: timedelta = DAY, edition: int = 0, **said: Any
    ) -> None:
        by, lead = by or PAPERS[number % len(PAPERS)], "讯" if by is MIRROR else ""
        body = f"{lead}{prose(number, 3)}{'更正。' * edition}"
        verdict = judgement(**(PLAIN | said))
        url = f"https://{by.id}.example/{number}"
        self.archive.store(
            judged(url, body, title=self.title(number), published=now - age, of=by, verdict=verdict), now=now
        )

    def title(self, number: int) -> str:
        return f"第{number}{REST}"

    def new(self, now: Any, **given: Any) -> int:
        self.number += 1
        self.item(self.number, now=now, **given)
        return self.number

    def day(self, now: Any) -> None:
        # of what was published by yesterday: what is joined or judged away before is not announced
        chance, last = self.chance, self.number
        some = partial(chance.randint, max(1, last - 150), last)
        if chance.random() < 0.25:
            for _one in range(chance.choice((1, 2, 2, 4))):
                said = {"zones": ("川渝",), "topics": ("agreement",)} if chance.random() < 0.1 else {}
                self.wanted.append(self.title(self.new(now, **said)))
        if chance.random() < 0.1:  # a reprint, of something old perhaps
            self.item(some(), now=now, by=MIRROR)
        if chance.random() < 0.05:
            self.item(some(), now=now, edition=chance.randint(1, 3), age=40 * DAY)
        if chance.random() < 0.04:  # a site lists its news of years ago anew
            self.new(now, age=2000 * DAY)
        if chance.random() < 0.03:  # not relevant at first; other rules, the day after, find that it is
            number = self.new(now, relevant=False)
            self.item(number, now=now + timedelta(hours=1), edition=1)
            self.wanted.append(self.title(number))
        if chance.random() < 0.03:  # and one that is judged away; it stays where it was announced
            self.item(some(), now=now, relevant=False, age=40 * DAY)
        if chance.random() < 0.05:
            self._join(some(), some(), now)
        if chance.random() < 0.03:
            self._split(now)

    def _join(self, one: int, other: int, now: Any) -> None:
        stories = [
            self.archive.find_story(f"https://paper{number % len(PAPERS)}.example/{number}") for number in (one, other)
        ]
        ids = {str(story.id) for story in stories if story is not None}
        if len(ids) == 2:
            self.archive.join_stories(sorted(ids), by="synthetic", now=now)
            self.joined |= {self.title(one), self.title(other)}

    def _split(self, now: Any) -> None:
        for story in self.archive.stories(limit=60):
            # what a ruling put together is taken back by undoing that, not by a split
            if len(story.members) > 1 and not any(name in story.title for name in self.joined):
                self.archive.split_story(str(story.id), [story.members[-1].url], by="synthetic", now=now)
                return


@pytest.fixture
def taxonomy() -> Taxonomy:
    return load_taxonomy()


@pytest.mark.timeout(900)  # a minute of CPU, which on a busy machine takes its time
def test_every_story_is_seen_exactly_once(place: Place, tmp_path: Path, taxonomy: Taxonomy) -> None:  # noqa: F811
    config = Config(data=tmp_path, base_url="https://hr.example")
    archive = place.open(authority="feeds.example.org")
    for by in (*PAPERS, MIRROR):
        archive.record_poll(poll(by.id, at=NOW - 9 * DAY))
    room = Newsroom(archive)
    for _one in range(40):
        room.wanted.append(room.title(room.new(NOW)))
    publish(archive, taxonomy, config, now=NOW)
    reader = Subscriber(config.feeds_dir, "all")
    assert len(reader.read()) == 40
    is_season = place.name.startswith("postgresql:")
    # on the server, whose turns take longer, a season: what the year adds there is only more of the same
    for number in range(1, 91 if is_season else 366):
        now = NOW + number * DAY
        room.day(now)
        report = publish(archive, taxonomy, config, now=now + timedelta(hours=2))
        assert ("all" in report.changed) >= bool(reader.read()), number
        if number % 45 == 0:  # a restart; once the files are gone
            archive.close()
            archive = room.archive = place.open(authority="feeds.example.org")
        if number == 60:
            for file in config.feeds_dir.glob("all.*"):
                file.unlink()
    assert room.number > (100 if is_season else 220)
    assert reader.shown == Counter(room.wanted)
    copy = publish(archive, taxonomy, config, now=NOW + 999 * DAY, to=tmp_path / "copy")
    assert copy.entries_added == 0
    names = {file.name for file in config.feeds_dir.glob("[!.]*")}
    assert names == {file.name for file in copy.folder.glob("[!.]*")}
    assert ("all_p2.atom" in names) is not is_season
    for name in names:
        assert (config.feeds_dir / name).read_bytes() == (copy.folder / name).read_bytes(), name
    _whole_history(archive, config)
    archive.close()


def _whole_history(archive: Archive, config: Config) -> None:
    """The document and the pages it leads to hold every entry of the feed (RFC 5005)."""
    found: set[str] = set()
    address: str | None = f"{config.base_url}/feeds/all.atom"
    while address is not None:
        document = feedparser.parse((config.feeds_dir / address.rpartition("/")[2]).read_bytes())
        found |= {entry.id for entry in document.entries}
        address = next((link.href for link in document.feed.links if link.rel == "prev-archive"), None)
    assert found == {entry.guid for entry in archive.feed_entries("all", 100_000)}
    assert len(found) > 80
