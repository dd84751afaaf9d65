"""One poll of one host for one source: what is to be asked, what is under way, and how it went.

Shared by the dispatcher, which makes polls, and the spiders, which carry them out. Asks nobody itself.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from crawler.model import Entry, Lease, ListPage, ListReport, PollReport, Reason, Source, Stored


@dataclass(frozen=True, slots=True)
class ListJob:
    """A list to read; `url` is its address with the date filled in; `is_first` is False for pages a family adds."""

    page: ListPage
    url: str
    is_first: bool = True


@dataclass(frozen=True, slots=True)
class ArticleJob:
    """An article to fetch; `url` differs from the row's where a redirect led to another registered host."""

    entry: Entry
    url: str


Job = ListJob | ArticleJob


@dataclass(eq=False)
class Poll:
    """A queue of requests to one host, asked one after the other, and the account of what came of them.

    It is over once nothing is queued, no request is out and every item has left the pipelines.
    """

    source: Source
    host: str
    lease: Lease | None
    jobs: deque[Job] = field(default_factory=deque)
    elsewhere: list[ArticleJob] = field(default_factory=list)  # on other registered hosts
    lists: list[ListReport] = field(default_factory=list)
    refused: Counter[Reason] = field(default_factory=Counter)
    fetched: int = 0
    stored: int = 0
    relevant: int = 0
    merged: int = 0
    is_stopped: bool = False
    _under_way: int = 0
    _finished: asyncio.Event = field(default_factory=asyncio.Event)
    _seen_lists: set[str] = field(default_factory=set)

    def next_job(self) -> Job | None:
        """The next job, which counts as under way until `done`; None where there is none left."""
        while self.jobs and not self.is_stopped:
            job = self.jobs.popleft()
            if isinstance(job, ListJob):
                if job.url in self._seen_lists:
                    continue
                self._seen_lists.add(job.url)
            else:
                self.fetched += 1
            self._under_way += 1
            return job
        self._check()
        return None

    def begin_item(self) -> None:
        """An item enters the pipelines."""
        self._under_way += 1

    def done(self) -> None:
        """A request was answered or failed, or an item left the pipelines."""
        self._under_way -= 1
        self._check()

    def count(self, stored: Stored) -> None:
        """Count an item that reached the archive."""
        if stored.is_new:
            self.stored += 1
            self.relevant += stored.is_relevant
            self.merged += stored.joined

    def stop(self) -> None:
        """Ask nothing more; what is under way may end."""
        self.is_stopped = True
        self.jobs.clear()
        self._check()

    async def finished(self) -> None:
        """Wait until the poll is over."""
        await self._finished.wait()

    def _check(self) -> None:
        if self._under_way == 0 and not self.jobs:
            self._finished.set()


def report_of(
    source: Source,
    polls: Iterable[Poll],
    *,
    started_at: datetime,
    ended_at: datetime,
    failure: tuple[Reason, str] | None,
) -> PollReport:
    """The account of a source's poll over all its hosts; a source failed where all of its lists did."""
    polls = list(polls)
    lists = tuple(page for poll in polls for page in poll.lists)
    refused: Counter[Reason] = Counter()
    for poll in polls:
        refused.update(poll.refused)
    failed = [page for page in lists if page.reason is not None and page.reason is not Reason.NOT_IN_WARC]
    is_skipped = bool(lists) and all(page.reason is Reason.NOT_IN_WARC for page in lists)
    reason, detail = failure or (None, "")
    if reason is None and failed:
        # One bad list of several is a failure too: half a source silently missing is the worst outcome.
        reason, detail = failed[0].reason, failed[0].detail
    return PollReport(
        source_id=source.id,
        started_at=started_at,
        ended_at=ended_at,
        lists=lists,
        fetched=sum(poll.fetched for poll in polls),
        stored=sum(poll.stored for poll in polls),
        relevant=sum(poll.relevant for poll in polls),
        merged=sum(poll.merged for poll in polls),
        refused=dict(refused),
        reason=None if reason is Reason.BUSY else reason,
        detail=detail,
        skipped=is_skipped or reason is Reason.BUSY,
    )


class PollQueue:
    """Polls on their way to the spider of one family; iteration ends once closed and empty."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Poll | None] = asyncio.Queue()

    def put(self, poll: Poll) -> None:
        self._queue.put_nowait(poll)

    def close(self) -> None:
        self._queue.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[Poll]:
        while (poll := await self._queue.get()) is not None:
            yield poll
