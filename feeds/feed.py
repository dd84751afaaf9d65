"""A feed as a value, before any format: who it is, where it is reached, its items newest entry first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from archive.records import FeedEntry, FeedRecord
from crawler.language import _, language
from feeds.item import FeedItem, feed_item, whole_second
from feeds.text import title_text
from feeds.wanted import Taxonomy, record_subject, record_title, zone_and_topic

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

INDEX_HTML = "index.html"

# The square picture of every feed, in pixels: RSS shows none that is wider than 144; JSON Feed asks for 512.
ICON = "icon-144.png"
LARGE_ICON = "icon-512.png"


def page_name(feed_id: str, page: int | None) -> str:
    """The name, without ending, of a feed's document: its id, or "all_p3" for the third page of its archive.

    No other id comes out so: in ids, "_" is followed by the digits of a code.
    """
    return feed_id if page is None else f"{feed_id}_p{page}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """The document that subscribers read or, where `archive_page` is given, a page of the feed's archive (RFC 5005)."""

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
    hub: str | None = None  # of WebSub
    archive_page: int | None = None  # counted from 1, the oldest
    prev_archive: int | None = None  # the page that holds what is older than this document
    next_archive: int | None = None
    parameters: str = ""  # of a feed that its own address describes: "?zones=…"

    @property
    def is_archive(self) -> bool:
        """True for a page of the past, which nobody subscribes to."""
        return self.archive_page is not None

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return page_name(self.id, self.archive_page)

    def url(self, ending: str) -> str:
        """Where this document is reached in the format of `ending`."""
        return self.file_url(f"{self.name}.{ending}{self.parameters}")

    def current_url(self, ending: str) -> str:
        """Where a subscriber reaches the feed in the format of `ending`."""
        return self.file_url(f"{self.id}.{ending}{self.parameters}")

    def archive_url(self, page: int, ending: str) -> str:
        """Where a page of the archive is reached in the format of `ending`."""
        return self.file_url(f"{page_name(self.id, page)}.{ending}")

    def file_url(self, file_name: str) -> str:
        """Where a file that is published beside the feeds is reached."""
        return f"{self.base_url}/{FEEDS_PATH}/{file_name}"

    @property
    def page(self) -> str:
        """The page on the web side that shows the same stories; where none does, the list of feeds."""
        if self.parameters:
            return self.file_url(f"{self.id}{self.parameters}")
        match self.kind:
            case "all":
                asked = {}
            case "zone" | "region" | "topic" | "source":
                asked = {self.kind: self.key}
            case "zone-topic":
                asked = dict(zip(("zone", "topic"), zone_and_topic(self.key), strict=True))
            case _:
                return self.scheme(self.kind)
        query = "&".join(f"{name}={quote(value, safe='', errors='replace')}" for name, value in asked.items())
        return f"{self.base_url}/stories?{query}" if query else f"{self.base_url}/stories"

    def scheme(self, kind: str) -> str:
        """The URI of a vocabulary of categories: its group in the list of feeds."""
        return f"{self.base_url}/{FEEDS_PATH}/#{kind}"


def make_feed(
    record: FeedRecord,
    entries: Iterable[FeedEntry],
    taxonomy: Taxonomy,
    base_url: str,
    *,
    hub: str | None = None,
    excerpts: Collection[str] = frozenset(),
    archive_page: int | None = None,
    prev_archive: int | None = None,
    next_archive: int | None = None,
) -> Feed:
    """The feed with its items; its date is that of the newest entry or change among them, never now.

    `excerpts` are ids of sources whose texts are shown as excerpts.
    """
    key = record.key if record.kind != "all" else "all"
    base = base_url.rstrip("/")
    ordered = sorted(entries, key=lambda entry: entry.position, reverse=True)
    moments = [max(entry.entered_at, entry.story.updated_at) for entry in ordered]
    named = title_text(record_subject(record, taxonomy)) or record.id
    return Feed(
        id=record.id,
        kind=record.kind,
        key=key,
        title=title_text(record_title(record, taxonomy)) or record.id,
        subject=named,
        description=_("News of human-resources cooperation between regions: {subject}. Each story once.").format(
            subject=named
        ),
        base_url=base,
        language="en" if language() == "en" else "zh-CN",
        updated=whole_second(max(moments, default=record.first_published_at)),
        items=tuple(feed_item(entry, taxonomy, base, excerpts) for entry in ordered),
        hub=hub,
        archive_page=archive_page,
        prev_archive=prev_archive,
        next_archive=next_archive,
    )
