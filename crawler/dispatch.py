"""From "poll this source" to polls of single hosts: takes leases, hands polls to spiders, adds up what came of them.

One poll a host at a time within the process (a lock) and between processes (the lease). Asks nobody itself.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawler.errors import ArchiveError
from crawler.heartbeat import Heartbeat
from crawler.model import Lease, ListPage, ListReport, PollReport, Reason, Source
from crawler.poll import ArticleJob, ListJob, Poll, report_of
from crawler.services import Services

logger = logging.getLogger(__name__)

# Editions of today and yesterday: a paper of yesterday may be put online after midnight.
EDITION_DAYS = 2


class Dispatcher:
    """Polls sources through `submit`, which hands a Poll to the spider of a family."""

    def __init__(self, services: Services, submit: Callable[[str, Poll], None]) -> None:
        self._services = services
        self._submit = submit
        self._host_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._hosts_at_once = asyncio.Semaphore(services.config.concurrent_hosts)
        self._running: set[Poll] = set()
        self._heartbeat = Heartbeat(services.archive, ttl_s=services.config.lease_ttl_s, on_lost=self._tell_lost)
        self._loop = asyncio.get_running_loop()
        self._is_stopping = False

    async def poll(self, source: Source) -> PollReport:
        """Poll all lists of a source and fetch what is new on them; never raises for what a site does.

        The report is in the archive by the time it is returned.
        """
        started_at = self._services.now()
        polls: list[Poll] = []
        failure: tuple[Reason, str] | None = None
        try:
            for host, jobs in self._lists_by_host(source, started_at).items():
                busy = await self._poll_host(source, host, jobs, polls)
                if busy:
                    failure = (Reason.BUSY, host)
            await self._follow_elsewhere(source, polls)
        except ArchiveError as error:
            logger.error("%s: %s", source.id, error)
            failure = (Reason.ERROR, str(error))
        report = report_of(source, polls, started_at=started_at, ended_at=self._services.now(), failure=failure)
        await asyncio.to_thread(self._services.archive.record_poll, report)
        return report

    async def stop(self) -> None:
        """Begin nothing more; what is out on the wire may end."""
        self._is_stopping = True
        for poll in list(self._running):
            poll.stop()

    async def close(self) -> None:
        """Stop the heartbeat; call once no poll is running."""
        await asyncio.to_thread(self._heartbeat.close)

    def _lists_by_host(self, source: Source, now: datetime) -> dict[str, list[ListJob]]:
        by_host: dict[str, list[ListJob]] = {}
        for page in source.lists:
            for url in self._editions(page, source, now):
                host = (urlsplit(url).hostname or "").lower()
                by_host.setdefault(host, []).append(ListJob(page, url))
        return by_host

    def _editions(self, page: ListPage, source: Source, now: datetime) -> Iterator[str]:
        """The list's address, once for each day that it stands for."""
        if "{" not in page.url:
            yield page.url
            return
        replay = self._services.replay
        if replay is not None:
            # A replay's day is whatever day its WARC files hold.
            pattern = re.compile(re.sub(r"\\{(YYYY|MM|DD)\\}", _digits, re.escape(page.url)))
            found = sorted((url for url in replay.urls() if pattern.fullmatch(url)), reverse=True)
            yield from found or [_dated(page.url, now)]
            return
        today = now.astimezone(ZoneInfo(source.timezone))
        for back in range(EDITION_DAYS):
            yield _dated(page.url, today - timedelta(days=back))

    async def _poll_host(self, source: Source, host: str, jobs: list[ListJob], polls: list[Poll]) -> bool:
        """Carry out one host's part; True where another run holds the host."""
        async with self._hold(host) as lease:
            if self._is_stopping:
                return False
            if lease is None:
                return True
            poll = Poll(source, host, lease, jobs=deque(jobs))
            polls.append(poll)
            await self._carry_out(poll)
        return False

    async def _follow_elsewhere(self, source: Source, polls: list[Poll]) -> None:
        """Rows that lead to other registered hosts join those hosts' queues."""
        by_host: defaultdict[str, dict[str, ArticleJob]] = defaultdict(dict)
        for poll in polls:
            for job in poll.elsewhere:
                by_host[(urlsplit(job.url).hostname or "").lower()].setdefault(job.url, job)
        for host, jobs in by_host.items():
            async with self._hold(host) as lease:
                if lease is None or self._is_stopping:
                    continue  # they stay pending and are due at the next poll
                poll = Poll(source, host, lease, jobs=deque(jobs.values()))
                polls.append(poll)
                await self._carry_out(poll)

    async def _carry_out(self, poll: Poll) -> None:
        self._running.add(poll)
        timeout_s = self._services.config.poll_timeout_s
        try:
            self._submit(poll.source.family, poll)
            try:
                await asyncio.wait_for(poll.finished(), timeout_s)
            except TimeoutError:
                logger.warning("%s: poll of %s took over %.0f s; the rest waits", poll.source.id, poll.host, timeout_s)
                poll.stop()
                try:
                    # what is on the wire ends by itself: a request's own time limit, redirects and a retry
                    await asyncio.wait_for(poll.finished(), self._services.config.timeout_s * 4)
                except TimeoutError:
                    poll.lists.append(
                        ListReport(
                            url=poll.source.home, status=None, reason=Reason.ERROR, detail="the poll did not end"
                        )
                    )
        finally:
            self._running.discard(poll)

    @asynccontextmanager
    async def _hold(self, host: str) -> AsyncIterator[Lease | None]:
        """The host's lease for as long as the block runs, or None where another run has it."""
        async with self._host_locks[host], self._hosts_at_once:
            archive, config = self._services.archive, self._services.config
            lease = await asyncio.to_thread(archive.acquire_lease, host, self._services.owner, config.lease_ttl_s)
            if lease is None:
                yield None
                return
            self._heartbeat.hold(lease)
            try:
                yield lease
            finally:
                self._heartbeat.drop(lease)
                await asyncio.to_thread(archive.release_lease, lease)

    def _tell_lost(self, lease: Lease) -> None:
        self._loop.call_soon_threadsafe(self._stop_polls_of, lease)

    def _stop_polls_of(self, lease: Lease) -> None:
        logger.warning("the lease of %s has passed to another run; its poll stops", lease.host)
        for poll in list(self._running):
            if poll.lease == lease:
                poll.stop()


def _digits(field: re.Match[str]) -> str:
    return r"\d" * len(field[1])


def _dated(url: str, day: datetime) -> str:
    return url.replace("{YYYY}", f"{day:%Y}").replace("{MM}", f"{day:%m}").replace("{DD}", f"{day:%d}")
