"""A feed as JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json

from feeds.feed import ICON, JSON, LARGE_ICON, Feed
from feeds.item import FeedItem


def json_feed(feed: Feed) -> bytes:
    """The feed as UTF-8 JSON, keys in a fixed order."""
    document: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.description,
        "home_page_url": feed.page,
        "feed_url": feed.url(JSON),
        "icon": feed.file_url(LARGE_ICON),
        "favicon": feed.file_url(ICON),
        "language": feed.language,
        "authors": [{"name": "hrwatch"}],
    }
    if feed.prev_archive is not None:
        document["next_url"] = feed.archive_url(feed.prev_archive, JSON)
    if feed.hub is not None and not feed.is_archive:
        document["hubs"] = [{"type": "WebSub", "url": feed.hub}]
    document["items"] = [_item(item) for item in feed.items]
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _item(item: FeedItem) -> dict[str, object]:
    return {
        "id": item.guid,
        "url": item.url,
        "title": item.title,
        "summary": item.summary,
        "content_html": item.content,
        "date_published": item.published.isoformat(),
        "date_modified": item.updated.isoformat(),
        "authors": [{"name": item.publisher}],
        "tags": [category.label for category in item.categories],
    }
