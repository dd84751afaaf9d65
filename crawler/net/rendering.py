"""Pages in Chromium: scripts run, and whatever they ask for is answered by the caller; Chromium reaches no network.

Imports what only the extra `browser` installs: browser.py imports it where a source needs it. Knows no sources.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.async_api import Browser, BrowserContext, CDPSession, Error
from scrapy.settings import Settings
from scrapy_playwright.handler import Config  # type: ignore[import-untyped]
from scrapy_playwright.provider import PlaywrightBrowserProvider  # type: ignore[import-untyped]

from crawler.errors import RefusedError
from crawler.model import Reason
from crawler.net.page_memory import MAX_BYTES, watch_memory
from crawler.net.page_requests import MAX_ASKED, Answer, Part, Progress, answer_route, close_popup, refuse_socket

# Two pages at a time, of all families: a page of Chromium takes 100 to 300 MB.
PAGES_AT_ONCE = 2
_places: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
# A page is read once it has asked for nothing this long: scripts wait a moment before they fill a list.
QUIET_S = 1.0
# A page that asks for ever (a clock, a counter) is read after this part of its time.
ENOUGH = 0.5
# A browser that nobody has needed for so long is closed.
IDLE_S = 60.0
# To start, and to close: a cold disk takes some seconds.
START_S = 30.0
CLOSE_S = 5.0
# Not even a name is looked up: every request is answered by us, and what is none (WebRTC, QUIC) ends here.
ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=socks5://nowhere.invalid:1",
    "--proxy-bypass-list=<-loopback>",  # loopback too goes to the proxy that is not there
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--js-flags=--max-old-space-size=512",  # MiB of a page's scripts
)
# Read in a world of its own, where the page's scripts have changed nothing; cut off there, so that no more is sent.
SNAPSHOT = "(() => {{ const root = document.documentElement; return root ? root.outerHTML.slice(0, {limit}) : ''; }})()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A page after its scripts: its last address, its DOM as HTML, and how many requests were refused, by host."""

    url: str
    body: bytes
    refused: Mapping[str, int]
    program: str  # "Chromium 156.0.8078.79"


class Chromium:
    """One browser, started when a page needs it and closed when none has for a while; each page has a context."""

    def __init__(self, program: str, *, user_agent: str) -> None:
        self._program = program
        self._user_agent = user_agent
        self._lock = asyncio.Lock()
        self._pages = 0
        self._provider: PlaywrightBrowserProvider | None = None
        self._browser: Browser | None = None
        self._idle: asyncio.TimerHandle | None = None

    async def render(
        self, url: str, document: Part, answer: Answer, *, timezone: str, timeout_s: float, max_bytes: int
    ) -> Rendered:
        """Run the scripts of `document`, which `url` answered, until the page is quiet.

        `answer` is asked for all it wants and says None to what is refused. Raises RefusedError: TIMEOUT, TOO_LARGE
        (in bytes or memory), NO_BROWSER where Chromium does not start, ERROR where it gives up.
        """
        async with _places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(PAGES_AT_ONCE)):
            self._pages += 1
            watching = asyncio.ensure_future(watch_memory())
            try:
                context = await self._context(timezone)
                try:
                    async with asyncio.timeout(timeout_s):
                        return await self._read(context, url, document, answer, timeout_s, max_bytes)
                finally:
                    await self._end(context)
            except TimeoutError:
                raise RefusedError(Reason.TIMEOUT, f"its scripts did not end within {timeout_s:.0f} s") from None
            except Error as error:
                raise RefusedError(Reason.ERROR, f"Chromium: {_first_line(error)}") from error
            finally:
                watching.cancel()
                self._pages -= 1
                self._close_when_idle()

    async def close(self) -> None:
        """End the browser."""
        if self._idle is not None:
            self._idle.cancel()
        async with self._lock:
            browser, provider = self._browser, self._provider
            self._browser = self._provider = None
            for ending in (browser, provider):
                if ending is not None:
                    with suppress(Error, TimeoutError):
                        await asyncio.wait_for(ending.close(), CLOSE_S)

    async def _context(self, timezone: str) -> BrowserContext:
        async with self._lock:
            if self._browser is None or not self._browser.is_connected():
                await self._start()
            assert self._browser is not None  # noqa: S101 - _start raises otherwise
            return await self._browser.new_context(
                user_agent=self._user_agent,
                locale="zh-CN",
                timezone_id=timezone,
                accept_downloads=False,
                service_workers="block",
            )

    async def _start(self) -> None:
        options = {
            "executable_path": self._program,
            "args": list(ARGUMENTS),
            # Chromium refuses its sandbox to root, as in many containers.
            "chromium_sandbox": os.geteuid() != 0,
            # Ctrl-C is ours: the page that is open is closed first.
            "handle_sigint": False,
            "handle_sigterm": False,
            "handle_sighup": False,
            "timeout": START_S * 1000,
        }
        self._provider = PlaywrightBrowserProvider(
            Config.from_settings(Settings({"PLAYWRIGHT_LAUNCH_OPTIONS": options}))
        )
        try:
            await self._provider.start()
            self._browser = await self._provider.launch_browser()
        except (Error, OSError) as error:
            with suppress(Error, TimeoutError):
                await asyncio.wait_for(self._provider.close(), CLOSE_S)
            self._provider = None
            raise RefusedError(Reason.NO_BROWSER, f"{self._program} does not start: {_first_line(error)}") from error

    async def _read(
        self, context: BrowserContext, url: str, document: Part, answer: Answer, timeout_s: float, max_bytes: int
    ) -> Rendered:
        progress = Progress()
        await context.route("**/*", lambda route: answer_route(route, url, document, answer, progress))
        await context.route_web_socket("**/*", lambda socket: refuse_socket(socket, progress))
        page = await context.new_page()
        context.on("page", lambda other: close_popup(other))
        try:
            crashed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            page.once("crash", lambda _: crashed.set_result(None))
            # not "domcontentloaded": that never comes to a page that moves on before, and is not let
            await page.goto(url, wait_until="commit", timeout=0)
            devtools = await context.new_cdp_session(page)
            body = await _unless(crashed, _made(devtools, progress, timeout_s * ENOUGH, max_bytes))
        finally:
            for task in progress.answering:
                task.cancel()
        last = page.url if urlsplit(page.url).scheme in ("http", "https") else url
        version = self._browser.version if self._browser is not None else ""
        return Rendered(url=last, body=body, refused=dict(progress.refused), program=f"Chromium {version}".rstrip())

    async def _end(self, context: BrowserContext) -> None:
        """Close one page's context, or where a script will not let it go, the whole browser."""
        try:
            await asyncio.wait_for(context.close(), CLOSE_S)
        except (Error, TimeoutError):
            await self.close()

    def _close_when_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(IDLE_S, lambda: asyncio.ensure_future(self._close_if_idle()))

    async def _close_if_idle(self) -> None:
        if not self._pages:
            await self.close()


async def _made(devtools: CDPSession, progress: Progress, enough_s: float, max_bytes: int) -> bytes:
    """What the page's scripts have made once it is quiet."""
    await _settle(devtools, progress, enough_s)
    return await _snapshot(devtools, max_bytes)


async def _unless(crashed: asyncio.Future[None], making: Coroutine[Any, Any, bytes]) -> bytes:
    """What `making` returns; of a page that has crashed Chromium says nothing more, not even an error."""
    made = asyncio.ensure_future(making)
    try:
        either: set[asyncio.Future[Any]] = {made, crashed}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if made.done():
            return made.result()
        raise RefusedError(Reason.TOO_LARGE, f"its scripts took over {MAX_BYTES // 2**20} MiB of memory, or crashed")
    finally:
        made.cancel()


async def _settle(devtools: CDPSession, progress: Progress, enough_s: float) -> None:
    """Wait until the page is whole and has asked for nothing a while, or has had enough time."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    progress.last_at = max(progress.last_at, begun)
    while loop.time() - begun < enough_s and progress.asked < MAX_ASKED:
        if not progress.open and loop.time() - progress.last_at >= QUIET_S:
            if await _evaluate(devtools, "document.readyState") != "loading":
                return
            progress.last_at = loop.time()
        await asyncio.sleep(0.05)


async def _evaluate(devtools: CDPSession, expression: str) -> str:
    """A string of the page's main frame, out of reach of its scripts."""
    frame = (await devtools.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
    world = (await devtools.send("Page.createIsolatedWorld", {"frameId": frame}))["executionContextId"]
    asked = {"expression": expression, "contextId": world, "returnByValue": True}
    return str((await devtools.send("Runtime.evaluate", asked))["result"].get("value", ""))


async def _snapshot(devtools: CDPSession, max_bytes: int) -> bytes:
    # a lone surrogate is no character
    body = (await _evaluate(devtools, SNAPSHOT.format(limit=max_bytes + 1))).encode("utf-8", "replace")
    if len(body) > max_bytes:
        raise RefusedError(Reason.TOO_LARGE, f"over {max_bytes} bytes once its scripts had run")
    return body


def _first_line(error: BaseException) -> str:
    """What went wrong, without the browser's log."""
    return json.dumps(str(error).strip().partition("\n")[0][:300] or type(error).__name__, ensure_ascii=False)
