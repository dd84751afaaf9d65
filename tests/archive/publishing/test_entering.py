"""What enters a feed that is open, and what never does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from archive import Archive
from archive.records import FeedQuery
from tests.archive.making import NOW, enter_feed, judged, judgement, poll, prose, source

DAY = timedelta(days=1)
REST = "份合成协议的消息"
ZONE = FeedQuery(zones=("川渝",))


def publish(
    archive: Archive, *, now: datetime = NOW, query: FeedQuery | None = None, feed_id: str = "all", **limits: int
) -> int:
    return enter_feed(archive, feed_id, "all", "", "全部", query or FeedQuery(), now=now, **limits)


def add(archive: Archive, number: int, *, age_days: float | None, now: datetime = NOW, **more: object) -> int:
    """Store story `number`, published so many days before `now`."""
    published = None if age_days is None else now - age_days * DAY
    item = judged(
        f"https://a.example/{number}", prose(number, 6), title=f"第{number}{REST}", published=published, **more
    )  # type: ignore[arg-type]
    return archive.store(item, now=now).story_id


def reprint(archive: Archive, number: int, *, now: datetime, **more: object) -> None:
    item = judged(
        f"https://b.example/{number}", f"讯{prose(number, 6)}", title=f"第{number}{REST}", of=source("b"), **more
    )  # type: ignore[arg-type]
    archive.store(item, now=now)


def join(archive: Archive, one: int, other: int) -> None:
    """Store an item that shows two stories to be one."""
    both = judged(f"https://c.example/{one}", prose(one, 6) + prose(other, 6), title=f"两{REST}", published=NOW)
    archive.store(both, now=NOW + DAY)
    ids = {archive.find_story(f"https://a.example/{number}").id for number in (one, other)}  # type: ignore[union-attr]
    assert len(ids) == 1


def shown(archive: Archive, feed_id: str = "all") -> list[str]:
    return [entry.story.title.removesuffix(REST) for entry in archive.feed_entries(feed_id, 1000)]


def omissions(archive: Archive, url: str) -> list[tuple[str, str]]:
    history = archive.explain(url)
    assert history is not None
    return [(omission.feed_id, omission.reason) for omission in history.omissions]


@pytest.mark.parametrize("is_first_crawl", [True, False])
def test_what_was_there_when_a_feed_opened_never_enters_later(archive: Archive, is_first_crawl: bool) -> None:
    if not is_first_crawl:
        archive.record_poll(poll(at=NOW - 9 * DAY))
    for number in range(70):
        add(archive, number, age_days=number / 10)
    assert publish(archive) == 50
    opened = shown(archive)
    for later in range(1, 4):
        assert publish(archive, now=NOW + later * DAY) == 0
    assert shown(archive) == opened
    assert omissions(archive, "https://a.example/49") == []
    assert omissions(archive, "https://a.example/50") == [("all", "opening")]


def test_what_was_passed_over_does_not_enter_with_a_reprint(archive: Archive) -> None:
    for number in range(60):
        add(archive, number, age_days=number / 10)
    publish(archive)
    archive.record_poll(poll("b", at=NOW))
    reprint(archive, 55, now=NOW + DAY)
    assert len(archive.find_story("https://a.example/55").members) == 2  # type: ignore[union-attr]
    assert publish(archive, now=NOW + DAY) == 0


def test_nor_when_it_is_edited_or_judged_anew(archive: Archive) -> None:
    for number in range(3):
        add(archive, number, age_days=number)
    publish(archive, opening=2)
    archive.store(
        judged("https://a.example/2", prose(2, 5), title=f"第2{REST}", verdict=judgement(topics=("talent",))),
        now=NOW + DAY,
    )
    assert publish(archive, now=NOW + DAY, opening=2) == 0


def test_newly_matching_story_enters_where_it_is_recent(archive: Archive) -> None:
    """A reprint, or better rules, make a story one of this feed: news, unless it is an old story."""
    archive.record_poll(poll(at=NOW - 400 * DAY))
    archive.record_poll(poll("b", at=NOW - 400 * DAY))
    other = judgement(zones=("川藏",))
    add(archive, 1, age_days=1)
    add(archive, 2, age_days=3, verdict=other)
    add(archive, 3, age_days=1, now=NOW - 60 * DAY, verdict=other)
    assert publish(archive, query=ZONE, feed_id="zone") == 1
    for number in (2, 3):
        reprint(archive, number, now=NOW + DAY)
    assert archive.find_story("https://b.example/3").zones == ("川渝", "川藏")  # type: ignore[union-attr]
    assert publish(archive, query=ZONE, feed_id="zone", now=NOW + DAY) == 1
    assert shown(archive, "zone") == ["第2", "第1"]
    assert publish(archive, query=ZONE, feed_id="zone", now=NOW + 2 * DAY) == 0
    assert omissions(archive, "https://a.example/3") == [("zone", "late")]


def test_better_rules_do_not_flood_a_feed_with_old_stories(archive: Archive) -> None:
    archive.record_poll(poll(at=NOW - 400 * DAY))
    for number in range(1, 11):
        add(archive, number, age_days=0, now=NOW - number * 10 * DAY, verdict=judgement(relevant=False))
    add(archive, 20, age_days=1)
    publish(archive)
    for number in range(1, 11):
        add(archive, number, age_days=number * 10, now=NOW)  # reprocessed: the same pages, relevant now
    assert publish(archive, now=NOW) == 3
    assert shown(archive) == ["第1", "第2", "第3", "第20"]


def test_late_old_stories_of_any_source_do_not_jump_the_queue(archive: Archive) -> None:
    archive.record_poll(poll(at=NOW - 9 * DAY))
    add(archive, 1, age_days=1)
    publish(archive)
    later = NOW + DAY
    add(archive, 2, age_days=2500, now=later)  # a site that lists its news of 2019 anew
    add(archive, 3, age_days=30.01, now=later)
    add(archive, 4, age_days=29.99, now=later)
    add(archive, 5, age_days=None, now=later)  # undated: known by its first sight
    assert publish(archive, now=later + 5 * DAY) == 2
    assert shown(archive) == ["第5", "第4", "第1"]
    assert publish(archive, now=later + 6 * DAY) == 0
    reprint(archive, 2, now=later + 7 * DAY)
    assert publish(archive, now=later + 7 * DAY) == 0


def test_recent_copy_of_an_old_story_is_no_news(archive: Archive) -> None:
    archive.record_poll(poll("b", at=NOW - 9 * DAY))
    add(archive, 1, age_days=1)
    add(archive, 2, age_days=1, now=NOW - 400 * DAY)
    publish(archive, opening=1)
    reprint(archive, 2, now=NOW + DAY, published=NOW + DAY)
    assert publish(archive, now=NOW + DAY) == 0


def test_first_crawl_of_a_later_source_brings_twenty_and_never_more(archive: Archive) -> None:
    add(archive, 1, age_days=1)
    publish(archive)
    late = source("late", "后来网")
    for number in range(100, 130):
        add(archive, number, age_days=(number - 100) / 2, of=late)
    add(archive, 200, age_days=31, of=late)
    add(archive, 201, age_days=None, of=late)
    assert publish(archive) == 20
    archive.record_poll(poll("late", at=NOW))
    assert publish(archive, now=NOW + DAY) == 0
    assert shown(archive)[:2] == ["第100", "第101"]
    assert omissions(archive, "https://a.example/125") == [("all", "quota")]
    assert omissions(archive, "https://a.example/201") == [("all", "late")]
    # two of the twenty turn out to be one: no room is made for those that were passed over
    join(archive, 100, 101)
    assert publish(archive, now=NOW + 2 * DAY) == 0


def test_merge_of_two_entries_announces_nothing_and_brings_nothing_back(archive: Archive) -> None:
    archive.record_poll(poll(at=NOW - 9 * DAY))
    for number in range(6):
        add(archive, number, age_days=1 - number / 10)
        publish(archive)
    before = archive.feed_entries("all", 4)
    assert [entry.story.title.removesuffix(REST) for entry in before] == ["第5", "第4", "第3", "第2"]
    join(archive, 4, 5)
    assert publish(archive, now=NOW + DAY) == 0
    after = archive.feed_entries("all", 4)
    assert [entry.guid for entry in after] == [entry.guid for entry in before[1:]]  # and not 第1 in the fourth place
    add(archive, 6, age_days=0, now=NOW + DAY)
    assert publish(archive, now=NOW + DAY) == 1
    assert [entry.position for entry in archive.feed_entries("all", 4)] == [7, 5, 4]


def test_merge_with_a_story_that_was_passed_over(archive: Archive) -> None:
    archive.record_poll(poll(at=NOW - 90 * DAY))
    for number in range(3):
        add(archive, number, age_days=number)
    publish(archive, opening=2)
    join(archive, 1, 2)
    assert publish(archive, now=NOW + DAY) == 0
    assert len(archive.feed_entries("all", 10)) == 2
    assert omissions(archive, "https://a.example/2") == []  # its story is in the feed
    add(archive, 3, age_days=0, now=NOW + DAY)
    join(archive, 0, 3)
    assert publish(archive, now=NOW + DAY) == 0


def test_opening_again_is_not_done_where_all_changed(archive: Archive) -> None:
    add(archive, 1, age_days=1)
    publish(archive)
    add(archive, 1, age_days=1, verdict=judgement(relevant=False))
    for number in range(2, 5):
        add(archive, number, age_days=900)
    assert publish(archive, now=NOW + DAY) == 0
    assert shown(archive) == ["第1"]
