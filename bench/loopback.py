"""A fast site on many loopback addresses, for benches of polling: `python -m bench.loopback HOSTS`.

One list page that never changes, with ETag and Last-Modified; robots.txt allows all. Prints its port when it listens.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys

ROWS = 5
# The size of an ordinary list page: those of the stored real lists have 12 to 40 kB.
PAGE_BYTES = 20_000
ETAG = b'"synthetic-1"'


def host(number: int) -> str:
    """The address of host `number`: 127.1.0.1 and on, all of them this machine."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


def allow_files() -> None:
    """Let this process open as many files as it may: kept-alive connections to 2,000 hosts are 2,000 files."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def list_page() -> bytes:
    """A synthetic list: a few rows, padded to the size of a real one by what surrounds real ones."""
    rows = "".join(
        f'<li><a href="/other/{n}.html">甲市与乙市签署劳务协作协议第{n}号</a><span>2026-11-{n + 1:02}</span></li>'
        for n in range(ROWS)
    )
    head = '<!DOCTYPE html><!-- synthetic --><html><head><meta charset="utf-8"><title>工作动态</title></head><body>'
    page = f'{head}<ul class="list">{rows}</ul>'.encode()
    menu = '<div class="menu"><a href="/menu">通知公告</a></div>\n'.encode()
    return page + menu * ((PAGE_BYTES - len(page)) // len(menu)) + b"</body></html>"


def _answer(status: str, body: bytes, kind: str, *, keeps_alive: bool, extra: bytes = b"") -> bytes:
    ending = b"" if keeps_alive else b"Connection: close\r\n"
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n".encode()
    return head + extra + ending + b"\r\n" + body


class Site(asyncio.Protocol):
    """Answers one request after the other; `sent` counts bytes by kind of page."""

    sent: dict[str, int] = {"list": 0, "requests": 0, "unchanged": 0}  # noqa: RUF012 - counted over all connections
    honours = True
    keeps_alive = False
    page = b""

    @classmethod
    def prepare(cls, *, honours: bool, keeps_alive: bool) -> None:
        """Make the answers once."""
        cls.honours, cls.keeps_alive = honours, keeps_alive
        validators = b"ETag: " + ETAG + b"\r\nLast-Modified: Thu, 19 Nov 2026 08:00:00 GMT\r\n" if honours else b""
        kind = "text/html; charset=utf-8"
        cls.whole = _answer("200 OK", list_page(), kind, keeps_alive=keeps_alive, extra=validators)
        cls.unchanged = _answer("304 Not Modified", b"", kind, keeps_alive=keeps_alive, extra=validators)
        cls.robots = _answer("200 OK", b"User-agent: *\nAllow: /\n", "text/plain", keeps_alive=keeps_alive)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._reply(head)

    def _reply(self, head: bytes) -> None:
        path = head.split(b" ", 2)[1]
        if path == b"/sent":
            answer = _answer("200 OK", json.dumps(self.sent).encode(), "application/json", keeps_alive=False)
            self.sent.update(dict.fromkeys(self.sent, 0))
            self._transport.write(answer)
            self._transport.close()
            return
        if path == b"/robots.txt":
            answer = self.robots
        else:
            is_known = self.honours and b"if-none-match: " + ETAG in head.replace(b"If-None-Match", b"if-none-match")
            answer = self.unchanged if is_known else self.whole
            self.sent["list"] += len(answer)
            self.sent["requests"] += 1
            self.sent["unchanged"] += is_known
        self._transport.write(answer)
        if not self.keeps_alive:
            self._transport.close()


async def serve(hosts: int, *, honours: bool, keeps_alive: bool) -> None:
    """Listen on every host's own address, so that nothing beyond this machine can reach it."""
    Site.prepare(honours=honours, keeps_alive=keeps_alive)
    loop = asyncio.get_running_loop()
    first = await loop.create_server(Site, host(0), 0, backlog=1024)
    port = first.sockets[0].getsockname()[1]
    servers = [first] + [await loop.create_server(Site, host(n), port, backlog=64) for n in range(1, hosts)]
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    allow_files()
    asyncio.run(
        serve(int(sys.argv[1]), honours="--no-validators" not in sys.argv, keeps_alive="--keep-alive" in sys.argv)
    )
