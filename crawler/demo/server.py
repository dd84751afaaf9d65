"""The demonstration's small internet on loopback: a real HTTP server, chosen by Host, that remembers who asked what."""

from __future__ import annotations

import itertools
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from crawler.demo.answer import Answer
from crawler.demo.registry import LOOPBACK
from crawler.demo.site import DemoSite

# A client that says nothing for this long is let go; loopback needs milliseconds.
IDLE_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request as the server saw it. `at_once` counts the host's requests under way, itself included."""

    host: str
    method: str
    path: str
    status: int
    began_at: datetime
    took_s: float
    is_conditional: bool
    at_once: int
    sent_bytes: int  # of the body, before the client hung up
    user_agent: str


class DemoServer:
    """Serves `site` on 127.0.0.1, on a free port, while the context lasts; `site` may be exchanged meanwhile.

    Every answer takes at least `think_s`, so that requests which are made at once are seen at once.
    """

    def __init__(self, site: DemoSite, *, think_s: float = 0.005) -> None:
        self.site = site
        self.think_s = think_s
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Condition()
        self._stopping = threading.Event()
        self._unnoted = 0  # requests that are being answered and are not yet in the log
        self._visits: list[Visit] = []
        self._under_way: Counter[str] = Counter()
        self._numbers = itertools.count(1)

    def __enter__(self) -> DemoServer:
        self._stopping.clear()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="hrwatch-demo")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
        self._server = self._thread = None

    @property
    def port(self) -> int:
        """The port it listens on; RuntimeError outside the context."""
        if self._server is None:
            raise RuntimeError("the demonstration's server is not running")
        return int(self._server.server_address[1])

    @property
    def visits(self) -> tuple[Visit, ...]:
        """What was answered so far, in that order; of what a client has begun to hear, the end is waited for."""
        with self._lock:
            self._lock.wait_for(lambda: self._unnoted == 0, timeout=10.0)
            return tuple(self._visits)

    def forget_visits(self) -> None:
        """Begin the log anew, as before a second pass."""
        with self._lock:
            self._visits.clear()

    def most_at_once(self) -> dict[str, int]:
        """For each host asked, the most requests that were under way at one time."""
        most: dict[str, int] = {}
        for visit in self.visits:
            most[visit.host] = max(visit.at_once, most.get(visit.host, 0))
        return most

    def _enter_host(self, host: str) -> int:
        with self._lock:
            self._under_way[host] += 1
            return self._under_way[host]

    def _leave_host(self, host: str) -> None:
        with self._lock:
            self._under_way[host] -= 1

    def _begin(self) -> None:
        with self._lock:
            self._unnoted += 1

    def _note(self, visit: Visit, *, has_begun: bool) -> None:
        with self._lock:
            self._visits.append(visit)
            self._unnoted -= has_begun
            self._lock.notify_all()

    def _next_etag(self) -> str:
        return f'"fickle-{next(self._numbers)}"'


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # stopping waits for the answers under way
    block_on_close = True
    request_queue_size = 64

    def __init__(self, demo: DemoServer) -> None:
        self.demo = demo
        super().__init__((LOOPBACK, 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may hang up whenever they like; anything else is a fault of ours."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "demo"
    sys_version = ""
    timeout = IDLE_S
    server: _Server

    def do_GET(self) -> None:
        demo = self.server.demo
        host = (self.headers.get("Host") or "").lower()
        name = host.partition(":")[0]
        began_at, began = datetime.now(UTC), time.monotonic()
        asked = {key.lower(): value for key, value in self.headers.items()}
        at_once = demo._enter_host(name)
        status, sent = 0, 0
        is_inside, has_begun = True, False
        try:
            answer = demo.site.answer(self.command, host, self.path, asked)
            status = answer.status
            demo._stopping.wait(max(demo.think_s, answer.delay_s))
            demo._begin()
            has_begun = True
            if not answer.tail_times:
                # Left before the last byte goes out: with it the client may rightly send its next request.
                demo._leave_host(name)
                is_inside = False
            sent = self._send(answer)
        finally:
            if is_inside:
                demo._leave_host(name)
            demo._note(
                Visit(
                    host=name,
                    method=self.command,
                    path=self.path,
                    status=status,
                    began_at=began_at,
                    took_s=time.monotonic() - began,
                    is_conditional="if-none-match" in asked or "if-modified-since" in asked,
                    at_once=at_once,
                    sent_bytes=sent,
                    user_agent=asked.get("user-agent", ""),
                ),
                has_begun=has_begun,
            )

    do_HEAD = do_GET
    do_POST = do_GET

    def _send(self, answer: Answer) -> int:
        """Send the answer as far as the client wants it; bytes of body sent."""
        headers = dict(answer.headers)
        if answer.is_fickle and answer.status == 200:
            headers["ETag"] = self.server.demo._next_etag()
        if answer.status != 304 and not answer.tail_times:
            headers["Content-Length"] = str(answer.length)
        # One request a connection: no idle connection outlives the server, and the end marks a body without length.
        self.close_connection = True
        headers["Connection"] = "close"
        sent = 0
        try:
            self.wfile.write(self._head(answer.status, headers))
            if self.command == "HEAD":
                return 0
            for part in itertools.chain([answer.body], itertools.repeat(answer.tail, answer.tail_times)):
                self.wfile.write(part)
                sent += len(part)
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            self.close_connection = True  # the client has had enough
        return sent

    def _head(self, status: int, headers: Mapping[str, str]) -> bytes:
        lines = [f"HTTP/1.1 {status} {self.responses.get(status, ('',))[0]}", f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: visits are kept, not printed."""
