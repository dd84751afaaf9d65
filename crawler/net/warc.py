"""Keeps what a crawl fetches in WARC files, and answers a replay from them: Scrapy's side of crawler/warc."""

from __future__ import annotations

import asyncio

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from crawler.errors import WarcError
from crawler.model import Page
from crawler.net.failure import NotInWarcError
from crawler.net.page import headers_of
from crawler.services import PageWriter, services_of


class KeepWarc:
    """Downloader middleware nearest the network: keeps every answer as it came and notes when and where."""

    def __init__(self, crawler: Crawler) -> None:
        services = services_of(crawler)
        self._warc = services.warc
        self._now = services.now

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> KeepWarc:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        is_replayed = "replayed" in response.flags
        if not is_replayed:
            request.meta["fetched_at"] = self._now()
            request.meta["warc"] = None
        # 304 has no body to keep; of a replay only articles are taken over, so that they can be read again later
        is_list = "source_digest" in request.meta or "is_robots" in request.meta
        # what a browser asks for is kept as what the browser made of it, by RenderPages
        is_for_browser = "is_rendered" in request.meta or "is_part_of_page" in request.meta
        if not (response.status == 304 or is_for_browser or (is_replayed and is_list)):
            keep_page(self._warc, request, response)
        return response


def keep_page(warc: PageWriter | None, request: Request, response: Response) -> None:
    """Keep an answer and note where; a list is kept by KeepChangedLists, once it is known to have changed."""
    if warc is None:
        return
    page = Page(
        url=response.url,
        status=response.status,
        headers=headers_of(response),
        body=response.body,
        fetched_at=request.meta["fetched_at"],
    )
    if "source_digest" in request.meta:
        request.meta["kept_raw"] = page
    else:
        request.meta["warc"] = warc.write(page, reason_phrase="")


class KeepChangedLists:
    """Downloader middleware outside ConditionalGet: of the lists, keeps those that had changed.

    Most servers do not answer 304: without this every poll of every list would be kept.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._warc = services_of(crawler).warc

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> KeepChangedLists:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        page = request.meta.pop("kept_raw", None)
        if page is not None and self._warc is not None and not request.meta.get("is_unchanged"):
            request.meta["warc"] = self._warc.write(page, reason_phrase="")
        return response


class ReplayHandler(BaseDownloadHandler):
    """Download handler of a replay: answers every request from WARC files, so that no network is touched."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        replay = services_of(crawler).replay
        if replay is None:
            raise WarcError("a replay needs WARC files")
        self._replay = replay
        self._max_bytes = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    async def download_request(self, request: Request) -> Response:
        page = await asyncio.to_thread(self._replay.find, request.url, max_bytes=self._max_bytes)
        if page is None:
            raise NotInWarcError(request.url)
        if len(page.body) > self._max_bytes:
            raise DownloadCancelledError(f"{request.url}: over {self._max_bytes} bytes")
        request.meta["fetched_at"] = page.fetched_at
        request.meta["warc"] = None  # a place in somebody's file: KeepWarc makes a copy of our own
        headers = Headers({name: value for name, value in page.headers.items() if name != "transfer-encoding"})
        kind = responsetypes.from_args(headers=headers, url=request.url, body=page.body)
        return kind(url=request.url, status=page.status, headers=headers, body=page.body, flags=["replayed"])
