"""What people ask of the clock, and what it plans, is kept for every process that works on the archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from archive import Archive
from archive.records import Pause, PollMade
from crawler.model import ListReport, PollReport, Reason
from tests.archive.making import NOW

HOUR = timedelta(hours=1)


def polled(source_id: str, at: datetime, *, new: int = 0, reason: Reason | None = None) -> PollReport:
    read = ListReport(url=f"https://{source_id}.example/list", status=200, rows=20, new=new)
    return PollReport(source_id=source_id, started_at=at, ended_at=at, lists=(read,), reason=reason)


def test_pauses_are_replaced_ended_and_run_out(archive: Archive) -> None:
    archive.pause(("a", "b"), Pause(since=NOW, why="改版"))
    archive.pause(("b",), Pause(since=NOW + HOUR, until=NOW + 2 * HOUR))
    pauses = archive.wishes(NOW).pauses
    assert pauses == {"a": Pause(since=NOW, why="改版"), "b": Pause(since=NOW + HOUR, until=NOW + 2 * HOUR)}
    assert [pauses["b"].holds(NOW + hours * HOUR) for hours in (1, 2)] == [True, False]
    assert pauses["a"].holds(NOW + 10_000 * HOUR)
    archive.resume(("a", "b", "never-paused"))
    assert archive.wishes(NOW).pauses == {}
    assert [state.pause for state in archive.source_states()] == []  # nothing is known of them but that


def test_a_wish_is_taken_up_once(archive: Archive) -> None:
    archive.want(("a", "b"), now=NOW)
    assert archive.wishes(NOW).wanted == {"a": NOW, "b": NOW}
    assert archive.take_wanted("a", NOW)
    assert not archive.take_wanted("a", NOW)
    archive.want(("b",), now=NOW + HOUR)
    assert not archive.take_wanted("b", NOW)  # asked anew meanwhile: the newer wish stands
    assert archive.wishes(NOW).wanted == {"b": NOW + HOUR}


def test_a_plan_is_kept_with_its_reason_and_what_the_site_asked(archive: Archive) -> None:
    archive.plan("a", NOW + HOUR, why="retry-after", retry_at=NOW + HOUR)
    (state,) = archive.source_states()
    assert (state.next_poll_at, state.next_why, state.retry_at) == (NOW + HOUR, "retry-after", NOW + HOUR)
    archive.plan("a", NOW + 2 * HOUR, why="rhythm")
    (state,) = archive.source_states()
    assert (state.next_poll_at, state.next_why, state.retry_at) == (NOW + 2 * HOUR, "rhythm", None)


def test_who_was_polled_lately_is_told_whoever_polled(archive: Archive) -> None:
    archive.record_poll(polled("a", NOW))
    archive.record_poll(polled("b", NOW + HOUR))
    assert archive.wishes(NOW + HOUR / 2).polled == {"b": NOW + HOUR}
    assert archive.wishes(NOW + 2 * HOUR).polled == {}


def test_news_are_streamed_source_by_source(archive: Archive) -> None:
    reports = [
        polled("b", NOW, new=3),
        polled("a", NOW, new=20),
        polled("a", NOW + HOUR),
        replace(polled("a", NOW + 2 * HOUR), skipped=True),
        polled("a", NOW + 3 * HOUR, reason=Reason.TIMEOUT),
        polled("a", NOW + 4 * HOUR, new=2, reason=Reason.GONE),  # one list of two was read: these are new to no other
        polled("a", NOW + 5 * HOUR, new=1),
    ]
    for report in reports:
        archive.record_poll(report)
    with archive.news_seen(NOW) as stream:
        seen = [(source_id, one.since, one.at, one.new) for source_id, one in stream]
    assert seen == [
        ("a", None, NOW, 20),
        ("a", NOW, NOW + HOUR, 0),
        ("a", NOW + HOUR, NOW + 4 * HOUR, 2),
        ("a", NOW + 4 * HOUR, NOW + 5 * HOUR, 1),
        ("b", None, NOW, 3),
    ]
    with archive.news_seen(NOW + 5 * HOUR) as stream:
        assert [(source_id, one.since) for source_id, one in stream] == [("a", None)]
    with archive.news_seen(NOW, ("b",)) as stream:
        assert [source_id for source_id, _one in stream] == ["b"]
    with archive.news_seen(NOW) as stream:
        next(stream)  # and the rest is left
    assert archive.counts().entries == 0


def test_a_day_of_polls_and_what_articles_they_cost(archive: Archive) -> None:
    for report in (
        replace(polled("a", NOW - HOUR), fetched=99),
        replace(polled("a", NOW, new=3), fetched=3),
        replace(polled("b", NOW + HOUR, reason=Reason.TIMEOUT), fetched=1),
        replace(polled("a", NOW + 2 * HOUR), fetched=2, skipped=True),  # cut short: the site was asked all the same
        polled("c", NOW + 3 * HOUR),
    ):
        archive.record_poll(report)
    assert archive.articles_asked(NOW) == {"a": 5, "b": 1}
    assert archive.polls_made(NOW) == (
        PollMade(source_id="a", at=NOW, new=3, is_well=True),
        PollMade(source_id="b", at=NOW + HOUR, new=0, is_well=False),
        PollMade(source_id="c", at=NOW + 3 * HOUR, new=0, is_well=True),
    )
