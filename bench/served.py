"""The server's 304 for a feed against the same framework answering an empty body: `python -m bench.served [--quick]`.

Both are processes of their own, asked in turn over kept-alive connections on loopback; each pair of rounds gives a
ratio, since what else the machine does slows both. The median decides.
"""

from __future__ import annotations

import argparse
import gzip
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import psutil
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crawler.config import Config
from web.server import WebProcess

BAR = 0.5  # of the rate of an empty answer
CONNECTIONS = 16  # at once: readers ask in bursts at the full hour
FEED_BYTES = 655_000  # of a hundred entries, as measured
REQUESTS = 800  # of a round


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Answers a second, and the ratio that is asked for."""

    unchanged: float
    whole: float
    empty: float
    ratio: float
    cpu_ratio: float  # the same by the CPU time of the servers, which other programs disturb less


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    """A server to be asked, and its process."""

    port: int
    process: psutil.Process

    def cpu_s(self) -> float:
        """The CPU time that it has taken so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def rate(self, request: bytes, status: int, requests: int) -> float:
        """Answers a second: each of the connections has one question under way."""
        asked = max(requests // CONNECTIONS, 1)
        sockets = [socket.create_connection(("127.0.0.1", self.port), timeout=30) for _ in range(CONNECTIONS)]
        try:
            began = time.perf_counter()
            for one in sockets:
                one.sendall(request)
            for number in range(asked):
                for one in sockets:
                    _read_answer(one, status)
                    if number + 1 < asked:
                        one.sendall(request)
            return asked * CONNECTIONS / (time.perf_counter() - began)
        finally:
            for one in sockets:
                one.close()


def main(args: list[str] | None = None) -> int:
    """Print the rates and their ratio; 1 where it misses its bar."""
    parser = argparse.ArgumentParser(prog="python -m bench.served")
    parser.add_argument("--quick", action="store_true", help="a fifth of the rounds")
    given = parser.parse_args(args)
    found = served(rounds=5 if given.quick else 25)
    print(
        f"served: 304 {found.unchanged:,.0f}/s, the whole feed in gzip {found.whole:,.0f}/s, an empty answer of"
        f" the same framework {found.empty:,.0f}/s; ratio {found.ratio:.2f} (bar {BAR}),"
        f" by CPU time {found.cpu_ratio:.2f}"
    )
    if found.ratio < BAR:
        print(f"served: ratio {found.ratio:.2f}, below {BAR}")
        return 1
    return 0


def served(*, rounds: int = 25) -> Served:
    """Ask both servers in turn, `rounds` times."""
    unchanged, whole, empty = [], [], []
    own_cpu, peer_cpu = [], []
    with tempfile.TemporaryDirectory() as folder, _ours(Path(folder)) as ours, _bare() as bare:
        conditional = _request("/feeds/all.rss", f"If-None-Match: {_etag(ours)}\r\nAccept-Encoding: gzip\r\n")
        full = _request("/feeds/all.rss", "Accept-Encoding: gzip\r\n")
        plain = _request("/", "Accept-Encoding: gzip\r\n")
        for server, request, status in ((ours, conditional, 304), (bare, plain, 200)):
            server.rate(request, status, CONNECTIONS * 4)  # what comes with the first request is not measured
        for _ in range(rounds):
            for server, request, status, rates, cpu in (
                (bare, plain, 200, empty, peer_cpu),
                (ours, conditional, 304, unchanged, own_cpu),
            ):
                before = server.cpu_s()
                rates.append(server.rate(request, status, REQUESTS))
                cpu.append(server.cpu_s() - before)
            whole.append(ours.rate(full, 200, CONNECTIONS))
    return Served(
        unchanged=median(unchanged),
        whole=median(whole),
        empty=median(empty),
        ratio=median(own / peer for own, peer in zip(unchanged, empty, strict=True)),
        cpu_ratio=sum(peer_cpu) / sum(own_cpu),
    )


@contextmanager
def _ours(data: Path) -> Iterator[_Server]:
    """`hrwatch serve` over one feed."""
    folder = data / "feeds"
    folder.mkdir()
    line = "<item><title>甲市与乙市签署劳务协作协议</title></item>\n".encode()
    feed = b"<rss>" + line * (FEED_BYTES // len(line)) + b"</rss>"
    (folder / "all.rss").write_bytes(feed)
    (folder / "all.rss.gz").write_bytes(gzip.compress(feed, mtime=0))
    web = WebProcess(Config(data=data, port=0))
    port = int(urlsplit(web.start()).port or 0)
    try:
        yield _Server(port=port, process=_listening_on(port))
    finally:
        web.stop()


@contextmanager
def _bare() -> Iterator[_Server]:
    """The framework alone, with the same settings."""
    process = subprocess.Popen([sys.executable, "-m", "bench.served", "bare"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield _Server(port=int(process.stdout.readline()), process=psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def _serve_bare() -> None:
    async def empty(_request: Request) -> Response:
        return Response(b"")

    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    app = Starlette(routes=[Route("/", empty)])
    settings = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", server_header=False)
    uvicorn.Server(settings).run(sockets=[listener])


def _listening_on(port: int) -> psutil.Process:
    """Our child that listens there."""
    return next(
        child
        for child in psutil.Process().children()
        if any(one.laddr.port == port for one in child.net_connections("tcp") if one.status == psutil.CONN_LISTEN)
    )


def _etag(server: _Server) -> str:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/feeds/all.rss", headers={"Accept-Encoding": "gzip"})
    etag = connection.getresponse().headers["ETag"]
    connection.close()
    return str(etag)


def _request(path: str, headers: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode()


def _read_answer(one: socket.socket, status: int) -> None:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(one)
    head, _, body = received.partition(b"\r\n\r\n")
    if not head.startswith(f"HTTP/1.1 {status} ".encode()):
        raise ValueError(head[:200].decode("latin-1"))
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    left = (int(lengths[0].partition(b":")[2]) if lengths else 0) - len(body)
    while left > 0:
        left -= len(_some(one))


def _some(one: socket.socket) -> bytes:
    received = one.recv(1 << 16)
    if not received:
        raise ConnectionError("the server closed the connection")
    return received


if __name__ == "__main__":
    if sys.argv[1:] == ["bare"]:
        _serve_bare()
    else:
        sys.exit(main())
