from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from archive import Archive
from archive.records import FeedQuery
from crawler.model import Evidence, ListReport, PollReport, Reason, RobotsRecord, WarcPosition
from tests.archive.making import NOW, enter_feed, entry, judged, judgement, poll, prose


def test_explains_a_published_url_in_other_clothes(archive: Archive) -> None:
    evidence = Evidence(part="zone", key="川渝", text="川渝", where="title", start=0, end=2, weight=1.5)
    item = judged("https://a.example/1.html", prose(1), verdict=replace(judgement(), evidence=(evidence,)))
    assert item.capture.page is not None
    page = replace(item.capture.page, warc=WarcPosition(file="a.warc.gz", offset=7, length=9))
    archive.store(replace(item, capture=replace(item.capture, page=page)), now=NOW)
    enter_feed(archive, "all", "all", "", "全部", FeedQuery(), now=NOW)
    history = archive.explain("http://www.a.example/1.html?utm_source=x#top")
    assert history is not None
    assert history.entry is not None
    assert history.entry.outcome == "stored"
    assert history.pages[0].warc == page.warc
    assert history.judgement is not None
    assert history.judgement.evidence == (evidence,)
    assert history.story is not None
    assert history.member == history.story.members[0]
    assert [feed.id for feed in history.feeds] == ["all"]
    assert archive.find_story("http://a.example/1.html") == history.story


def test_explains_a_refused_url_with_its_page(archive: Archive) -> None:
    item = judged("https://a.example/1", "404")
    assert item.capture.page is not None
    archive.settle(
        item.capture.entry, Reason.GONE, "404", now=NOW, lease=None, page=replace(item.capture.page, status=404)
    )
    history = archive.explain("https://a.example/1")
    assert history is not None
    assert history.entry is not None
    assert (history.entry.reason, history.entry.retry_at) == (Reason.GONE, NOW + timedelta(minutes=15))
    assert [page.status for page in history.pages] == [404]
    assert history.story is None


def test_explains_a_dropped_item_and_knows_nothing_of_others(archive: Archive) -> None:
    archive.store(judged("https://a.example/1", prose(1), verdict=judgement(relevant=False)), now=NOW)
    history = archive.explain("https://a.example/1")
    assert history is not None
    assert history.entry is not None
    assert (history.entry.outcome, history.entry.reason) == ("stored", Reason.IRRELEVANT)
    assert history.judgement is not None
    assert not history.judgement.relevant
    assert archive.explain("https://a.example/2") is None


def test_explains_where_a_redirect_led(archive: Archive) -> None:
    item = judged("https://a.example/new", prose(1))
    row = entry("https://a.example/old")
    archive.store(replace(item, capture=replace(item.capture, entry=row)), now=NOW)
    for url in ("https://a.example/old", "https://a.example/new"):
        history = archive.explain(url)
        assert history is not None
        assert history.entry is not None
        assert history.entry.url == "https://a.example/old"
        assert history.title == item.article.title


def test_states_of_sources_follow_their_polls(archive: Archive) -> None:
    report = PollReport(
        source_id="s",
        started_at=NOW,
        ended_at=NOW + timedelta(minutes=1),
        lists=(ListReport(url="l", status=200, rows=20, new=3, newest=NOW.date()),),
        refused={Reason.GONE: 2},
    )
    archive.record_poll(report)
    for hour in (1, 2):
        archive.record_poll(poll("s", at=NOW + timedelta(hours=hour), reason=Reason.BLOCKED))
    archive.record_poll(replace(poll("s", at=NOW + timedelta(hours=3)), skipped=True))
    archive.plan("s", NOW + timedelta(hours=9))
    (state,) = archive.source_states()
    assert (state.failures, state.first_polled_at, state.last_ok_at) == (2, report.ended_at, report.ended_at)
    assert (state.last_new_at, state.last_polled_at) == (report.ended_at, NOW + timedelta(hours=2))
    assert state.next_poll_at == NOW + timedelta(hours=9)
    assert state.last_poll is not None
    assert state.last_poll.skipped
    first = archive.polls_of("s")[-1]
    assert (first.rows, first.new, first.newest, first.refused) == (20, 3, NOW.date(), {Reason.GONE: 2})
    assert first.lists == report.lists


def test_robots_are_kept_until_the_next_answer(archive: Archive) -> None:
    assert archive.robots("https://a.example") is None
    for body in (b"User-agent: *", None):
        record = RobotsRecord(origin="https://a.example", fetched_at=datetime(2026, 1, 1, tzinfo=UTC), body=body)
        archive.save_robots(record)
        assert archive.robots("https://a.example") == record


def test_counts_and_check(archive: Archive) -> None:
    archive.store(judged("https://a.example/1", prose(1)), now=NOW)
    archive.store(judged("https://b.example/1", prose(1)), now=NOW)
    counts = archive.counts()
    assert (counts.items, counts.stories, counts.merged, counts.relevant, counts.entries) == (2, 1, 1, 1, 2)
    assert counts.bytes > 0
    assert archive.check() == ()
