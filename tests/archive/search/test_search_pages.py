"""Lists of hits: by relevance, in pages by cursor and by offset."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Archive
from archive.records import Cursor, Question
from archive.reports.cursors import cursor_text, read_cursor
from tests.archive.making import NOW, judged, prose, source

DAY = timedelta(days=1)


def put(archive: Archive, number: int, *, published: datetime | None, title: str = "", body: str = "川渝") -> None:
    item = judged(
        f"https://{number}.example/1", body + prose(number), title=title or f"第{number}", published=published
    )
    archive.store(item, now=NOW)


def test_pages_by_cursor_show_every_story_once_while_stories_come(archive: Archive) -> None:
    times = [NOW - DAY, NOW - DAY, NOW - DAY, NOW - 2 * DAY, None, NOW - 40 * DAY, NOW - 900 * DAY]
    for number, published in enumerate(times):
        put(archive, number, published=published)
    for words in ("川渝", ""):
        question = Question(words=words)
        before = [hit.story.id for hit in archive.search(question)]
        seen: list[int] = []
        after: Cursor | None = None
        come = 100 if words else 200
        while hits := archive.search(question, limit=2, after=after):
            seen += [hit.story.id for hit in hits]
            assert hits[-1].cursor is not None
            after = read_cursor(cursor_text(hits[-1].cursor))
            put(archive, come, published=NOW - DAY / 2)  # newer than the place: not seen by who goes on
            come += 1
        assert seen == before


def test_pages_by_offset_hold_together(archive: Archive) -> None:
    for number in range(7):
        put(archive, number, published=NOW - number * DAY)
    question = Question(words="川渝")
    everything = [hit.story.title for hit in archive.search(question)]
    assert everything == [f"第{number}" for number in range(7)]
    for order in ("time", "relevance"):
        pages = [archive.search(question, order=order, limit=3, offset=at) for at in (0, 3, 6, 9)]
        assert [hit.story.title for page in pages for hit in page] == everything


def test_relevance_goes_by_title_then_lead_then_number_of_words(archive: Archive) -> None:
    far = "无" * 300
    put(archive, 0, published=NOW, title="甲 further on", body=f"{far}川渝 协议")
    put(archive, 1, published=NOW - DAY, title="乙 one in the lead", body="川渝")
    put(archive, 2, published=NOW - 2 * DAY, title="丙 both in the lead", body="川渝 协议")
    put(archive, 3, published=NOW - 3 * DAY, title="丁 川渝", body=far)
    put(archive, 4, published=NOW - 4 * DAY, title="戊 川渝协议", body=far)
    put(archive, 5, published=NOW - 5 * DAY, title="己 川渝协议", body=far)
    hits = archive.search(Question(words="川渝 OR 协议"), order="relevance")
    assert [hit.story.title[0] for hit in hits] == list("戊己丁丙乙甲")
    assert all(hit.cursor is None for hit in hits)
    assert [hit.story.title[0] for hit in archive.search(Question(words="川渝 OR 协议"))] == list("甲乙丙丁戊己")


@given(
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(1, 10**18 - 1),
)
def test_a_cursor_survives_as_text(at: datetime, number: int) -> None:
    cursor = Cursor(sorted_at=at, id=number)
    assert read_cursor(cursor_text(cursor)) == cursor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "20260301T040000000000",
        "20261301T040000000000-1",
        "20260301T040000000000-0",
        "２０２６0301T040000000000-1",
    ],
)
def test_what_is_no_cursor(text: str) -> None:
    assert read_cursor(text) is None


def test_sources_with_one_name_are_one_filter(archive: Archive) -> None:
    archive.store(judged("https://a.example/1", prose("a"), title="甲", of=source("a", "合成日报")), now=NOW)
    archive.store(judged("https://b.example/1", prose("b"), title="乙", of=source("b", "合成晚报")), now=NOW)
    assert {hit.story.title for hit in archive.search(Question(source="合成"))} == {"甲", "乙"}
    for name in ("合成日报", "合成日報"):
        assert {hit.story.title for hit in archive.search(Question(source=name))} == {"甲"}
