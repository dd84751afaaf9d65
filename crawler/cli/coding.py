"""A page as it came over the wire → the page as it is read: gzip, deflate, br and zstd undone, within a size."""

from __future__ import annotations

from dataclasses import replace

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers, Response
from scrapy.settings import Settings
from scrapy.statscollectors import DummyStatsCollector

from crawler.errors import RefusedError
from crawler.model import Page, Reason


def without_coding(page: Page, *, max_bytes: int) -> Page:
    """The page with its content coding undone, exactly as a live answer's is.

    Raises RefusedError: TOO_LARGE beyond `max_bytes`, WRONG_TYPE for a coding that is unknown or broken.
    """
    if len(page.body) > max_bytes:
        raise RefusedError(Reason.TOO_LARGE, f"over {max_bytes} bytes")
    if not page.headers.get("content-encoding", "").strip():
        return page
    crawler = Crawler(Spider, Settings({"DOWNLOAD_MAXSIZE": max_bytes, "DOWNLOAD_WARNSIZE": 0}))
    crawler.stats = DummyStatsCollector(crawler)  # a crawler has none before it starts, and this one never does
    undo = HttpCompressionMiddleware.from_crawler(crawler)
    request = Request(page.url)
    response = Response(page.url, status=page.status, headers=Headers(dict(page.headers)), body=page.body)
    try:
        read = undo.process_response(request, response)
    except IgnoreRequest as error:
        raise RefusedError(Reason.TOO_LARGE, f"over {max_bytes} bytes") from error
    except Exception as error:  # every library answers broken bytes with an error of its own
        raise RefusedError(Reason.WRONG_TYPE, f"{type(error).__name__}: {error}") from error
    if not isinstance(read, Response) or read.headers.get("Content-Encoding"):
        raise RefusedError(Reason.WRONG_TYPE, f"content coding {page.headers['content-encoding']}")
    headers = {name: value for name, value in page.headers.items() if name != "content-encoding"}
    return replace(page, headers=headers, body=read.body)
