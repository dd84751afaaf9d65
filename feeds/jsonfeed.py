"""A feed as JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json

from feeds.feed import JSON, Feed
from feeds.item import FeedItem


def json_feed(feed: Feed) -> bytes:
    """The feed as UTF-8 JSON, keys in a fixed order."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.description,
        "home_page_url": feed.page,
        "feed_url": feed.url(JSON),
        "language": feed.language,
        "authors": [{"name": "hrwatch"}],
        "items": [_item(item) for item in feed.items],
    }
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
