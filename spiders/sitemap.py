"""Family: sitemaps, where a site's own lists cannot be read: sitemap.xml, an index of such, also packed by gzip."""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from lxml import etree
from scrapy.http import Response

from crawler.errors import RefusedError
from crawler.extract.rows import Row, matches
from crawler.model import Capture, Page, Reason, RowDate, Source
from crawler.net.page import page_of
from crawler.polling.poll import ListJob, Poll
from crawler.text.urls import web_address
from spiders.base import ListSpider

GZIP = b"\x1f\x8b"
INDEX = b"sitemapindex"
DOCTYPE = b"<!DOCTYPE"
# "?id=1&page=2" where "?id=1&amp;page=2" is meant; the parser would swallow it and make another address of it
BARE_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)")
# The root stands behind the declaration, perhaps a stylesheet and a comment.
LOOK_BYTES = 4096
# Of an index: news is in the newest one, and around a change of month in the one before.
MAX_SITEMAPS = 3
# The protocol allows 50,000 addresses a file; what is longer is read so far.
MAX_URLS = 50_000


class SitemapSpider(ListSpider):
    """`<urlset>` and `<sitemapindex>` (of which the newest few are read), with Google's news extension.

    To be recognised by `Sitemap:` in robots.txt. Needs `list.url`, and `article` where the site holds more than news.
    Dates are the news extension's: `lastmod` says when a page was made anew, and only orders the rows.
    """

    name = "sitemap"

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        root = _root(page.body)
        if _name(root) == "sitemapindex":
            return ()
        article = job.page.article or source.article or self.article_pattern
        return tuple(_rows(root, page.url, re.compile(article) if article else None, ZoneInfo(source.timezone)))

    def more_lists(self, page: Page, job: ListJob, source: Source) -> Iterable[str]:
        sitemaps = self._sitemaps(page, job)
        return sitemaps[:MAX_SITEMAPS] if job.number == 1 else sitemaps[MAX_SITEMAPS + job.number - 2 :][:1]

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        """An index has its older sitemaps as history; it is read again for each, as their order stands there only."""
        if len(self._sitemaps(page, job)) < MAX_SITEMAPS + job.number:
            return None
        return replace(job, is_first=False, number=job.number + 1)

    def _sitemaps(self, page: Page, job: ListJob) -> list[str]:
        """What the list's own index names, the newest first; nothing for other files, and for an index in an index."""
        # looked at before it is parsed a second time: a sitemap of 50,000 addresses takes a while
        if job.url != job.page.url or INDEX not in page.body[:LOOK_BYTES]:
            return []
        root = _root(page.body)
        return _by_age(root, page.url) if _name(root) == "sitemapindex" else []

    async def on_list(self, poll: Poll, job: ListJob, response: Response) -> AsyncIterator[Capture]:
        """A `sitemap.xml.gz` is a file that is packed, not a packed transfer: nobody has unpacked it yet."""
        if response.status == 200 and response.body.startswith(GZIP):
            try:
                unpacked = _unpacked(response.body, self.services.config.max_page_bytes)
                headers = response.headers.copy()
                headers["Content-Type"] = "application/xml"  # it said what the packing is
                response = response.replace(body=unpacked, headers=headers)
            except RefusedError as error:
                await self.fail(poll, job, error.reason, error.detail, page_of(response))
                return
        async for capture in super().on_list(poll, job, response):
            yield capture


def _unpacked(body: bytes, max_bytes: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        unpacked = unpacker.decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise RefusedError(Reason.WRONG_TYPE, f"broken gzip: {error}") from error
    if len(unpacked) > max_bytes:
        raise RefusedError(Reason.TOO_LARGE, f"over {max_bytes} bytes unpacked")
    return unpacked


def _root(body: bytes) -> etree._Element:
    """The root of a sitemap; RefusedError for anything else. Nothing is expanded, loaded or fetched."""
    # without zero bytes: a sitemap may be UTF-16
    if DOCTYPE in body.replace(b"\0", b""):
        raise RefusedError(Reason.WRONG_TYPE, "no sitemap: it has a DOCTYPE, as pages have and what declares entities")
    # recover: characters that XML forbids must not cost the rest
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True
    )
    try:
        root = etree.fromstring(BARE_AMPERSAND.sub(b"&amp;", body), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RefusedError(Reason.WRONG_TYPE, f"no sitemap: {error}") from error
    if root is None or _name(root) not in ("urlset", "sitemapindex"):
        raise RefusedError(Reason.WRONG_TYPE, f"no sitemap: {'nothing' if root is None else f'<{_name(root)}>'}")
    return root


def _name(element: etree._Element) -> str:
    """The name without its namespace: sitemaps are written with the wrong one, and with none."""
    return str(element.tag).rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _texts(element: etree._Element) -> dict[str, str]:
    """Texts of an entry by name, of the news extension's elements too; an image's title is not the article's."""
    found: dict[str, str] = {}
    for child in element.iterchildren():
        for node in child.iterchildren() if _name(child) == "news" else (child,):
            if node.text and node.text.strip():
                found.setdefault(_name(node), " ".join(node.text.split()))
    return found


def _rows(root: etree._Element, base_url: str, article: re.Pattern[str] | None, zone: ZoneInfo) -> list[Row]:
    """Newest first by lastmod, in file order without; addresses that are no articles are left out."""
    found: list[tuple[datetime, Row]] = []
    for n, entry in enumerate(root.iterchildren()):
        if n >= MAX_URLS:
            break
        texts = _texts(entry)
        loc = texts.get("loc", "")
        url = web_address(base_url, loc)
        if _name(entry) != "url" or url is None or (article is not None and not matches(article, url)):
            continue
        row = Row(
            href=loc,
            url=url,
            title=html.unescape(texts.get("title", "")),
            date=_row_date(texts.get("publication_date"), zone),
            is_pinned=False,
            is_article=True,
        )
        found.append((_moment(texts.get("lastmod") or texts.get("publication_date"), zone), row))
    found.sort(key=lambda pair: pair[0], reverse=True)
    return [row for _, row in found]


def _by_age(root: etree._Element, base_url: str) -> list[str]:
    """The newest first, by lastmod; where none has one, from both ends, since either end may be the newest."""
    found: dict[str, datetime] = {}
    utc = ZoneInfo("UTC")
    for entry in root.iterchildren():
        texts = _texts(entry)
        url = web_address(base_url, texts.get("loc", ""))
        if _name(entry) == "sitemap" and url is not None and len(found) < MAX_URLS:
            found[url] = _moment(texts.get("lastmod"), utc)
    urls = sorted(found, key=lambda url: found[url], reverse=True)
    if len(urls) > MAX_SITEMAPS and found[urls[0]] == _LONG_AGO:
        last = 1 - MAX_SITEMAPS
        return [urls[0], *urls[last:], *urls[1:last]]
    return urls


_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


def _read(stamp: str | None, zone: ZoneInfo) -> datetime | None:
    """A W3C date ("2026-10-03", "2026-10-03T08:05+08:00"), in `zone` where it names none."""
    try:
        at = datetime.fromisoformat(stamp.strip()) if stamp else None
    except ValueError:
        return None
    return at.replace(tzinfo=zone) if at is not None and at.tzinfo is None else at


def _moment(stamp: str | None, zone: ZoneInfo) -> datetime:
    return _read(stamp, zone) or _LONG_AGO


def _row_date(stamp: str | None, zone: ZoneInfo) -> RowDate | None:
    at = _read(stamp, zone)
    if at is None or stamp is None:
        return None
    if ":" not in stamp:
        return RowDate(year=at.year, month=at.month, day=at.day)
    try:
        local = at.astimezone(zone)
    except OverflowError:
        return None
    return RowDate(year=local.year, month=local.month, day=local.day, hour=local.hour, minute=local.minute)
