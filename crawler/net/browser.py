"""Pages that a script makes, for sources with `browser = true`: the document comes as any other, then Chromium runs it.

What its scripts ask for goes the way of every request: host guard, robots.txt, public addresses, pace, sizes. What is
kept is the DOM, marked as such; where there is no browser, the source fails and says what to install.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections import OrderedDict
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawler.config import Config
from crawler.errors import RefusedError
from crawler.extract.refusal import refusal_of
from crawler.language import _
from crawler.model import Reason, Source
from crawler.net.failure import IgnoredError, reason_of
from crawler.net.guard import refused_addresses
from crawler.net.page import headers_of, page_of
from crawler.net.warc import keep_page
from crawler.polling.poll import ListJob
from crawler.services import services_of
from crawler.warc.writing import RENDERED

if TYPE_CHECKING:
    from crawler.net.page_requests import Asked, Part
    from crawler.net.rendering import Chromium

logger = logging.getLogger(__name__)

# As Debian, Ubuntu, Fedora and Google name it.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Requests of one page beyond its document: a large portal has about thirty scripts.
MAX_PARTS = 60
# Scripts are had once for many pages, as a browser does: all of a crawl's together, in bytes.
KEPT_SCRIPTS = 16 * 2**20
# What is ours to say (name, length, coding) or nobody's business (cookies); `sec-…` speaks of a browser.
OURS = frozenset(
    {"user-agent", "host", "content-length", "accept-encoding", "connection", "cookie", "upgrade-insecure-requests"}
)
# Undone by then, or of no use to a page that is gone in a moment.
DROPPED = frozenset({"content-encoding", "content-length", "transfer-encoding", "set-cookie", "connection"})


def wants_browser(source: Source) -> bool:
    """True where any page of the source is made by a script."""
    return source.browser or any(page.browser for page in source.lists)


def find_browser(config: Config) -> str | None:
    """The program of Chromium: the one that the setting names, or the first on the PATH; None where there is none."""
    for name in (config.browser,) if config.browser else PROGRAMS:
        if (found := shutil.which(name)) is not None:
            return found
    return None


def browser_fault(config: Config) -> str | None:
    """What is missing for pages made by a script, in words for people; None where nothing is."""
    try:
        has_extra = find_spec("scrapy_playwright") is not None
    except (ImportError, ValueError):
        has_extra = False
    if not has_extra:
        return _("needs a browser: install the extra, pip install 'hrwatch[browser]'")
    if find_browser(config) is None:
        if config.browser:
            return _("needs a browser: HRWATCH_BROWSER: {program}: no such program").format(program=config.browser)
        return _("needs a browser: install Chromium (apt install chromium), or name it in HRWATCH_BROWSER")
    return None


class RenderPages:
    """Downloader middleware outside redirects and decompression, inside ConditionalGet: replaces documents by DOMs."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._services = services_of(crawler)
        self._chromium: Chromium | None = None
        self._scripts: OrderedDict[str, Part] = OrderedDict()
        crawler.signals.connect(self._close, signal=signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RenderPages:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        source = self._source_of(request)
        if source is None:
            return
        fault = browser_fault(self._services.config)
        if fault is not None:
            raise IgnoredError(Reason.NO_BROWSER, f"{source.id}: {fault}")
        request.meta["is_rendered"] = True  # KeepWarc leaves it to us
        # The shell of a page stays as it is while the list that its script fetches changes.
        request.headers.pop("If-None-Match", None)
        request.headers.pop("If-Modified-Since", None)

    async def process_response(self, request: Request, response: Response) -> Response:
        source = self._source_of(request) if "is_rendered" in request.meta else None
        if source is None:
            return response
        if response.status == 200 and _is_html(response):
            refusal = refusal_of(page_of(response), expects="list")
            # A challenge is a refusal: it is reported and slowed down for, and not passed by running its script.
            if refusal is None or refusal[0] is not Reason.BLOCKED:
                response = await self._render(request, response, source)
        keep_page(self._services.warc, request, response)
        return response

    def _source_of(self, request: Request) -> Source | None:
        """The source whose facts say that this request's page is made by a script; None for all others."""
        poll, job = request.meta.get("poll"), request.meta.get("job")
        if poll is None or job is None or request.method != "GET":
            return None
        host = (urlparse_cached(request).hostname or "").lower()
        # a row on another registered host is read by that host's facts
        source: Source | None = poll.source if host in poll.source.hosts else self._services.catalogue.of_host(host)
        if source is None:
            return None
        return source if (job.page.browser if isinstance(job, ListJob) else source.browser) else None

    async def _render(self, request: Request, response: Response, source: Source) -> Response:
        config = self._services.config
        chromium = self._started(source)
        page_parts = _PageParts(self, request, source)
        try:
            rendered = await chromium.render(
                response.url,
                _part_of(response),
                page_parts.answer,
                timezone=source.timezone,
                timeout_s=config.browser_timeout_s,
                max_bytes=config.max_page_bytes,
            )
        except RefusedError as error:
            raise IgnoredError(error.reason, error.detail) from error
        refused = sum(rendered.refused.values())
        if refused:
            told = {"source": source.id, "url": request.url}
            what = dict(rendered.refused)
            logger.info("%s: %s: refused to its scripts: %s", source.id, request.url, what, extra=told)
        is_ours = (urlsplit(rendered.url).hostname or "").lower() == (urlsplit(response.url).hostname or "").lower()
        return HtmlResponse(
            rendered.url if is_ours else response.url,
            headers={
                "Content-Type": "text/html; charset=utf-8",
                RENDERED: f"{rendered.program}; {page_parts.asked} requests; {refused} refused",
            },
            # The mark goes before all else that a page or a source's file says of its charset.
            body=b"\xef\xbb\xbf<!DOCTYPE html>" + rendered.body,
            encoding="utf-8",
            request=request,
            flags=["rendered"],
        )

    def _started(self, source: Source) -> Chromium:
        if self._chromium is None:
            program = find_browser(self._services.config)
            if program is None:
                raise IgnoredError(Reason.NO_BROWSER, f"{source.id}: {browser_fault(self._services.config)}")
            from crawler.net.rendering import Chromium  # imports the extra

            self._chromium = Chromium(program, user_agent=self._crawler.settings["USER_AGENT"])
        return self._chromium

    def script(self, url: str) -> Part | None:
        """A script that another page of this crawl has had; None where none has."""
        if url in self._scripts:
            self._scripts.move_to_end(url)
        return self._scripts.get(url)

    def keep_script(self, url: str, part: Part) -> None:
        """Have it at hand for the next page; the ones longest unused make room."""
        self._scripts[url] = part
        while sum(len(kept.body) for kept in self._scripts.values()) > KEPT_SCRIPTS:
            self._scripts.popitem(last=False)

    async def download(self, request: Request) -> Response:
        """The answer to one request of a page, by the way of all requests."""
        engine = self._crawler.engine
        assert engine is not None  # noqa: S101 - requests flow only while the engine runs
        return await engine.download_async(request)

    async def _close(self) -> None:
        if self._chromium is not None:
            await self._chromium.close()


class _PageParts:
    """What one page's scripts ask for: one at a time, of the source's own hosts only, so many and no more."""

    def __init__(self, pages: RenderPages, request: Request, source: Source) -> None:
        self._pages = pages
        self._document = request
        self._source = source
        self._one_at_a_time = asyncio.Lock()
        self.asked = 0

    async def answer(self, asked: Asked) -> Part | None:
        """The answer, or None where it is refused or not to be had."""
        url = asked.url.partition("#")[0]
        if not self._is_ours(url) or asked.method not in ("GET", "POST"):
            return None
        is_script = asked.method == "GET" and asked.kind == "script"
        async with self._one_at_a_time:
            if is_script and (kept := self._pages.script(url)) is not None:
                return kept
            if self.asked >= MAX_PARTS:
                return None
            self.asked += 1
            part = await self._fetch(url, asked)
        if is_script and part is not None and part.status == 200:
            self._pages.keep_script(url, part)
        return part

    def _is_ours(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and (parts.hostname or "").lower() in self._source.hosts

    async def _fetch(self, url: str, asked: Asked) -> Part | None:
        meta = {"poll": self._document.meta["poll"], "is_part_of_page": True}
        sent = {
            name: value for name, value in asked.headers.items() if name not in OURS and not name.startswith("sec-")
        }
        try:
            request = Request(
                url, NO_CALLBACK, method=asked.method, headers=sent, body=asked.body, meta=meta, dont_filter=True
            )
            answer = asyncio.ensure_future(self._pages.download(request))
            answer.add_done_callback(_look_at)
            return _part_of(await asyncio.shield(answer))  # a page that is given up leaves what is on the wire
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the script gets no answer
            reason, detail = reason_of(error, url, refused_addresses.of)
            told = {"source": self._source.id, "url": url, "reason": reason}
            logger.info("%s: not given to a script: %s: %s %s", self._source.id, url, reason, detail, extra=told)
            return None


def _look_at(answer: asyncio.Future[Response]) -> None:
    """So that asyncio does not complain of a failure that nobody waits for any more."""
    if not answer.cancelled():
        answer.exception()


def _part_of(response: Response) -> Part:
    from crawler.net.page_requests import Part  # imports the extra

    kept = {name: value for name, value in headers_of(response).items() if name not in DROPPED}
    return Part(status=response.status, headers=kept, body=response.body)


def _is_html(response: Response) -> bool:
    kind = (response.headers.get("Content-Type") or b"").lower()
    return b"html" in kind or (not kind and response.body.lstrip()[:1] == b"<")
