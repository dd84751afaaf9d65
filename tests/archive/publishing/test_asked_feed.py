"""The entries of a feed that only its question describes, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive import Archive
from archive.database.deadline import OverdueError
from archive.publishing import asked_feed
from archive.records import EntryRules, Question, WantedFeed
from archive.search.asking import Filters, ask
from crawler.taxonomy import load_taxonomy
from tests.archive.making import NOW, judged, prose, source

HOUR = timedelta(hours=1)
ALL = WantedFeed(id="all", kind="all", key="", title="全部", query=Question())


def add(archive: Archive, number: int, title: str, *, hours: int = 0, age_days: float = 1, by: str = "a") -> int:
    now = NOW + hours * HOUR
    published = now - timedelta(days=age_days)
    item = judged(f"https://{by}.example/{number}", prose(number, 6), title=title, published=published, of=source(by))
    return archive.store(item, now=now).story_id


def publish(archive: Archive, *, hours: int = 0, opening: int = 50) -> None:
    rules = EntryRules(opening=opening, max_age_days=30, per_source=20)
    archive.enter_feeds([ALL], rules=rules, now=NOW + hours * HOUR)


def titles(archive: Archive, words: str = "", *, length: int = 100, opening: int = 50, **filters: object) -> list[str]:
    question = ask(words, Filters(**filters), load_taxonomy()).question  # type: ignore[arg-type]
    found = archive.asked_feed(question, length=length, opening=opening)
    assert found is not None
    return [entry.story.title for entry in found.entries]


def test_before_anything_is_published_there_is_none(archive: Archive) -> None:
    add(archive, 1, "夜校")
    assert archive.asked_feed(Question(), length=9, opening=9) is None
    assert archive.feeds_version() is None


def test_what_entered_all_in_its_order(archive: Archive) -> None:
    add(archive, 1, "夜校甲")
    publish(archive)
    before = archive.feeds_version()
    add(archive, 2, "夜校乙", hours=1, age_days=20)
    assert titles(archive, "夜校") == ["夜校甲"]
    publish(archive, hours=1)
    assert titles(archive, "夜校") == ["夜校乙", "夜校甲"]
    assert archive.feeds_version() != before
    add(archive, 3, "夜校丙", hours=2, age_days=400)
    publish(archive, hours=2)
    assert titles(archive, "夜校") == ["夜校乙", "夜校甲"]
    assert titles(archive, "夜校", length=1, opening=0) == ["夜校乙"]
    guids = {entry.story.title: entry.guid for entry in archive.feed_entries("all")}
    found = archive.asked_feed(Question(words="夜校"), length=9, opening=9)
    assert found is not None
    assert {entry.story.title: entry.guid for entry in found.entries} == guids


def test_below_stand_those_that_were_too_old_when_all_opened(archive: Archive) -> None:
    for number in range(1, 7):
        add(archive, number, f"夜校{number}", age_days=number)
    publish(archive, opening=2)
    assert titles(archive, "夜校") == ["夜校1", "夜校2", "夜校3", "夜校4", "夜校5", "夜校6"]
    assert titles(archive, "夜校", opening=4) == ["夜校1", "夜校2", "夜校3", "夜校4"]
    assert titles(archive, "夜校", length=1, opening=1) == ["夜校1"]
    positions = [entry.position for entry in archive.asked_feed(Question(), length=9, opening=9).entries]  # type: ignore[union-attr]
    assert positions == sorted(positions, reverse=True)
    assert len(set(positions)) == 6


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"exclude": ("大赛",)}, {"夜校"}),
        ({"exclude": ("大赛 没有的词",)}, {"夜校"}),
        ({"exclude": ("标题:夜校",)}, {"大赛"}),
        ({"exclude": ('"夜校大赛"', "没有的词")}, {"夜校", "大赛"}),
        ({"sources": ("b",)}, {"大赛"}),
        ({"sources": ("a", "b"), "exclude": ("夜校",)}, {"大赛"}),
        ({"sources": ("没有的",)}, set()),
        ({"exclude": ("，",)}, {"夜校", "夜校大赛", "大赛"}),
    ],
)
def test_excluded_words_and_several_sources(archive: Archive, filters: dict[str, object], found: set[str]) -> None:
    add(archive, 1, "夜校")
    add(archive, 2, "夜校大赛")
    add(archive, 3, "大赛", by="b")
    publish(archive)
    assert set(titles(archive, **filters)) == found


def test_words_beside_a_source_or_kind(archive: Archive) -> None:
    archive.keep_sources((source("a"), source("b")), now=NOW)
    add(archive, 1, "夜校")
    add(archive, 2, "夜校大赛", by="b")
    publish(archive)
    assert titles(archive, "夜校", sources=("b",)) == ["夜校大赛"]
    assert set(titles(archive, "夜校 OR 大赛", kind=source("a").kind)) == {"夜校", "夜校大赛"}
    assert titles(archive, "来源:a 夜校") == ["夜校"]


def test_a_question_that_takes_too_long_is_given_up(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(80):
        add(archive, number, f"夜校{number}")
    publish(archive)
    monkeypatch.setattr(asked_feed, "_LIMIT_S", 0.0)

    def ask_often() -> None:
        for _ in range(200):  # a database looks at its clock now and then only
            titles(archive, "夜校", exclude=("没有的词甲",))

    with pytest.raises(OverdueError):
        ask_often()
    monkeypatch.undo()
    assert len(titles(archive, "夜校")) == 50
