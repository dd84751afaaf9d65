"""Long-lived crawls, one per family in use, on one asyncio loop; sources are polled through them.

Used by `hrwatch crawl`, the scheduler and the demo alike. Does not decide what is polled when.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

from crawler.hangup import has_terminal, say_unheeded
from crawler.model import Entry, PollReport, Source
from crawler.net.guard import GuardedResolver
from crawler.polling.backfill import Backfill
from crawler.polling.dispatch import Dispatcher
from crawler.polling.history import Walk
from crawler.polling.poll import Poll, PollQueue
from crawler.polling.waiting import Waiting
from crawler.services import Services, bind
from crawler.settings import ASYNCIO_REACTOR, scrapy_settings

logger = logging.getLogger(__name__)

# A crawl with nothing on the wire ends within milliseconds.
CLOSE_GRACE_S = 2.0

STOPPED_BY = (signal.SIGINT, signal.SIGTERM)

T = TypeVar("T")


class Runner:
    """Starts a crawl for a family when the first poll needs it, and ends all of them in `close`."""

    def __init__(self, services: Services, *, waiting: Waiting | None = None) -> None:
        self._services = services
        self._runner = self._new_runner()
        _install_resolver(self._runner.settings)
        self._queues: dict[str, PollQueue] = {}
        self._crawls: dict[str, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._dispatcher = Dispatcher(services, self._submit, waiting=waiting)
        self._backfill = Backfill(services, self._dispatcher)

    async def poll(self, source: Source) -> PollReport:
        """Poll one source; its report is in the archive by then."""
        return await self._dispatcher.poll(source)

    async def backfill(self, source: Source, depth: int, tell: Callable[[Walk], None]) -> PollReport:
        """Poll one source, then walk `depth` pages back through the history of each of its lists.

        `tell` hears of each page. The poll alone is what the archive records of the source.
        """
        return await self._backfill.run(source, depth, tell)

    async def ask_again(self, source: Source, entries: Sequence[Entry]) -> None:
        """Fetch the pages behind these rows once more, politely; what came of them is in the archive by then."""
        await self._dispatcher.ask_again(source, entries)

    @asynccontextmanager
    async def claim(self, name: str) -> AsyncIterator[bool]:
        """Keep a piece of work from other runs while the block runs; False where one has it."""
        async with self._dispatcher.claim(name) as is_ours:
            yield is_ours

    def renew(self) -> None:
        """Let polls from now on go by the catalogue of now: hosts have a pace of their own, sources ask for a browser.

        Crawls read both when they begin. Those that run end with the polls they have, and others begin beside them.
        """
        for queue in self._queues.values():
            queue.close()
        for crawl in self._crawls.values():
            self._ending.add(crawl)
            crawl.add_done_callback(self._ending.discard)
        self._queues.clear()
        self._crawls.clear()
        self._runner = self._new_runner()

    async def stop(self) -> None:
        """Ask nothing more; polls under way end after the request that is out."""
        await self._dispatcher.stop()

    async def close(self) -> None:
        """End the crawls; call once no poll is running. A request that a stopped poll left on the wire is let be."""
        for queue in self._queues.values():
            queue.close()
        if crawls := {*self._crawls.values(), *self._ending}:
            _, still_out = await asyncio.wait(crawls, timeout=CLOSE_GRACE_S)
            for crawl in still_out:
                crawl.cancel()
            await asyncio.gather(*still_out, return_exceptions=True)
        await self._dispatcher.close()

    def _new_runner(self) -> AsyncCrawlerRunner:
        services = self._services
        settings = scrapy_settings(services.config, services.catalogue, is_replay=services.replay is not None)
        return AsyncCrawlerRunner(Settings(settings))

    def _submit(self, family: str, poll: Poll) -> None:
        crawl = self._crawls.get(family)
        if crawl is None or crawl.done():
            queue = PollQueue()
            crawler: Crawler = self._runner.create_crawler(family)
            bind(crawler, self._services, queue)
            self._queues[family] = queue
            self._crawls[family] = asyncio.ensure_future(self._crawl(family, crawler, queue))
        self._queues[family].put(poll)

    async def _crawl(self, family: str, crawler: Crawler, queue: PollQueue) -> None:
        """Never raises; polls that nobody works on any more are over, with an error."""
        try:
            await self._runner.crawl(crawler)
        except Exception as error:
            logger.exception("the crawl of family %s ended badly", family)
            queue.abandon(f"{type(error).__name__}: {error}")
        finally:
            queue.abandon(f"the crawl of family {family} ended")


def _install_resolver(settings: Settings) -> None:
    """Scrapy installs TWISTED_DNS_RESOLVER for `scrapy crawl` only; a runner does it itself."""
    from twisted.internet import reactor

    GuardedResolver.from_settings(settings, reactor).install_on_reactor()


def run_until_done(main: Callable[[asyncio.Event], Coroutine[Any, Any, T]]) -> T:
    """Run `main` on the loop that Scrapy's reactor uses and return what it returns.

    `main` is given an event that is set at the first SIGINT or SIGTERM; a second one ends the process at once. SIGHUP
    is the terminal's end and stops, too; where there is none (a service, cron, nohup) it is not heeded.
    """
    install_reactor(ASYNCIO_REACTOR)
    from twisted.internet import reactor as installed

    reactor: Any = installed
    outcome: list[T] = []
    failure: list[BaseException] = []

    async def run() -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in (*STOPPED_BY, signal.SIGHUP)}
        for number in STOPPED_BY:
            loop.add_signal_handler(number, _stop_or_die, stopping, number)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
            hangup = partial(_stop_or_die, stopping, signal.SIGHUP) if has_terminal() else say_unheeded
            loop.add_signal_handler(signal.SIGHUP, hangup)
        try:
            outcome.append(await main(stopping))
        except BaseException as error:  # noqa: BLE001 - raised again below, outside the reactor
            failure.append(error)
        finally:
            for number, handler in before.items():
                loop.remove_signal_handler(number)
                signal.signal(number, handler)  # asyncio leaves the system's default: what comes next would be cut off
            reactor.callLater(0, reactor.stop)

    def begin() -> None:
        tasks.append(asyncio.ensure_future(run()))

    tasks: list[Awaitable[None]] = []
    reactor.callWhenRunning(begin)
    reactor.run(installSignalHandlers=False)
    if failure:
        raise failure[0]
    return outcome[0]


def _stop_or_die(stopping: asyncio.Event, number: int) -> None:
    if stopping.is_set():
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
    stopping.set()
