"""Single pages of a registered site, asked for as a crawl would and read by whatever family they are of.

Keeps nothing but the pages that passed. Decides nothing about what becomes of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from w3lib.url import safe_url_string

from crawler.catalogue import Catalogue
from crawler.cli.coding import without_coding
from crawler.cli.sources.looking import LookStore, Manners, services_to_look
from crawler.cli.sources.readings import GENERIC, Reading, best_reading, readings_of
from crawler.config import Config
from crawler.errors import RefusedError
from crawler.extract.rows import Row
from crawler.model import Entry, ListPage, Page, Reason, Source, WarcPosition
from crawler.polling.runner import Runner
from crawler.services import PageReader, PageWriter, Services
from crawler.text.urls import web_host

# Redirects of one request: http to https to www is two.
MAX_REDIRECTS = 5
# Pages that are remembered: lists and articles of 250 sources are 50 MB; beyond this the oldest are forgotten.
KEPT_BYTES = 128 * 1024 * 1024


class PageKeeper:
    """Remembers the pages that pass, as written to WARC or as found in one."""

    def __init__(self, reader: PageReader | None) -> None:
        self._pages: dict[str, Page] = {}
        self._bytes = 0
        self._reader = reader

    def write(self, page: Page, *, reason_phrase: str) -> WarcPosition:
        self._keep(page.url, page)
        return WarcPosition(file="", offset=0, length=0)

    def find(self, url: str, *, max_bytes: int | None = None) -> Page | None:
        page = self._reader.find(url, max_bytes=max_bytes) if self._reader is not None else None
        if page is not None:
            self._keep(url, page)
        return page

    def urls(self) -> tuple[str, ...]:
        return self._reader.urls() if self._reader is not None else ()

    def answer_to(self, url: str) -> Page | None:
        """The page that answered for an address, behind its redirects; None where it did not pass."""
        for _ in range(MAX_REDIRECTS):
            page = self._pages.get(_asked_for(url))
            if page is None or not 300 <= page.status < 400 or not page.headers.get("location"):
                return page
            url = urljoin(url, page.headers["location"])
        return None

    def note(self, url: str, hosts: Collection[str], since: int) -> None:
        """Remember what answered for an address behind redirects, of which only the end is kept: the first page since.

        Pages of one host never pass side by side.
        """
        if self.answer_to(url) is None:
            for page in list(self._pages.values())[since:]:
                if (web_host(page.url) or "") in hosts and not page.url.endswith("/robots.txt"):
                    self._keep(url, page)
                    return

    def __len__(self) -> int:
        return len(self._pages)

    def _keep(self, url: str, page: Page) -> None:
        url = _asked_for(url)
        known = self._pages.pop(url, None)
        self._pages[url] = page
        self._bytes += len(page.body) - (len(known.body) if known is not None else 0)
        while self._bytes > KEPT_BYTES and len(self._pages) > 1:
            self._bytes -= len(self._pages.pop(next(iter(self._pages))).body)


def _asked_for(url: str) -> str:
    """An address as Scrapy asks for it."""
    url = safe_url_string(url.partition("#")[0])
    return url if urlsplit(url).path else f"{url}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A page that was asked for, its content coding undone; `refused` where it could not be had."""

    url: str
    page: Page | None = None
    refused: tuple[Reason, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A list page and how it is best read; `refused` where it could not be had."""

    page: Page | None
    reading: Reading | None
    tried: tuple[Reading, ...] = ()
    refused: tuple[Reason, str] | None = None


class Visitor:
    """Asks for one page at a time on hosts of the catalogue; robots.txt, leases and pauses are a crawl's own."""

    def __init__(self, services: Services, store: LookStore, keeper: PageKeeper) -> None:
        self._services = services
        self._store = store
        self._keeper = keeper
        self._runner = Runner(services)
        self._last: dict[str, tuple[str, str]] = {}  # family and address, by source

    async def see(self, source: Source, url: str, family: str = GENERIC) -> Sight:
        """Ask for a page, unless it has passed already."""
        page = self._keeper.answer_to(url)
        refused = None
        if page is None:
            refused = await self._ask(source, url, family)
            page = self._keeper.answer_to(url)
        if page is None or (refused is not None and page.status != 200):
            return Sight(url=url, refused=refused or (Reason.EMPTY, url))
        if (web_host(page.url) or "") not in source.hosts:
            return Sight(url=url, refused=(Reason.REDIRECT_OFFSITE, page.url))
        try:
            page = without_coding(page, max_bytes=self._services.config.max_page_bytes)
        except RefusedError as error:
            return Sight(url=url, refused=(error.reason, error.detail))
        return Sight(url=url, page=page, refused=refused)

    async def read(self, source: Source, url: str, family: str | None = None) -> Found:
        """Ask for a list page and read it; a second request where its rows are behind another address."""
        sight = await self.see(source, url, family or GENERIC)
        if sight.page is None or sight.refused is not None:
            return Found(page=sight.page, reading=None, refused=sight.refused)
        tried = tuple(readings_of(sight.page, url, family))
        best = best_reading(tried)
        if best is not None and best.leads_on:
            best = replace(best, rows=await self.rows_behind(source, url, best.family))
        return Found(page=sight.page, reading=best, tried=tried)

    async def rows_behind(self, source: Source, url: str, family: str) -> tuple[Row, ...]:
        """The rows of a list that only leads to them, as the family's own crawl finds them."""
        if self._last.get(source.id) != (family, url):
            await self._ask(source, url, family)
        return tuple(map(_row_of, self._store.looks[source.id].entries))

    async def close(self) -> None:
        await self._runner.close()

    async def _ask(self, source: Source, url: str, family: str) -> tuple[Reason, str] | None:
        last = self._last.get(source.id)
        if last is not None and last[0] != family:
            # each family's crawl keeps its own pace: between two of them the pause is ours to make
            config = self._services.config
            pause = 0 if self._services.replay is not None else max(source.delay_s or 0, config.delay_s)
            await asyncio.sleep(pause)
        self._last[source.id] = (family, url)
        self._store.looks.pop(source.id, None)
        asked = replace(source, family=family, lists=(ListPage(url=url),), article=None, min_rows=0)
        before = len(self._keeper)
        report = await self._runner.poll(asked)
        self._keeper.note(url, source.hosts, before)
        refused = next(((listed.reason, listed.detail) for listed in report.lists if listed.reason is not None), None)
        refused = refused or ((report.reason, report.detail) if report.reason is not None else None)
        return refused or ((Reason.BUSY, report.detail) if report.skipped else None)

    def was_asked(self, source: Source) -> None:
        """Another crawl has just asked this source's host."""
        self._last[source.id] = ("", "")


def services_to_visit(
    config: Config, catalogue: Catalogue, manners: Manners, keeper: PageKeeper, *, is_replay: bool
) -> tuple[Services, LookStore]:
    """Services that look at lists only and hand every page to the keeper."""
    store = LookStore(catalogue, manners, has_articles=False)
    pages: PageWriter | None = None if is_replay else keeper
    return services_to_look(config, catalogue, store, replay=keeper if is_replay else None, pages=pages), store


def _row_of(entry: Entry) -> Row:
    return Row(
        href=entry.url, url=entry.url, title=entry.title, date=entry.date, is_pinned=entry.is_pinned, is_article=True
    )
