"""The backfill beside lists that fail, forms that have expired, and other runs; the dispatcher is a stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from crawler.model import HistoryEnd, HistoryMark, ListPage, ListReport, PollReport, Reason
from crawler.polling import backfill
from crawler.polling.backfill import Backfill
from crawler.polling.dispatch import Dispatcher
from crawler.polling.history import digest
from crawler.polling.poll import ListJob, LookBack, PageSeen, Poll
from crawler.services import Services
from tests.archive.making import NOW, source

ONE, TWO = "https://synthetic.example/one", "https://synthetic.example/two"
SOURCE = replace(source(), lists=(ListPage(url=ONE), ListPage(url=TWO)), digest="d")


def mark(url: str, *, method: str = "GET") -> HistoryMark:
    return HistoryMark(
        source_id=SOURCE.id,
        start=digest(url),
        list_url=url,
        url=f"{url}?3",
        number=3,
        method=method,
        is_done=True,
        source_digest="d",
    )


@dataclass
class World:
    """What the archive holds, how the poll went, and how each page of history answers."""

    marks: list[HistoryMark] = field(default_factory=list)
    lists: tuple[ListReport, ...] = ()
    seen: tuple[PageSeen, ...] = ()
    answer: Callable[[ListJob], Reason | None] = lambda job: None
    busy: int = 0  # times that another run holds the host
    is_claimed: bool = False
    is_stopping: bool = False
    asked: list[str] = field(default_factory=list)

    def history_marks(self, _source_id: str) -> tuple[HistoryMark, ...]:
        return tuple(self.marks)

    def save_history_mark(self, saved: HistoryMark) -> None:
        self.marks = [*(kept for kept in self.marks if kept.start != saved.start), saved]

    def forget_history_mark(self, gone: HistoryMark) -> None:
        self.marks = [kept for kept in self.marks if kept.start != gone.start]

    @asynccontextmanager
    async def claim(self, _name: str) -> AsyncIterator[bool]:
        yield not self.is_claimed

    async def poll(self, polled: Any, look_back: LookBack | None = None) -> PollReport:
        for page in self.seen if look_back is not None else ():
            await cast(LookBack, look_back).on_seen(page)
        reason = next((one.reason for one in self.lists if one.reason is not None), None)
        return PollReport(source_id=polled.id, started_at=NOW, ended_at=NOW, lists=self.lists, reason=reason)

    async def read_page(self, polled: Any, job: ListJob, look_back: LookBack) -> tuple[list[Poll], bool]:
        if self.busy:
            self.busy -= 1
            return [], True
        self.asked.append(job.url)
        done = Poll(polled, "synthetic.example", None)
        reason = self.answer(job)
        done.lists.append(ListReport(url=job.url, status=None, reason=reason))
        if reason is None:
            following = replace(job, url=f"{job.page.url}?{job.number + 1}", number=job.number + 1)
            await look_back.on_seen(PageSeen(job=job, addresses=frozenset([job.url]), following=following))
        return [done], False

    def run(self, depth: int = 4) -> dict[str, tuple[HistoryEnd, Reason | None, int]]:
        services = SimpleNamespace(archive=self, replay=None, config=SimpleNamespace(poll_timeout_s=5.0))
        driver = Backfill(cast(Services, services), cast(Dispatcher, self))
        report = asyncio.run(driver.run(SOURCE, depth, lambda walk: None))
        return {one.url: (one.end, one.reason, one.depth) for one in report.history}


def first_of(url: str, *rows: str) -> PageSeen:
    page = ListPage(url=url)
    older = ListJob(page, f"{url}?2", is_first=False, number=2)
    return PageSeen(job=ListJob(page, url), addresses=frozenset(rows), following=older if rows else None)


def test_a_list_goes_on_where_it_was_while_another_of_the_source_fails() -> None:
    failed = ListReport(url=ONE, status=500, reason=Reason.SERVER_ERROR)
    unchanged = ListReport(url=TWO, status=304, unchanged=True)
    world = World(marks=[mark(ONE), mark(TWO)], lists=(failed, unchanged))
    assert world.run() == {
        ONE: (HistoryEnd.FAILED, Reason.SERVER_ERROR, 0),
        TWO: (HistoryEnd.DEPTH, None, 4),
    }
    assert world.asked == [f"{TWO}?{n}" for n in (3, 4, 5)]


def test_a_shell_whose_rows_were_not_had_is_not_walked() -> None:
    rows = ListReport(url=f"{ONE}/unit", status=500, reason=Reason.SERVER_ERROR)
    world = World(lists=(rows,), seen=(first_of(ONE), first_of(TWO, "a")))
    assert world.run() == {
        ONE: (HistoryEnd.FAILED, Reason.SERVER_ERROR, 0),
        TWO: (HistoryEnd.DEPTH, None, 4),
    }


def test_a_form_that_has_expired_is_begun_anew_at_the_next_run() -> None:
    world = World(marks=[mark(ONE, method="POST"), mark(TWO)], answer=lambda job: Reason.SERVER_ERROR)
    assert {end for end, _reason, _depth in world.run().values()} == {HistoryEnd.FAILED}
    # an address does not expire: that one is tried again where it was
    assert world.marks == [mark(TWO)]
    world = World(marks=[mark(ONE, method="POST")], answer=lambda job: Reason.TIMEOUT)
    world.run()
    assert world.marks == [mark(ONE, method="POST")]


def test_marks_of_other_facts_count_for_nothing() -> None:
    world = World(marks=[replace(mark(ONE), source_digest="old")], seen=(first_of(ONE, "a"), first_of(TWO, "b")))
    world.run(1)
    assert world.asked == [f"{ONE}?2", f"{TWO}?2"]


def test_a_host_that_is_held_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "RETRY_S", 0.001)
    world = World(seen=(first_of(ONE, "a"), first_of(TWO, "b")), busy=20)
    assert {end for end, _reason, _depth in world.run(2).values()} == {HistoryEnd.DEPTH}


def test_what_another_run_walks_is_left_to_it_and_the_lists_are_polled() -> None:
    world = World(seen=(first_of(ONE, "a"),), is_claimed=True)
    assert {end for end, _reason, _depth in world.run().values()} == {HistoryEnd.BUSY}
    assert world.asked == []
