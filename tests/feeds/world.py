"""A small synthetic taxonomy and store of stories for the tests of feeds and web: everything here is invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from archive.records import FeedEntry, FeedKey, FeedQuery, FeedRecord, Member, StoryRecord
from crawler.model import Precision
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
    """Stories in memory, entered into feeds as they come: enough of the archive for what is written of them."""

    def __init__(self, *stories: StoryRecord) -> None:
        self.stories = list(stories)
        self.records: dict[str, FeedRecord] = {}
        self.entries: dict[str, dict[int, datetime]] = {}

    def feed_keys(self) -> list[FeedKey]:
        count: dict[tuple[str, str], int] = {}
        for one in self.stories:
            for kind, keys in (("zone", one.zones), ("region", one.regions), ("topic", one.topics)):
                for key in keys:
                    count[kind, key] = count.get((kind, key), 0) + 1
        return [FeedKey(kind=kind, key=key, stories=stories) for (kind, key), stories in count.items()]

    def enter_feed(
        self, feed_id: str, *, kind: str, key: str, title: str, query: FeedQuery, now: datetime, **_limits: int
    ) -> int:
        entered = self.entries.setdefault(feed_id, {})
        new = [one.id for one in self.stories if one.id not in entered and _matches(one, query)]
        entered.update(dict.fromkeys(new, now))
        self.records[feed_id] = FeedRecord(
            id=feed_id, kind=kind, key=key, title=title, first_published_at=now, changed_at=now, items=len(entered)
        )
        return len(new)

    def feeds(self) -> list[FeedRecord]:
        return list(self.records.values())

    def feed_entries(self, feed_id: str, *, limit: int = 100) -> list[FeedEntry]:
        by_id = {one.id: one for one in self.stories}
        rows = [
            FeedEntry(guid=by_id[number].guid, story=by_id[number], entered_at=at, position=place)
            for place, (number, at) in enumerate(self.entries[feed_id].items(), 1)
        ]
        return rows[::-1][:limit]


def _matches(one: StoryRecord, query: FeedQuery) -> bool:
    return (
        (not query.zones or any(zone in query.zones for zone in one.zones))
        and (not query.topics or any(topic in query.topics for topic in one.topics))
        and (
            not query.adcodes
            or any(region.startswith(significant(code)) for region in one.regions for code in query.adcodes)
        )
    )
