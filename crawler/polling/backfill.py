"""`crawl --backfill`: polls a source as ever, then walks back through the history of its lists, page by page.

Each page is a poll of its own: between two of them the host is free for whoever else watches it. What was read is
marked in the archive before its articles are fetched, so that a run that was killed goes on where it was.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from crawler.edition import is_dated
from crawler.errors import ArchiveError
from crawler.model import HistoryEnd, HistoryMark, HistoryReport, ListPage, ListReport, PollReport, Reason, Source
from crawler.polling.dispatch import EDITION_DAYS, Dispatcher
from crawler.polling.history import ABSENT, EditionWalk, Walk, digest, walks_of
from crawler.polling.poll import ListJob, LookBack, PageSeen, Poll
from crawler.services import Services

logger = logging.getLogger(__name__)

# While another run polls the host, it is asked for again so often.
RETRY_S = 0.5
# What the lease of a walk is called, before the source: no host has a space in its name.
WALK = "backfill "
# What a form whose state has expired is answered with for ever: its walk begins anew.
STALE = frozenset({Reason.SERVER_ERROR, Reason.HTTP_ERROR, Reason.WRONG_TYPE, Reason.SOFT_ERROR, Reason.LOGIN_WALL})


class Backfill:
    """Walks through the histories of sources; a source is walked by one run at a time."""

    def __init__(self, services: Services, dispatcher: Dispatcher) -> None:
        self._services = services
        self._dispatcher = dispatcher

    async def run(self, source: Source, depth: int, tell: Callable[[Walk], None]) -> PollReport:
        """Poll `source` and walk `depth` pages back in each of its lists; never raises for what a site does."""
        try:
            async with self._dispatcher.claim(f"{WALK}{source.id}") as is_ours:
                if is_ours:
                    return await self._run(source, depth, tell)
        except ArchiveError as error:
            logger.error("%s: %s", source.id, error, extra={"source": source.id})
            now = self._services.now()
            return PollReport(source_id=source.id, started_at=now, ended_at=now, reason=Reason.ERROR, detail=str(error))
        report = await self._dispatcher.poll(source)
        return replace(report, history=tuple(HistoryReport(url=page.url, end=HistoryEnd.BUSY) for page in source.lists))

    async def _run(self, source: Source, depth: int, tell: Callable[[Walk], None]) -> PollReport:
        marks = await asyncio.to_thread(self._services.archive.history_marks, source.id)
        # a source whose facts have changed is read afresh
        marks = tuple(mark for mark in marks if mark.source_digest == source.digest)
        seen: list[PageSeen] = []

        async def remember(page: PageSeen) -> None:
            seen.append(page)

        report = await self._dispatcher.poll(source, LookBack(remember, frozenset(mark.list_url for mark in marks)))
        walks: list[Walk] = []
        for walk, first in self._walks(source, depth, seen, marks, report):
            walks.append(walk)
            job = walk.begin(first) if walk.end is None else None
            while job is not None:
                job = await self._read(walk, job)
                tell(walk)
        return _with_histories(report, walks)

    def _walks(
        self, source: Source, depth: int, seen: Sequence[PageSeen], marks: Sequence[HistoryMark], report: PollReport
    ) -> Iterator[tuple[Walk, PageSeen | None]]:
        """What there is to walk once the lists were polled; a list that could not be read is not walked."""
        for page in source.lists:
            if is_dated(page.url):
                yield self._editions(source, page, depth, marks), None
                continue
            walks = walks_of(source, page, depth, seen, marks)
            failure = next((one for one in report.lists if one.reason is not None and one.url == page.url), None)
            mine = [one for one in seen if one.job.page == page]
            # a shell that was read, without the rows that it leads to
            is_shell_only = report.reason is not None and mine and not any(one.addresses for one in mine)
            if walks and failure is None and not is_shell_only:
                yield from walks
            else:
                yield self._not_begun(Walk(source, page, digest(page.url), depth), failure, report), None

    def _editions(self, source: Source, page: ListPage, depth: int, marks: Sequence[HistoryMark]) -> EditionWalk:
        # today's and yesterday's are polled
        newest = self._services.now().astimezone(ZoneInfo(source.timezone)).date() - timedelta(days=EDITION_DAYS)
        mark = next((mark for mark in marks if mark.list_url == page.url), None)
        walk = EditionWalk(source, page, depth, newest, mark)
        if self._services.replay is not None:
            walk.stop(HistoryEnd.ABSENT)  # a replay polls whatever day its WARC files hold
        return walk

    def _not_begun(self, walk: Walk, failure: ListReport | None, report: PollReport) -> Walk:
        if self._dispatcher.is_stopping:
            walk.stop(HistoryEnd.STOPPED)
        elif failure is not None and failure.reason is Reason.NOT_IN_WARC:
            walk.stop(HistoryEnd.ABSENT)
        elif report.reason is not None:
            walk.fail((failure and failure.reason) or report.reason, failure.detail if failure else report.detail)
        else:
            walk.stop(HistoryEnd.BUSY, report.detail)
        return walk

    async def _read(self, walk: Walk, job: ListJob) -> ListJob | None:
        """Read one page and fetch its articles; return what to ask for next."""
        seen: list[PageSeen] = []

        async def remember(page: PageSeen) -> None:
            if not seen:
                await self._save(walk.mark_at(job, is_done=False))
            seen.append(page)

        try:
            polls = await self._ask(walk.source, job, LookBack(remember))
            walk.polls += polls
            if polls and seen:
                return await self._go_on(walk, job, seen, polls)
            if polls and polls[0].lists:
                return await self._miss(walk, job, polls[0].lists[0])
        except ArchiveError as error:
            logger.error("%s: %s", walk.source.id, error, extra={"source": walk.source.id})
            walk.fail(Reason.ERROR, str(error))
            return None
        walk.stop(HistoryEnd.STOPPED if self._dispatcher.is_stopping else HistoryEnd.BUSY)
        return None

    async def _go_on(self, walk: Walk, job: ListJob, seen: Sequence[PageSeen], polls: Sequence[Poll]) -> ListJob | None:
        """After a page that was read. It is done with once nothing of it was left out."""
        page = polls[0]
        fault = next((one for one in page.lists if one.reason is not None and one.reason not in ABSENT), None)
        if page.is_lost:
            walk.stop(HistoryEnd.BUSY, page.host)
        elif self._dispatcher.is_stopping and any(poll.is_cut for poll in polls):
            walk.stop(HistoryEnd.STOPPED)
        elif page.is_cut and page.fetched:
            return job  # it takes longer than one poll may: what is open of it is fetched now
        elif fault is not None and fault.reason is not None:
            walk.fail(fault.reason, fault.detail)
        elif page.failure is not None:
            walk.fail(*page.failure)
        else:
            following = walk.read(job, seen)
            await self._save(walk.mark_at(job, is_done=True))
            return following
        return None

    async def _miss(self, walk: Walk, job: ListJob, report: ListReport) -> ListJob | None:
        """After a page that could not be had."""
        mark, is_resumed = walk.mark, walk.pages == 0
        following = walk.miss(job, report)
        if mark is None:
            return following
        if walk.end is HistoryEnd.OLDEST:
            await self._save(replace(mark, end=walk.end, is_done=True))
        elif walk.end is HistoryEnd.FAILED and is_resumed and job.method != "GET" and walk.reason in STALE:
            await asyncio.to_thread(self._services.archive.forget_history_mark, mark)
        return following

    async def _ask(self, source: Source, job: ListJob, look_back: LookBack) -> list[Poll]:
        """The polls that a page took; none where another run holds the host for longer than a poll may take."""
        deadline = monotonic() + self._services.config.poll_timeout_s
        while True:
            polls, is_busy = await self._dispatcher.read_page(source, job, look_back)
            if not is_busy or self._dispatcher.is_stopping or monotonic() > deadline:
                return polls
            await asyncio.sleep(RETRY_S)

    async def _save(self, mark: HistoryMark) -> None:
        await asyncio.to_thread(self._services.archive.save_history_mark, mark)


def _with_histories(report: PollReport, walks: Sequence[Walk]) -> PollReport:
    """The report of a poll with what the walks after it came to."""
    histories = tuple(walk.report() for walk in walks)
    refused = Counter(report.refused)
    for walk in walks:
        for poll in walk.polls:
            refused.update(poll.refused)
    return replace(
        report,
        fetched=report.fetched + sum(history.fetched for history in histories),
        stored=report.stored + sum(history.stored for history in histories),
        relevant=report.relevant + sum(history.relevant for history in histories),
        merged=report.merged + sum(history.merged for history in histories),
        refused=dict(refused),
        history=histories,
    )
