"""What a notification announces: each story once, nothing of before, and every target by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from archive import Archive
from archive.records import FeedQuery, Question
from crawler.model import Reason
from tests.archive.making import NOW, judged, judgement, poll, prose, source

DAY = timedelta(days=1)
NAME = "川渝组"
CHAT = "1 wecombot"
MAIL = "2 mailto"
ZONE = Question(query=FeedQuery(zones=("川渝",)))


def store(archive: Archive, *numbers: int, published: datetime | None = NOW - DAY, at: datetime = NOW) -> None:
    for number in numbers:
        url = f"https://synthetic.example/{number}"
        archive.store(judged(url, prose(number), title=f"合成消息{number}", published=published), now=at)


def notice(archive: Archive, *targets: str, at: datetime = NOW, **given: int) -> int:
    return archive.notice(NAME, ZONE, targets or (CHAT,), now=at, **given)


def pending(archive: Archive, target: str = CHAT, before: datetime | None = None) -> list[str]:
    return [one.story.title for one in archive.pending(NAME, target, before=before, limit=100)[0]]


def deliver(archive: Archive, target: str = CHAT) -> None:
    told, _count = archive.pending(NAME, target, limit=100)
    archive.record_delivery(NAME, target, [one.position for one in told], now=NOW)


def test_a_notification_opens_silently_and_tells_what_comes_after(archive: Archive) -> None:
    store(archive, 1, 2)
    assert notice(archive) == 0
    assert pending(archive) == []
    store(archive, 3)
    assert notice(archive) == 1
    assert pending(archive) == ["合成消息3"]
    assert notice(archive) == 0


def test_a_story_is_announced_once_whatever_becomes_of_it(archive: Archive) -> None:
    notice(archive)
    store(archive, 1)
    notice(archive)
    deliver(archive)
    other = source("other", "合成晚报")
    archive.store(judged("https://other.example/1", prose(1), title="转载", of=other), now=NOW + DAY)
    assert notice(archive) == 0
    assert pending(archive) == []


def test_what_was_there_before_is_not_announced_when_it_changes(archive: Archive) -> None:
    store(archive, 1)
    notice(archive)
    archive.store(judged("https://other.example/1", prose(1), of=source("other", "合成晚报")), now=NOW + DAY)
    assert notice(archive) == 0


def test_only_what_is_asked_for(archive: Archive) -> None:
    notice(archive)
    elsewhere = judgement(zones=("川藏",), regions=("540000",))
    archive.store(judged("https://synthetic.example/1", prose(1), verdict=elsewhere), now=NOW)
    not_it = judgement(relevant=False)
    archive.store(judged("https://synthetic.example/2", prose(2), verdict=not_it), now=NOW)
    assert notice(archive) == 0


def test_a_story_that_matches_later_is_announced_then(archive: Archive) -> None:
    notice(archive)
    elsewhere = judgement(zones=(), regions=("540000", "510000"))
    archive.store(judged("https://synthetic.example/1", prose(1), verdict=elsewhere), now=NOW)
    assert notice(archive) == 0
    archive.store(judged("https://other.example/1", prose(1), of=source("other", "合成晚报")), now=NOW + DAY)
    assert notice(archive) == 1


def test_old_news_is_passed_over_for_good(archive: Archive) -> None:
    notice(archive)
    store(archive, 1, published=NOW - 31 * DAY)
    store(archive, 2, published=NOW - 29 * DAY)
    assert notice(archive) == 1
    assert pending(archive) == ["合成消息2"]
    assert notice(archive, max_age_days=400) == 0


def test_each_target_lacks_what_did_not_reach_it(archive: Archive) -> None:
    notice(archive, CHAT, MAIL)
    store(archive, 1, 2)
    notice(archive, CHAT, MAIL)
    told, count = archive.pending(NAME, CHAT, limit=1)
    assert ([one.story.title for one in told], count) == (["合成消息2"], 2)
    archive.record_delivery(NAME, CHAT, [told[0].position], now=NOW)
    assert pending(archive) == ["合成消息1"]
    assert pending(archive, MAIL) == ["合成消息1", "合成消息2"]
    archive.record_rest(NAME, CHAT, now=NOW)
    assert pending(archive) == []
    assert len(pending(archive, MAIL)) == 2


def test_a_target_added_later_is_told_nothing_of_before(archive: Archive) -> None:
    notice(archive)
    store(archive, 1)
    notice(archive, CHAT, MAIL)
    store(archive, 2)
    notice(archive, CHAT, MAIL)
    assert pending(archive) == ["合成消息1", "合成消息2"]
    assert pending(archive, MAIL) == ["合成消息2"]


def test_a_digest_holds_what_was_noticed_before_its_hour(archive: Archive) -> None:
    notice(archive)
    store(archive, 1)
    notice(archive, at=NOW)
    store(archive, 2)
    notice(archive, at=NOW + 2 * DAY)
    assert pending(archive, before=NOW + DAY) == ["合成消息1"]
    archive.record_rest(NAME, CHAT, before=NOW + DAY, now=NOW + DAY)
    assert pending(archive) == ["合成消息2"]


def test_failures_are_counted_until_a_message_is_taken(archive: Archive) -> None:
    notice(archive)
    for _time in range(2):
        archive.record_failure(NAME, CHAT, "45009 freq", retry_at=NOW + DAY)
    (state,) = archive.targets()
    assert (state.failures, state.fault, state.retry_at, state.sent_at) == (2, "45009 freq", NOW + DAY, None)
    archive.record_delivery(NAME, CHAT, [], now=NOW + DAY)
    (state,) = archive.targets()
    assert (state.failures, state.fault, state.retry_at, state.sent_at) == (0, None, None, NOW + DAY)


def test_stories_that_turn_out_to_be_one_are_announced_once(archive: Archive) -> None:
    notice(archive)
    store(archive, 1)
    notice(archive)
    deliver(archive)
    store(archive, 2)
    notice(archive)
    assert pending(archive) == ["合成消息2"]
    archive.join_stories(["https://synthetic.example/1", "https://synthetic.example/2"], by="op", now=NOW)
    notice(archive)
    assert pending(archive) == []


def test_a_story_that_is_split_off_is_not_announced(archive: Archive) -> None:
    notice(archive)
    store(archive, 1)
    archive.store(judged("https://other.example/1", prose(1), of=source("other", "合成晚报")), now=NOW)
    notice(archive)
    deliver(archive)
    archive.split_story("https://synthetic.example/1", ["https://other.example/1"], by="op", now=NOW)
    assert notice(archive) == 0
    assert pending(archive) == []


def test_a_first_crawl_brings_no_more_than_its_share(archive: Archive) -> None:
    notice(archive)
    for number in range(6):
        item = judged(f"https://new.example/{number}", prose(number), of=source("new", "合成新站"))
        archive.store(item, now=NOW)
    assert notice(archive, per_source=4) == 4
    assert notice(archive, per_source=100) == 0


def test_a_preview_changes_nothing(archive: Archive) -> None:
    assert archive.preview_notice(NAME, ZONE) is None
    notice(archive)
    store(archive, 1)
    for _time in range(2):
        assert [story.title for story in archive.preview_notice(NAME, ZONE) or ()] == ["合成消息1"]
    assert notice(archive) == 1


def poll_hourly(archive: Archive, *reasons: Reason | None, start: int = 0) -> None:
    for n, reason in enumerate(reasons, start=start):
        archive.record_poll(poll(at=NOW + n * timedelta(hours=1), reason=reason))


def test_health_is_judged_from_each_poll_once(archive: Archive) -> None:
    archive.keep_sources([source()], now=NOW)
    poll_hourly(archive, None, None, Reason.NO_ROWS)
    assert archive.judge_health({}, now=NOW) == 0
    poll_hourly(archive, Reason.NO_ROWS, start=3)
    assert archive.judge_health({}, now=NOW + DAY) == 1
    assert archive.judge_health({}, now=NOW + 2 * DAY) == 0
    (event,) = archive.health_events()
    assert (event.source_id, event.name, event.home) == ("synthetic", "合成日报", "https://synthetic.example/")
    assert (event.verdict, event.previous, event.reason) == ("broken", "healthy", Reason.NO_ROWS)
    assert (event.since, event.noticed_at) == (NOW + timedelta(hours=2), NOW + DAY)
    poll_hourly(archive, None, None, start=4)
    assert archive.judge_health({}, now=NOW + 2 * DAY) == 1
    assert [event.verdict for event in archive.health_events()] == ["healthy", "broken"]


def test_health_is_announced_like_stories(archive: Archive) -> None:
    poll_hourly(archive, Reason.NO_ROWS, Reason.NO_ROWS)
    archive.judge_health({}, now=NOW)
    archive.notice("ops", None, [CHAT], now=NOW)
    assert archive.pending_events("ops", CHAT, limit=10) == ()
    poll_hourly(archive, Reason.BLOCKED, Reason.BLOCKED, None, None, start=2)
    archive.judge_health({}, now=NOW)
    archive.notice("ops", None, [CHAT], now=NOW)
    blocked, well = archive.pending_events("ops", CHAT, limit=10)
    assert (blocked.verdict, well.verdict) == ("blocked", "healthy")
    archive.record_delivery("ops", CHAT, [well.id], now=NOW)
    assert archive.pending_events("ops", CHAT, limit=10) == (blocked,)
    archive.record_rest("ops", CHAT, now=NOW)
    assert archive.pending_events("ops", CHAT, limit=10) == ()


@pytest.mark.parametrize(("first", "then"), [(ZONE, None), (None, ZONE)])
def test_a_name_given_to_something_else_begins_anew(
    archive: Archive, first: Question | None, then: Question | None
) -> None:
    archive.notice(NAME, first, [CHAT], now=NOW)
    store(archive, 1)
    poll_hourly(archive, Reason.NO_ROWS, Reason.NO_ROWS)
    archive.judge_health({}, now=NOW)
    archive.notice(NAME, first, [CHAT], now=NOW)
    archive.notice(NAME, then, [CHAT], now=NOW)
    told = archive.pending_events(NAME, CHAT, limit=10) if then is None else archive.pending(NAME, CHAT, limit=10)[0]
    assert told == ()
