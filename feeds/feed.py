"""A feed as a value, before any format: who it is, where it is reached, its items newest entry first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from archive.records import FeedEntry, FeedRecord
from crawler.language import _, language
from feeds.item import FeedItem, feed_item, whole_second
from feeds.wanted import Taxonomy, feed_title, subject

# Endings that web servers know: nginx and Apache ship the types of .rss and .atom.
RSS = "rss"
ATOM = "atom"
JSON = "json"

RSS_TYPE = "application/rss+xml"
ATOM_TYPE = "application/atom+xml"
JSON_TYPE = "application/feed+json"
OPML_TYPE = "text/x-opml"

# Folder of the feeds on the web side, and what a base URL is followed by in every address of a feed.
FEEDS_PATH = "feeds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    id: str
    kind: str
    key: str
    title: str
    subject: str
    description: str
    base_url: str  # without a slash at its end
    language: str
    updated: datetime
    items: tuple[FeedItem, ...]
    count: int  # of items, also where they have been let go

    def url(self, ending: str) -> str:
        """Where a subscriber reaches this feed in the format of `ending`."""
        return f"{self.base_url}/{FEEDS_PATH}/{self.id}.{ending}"

    @property
    def page(self) -> str:
        """The page on the web side that shows the same stories."""
        if self.kind == "all":
            return f"{self.base_url}/stories"
        return f"{self.base_url}/stories?{self.kind}={quote(self.key, safe='')}"

    def scheme(self, kind: str) -> str:
        """The URI of a vocabulary of categories: its group in the list of feeds."""
        return f"{self.base_url}/{FEEDS_PATH}/#{kind}"


def make_feed(record: FeedRecord, entries: Iterable[FeedEntry], taxonomy: Taxonomy, base_url: str) -> Feed:
    """The feed with its items; its date is that of the newest entry or change among them, never now."""
    key = record.key if record.kind != "all" else "all"
    base = base_url.rstrip("/")
    ordered = sorted(entries, key=lambda entry: entry.position, reverse=True)
    moments = [max(entry.entered_at, entry.story.updated_at) for entry in ordered]
    title = feed_title(record.kind, key, taxonomy)
    return Feed(
        id=record.id,
        kind=record.kind,
        key=key,
        title=title,
        subject=subject(record.kind, key, taxonomy),
        description=_("News of human-resources cooperation between regions: {subject}. Each story once.").format(
            subject=subject(record.kind, key, taxonomy)
        ),
        base_url=base,
        language="en" if language() == "en" else "zh-CN",
        updated=whole_second(max(moments, default=record.first_published_at)),
        items=tuple(feed_item(entry, taxonomy, base) for entry in ordered),
        count=len(ordered),
    )
