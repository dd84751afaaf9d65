"""Family: sources whose news stands in an RSS, Atom or JSON feed."""

from __future__ import annotations

import calendar
import codecs
import html
import json
import re
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import feedparser

from crawler.errors import RefusedError
from crawler.extract.dates import row_date
from crawler.extract.pager import same_host
from crawler.extract.rows import Row
from crawler.model import Page, Reason, RowDate, Source
from crawler.polling.poll import ListJob
from spiders.base import ListSpider
from spiders.column import older

# "10:20" in "Wed, 19 Apr 2023 10:20:00 GMT" and in "2023-04-19T10:20:00+08:00"
CLOCK = re.compile(r"\d{1,2}:\d\d")
# "Z", "GMT", "+0800", "+08:00", "EST" behind the clock
ZONE = re.compile(r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\s*(?:[+-]\d\d:?\d\d|[A-Za-z]{1,5})\s*$")
# "31 Dec 2005 06:15:55+0900": feedparser wants a blank before the zone
GLUED_ZONE = re.compile(r"[A-Za-z]{3,9} \d{4} \d{1,2}:\d\d(?::\d\d)?[+-]\d{4}\s*$")
# "2023年4月19日 20:30", "2023/04/19", "2023-04": feedparser makes up the month and day, those of today
NO_STANDARD = re.compile(r"^\s*\d{4}(?:\s*[/.年]|(?:-\d{1,2})?\s*$)")
# What feedparser takes some seconds for (2026-11-22): so many tags (a feed of 1,000 entries has 20,000), and words in
# which it looks for a mail address, for the square of their length.
MAX_TAGS = 200_000
MAX_WORK = 300_000_000
WORD = re.compile(rb"(?<![\w.+-])[\w.+-]{1000,}+")
# "<b>", "</b>"; a lone "<" stays
TAG = re.compile(r"</?[A-Za-z][^<>]*>")


class FeedSpider(ListSpider):
    """RSS 0.9x-2.0, RDF and Atom through feedparser, JSON Feed 1.x; entries become rows with their dates.

    To be recognised by `<link rel="alternate" type="application/rss+xml">` on the site. Needs `list.url`.
    """

    name = "feed"

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        zone = ZoneInfo(source.timezone)
        if _is_json(page):
            return tuple(_json_rows(page, zone))
        feed = _parsed(page)
        if not feed.get("version"):
            raise RefusedError(Reason.WRONG_TYPE, f"no feed: {feed.get('bozo_exception', 'of no known kind')}")
        return tuple(_rows(feed.entries, page.url, zone))

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        """What RFC 5005 calls the next page or the archive before, and JSON Feed `next_url`."""
        href = _next_url(page)
        return older(job, same_host(page.url, href) if href else None)


def _is_json(page: Page) -> bool:
    return page.body.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{"


def _parsed(page: Page) -> Any:
    plain_bytes = page.body.replace(b"\0", b"")  # UTF-16
    if plain_bytes.count(b"<") > MAX_TAGS or sum(len(word[0]) ** 2 for word in WORD.finditer(plain_bytes)) > MAX_WORK:
        raise RefusedError(Reason.TOO_LARGE, "a feed made to keep its reader busy")
    # A byte string, never an address: feedparser would fetch one. Entities of a DOCTYPE are not expanded by it.
    return feedparser.parse(
        page.body,
        response_headers={"content-type": page.headers.get("content-type", ""), "content-location": page.url},
    )


def _next_url(page: Page) -> str | None:
    if _is_json(page):
        try:
            stated = json.loads(page.body).get("next_url")
        except (ValueError, RecursionError, AttributeError):
            return None
        return stated if isinstance(stated, str) else None
    links = {link.get("rel"): link.get("href") for link in _parsed(page).feed.get("links", ())}
    return links.get("next") or links.get("prev-archive")


def _rows(entries: list[Any], base_url: str, zone: ZoneInfo) -> Iterator[Row]:
    for entry in entries:
        link = (entry.get("link") or entry.get("id") or "").strip()
        # asked for "updated" where there is none, feedparser warns and answers with "published"
        name = "published" if "published" in entry else "updated" if "updated" in entry else None
        stamp, moment = (entry[name], entry.get(f"{name}_parsed")) if name is not None else ("", None)
        yield _row(link, base_url, entry.get("title") or "", _date(moment, stamp, zone))


def _date(moment: time.struct_time | None, stamp: str, zone: ZoneInfo) -> RowDate | None:
    """The date on the source's clock; `moment` is feedparser's reading of `stamp` as UTC.

    Feeds without a zone mean their own clock, and feeds without a clock mean the day.
    """
    try:
        if moment is None or NO_STANDARD.search(stamp):
            return _row_date(parsedate_to_datetime(stamp), zone) if GLUED_ZONE.search(stamp) else row_date(stamp)
        at = datetime.fromtimestamp(calendar.timegm(moment), UTC)
        if not CLOCK.search(stamp):
            return RowDate(year=at.year, month=at.month, day=at.day)
        return _row_date(at if ZONE.search(stamp) else at.replace(tzinfo=zone), zone)
    except (ValueError, OverflowError, OSError):  # a year before 1 or after 9999
        return None


def _row_date(at: datetime, zone: ZoneInfo) -> RowDate:
    local = at.astimezone(zone)
    return RowDate(year=local.year, month=local.month, day=local.day, hour=local.hour, minute=local.minute)


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
        link = str(item.get("url") or item.get("external_url") or "")
        yield _row(link, page.url, str(item.get("title") or ""), _json_date(stamp, zone))


def _json_date(stamp: object, zone: ZoneInfo) -> RowDate | None:
    """JSON Feed wants RFC 3339; a day alone stays a day."""
    try:
        at = datetime.fromisoformat(stamp) if isinstance(stamp, str) else None
        if at is None or not isinstance(stamp, str):
            return None
        if not CLOCK.search(stamp):
            return RowDate(year=at.year, month=at.month, day=at.day)
        return _row_date(at if at.tzinfo is not None else at.replace(tzinfo=zone), zone)
    except (ValueError, OverflowError):
        return None


def _row(link: str, base_url: str, title: str, date: RowDate | None) -> Row:
    try:
        url = urljoin(base_url, link).partition("#")[0] if link else ""
        _ = urlsplit(url).port
    except ValueError:  # "http://[", "http://host:port/"
        url = ""
    return Row(
        href=link,
        url=url if url.startswith(("http://", "https://")) else None,
        title=plain(title),
        date=date,
        is_pinned=False,
        is_article=True,
    )


def plain(title: str) -> str:
    """A title without markup: Atom's may be HTML, and RSS writers put it there too."""
    return " ".join(html.unescape(TAG.sub("", title)).split())
