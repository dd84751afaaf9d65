"""Family: sources whose news stands in an RSS, Atom or JSON feed."""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import feedparser

from crawler.errors import RefusedError
from crawler.extract.rows import Row
from crawler.model import Page, Reason, RowDate, Source
from crawler.poll import ListJob
from spiders.base import ListSpider


class FeedSpider(ListSpider):
    """RSS 0.9x-2.0, RDF and Atom through feedparser, JSON Feed 1.x; entries become rows with their dates.

    To be recognised by `<link rel="alternate" type="application/rss+xml">` on the site. Needs `list.url`.
    """

    name = "feed"

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        zone = ZoneInfo(source.timezone)
        if page.body.lstrip()[:1] == b"{":
            return tuple(_json_rows(page, zone))
        # A byte string, never an address: feedparser would fetch one. Entities of a DOCTYPE are not expanded by it.
        feed = feedparser.parse(
            page.body,
            response_headers={"content-type": page.headers.get("content-type", ""), "content-location": page.url},
        )
        if not feed.version:
            raise RefusedError(Reason.WRONG_TYPE, f"no feed: {feed.get('bozo_exception', 'of no known kind')}")
        return tuple(_rows(feed.entries, page.url, zone))


def _rows(entries: list[Any], base_url: str, zone: ZoneInfo) -> Iterator[Row]:
    for entry in entries:
        link = (entry.get("link") or entry.get("id") or "").strip()
        moment = entry.get("published_parsed") or entry.get("updated_parsed")
        at = datetime.fromtimestamp(calendar.timegm(moment), UTC) if moment else None
        yield _row(link, base_url, entry.get("title") or "", at, zone)


def _json_rows(page: Page, zone: ZoneInfo) -> Iterator[Row]:
    try:
        feed = json.loads(page.body)
        items = feed["items"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RefusedError(Reason.WRONG_TYPE, f"no JSON feed: {error}") from error
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        stamp = item.get("date_published") or item.get("date_modified")
        try:
            at = datetime.fromisoformat(stamp) if isinstance(stamp, str) else None
        except ValueError:
            at = None
        if at is not None and at.tzinfo is None:
            at = at.replace(tzinfo=zone)
        yield _row(
            str(item.get("url") or item.get("external_url") or ""), page.url, str(item.get("title") or ""), at, zone
        )


def _row(link: str, base_url: str, title: str, at: datetime | None, zone: ZoneInfo) -> Row:
    url = urljoin(base_url, link) if link else None
    local = at.astimezone(zone) if at is not None else None
    return Row(
        href=link,
        url=url if url and url.startswith(("http://", "https://")) else None,
        title=" ".join(title.split()),
        date=RowDate(year=local.year, month=local.month, day=local.day, hour=local.hour, minute=local.minute)
        if local is not None
        else None,
        is_pinned=False,
        is_article=True,
    )
