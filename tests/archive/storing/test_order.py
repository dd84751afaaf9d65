"""Whatever the order in which items come, and however often, the archive comes to the same stories."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest

from archive.records import Member, StoryRecord
from crawler.model import Article, Judged, Judgement, Precision, Stamp
from tests.archive.making import NOW, judged, judgement, prose, source
from tests.archive.places import Place

DAY = timedelta(days=1)

# numbers and guids are given as stories come; when a story last changed depends on when its members came
_OF_ARRIVAL = {"id", "guid", "seq", "updated_at", "item_id", "text_item_id", "members"}


def plain(value: StoryRecord | Member) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value) if field.name not in _OF_ARRIVAL}


def text_of(story: StoryRecord) -> str:
    """Whose text is shown, which the number of the item would tell only by order of arrival."""
    (url,) = [member.url for member in story.members if member.item_id == story.text_item_id]
    return url


def stored_in(place: Place, order: Sequence[Judged]) -> list[dict[str, Any]]:
    """What an archive holds after storing in this order. All is first seen at once: that is a fact of the items."""
    with place.open() as archive:
        for item in order:
            archive.store(item, now=NOW)
        held = [
            plain(story) | {"members": [plain(member) for member in story.members], "text_of": text_of(story)}
            for story in archive.stories(relevant_only=False)
        ]
    return sorted(held, key=lambda story: str(story["url"]))


def told(item: Judged, article: dict[str, Any] | None = None, verdict: dict[str, Any] | None = None) -> Judged:
    changed_article: Article = replace(item.article, **(article or {}))
    changed_verdict: Judgement = replace(item.judgement, **(verdict or {}))
    return replace(item, article=changed_article, judgement=changed_verdict)


def world(seed: int) -> tuple[Judged, ...]:
    """Two reports in seven clothes: a first publisher, copies, an excerpt, an excerpt of a longer copy, one undated."""
    text, tail = prose(f"one {seed}"), prose(f"tail {seed}", 1)
    other = prose(f"two {seed}")
    written = Stamp(at=NOW - 9 * DAY, precision=Precision.DAY, origin="label")
    return (
        told(
            judged("https://a.example/1", text, of=source("a", "甲网"), published=NOW - 2 * DAY, source_name="丙网"),
            {"document_number": "合成〔2026〕1号", "written": written},
            {"score": 0.4, "agreements": ("乙协议",)},
        ),
        told(
            judged("https://b.example/1", text[: len(text) // 2], of=source("b", "乙网"), published=NOW - DAY),
            {"document_number": "合成〔2026〕2号"},
            {"score": 0.7, "agreements": ("甲协议", "乙协议"), "event_date": date(2026, 2, 25)},
        ),
        told(
            judged("https://c.example/1", f"来自丙网{text[10:]}", of=source("c", "丙网"), published=NOW - DAY),
            None,
            {"regions": judgement(regions=("530000",)).regions, "zones": ("滇川",), "event_date": date(2026, 2, 26)},
        ),
        # like the copies, and not like the excerpt: it lacks the beginning
        judged("https://d.example/1", text[len(text) // 3 :] + tail, of=source("d", "丁网"), published=NOW - DAY),
        judged("https://e.example/1", other, of=source("e", "戊网"), published=None),
        judged("https://f.example/1", other, of=source("f", "己网"), repairs=("lost bytes",), published=NOW),
        judged(
            "https://g.example/1",
            f"讯{other}",
            of=source("g", "庚网"),
            published=NOW,
            verdict=judgement(relevant=False, regions=("110000",), zones=("京津冀",), topics=("policy",)),
        ),
    )


@pytest.mark.parametrize("seed", range(3))
def test_order_of_arrival_leaves_no_trace(new_place: Callable[[], Place], seed: int) -> None:
    items = world(seed)
    orders = list(itertools.permutations(items))
    random.Random(seed).shuffle(orders)
    expected = stored_in(new_place(), items)
    assert [len(story["members"]) for story in expected] == [4, 3]
    for order in (items[::-1], *orders[:14]):
        assert stored_in(new_place(), order) == expected


def test_storing_in_any_order_again_leaves_no_trace(new_place: Callable[[], Place]) -> None:
    items = world(7)
    twice = [*items, *items]
    random.Random(7).shuffle(twice)
    assert stored_in(new_place(), twice) == stored_in(new_place(), items)


def test_judging_anew_in_any_order_comes_to_the_same(new_place: Callable[[], Place]) -> None:
    items = world(8)
    anew = [told(item, None, {"score": 0.2, "topics": ("talent",), "event_date": None}) for item in items]
    assert stored_in(new_place(), [*items, *anew]) == stored_in(new_place(), [*items[::-1], *anew[::-1]])
    assert stored_in(new_place(), [*items, *anew]) == stored_in(new_place(), anew)


def test_reason_is_of_the_first_publisher_else_of_the_member_most_alike(new_place: Callable[[], Place]) -> None:
    whole = prose("whole", 12)
    beginning = judged("https://a.example/1", whole[:170], of=source("a"), published=NOW - 3 * DAY)
    report = judged("https://b.example/1", whole, of=source("b"), published=NOW - 2 * DAY)
    copy = judged("https://c.example/1", whole[150:] + "编辑某", of=source("c"), published=NOW - DAY)
    for order in itertools.permutations((beginning, report, copy)):
        (story,) = stored_in(new_place(), order)
        reasons = [(member["url"][8], member["join_reason"]) for member in story["members"]]
        # the copy has nothing of the beginning: it is here through the whole report
        assert reasons == [("a", None), ("b", "excerpt"), ("c", "near-body")]


def test_earlier_first_publisher_takes_over_the_reasons(new_place: Callable[[], Place]) -> None:
    with new_place().open() as archive:
        archive.store(judged("https://b.example/1", prose(1), of=source("b"), published=NOW - DAY), now=NOW)
        archive.store(judged("https://c.example/1", f"讯{prose(1)}", of=source("c"), published=NOW), now=NOW)
        archive.store(judged("https://a.example/1", f"电{prose(1)}", of=source("a"), published=NOW - 2 * DAY), now=NOW)
        (story,) = archive.stories()
    assert [member.url[8] for member in story.members] == ["a", "b", "c"]
    assert [member.join_reason for member in story.members] == [None, "near-body", "near-body"]


def test_member_edited_into_something_else_has_no_reason_left(new_place: Callable[[], Place]) -> None:
    with new_place().open() as archive:
        archive.store(judged("https://a.example/1", prose(1), of=source("a"), published=NOW - DAY), now=NOW)
        archive.store(judged("https://b.example/1", prose(1), of=source("b"), published=NOW), now=NOW)
        archive.store(judged("https://b.example/1", prose(2), of=source("b"), published=NOW), now=NOW + DAY)
        (story,) = archive.stories()
        assert [member.join_reason for member in story.members] == [None, None]
        archive.store(judged("https://b.example/1", prose(1), of=source("b"), published=NOW), now=NOW + 2 * DAY)
        (story,) = archive.stories()
        assert [member.join_reason for member in story.members] == [None, "same-body"]


def test_number_of_a_joined_story_is_not_given_away(new_place: Callable[[], Place]) -> None:
    with new_place().open() as archive:
        archive.store(judged("https://a.example/1", prose(1, 6), of=source("a")), now=NOW)
        gone = archive.store(judged("https://b.example/1", prose(2, 6), of=source("b")), now=NOW + DAY)
        both = archive.store(judged("https://c.example/1", prose(1, 6) + prose(2, 6), of=source("c")), now=NOW + DAY)
        new = archive.store(judged("https://d.example/1", prose(3), of=source("d")), now=NOW + DAY)
        assert new.story_id not in (gone.story_id, both.story_id)
        found = archive.story(gone.story_id)
        assert found is not None
        assert found.id == both.story_id
