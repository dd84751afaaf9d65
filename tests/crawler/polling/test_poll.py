"""A poll is over when nothing is queued, out or in the pipelines, whatever stops it; its report says what happened."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.edition import edition_pattern, edition_url
from crawler.model import Entry, Lease, ListPage, ListReport, PollReport, Reason, Source
from crawler.polling.poll import ArticleJob, ListJob, Poll, PollQueue
from crawler.polling.report import report_of
from tests.archive.making import NOW, entry, source

PAPER = "http://paper.synthetic.example/{YYYY}{MM}{DD}/v01.html"


def poll(*jobs: ListJob | ArticleJob) -> Poll:
    made = Poll(source(), "synthetic.example", Lease(host="synthetic.example", owner="me", token=1))
    made.jobs.extend(jobs)
    return made


def a_list(n: int = 0) -> ListJob:
    return ListJob(ListPage(url=f"http://synthetic.example/{n}"), f"http://synthetic.example/{n}")


def an_article(n: int = 0) -> ArticleJob:
    row: Entry = entry(f"http://synthetic.example/a/{n}")
    return ArticleJob(row, row.url)


def report(*polls: Poll, of: Source | None = None, **how: object) -> PollReport:
    return report_of(of or source(), polls, started_at=NOW, ended_at=NOW, **how)  # type: ignore[arg-type]


def test_it_is_over_when_everything_has_come_back() -> None:
    one = poll(a_list())
    assert one.next_job() is not None
    one.jobs.append(an_article())
    assert one.next_job() is not None
    one.done()
    assert not one.is_over
    one.begin_item()
    assert one.next_job() is None
    one.done()
    assert not one.is_over
    one.done()
    assert one.is_over


def test_the_same_list_is_not_read_twice() -> None:
    one = poll(a_list(), a_list(), a_list(1))
    assert [one.next_job(), one.next_job(), one.next_job()] == [a_list(), a_list(1), None]


def test_stopping_ends_it_even_if_a_list_under_way_brings_rows() -> None:
    one = poll(a_list(), a_list(1))
    assert one.next_job() == a_list()
    one.stop()
    assert not one.is_over
    one.jobs.extend(an_article(n) for n in range(3))
    assert one.next_job() is None
    one.done()
    assert one.is_over
    assert one.is_cut
    assert one.dropped == [a_list(1), *(an_article(n) for n in range(3))]


def test_abandoning_waits_for_nothing() -> None:
    one = poll(a_list())
    one.next_job()
    one.abandon()
    assert (one.is_over, one.is_cut) == (True, True)
    one.done()
    assert one.is_over


def test_one_bad_list_of_two_fails_the_source() -> None:
    one = poll()
    one.lists += [ListReport(url="a", status=200, rows=3), ListReport(url="b", status=404, reason=Reason.GONE)]
    assert report(one).reason is Reason.GONE


def test_an_edition_not_yet_printed_does_not() -> None:
    paper = replace(source(), lists=(ListPage(url=PAPER),))
    today, yesterday = (edition_url(PAPER, datetime(2026, 3, day, tzinfo=UTC)) for day in (2, 1))
    one = poll()
    one.lists += [ListReport(url=today, status=404, reason=Reason.GONE), ListReport(url=yesterday, status=200, rows=9)]
    assert report(one, of=paper).reason is None
    one.lists[1] = replace(one.lists[1], reason=Reason.GONE)
    assert report(one, of=paper).reason is Reason.GONE


def test_what_was_cut_short_by_ourselves_says_nothing_of_the_source() -> None:
    assert report(poll(), is_interrupted=True).skipped
    assert report(busy_host="synthetic.example").skipped
    lost = poll()
    lost.lose()
    told = report(lost)
    assert (told.skipped, told.reason, told.detail) == (True, None, "synthetic.example")


def test_a_failure_on_one_host_is_not_hidden_by_another_that_is_busy() -> None:
    one = poll()
    one.lists.append(ListReport(url="a", status=500, reason=Reason.SERVER_ERROR))
    told = report(one, busy_host="other.example")
    assert (told.reason, told.skipped) == (Reason.SERVER_ERROR, False)


def test_a_row_that_could_not_be_kept_fails_the_poll() -> None:
    one = poll()
    one.fail(Reason.ERROR, "disk full")
    one.fail(Reason.ERROR, "again")
    assert (report(one).reason, report(one).detail) == (Reason.ERROR, "disk full")


def test_polls_that_nobody_works_on_any_more_are_over() -> None:
    async def scenario() -> Poll:
        queue, one, two = PollQueue(), poll(a_list()), poll()
        two.next_job()
        queue.put(two)
        queue.put(one)
        queue.abandon("the crawl ended")
        await asyncio.wait_for(one.finished(), 60)
        assert two.failure is None
        return one

    assert asyncio.run(scenario()).failure == (Reason.ERROR, "the crawl ended")


@pytest.mark.parametrize("url", [PAPER, "http://x.example/a?d={YYYY}-{MM}-{DD}&b=(1)", "http://x.example/plain"])
def test_an_edition_matches_its_pattern(url: str) -> None:
    found = edition_url(url, datetime(2026, 3, 2, tzinfo=UTC))
    assert "{" not in found
    assert edition_pattern(url).fullmatch(found)
    assert not edition_pattern(url).fullmatch(found + "x")
