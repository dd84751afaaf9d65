from __future__ import annotations

from datetime import datetime, timedelta

from archive import Archive
from archive.records import FeedQuery
from crawler.model import Source
from tests.archive.making import NOW, enter_feed, entry, judged, judgement, poll, prose, source

DAY = timedelta(days=1)


def publish(
    archive: Archive, *, now: datetime = NOW, query: FeedQuery | None = None, feed_id: str = "all", **limits: int
) -> int:
    return enter_feed(archive, feed_id, "all", "", "全部", query or FeedQuery(), now=now, **limits)


def add(archive: Archive, number: int, *, age_days: float, now: datetime = NOW, **more: object) -> int:
    item = judged(
        f"https://a.example/{number}", prose(number), title=f"第{number}", published=now - age_days * DAY, **more
    )  # type: ignore[arg-type]
    return archive.store(item, now=now).story_id


def note(archive: Archive, number: int, *, of: Source, now: datetime, is_backfill: bool) -> None:
    rows = [entry(f"https://a.example/{number}", source_id=of.id)]
    archive.note_rows(
        rows, list_url="l", source_id=of.id, now=now, validators=None, lease=None, is_backfill=is_backfill
    )


def shown(archive: Archive, feed_id: str = "all") -> list[str]:
    return [entry.story.title for entry in archive.feed_entries(feed_id, 100)]


def test_opens_with_the_newest_of_any_date_newest_on_top(archive: Archive) -> None:
    for number in range(6):
        add(archive, number, age_days=1000 - number)
    assert publish(archive, opening=4) == 4
    assert shown(archive) == ["第5", "第4", "第3", "第2"]
    assert publish(archive, opening=4) == 0


def test_stories_enter_once_and_old_finds_of_a_first_crawl_do_not(archive: Archive) -> None:
    add(archive, 1, age_days=1)
    publish(archive)
    add(archive, 2, age_days=31)
    add(archive, 3, age_days=29)
    assert publish(archive, now=NOW + DAY) == 1
    assert shown(archive) == ["第3", "第1"]
    archive.record_poll(poll(at=NOW + DAY))
    add(archive, 4, age_days=400, now=NOW + 2 * DAY)  # after the first crawl: a site that lists old news anew
    add(archive, 5, age_days=29, now=NOW + 2 * DAY)
    assert publish(archive, now=NOW + 2 * DAY) == 1
    assert shown(archive) == ["第5", "第3", "第1"]
    assert publish(archive, now=NOW + 3 * DAY) == 0


def test_first_crawl_of_a_source_enters_with_so_many_and_no_more(archive: Archive) -> None:
    add(archive, 1, age_days=1)
    publish(archive)
    late = source("late", "后来网")
    for number in range(10, 15):
        add(archive, number, age_days=number / 10, of=late)
    assert publish(archive, per_source=3) == 3
    assert shown(archive) == ["第10", "第11", "第12", "第1"]
    assert publish(archive, per_source=3) == 0
    archive.record_poll(poll("late", at=NOW))
    # rows of a list's history, found while the source is polled as ever
    note(archive, 20, of=late, now=NOW + DAY, is_backfill=True)
    add(archive, 20, age_days=1, of=late, now=NOW + DAY)
    assert publish(archive, per_source=3, now=NOW + DAY) == 0
    note(archive, 21, of=late, now=NOW + DAY, is_backfill=False)
    add(archive, 21, age_days=1, of=late, now=NOW + DAY)
    assert publish(archive, per_source=3, now=NOW + DAY) == 1


def test_irrelevant_and_unmatched_stories_never_enter(archive: Archive) -> None:
    add(archive, 1, age_days=1, verdict=judgement(relevant=False))
    add(archive, 2, age_days=1, verdict=judgement(zones=("川藏",)))
    assert publish(archive, query=FeedQuery(zones=("川渝",))) == 0
    assert publish(archive, query=FeedQuery(zones=("川藏",))) == 1


def test_a_feed_that_was_empty_still_opens(archive: Archive) -> None:
    assert publish(archive) == 0
    add(archive, 1, age_days=1000)
    assert publish(archive) == 1


def test_joined_stories_are_not_announced_again(archive: Archive) -> None:
    halves = prose(1, 6), prose(2, 6)
    for number, half in enumerate(halves):
        archive.store(judged(f"https://{number}.example/1", half), now=NOW + number * DAY)
    publish(archive)
    before = archive.feed_entries("all", 10)
    archive.store(judged("https://2.example/1", "".join(halves)), now=NOW + 3 * DAY)
    assert publish(archive, now=NOW + 4 * DAY) == 0
    after = archive.feed_entries("all", 10)
    assert len(before) == 2
    assert [(entry.guid, entry.entered_at, entry.position) for entry in after] == [
        (before[1].guid, before[1].entered_at, before[1].position)
    ]
    assert len(after[0].story.members) == 3


def test_feed_where_only_the_younger_was_keeps_its_guid(archive: Archive) -> None:
    one = archive.store(judged("https://1.example/1", prose(1, 6)), now=NOW)
    two = archive.store(judged("https://2.example/1", prose(2, 6), verdict=judgement(zones=("川藏",))), now=NOW + DAY)
    publish(archive, query=FeedQuery(zones=("川渝",)), feed_id="a")
    publish(archive, query=FeedQuery(zones=("川藏",)), feed_id="b")
    (before,) = archive.feed_entries("b", 10)
    archive.store(judged("https://3.example/1", prose(1, 6) + prose(2, 6)), now=NOW + 2 * DAY)
    (after,) = archive.feed_entries("b", 10)
    assert (before.story.id, after.story.id, after.guid) == (two.story_id, one.story_id, before.guid)


def test_feeds_and_keys_are_listed(archive: Archive) -> None:
    add(archive, 1, age_days=1)
    publish(archive)
    (feed,) = archive.feeds()
    assert (feed.id, feed.kind, feed.title, feed.items, feed.first_published_at) == ("all", "all", "全部", 1, NOW)
    assert [(key.kind, key.key, key.stories) for key in archive.feed_keys()] == [
        ("zone", "川渝", 1),
        ("region", "500000", 1),
        ("region", "510000", 1),
        ("topic", "agreement", 1),
    ]


def test_a_story_that_gains_a_reprint_keeps_its_entry(archive: Archive) -> None:
    archive.store(judged("https://a.example/1", prose(1)), now=NOW)
    publish(archive)
    (before,) = archive.feed_entries("all", 10)
    archive.store(judged("https://b.example/1", prose(1)), now=NOW + DAY)
    assert publish(archive, now=NOW + DAY) == 0
    (after,) = archive.feed_entries("all", 10)
    assert (after.guid, after.entered_at, len(after.story.members)) == (before.guid, before.entered_at, 2)
