"""The demonstration's own RSS, Atom and JSON feeds, as sites publish them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from email.utils import format_datetime
from xml.sax.saxutils import escape

from crawler.demo.items import Item
from crawler.demo.markup import SYNTHETIC


def rss(items: Sequence[Item], home: str, site: str) -> bytes:
    """An RSS 2.0 feed with summaries."""
    entries = "".join(
        f"<item><title>{escape(item.text.title)}</title><link>{item.url}</link>"
        f'<guid isPermaLink="true">{item.url}</guid><pubDate>{format_datetime(item.at)}</pubDate>'
        f"<description>{escape(item.text.paragraphs[0])}</description></item>\n"
        for item in items
    )
    return (
        f"<?xml version='1.0' encoding='utf-8'?>\n<!-- {SYNTHETIC} -->\n<rss version='2.0'><channel>"
        f"<title>{site}</title><link>{home}/</link><description>{SYNTHETIC}</description>\n{entries}</channel></rss>\n"
    ).encode()


def atom(items: Sequence[Item], home: str, site: str) -> bytes:
    """An Atom feed with summaries."""
    updated = max(item.at for item in items).isoformat()
    entries = "".join(
        f'<entry><title>{escape(item.text.title)}</title><link href="{item.url}"/><id>{item.url}</id>'
        f"<published>{item.at.isoformat()}</published><updated>{item.at.isoformat()}</updated>"
        f"<summary>{escape(item.text.paragraphs[0])}</summary></entry>\n"
        for item in items
    )
    return (
        f"<?xml version='1.0' encoding='utf-8'?>\n<!-- {SYNTHETIC} -->\n<feed xmlns='http://www.w3.org/2005/Atom'>"
        f"<title>{site}</title><id>{home}/</id><updated>{updated}</updated><author><name>{site}</name></author>\n"
        f"{entries}</feed>\n"
    ).encode()


def json_feed(items: Sequence[Item], home: str, site: str) -> bytes:
    """A JSON Feed 1.1 with summaries."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site,
        "home_page_url": f"{home}/",
        "description": SYNTHETIC,
        "items": [
            {
                "id": item.url,
                "url": item.url,
                "title": item.text.title,
                "summary": item.text.paragraphs[0],
                "date_published": item.at.isoformat(),
            }
            for item in items
        ],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()
