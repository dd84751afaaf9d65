"""One poll of one host for one source: what is to be asked, what is under way, and how it went.

Shared by the dispatcher, which makes polls, and the spiders, which carry them out. Asks nobody itself.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crawler.model import Entry, Lease, ListPage, ListReport, Reason, Source, Stored, Validators


@dataclass(frozen=True, slots=True)
class ListJob:
    """A list to read; `url` is its address with the date filled in; `is_first` is False for pages a family adds.

    `number` counts the pages of a list's history from 1. A family whose endpoint wants more than an address says so by
    `method`, `body` and `headers`.
    """

    page: ListPage
    url: str
    is_first: bool = True
    number: int = 1
    method: str = "GET"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """What tells this request from the others of a poll."""
        return self.url if self.method == "GET" else f"{self.method} {self.url} {self.body.decode('utf-8', 'replace')}"


@dataclass(frozen=True, slots=True)
class ArticleJob:
    """An article to fetch; `url` differs from the row's where a redirect led to another registered host.

    `moves` counts the hosts it was handed on from.
    """

    entry: Entry
    url: str
    moves: int = 0


Job = ListJob | ArticleJob


@dataclass(frozen=True, slots=True)
class KnownList:
    """What the archive knew of a list when the poll began: what makes the request conditional, and its open rows."""

    validators: Validators | None
    due: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSeen:
    """A list page that was read, as a walk through its history needs to know it.

    `following` is the next older page; `beyond`, where there is none, the one after the declared last: counts lie.
    """

    job: ListJob
    addresses: frozenset[str]
    new: int = 0
    following: ListJob | None = None
    beyond: ListJob | None = None


@dataclass(frozen=True, slots=True)
class LookBack:
    """That a poll is part of a walk through history.

    `on_seen` is told of each list page once its rows are kept, before its articles are asked for. Lists whose walk is
    to begin are read afresh, as "304 not modified" has no pager in it; `begun` names the others.
    """

    on_seen: Callable[[PageSeen], Awaitable[None]]
    begun: frozenset[str] = frozenset()


@dataclass(eq=False)
class Poll:
    """A queue of requests to one host, asked one after the other, and the account of what came of them.

    It is over once nothing is queued, no request is out and every item has left the pipelines.
    """

    source: Source
    host: str
    lease: Lease | None
    jobs: deque[Job] = field(default_factory=deque)
    known: Mapping[str, KnownList] = field(default_factory=dict)  # by address; others are looked up when they come
    look_back: LookBack | None = None
    may_ask: Callable[[], Awaitable[bool]] | None = None  # whether the host is still ours; None: it cannot be lost
    elsewhere: list[ArticleJob] = field(default_factory=list)  # on other registered hosts
    lists: list[ListReport] = field(default_factory=list)
    refused: Counter[Reason] = field(default_factory=Counter)
    fetched: int = 0
    stored: int = 0
    relevant: int = 0
    merged: int = 0
    read: int = 0
    read_dated: int = 0
    read_sourced: int = 0
    failure: tuple[Reason, str] | None = None  # what went wrong beside the lists: the archive would not have a row
    retry_at: datetime | None = None  # its host asked not to be asked before then
    is_lost: bool = False  # the lease has passed to another run, which goes on from here
    is_stopped: bool = False
    dropped: list[Job] = field(default_factory=list)  # never asked, because the poll was stopped
    _under_way: int = 0
    _finished: asyncio.Event = field(default_factory=asyncio.Event)
    _seen_lists: set[str] = field(default_factory=set)

    def next_job(self) -> Job | None:
        """The next job, which counts as under way until `done`; None where there is none left."""
        while self.jobs and not self.is_stopped:
            job = self.jobs.popleft()
            if isinstance(job, ListJob):
                if job.key in self._seen_lists:
                    continue
                self._seen_lists.add(job.key)
            else:
                self.fetched += 1
            self._under_way += 1
            return job
        if self.is_stopped:
            self._drop()  # a list that was under way has brought new ones
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
        if stored.is_read:
            self.read += 1
            self.read_dated += stored.is_dated
            self.read_sourced += stored.is_sourced

    def stop(self) -> None:
        """Ask nothing more; what is under way may end."""
        self.is_stopped = True
        self._drop()
        self._check()

    def put_off(self, until: datetime) -> None:
        """Stop, because the host asks to be let alone; what was not asked for waits for a later poll."""
        self.retry_at = until
        self.stop()

    def lose(self) -> None:
        """Stop, because the lease has passed to another run."""
        self.is_lost = True
        self.stop()

    def fail(self, reason: Reason, detail: str) -> None:
        """Remember the first thing that went wrong beside the lists."""
        self.failure = self.failure or (reason, detail)

    def abandon(self) -> None:
        """Wait no longer for what is under way; what comes of it later counts for nothing."""
        self.stop()
        self._finished.set()

    @property
    def is_cut(self) -> bool:
        """True where a part of it was never asked, or its answer not waited for."""
        return bool(self.dropped) or self._under_way > 0

    @property
    def is_over(self) -> bool:
        """True once nothing is waited for."""
        return self._finished.is_set()

    async def finished(self) -> None:
        """Wait until the poll is over."""
        await self._finished.wait()

    def _drop(self) -> None:
        self.dropped.extend(self.jobs)
        self.jobs.clear()

    def _check(self) -> None:
        if self._under_way <= 0 and not self.jobs:
            self._finished.set()


class PollQueue:
    """Polls on their way to the spider of one family; iteration ends once closed and empty."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Poll | None] = asyncio.Queue()
        self._given: list[Poll] = []

    def put(self, poll: Poll) -> None:
        self._given = [other for other in self._given if not other.is_over]
        self._given.append(poll)
        self._queue.put_nowait(poll)

    def abandon(self, detail: str) -> None:
        """Nobody works off this queue any more: no poll of it may wait for ever."""
        for poll in self._given:
            if not poll.is_over:
                poll.fail(Reason.ERROR, detail)
                poll.abandon()

    def close(self) -> None:
        self._queue.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[Poll]:
        while (poll := await self._queue.get()) is not None:
            yield poll
