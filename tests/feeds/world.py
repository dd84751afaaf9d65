"""A small synthetic taxonomy and store of stories for the tests of feeds and web: everything here is invented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from archive.records import (
    EntryRules,
    FeedChanges,
    FeedEntry,
    FeedMark,
    FeedNews,
    FeedQuery,
    FeedRecord,
    Member,
    Question,
    StoryRecord,
    WantedFeed,
)
from crawler.model import Precision
from feeds.feed import Feed
from feeds.state import Shown
from feeds.wanted import significant

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

NAMES = {
    "500000": "重庆市",
    "500105": "江北区",
    "500157": "两江新区",
    "510000": "四川省",
    "511800": "雅安市",
    "511802": "雨城区",
    "540000": "西藏自治区",
}
SUCCESSORS = {"500105": "500157"}


class Divisions:
    def name(self, adcode: str) -> str | None:
        return NAMES.get(adcode)

    def parents(self, adcode: str) -> tuple[str, ...]:
        return tuple(code for code in (adcode[:4] + "00", adcode[:2] + "0000") if code in NAMES and code != adcode)

    def successors(self, adcode: str) -> tuple[str, ...]:
        return (SUCCESSORS[adcode],) if adcode in SUCCESSORS else ()

    def reach(self, adcode: str) -> tuple[str, ...]:
        stem = significant(adcode)
        past = (old for old, heir in SUCCESSORS.items() if heir.startswith(stem) and not old.startswith(stem))
        return (adcode, *past, *self.successors(adcode))


@dataclass(frozen=True)
class Zone:
    kind: str
    english: str | None


@dataclass(frozen=True)
class Topic:
    id: str
    zh: str
    en: str


@dataclass(frozen=True)
class World:
    divisions: Divisions = field(default_factory=Divisions)
    zones: dict[str, Zone] = field(
        default_factory=lambda: {"川渝": Zone("pair", "Sichuan–Chongqing"), "川藏": Zone("pair", None)}
    )
    topics: dict[str, Topic] = field(
        default_factory=lambda: {"agreement": Topic("agreement", "合作协议", "Agreements")}
    )
    version: str = "synthetic"


def member(url: str, **given: Any) -> Member:
    return Member(
        **{
            "item_id": 1,
            "url": url,
            "title": "合成标题",
            "source_id": "synthetic",
            "site_name": "合成日报",
            "source_name": None,
            "published": None,
            "precision": None,
            "first_seen_at": NOW,
            "join_reason": None,
            "join_score": None,
            "is_first": False,
            "is_link_only": False,
        }
        | given
    )


def story(number: int = 1, **given: Any) -> StoryRecord:
    url = f"https://news.example/{number}.html"
    return StoryRecord(
        **{
            "id": number,
            "guid": f"tag:hrwatch.example,2026:story/{number}",
            "seq": number,
            "title": f"两地签署第{number}份合成人力资源合作协议",
            "url": url,
            "body": "第一段，合成文字。\n第二段，合成文字。",
            "body_html": None,
            "published": datetime(2026, 3, 1, tzinfo=UTC),
            "precision": Precision.DAY,
            "first_source": "合成日报",
            "document_number": None,
            "written": None,
            "event_date": None,
            "first_seen_at": NOW - timedelta(hours=1),
            "updated_at": NOW - timedelta(hours=1),
            "relevant": True,
            "score": 1.0,
            "regions": ("510000", "500105"),
            "zones": ("川渝",),
            "topics": ("agreement",),
            "agreements": (),
            "members": (member(url, is_first=True),),
            "is_link_only": False,
        }
        | given
    )


class Store:
    """Stories in memory, entered into feeds as they come: enough of the archive for what is written of them.

    It follows nothing: to it, all feeds have always changed.
    """

    def __init__(self, *stories: StoryRecord) -> None:
        self.stories = list(stories)
        self.records: dict[str, FeedRecord] = {}
        self.entries: dict[str, dict[int, datetime]] = {}

    def feed_news(self, _version: str) -> FeedNews:
        keys: set[tuple[str, str]] = {("all", "all")} if self.stories else set()
        for one in self.stories:
            named = (("zone", one.zones), ("region", one.regions), ("topic", one.topics))
            keys |= {(kind, key) for kind, found in named for key in found}
            keys |= {("zone-topic", f"{zone}/{topic}") for zone in one.zones for topic in one.topics}
            keys |= {("source", held.source_id) for held in one.members}
        return FeedNews(keys=tuple(sorted(keys)), seq=None, story_id=None, new_seq=0, new_story_id=0)

    def end_feed_news(self, news: FeedNews, version: str) -> None:
        pass

    def source_names(self) -> dict[str, str]:
        return {"synthetic": "合成日报"}

    def retitle_feeds(self, titles: Mapping[str, str]) -> None:
        pass

    def enter_feeds(
        self, wanted: Sequence[WantedFeed], *, rules: EntryRules, now: datetime, news: FeedNews | None = None
    ) -> int:
        return sum(self._enter(feed, now) for feed in wanted)

    def _enter(self, feed: WantedFeed, now: datetime) -> int:
        entered = self.entries.setdefault(feed.id, {})
        new = [one.id for one in self.stories if one.id not in entered and _matches(one, feed.query)]
        entered.update(dict.fromkeys(new, now))
        self.records[feed.id] = FeedRecord(
            id=feed.id,
            kind=feed.kind,
            key=feed.key,
            title=feed.title,
            first_published_at=now,
            changed_at=now,
            items=len(entered),
            last_position=len(entered),
        )
        return len(new)

    def feed_changes(self, _mark: FeedMark | None) -> FeedChanges:
        return FeedChanges(mark=FeedMark(seq=0, turn=0), places=dict.fromkeys(self.records, ()))

    def feeds(self, feed_ids: Sequence[str] | None = None) -> list[FeedRecord]:
        return [record for record in self.records.values() if feed_ids is None or record.id in feed_ids]

    def feed_entries(self, feed_id: str, limit: int = 100, *, last: int | None = None) -> list[FeedEntry]:
        by_id = {one.id: one for one in self.stories}
        rows = [
            FeedEntry(guid=by_id[number].guid, story=by_id[number], entered_at=at, position=place)
            for place, (number, at) in enumerate(self.entries[feed_id].items(), 1)
        ]
        return rows[:last][::-1][:limit]


def _matches(one: StoryRecord, query: FeedQuery | Question) -> bool:
    assert isinstance(query, FeedQuery)
    return (
        (not query.zones or any(zone in query.zones for zone in one.zones))
        and (not query.topics or any(topic in query.topics for topic in one.topics))
        and (not query.sources or any(held.source_id in query.sources for held in one.members))
        and (
            not query.adcodes
            or any(region.startswith(significant(code)) for region in one.regions for code in query.adcodes)
        )
    )


def shown(feeds: Iterable[Feed]) -> dict[str, Shown]:
    """The feeds as their list for programs has them."""
    return {
        feed.id: Shown(kind=feed.kind, key=feed.key, title=feed.title, items=len(feed.items), pages=0) for feed in feeds
    }
