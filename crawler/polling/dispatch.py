"""From "poll this source" to polls of single hosts: hands them to spiders, and adds up what came of them.

One poll a host at a time: see holding.py. Asks nobody itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawler.edition import edition_pattern, edition_url, is_dated
from crawler.errors import ArchiveError
from crawler.model import Entry, Lease, ListPage, ListReport, PollReport, Reason, Source
from crawler.polling.holding import Hosts
from crawler.polling.poll import ArticleJob, KnownList, ListJob, LookBack, Poll
from crawler.polling.report import report_of
from crawler.polling.turns import Turns
from crawler.polling.waiting import Waiting
from crawler.services import Services

logger = logging.getLogger(__name__)

# Editions of today and yesterday: a paper of yesterday may be put online after midnight.
EDITION_DAYS = 2
# Asked to stop, a person waits this long for what is on the wire; the rows stay open and are fetched at the next pass.
STOP_GRACE_S = 5.0


class Dispatcher:
    """Polls sources through `submit`, which hands a Poll to the spider of a family."""

    def __init__(
        self, services: Services, submit: Callable[[str, Poll], None], *, waiting: Waiting | None = None
    ) -> None:
        self._services = services
        self._waiting = waiting or Waiting(at_most_s=0)
        self._submit = submit
        self._running: set[Poll] = set()
        self._turns = Turns(services)
        self._hosts = Hosts(services, self._turns, waiting=self._waiting, on_lost=self._tell_lost)
        self._loop = asyncio.get_running_loop()
        self._is_stopping = False

    async def poll(self, source: Source, look_back: LookBack | None = None) -> PollReport:
        """Poll all lists of a source and fetch what is new on them; never raises for what a site does.

        The report is in the archive by the time it is returned. `look_back` hears of the lists that were read.
        """
        started_at = self._services.now()
        polls: list[Poll] = []
        failure: tuple[Reason, str] | None = None
        busy_host: str | None = None
        try:
            for host, jobs in self._lists_by_host(source).items():
                if await self._poll_host(source, host, jobs, polls, look_back):
                    busy_host = host
            await self._follow_elsewhere(source, polls)
        except ArchiveError as error:
            logger.error("%s: %s", source.id, error, extra={"source": source.id})
            failure = (Reason.ERROR, str(error))
        report = report_of(
            source,
            polls,
            started_at=started_at,
            ended_at=self._services.now(),
            failure=failure,
            busy_host=busy_host,
            is_interrupted=self._is_stopping and (not polls or any(poll.is_cut for poll in polls)),
        )
        try:
            await self._turns.record(report)
        except ArchiveError as error:
            # Whoever asked for this poll asked for others too: they go on.
            logger.error("%s: %s", source.id, error, extra={"source": source.id})
            report = replace(report, reason=report.reason or Reason.ERROR, detail=str(error), skipped=False)
        logger.info("%s: polled%s", source.id, f": {report.reason}" if report.reason else "", extra=_told(report))
        return report

    async def read_page(self, source: Source, job: ListJob, look_back: LookBack) -> tuple[list[Poll], bool]:
        """Read one list page and fetch what is open on it; True where another run holds its host.

        Nothing is recorded of the source: a page of its history says nothing of its health. Raises ArchiveError.
        """
        polls: list[Poll] = []
        host = (urlsplit(job.url).hostname or "").lower()
        is_busy = await self._poll_host(source, host, [job], polls, look_back)
        await self._follow_elsewhere(source, polls)
        return polls, is_busy

    async def ask_again(self, source: Source, entries: Sequence[Entry]) -> list[Poll]:
        """Fetch the pages behind these rows whatever is known of them; what another run's host has is left out.

        Nothing is recorded of the source. Raises ArchiveError.
        """
        polls = [Poll(source, "", None, elsewhere=[ArticleJob(entry, entry.url) for entry in entries])]
        await self._follow_elsewhere(source, polls)
        return polls

    def claim(self, name: str) -> AbstractAsyncContextManager[bool]:
        """Keep a piece of work, such as a walk through histories, from other runs; False where one has it."""
        return self._hosts.claim(name)

    @property
    def is_stopping(self) -> bool:
        """True once `stop` was called."""
        return self._is_stopping

    async def stop(self) -> None:
        """Begin nothing more; what is out on the wire may end, but is not waited for much longer."""
        self._is_stopping = True
        self._waiting.end()
        for poll in list(self._running):
            poll.stop()
        self._loop.call_later(STOP_GRACE_S, self._abandon_all)

    async def close(self) -> None:
        """Stop the heartbeat; call once no poll is running."""
        await self._turns.close()
        await self._hosts.close()

    def _lists_by_host(self, source: Source) -> dict[str, list[ListJob]]:
        by_host: dict[str, list[ListJob]] = {}
        for page in source.lists:
            for url in self._editions(page, source):
                host = (urlsplit(url).hostname or "").lower()
                by_host.setdefault(host, []).append(ListJob(page, url))
        return by_host

    def _editions(self, page: ListPage, source: Source) -> Iterator[str]:
        """The list's address, once for each day that it stands for."""
        if not is_dated(page.url):
            yield page.url
            return
        today = self._services.now().astimezone(ZoneInfo(source.timezone))
        replay = self._services.replay
        if replay is not None:
            # A replay's day is whatever day its WARC files hold.
            pattern = edition_pattern(page.url)
            found = sorted((url for url in replay.urls() if pattern.fullmatch(url)), reverse=True)
            yield from found or [edition_url(page.url, today)]
            return
        for back in range(EDITION_DAYS):
            yield edition_url(page.url, today - timedelta(days=back))

    async def _poll_host(
        self, source: Source, host: str, jobs: list[ListJob], polls: list[Poll], look_back: LookBack | None
    ) -> bool:
        """Carry out one host's part; True where another run holds the host."""
        async with self._hosts.hold(host, source, [job.url for job in jobs]) as taken:
            lease = taken.lease
            if lease is None and not self._is_stopping:
                return True
            known = {found.url: KnownList(found.validators, found.due) for found in taken.known}
            poll = Poll(
                source,
                host,
                lease,
                jobs=deque(jobs),
                known=known,
                look_back=look_back,
                may_ask=self._hosts.asking(lease),
            )
            polls.append(poll)
            if self._is_stopping:
                poll.stop()
            else:
                await self._carry_out(poll)
        return False

    async def _follow_elsewhere(self, source: Source, polls: list[Poll]) -> None:
        """Rows that lead to other registered hosts join those hosts' queues."""
        waiting = [job for poll in polls for job in poll.elsewhere]
        while waiting:
            by_host: defaultdict[str, dict[tuple[str, str], ArticleJob]] = defaultdict(dict)
            for job in waiting:
                host = (urlsplit(job.url).hostname or "").lower()
                by_host[host].setdefault((job.url, job.entry.url), job)
            waiting = []
            for host, jobs in by_host.items():
                async with self._hosts.hold(host, source) as taken:
                    if taken.lease is None or self._is_stopping:
                        continue  # they stay pending and are due at the next poll
                    may_ask = self._hosts.asking(taken.lease)
                    poll = Poll(source, host, taken.lease, jobs=deque(jobs.values()), may_ask=may_ask)
                    polls.append(poll)
                    await self._carry_out(poll)
                # a redirect there may lead on to a third host; an article is handed on a few times at most
                waiting += poll.elsewhere

    async def _carry_out(self, poll: Poll) -> None:
        self._running.add(poll)
        timeout_s = self._services.config.poll_timeout_s
        try:
            self._submit(poll.source.family, poll)
            try:
                async with asyncio.timeout(timeout_s):  # wait_for would make a task of it
                    await poll.finished()
            except TimeoutError:
                told = {"source": poll.source.id, "host": poll.host, "reason": Reason.TIMEOUT}
                logger.warning(
                    "%s: poll of %s took over %.0f s; the rest waits", poll.source.id, poll.host, timeout_s, extra=told
                )
                poll.stop()
                await self._wait_for_the_wire(poll)
                # articles that wait are fetched at the next poll; a list that was not read is a hole
                for job in poll.dropped:
                    if isinstance(job, ListJob):
                        detail = f"the poll took over {timeout_s:.0f} s"
                        poll.lists.append(ListReport(url=job.url, status=None, reason=Reason.TIMEOUT, detail=detail))
        finally:
            self._running.discard(poll)

    async def _wait_for_the_wire(self, poll: Poll) -> None:
        """What is out ends by itself: a request's own time limit, redirects and a retry."""
        try:
            await asyncio.wait_for(poll.finished(), self._services.config.timeout_s * 4)
        except TimeoutError:
            poll.fail(Reason.ERROR, f"{poll.host}: the poll did not end")
            poll.abandon()

    def _abandon_all(self) -> None:
        for poll in list(self._running):
            poll.abandon()

    def _tell_lost(self, lease: Lease) -> None:
        self._loop.call_soon_threadsafe(self._stop_polls_of, lease)

    def _stop_polls_of(self, lease: Lease) -> None:
        logger.warning(
            "the lease of %s has passed to another run; its poll stops", lease.host, extra={"host": lease.host}
        )
        for poll in list(self._running):
            if poll.lease == lease:
                poll.lose()


def _told(report: PollReport) -> dict[str, object]:
    """What the log's readers want to know of a poll, as fields."""
    return {
        "source": report.source_id,
        "reason": report.reason,
        "rows": sum(page.rows for page in report.lists),
        "new": sum(page.new for page in report.lists),
        "stored": report.stored,
        "seconds": round((report.ended_at - report.started_at).total_seconds(), 3),
    }
