"""Headers without end are cut off: over loopback for every kind of request, and byte by byte on a connection alone."""

from __future__ import annotations

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from scrapy.exceptions import DownloadCancelledError
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.testing import AccumulatingProtocol, MemoryReactorClock, StringTransport
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from archive.archive import open_file
from crawler.model import Reason
from crawler.net.heads import MAX_HEAD_BYTES, bound_heads
from tests.crawler.loopback import article, crawl, html, settings, source_file

GOOD, ENDLESS, SHY = "good.example", "endless.example", "shy.example"
LINE = b"X-Synthetic: " + b"a" * 8000 + b"\r\n"
# What goes out if nobody closes; what fits into the buffers of a loopback connection (6 MB by default) is far below.
CAP = 128 * 2**20


class EndlessSite(socketserver.ThreadingTCPServer):
    """Synthetic: /a/endless, the list of ENDLESS and the robots.txt of SHY are headers for ever."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()


class Answers(socketserver.StreamRequestHandler):
    timeout = 60

    def handle(self) -> None:
        site = cast(EndlessSite, self.server)
        lines = []
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            lines.append(line.decode())
        if not lines:
            return
        path = lines[0].split()[1]
        host = next(line for line in lines if line.lower().startswith("host:")).split(":")[1].strip()
        name = f"{host}{path}"
        site.asked[name] += 1
        body = html(
            "<ul class='list'>"
            + "".join(
                f"<li><a href='/a/{which}'>川渝人社部门签署合作协议（{which}）</a><span>2026-03-02</span></li>"
                for which in ("endless", "many", "trailers")
            )
            + "</ul>"
        )
        match name:
            case "good.example/a/endless" | "endless.example/list" | "shy.example/robots.txt":
                self.send_for_ever(site, name)
            case "good.example/list":
                self.send(body)
            case "good.example/a/many":
                more = b"".join(b"X-Synthetic-%d: %s\r\n" % (n, b"a" * 500) for n in range(200))
                self.send(article("川渝人社部门签署合作协议").body, more)
            case "good.example/a/trailers":
                body = article("川渝人社部门签署合作协议").body
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
                self.wfile.write(b"%x\r\n%s\r\n0\r\n" % (len(body), body))
                self.send_for_ever(site, name, start=b"")
            case _:
                self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def send(self, body: bytes, more: bytes = b"") -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n" % len(body)
        self.wfile.write(head + more + b"\r\n" + body)

    def send_for_ever(self, site: EndlessSite, name: str, start: bytes = b"HTTP/1.1 200 OK\r\n") -> None:
        try:
            self.wfile.write(start)
            for _ in range(CAP // len(LINE)):
                self.wfile.write(LINE)
                site.sent[name] += len(LINE)
        except OSError:
            return  # the crawler has closed the connection


@contextmanager
def endless_site() -> Iterator[EndlessSite]:
    with EndlessSite() as site:
        serving = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        try:
            yield site
        finally:
            site.shutdown()
            serving.join()


@pytest.mark.usefixtures("english")
def test_headers_without_end_are_cut_off_for_every_kind_of_request(tmp_path: Path) -> None:
    with endless_site() as site:
        port = site.server_address[1]
        for host in (GOOD, ENDLESS, SHY):
            source_file(tmp_path / "sources", host.partition(".")[0], host, port=port)
        env = settings(dict.fromkeys((GOOD, ENDLESS, SHY), "127.0.0.1"))
        reports = crawl(env, tmp_path / "D", "--all", "--sources", tmp_path / "sources", expect=None)
        with open_file(tmp_path / "D" / "hrwatch.sqlite3") as archive:
            told = {
                name: (found.entry.outcome, found.entry.reason, found.entry.detail)
                for name in ("endless", "many", "trailers")
                if (found := archive.explain(f"http://{GOOD}:{port}/a/{name}")) is not None and found.entry is not None
            }
    why = f"over {MAX_HEAD_BYTES} bytes of headers"
    assert told["many"] == ("stored", None, "")
    assert told["endless"] == ("refused", Reason.TOO_LARGE, why)
    assert told["trailers"][:2] == ("refused", Reason.UNREACHABLE)  # a torn body, by Twisted's bound
    assert (reports["endless"]["reason"], reports["endless"]["detail"]) == (Reason.TOO_LARGE, why)
    assert (reports["shy"]["reason"], reports["shy"]["detail"]) == (Reason.TOO_LARGE, f"robots.txt: {why}")
    endless = ("good.example/a/endless", "endless.example/list", "shy.example/robots.txt")
    assert [site.asked[name] for name in endless] == [1, 1, 1]  # asking once more would not help
    assert all(0 < site.sent[name] < CAP // 4 for name in (*endless, "good.example/a/trailers")), site.sent


@implementer(IAgentEndpointFactory, IStreamClientEndpoint)
class Line:
    """A bounded connection to nobody, for Twisted's agent: what it receives is fed by hand."""

    def __init__(self) -> None:
        self.transport = StringTransport()
        self.connection: Any = None
        reactor = MemoryReactorClock()
        self._agent = Agent.usingEndpointFactory(reactor, self, HTTPConnectionPool(reactor))

    def endpointForURI(self, uri: Any) -> Line:
        return self

    def connect(self, factory: Any) -> Deferred[Any]:
        assert self.connection is None, "a second connection"
        self.connection = factory.buildProtocol(None)
        bound_heads(self.connection)
        self.connection.makeConnection(self.transport)
        return succeed(self.connection)

    def ask(self) -> list[Any]:
        """Send a request; what comes of it, once something does."""
        came: list[Any] = []
        self._agent.request(b"GET", b"http://good.example/").addBoth(came.append)
        return came


@pytest.mark.parametrize("piece", [LINE, b" folded\r\n", b"\r\nHTTP/1.1 100 Continue\r\nX: y\r\n"])
def test_a_connection_takes_no_more_than_the_bound(piece: bytes) -> None:
    line = Line()
    came = line.ask()
    line.connection.dataReceived(b"HTTP/1.1 100 Continue\r\nX: y\r\n")
    taken = 0
    while not line.transport.disconnecting and taken < 2 * MAX_HEAD_BYTES:
        line.connection.dataReceived(piece)
        taken += len(piece)
    assert MAX_HEAD_BYTES - 100 < taken < MAX_HEAD_BYTES + len(piece)
    assert isinstance(came[0].value, DownloadCancelledError)


def test_the_bound_is_on_each_head_and_not_on_bodies_or_the_connection() -> None:
    line = Line()
    body = b"b" * (2 * MAX_HEAD_BYTES)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" % len(body) + LINE * 25
    for _ in range(3):
        came = line.ask()
        line.connection.dataReceived(head)
        assert came == []
        line.connection.dataReceived(b"\r\n" + body[:MAX_HEAD_BYTES])
        reader = AccumulatingProtocol()
        came[0].deliverBody(reader)
        line.connection.dataReceived(body[MAX_HEAD_BYTES:])
        assert reader.data == body
        assert reader.closed
    assert not line.transport.disconnecting
