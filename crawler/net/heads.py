"""Bounds the headers of an answer: Twisted bounds each line and not their number, and DOWNLOAD_MAXSIZE the body alone.

Trailers behind a chunked body need nothing: Twisted takes 64 KiB of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

MAX_HEAD_BYTES = 256 * 1024  # what Chromium takes


class BoundedHeads(HTTP11DownloadHandler):
    """Scrapy's download handler, but an answer whose headers do not end is cut off."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # Neither Scrapy nor Twisted has a public place for this; tests/crawler/net/test_heads.py sees that it holds.
        pool: Any = self._pool
        made: Callable[..., Factory] = pool._factory
        pool._factory = lambda *args: _BoundedFactory(made(*args))


class _BoundedFactory(Factory):
    """Makes the connections that another factory makes, with a bound each."""

    noisy = False

    def __init__(self, factory: Factory) -> None:
        self._factory = factory

    def buildProtocol(self, addr: IAddress | None) -> Any:
        connection = self._factory.buildProtocol(addr)
        bound_heads(connection)
        return connection


def bound_heads(connection: Any) -> None:
    """Make an HTTP client's connection fail with DownloadCancelledError beyond MAX_HEAD_BYTES before a body."""
    # In the place of its methods: the pool keeps the connection itself, so that a wrapper would be lost at reuse.
    head = _Head(connection.request, connection.dataReceived)
    connection.request = head.request
    connection.dataReceived = head.dataReceived


class _Head:
    """What a connection has received since its request while the headers of the answer have not ended."""

    def __init__(self, request: Callable[[Any], Deferred[Any]], received: Callable[[bytes], None]) -> None:
        self._request = request
        self._received = received
        self._waiting: Deferred[Any] | None = None  # None while no headers are awaited
        self._bytes = 0

    def request(self, request: Any) -> Deferred[Any]:
        self._bytes = 0
        # it has its result once the headers have ended; "100 Continue" is none, however often
        self._waiting = self._request(request)
        return self._waiting.addCallbacks(self._over, self._failed)

    def dataReceived(self, data: bytes) -> None:
        self._received(data)
        if self._waiting is not None:
            self._bytes += len(data)
            if self._bytes > MAX_HEAD_BYTES:
                self._waiting.cancel()  # closes the connection

    def _over(self, response: Any) -> Any:
        self._waiting = None
        return response

    def _failed(self, failure: Failure) -> Failure:
        self._waiting = None
        if self._bytes > MAX_HEAD_BYTES:
            raise DownloadCancelledError(f"over {MAX_HEAD_BYTES} bytes of headers") from failure.value
        return failure
