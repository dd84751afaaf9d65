"""Rows for other tools: all of one state of the archive, in memory that does not grow. All texts are synthetic."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert

from archive import Archive
from archive.care.comparing import rows_of
from archive.records import FeedQuery, Question
from archive.reports.export import Export
from archive.schema import items, stories, story_regions
from crawler.model import Precision, Reason
from tests.archive.making import NOW, entry, judged, judgement, prose, source
from tests.archive.places import Place

DAY = timedelta(days=1)
EVERYTHING = Question(relevant_only=False)


@pytest.fixture
def filled(archive: Archive) -> Archive:
    """A story of three members, one of one, and one that is not about the subject."""
    text = prose("shared")
    for number in range(3):
        archive.store(
            judged(
                f"https://s{number}.example/1",
                text,
                published=NOW - DAY + number * timedelta(hours=1),
                of=source(f"s{number}", f"第{number}网"),
                source_name="合成日报",
            ),
            now=NOW,
        )
    archive.store(
        judged(
            "https://s1.example/2",
            prose("alone"),
            title="川藏",
            published=NOW - 2 * DAY,
            verdict=judgement(regions=("540000",), zones=("川藏",)),
        ),
        now=NOW,
    )
    archive.store(
        judged("https://s2.example/3", prose("else"), title="无关", published=None, verdict=judgement(relevant=False)),
        now=NOW,
    )
    return archive


def test_stories_come_newest_first_with_their_members(filled: Archive) -> None:
    with filled.exporting() as export:
        assert export.count_stories(Question()) == 2
        first, second = export.stories(Question())
    assert first.members == 3
    assert first.member_urls == tuple(f"https://s{number}.example/1" for number in range(3))
    assert first.member_sources == ("s0", "s1", "s2")
    assert first.url == first.member_urls[0]
    assert first.precision is Precision.MINUTE
    assert first.published == NOW - DAY
    assert (first.regions, first.zones, first.topics) == (("500000", "510000"), ("川渝",), ("agreement",))
    assert first.body is None
    assert (second.title, second.zones) == ("川藏", ("川藏",))
    story = filled.find_story(str(first.id))
    assert story is not None
    assert (story.guid, story.seq, story.url, story.score) == (first.guid, first.seq, first.url, first.score)


def test_a_question_narrows_what_is_exported(filled: Archive) -> None:
    with filled.exporting() as export:

        def found(question: Question) -> list[str]:
            rows = [story.title for story in export.stories(question)]
            assert export.count_stories(question) == len(rows)
            return rows

        assert len(found(EVERYTHING)) == 3
        assert found(Question(query=FeedQuery(adcodes=("540000",)))) == ["川藏"]
        assert found(Question(words="川藏")) == ["川藏"]
        assert found(Question(words="川藏", since=NOW - DAY)) == []
        assert found(Question(words="!!!")) == []
        assert found(Question(source="s2", relevant_only=False)) == ["川渝人社部门签署合作协议"]


def test_a_body_comes_where_it_is_asked_for(filled: Archive) -> None:
    with filled.exporting() as export:
        assert [story.body for story in export.stories(Question(), with_body=True)] == [prose("shared"), prose("alone")]
        assert {item.body for item in export.items(Question(words="川藏"), with_body=True)} == {prose("alone")}
        assert {item.body for item in export.items(Question())} == {None}


def test_items_are_the_members_of_the_stories_meant(filled: Archive) -> None:
    with filled.exporting() as export:
        assert export.count_items(Question()) == 4
        rows = list(export.items(Question()))
        assert export.count_items(EVERYTHING) == len(list(export.items(EVERYTHING))) == 5
        assert export.count_items(Question(words="!!!")) == len(list(export.items(Question(words="!!!")))) == 0
        # a source narrows the stories, not their members
        assert export.count_items(Question(source="s2")) == len(list(export.items(Question(source="s2")))) == 3
    assert [row.is_first for row in rows] == [True, False, False, True]
    assert len({row.story_id for row in rows[:3]}) == 1
    assert [row.source_id for row in rows] == ["s0", "s1", "s2", "synthetic"]
    assert [row.join_reason is None for row in rows] == [True, False, False, True]
    assert {row.source_name for row in rows} == {"合成日报", None}
    assert {row.relevant for row in rows} == {True}


def test_refused_rows_come_with_their_reason(archive: Archive) -> None:
    for number, reason in enumerate((Reason.BLOCKED, Reason.NO_BODY, Reason.GONE)):
        row = entry(f"https://synthetic.example/{number}", source_id=f"s{number}", title=f"第{number}条")
        archive.note_rows(
            [row],
            list_url=row.list_url,
            source_id=row.source_id,
            now=NOW + number * DAY,
            validators=None,
            lease=None,
        )
        archive.settle(row, reason, "detail", now=NOW + number * DAY, lease=None)
    waiting = entry("https://synthetic.example/waiting")
    archive.note_rows([waiting], list_url=waiting.list_url, source_id="synthetic", now=NOW, validators=None, lease=None)
    archive.store(judged("https://synthetic.example/kept", prose("kept")), now=NOW)
    with archive.exporting() as export:

        def found(question: Question) -> list[tuple[str, Reason | None]]:
            rows = [(row.title, row.reason) for row in export.refused(question)]
            assert export.count_refused(question) == len(rows)
            return rows

        rows = [("第2条", Reason.GONE), ("第1条", Reason.NO_BODY), ("第0条", Reason.BLOCKED)]
        assert found(Question()) == rows
        assert found(Question(source="s1")) == rows[1:2]
        assert found(Question(since=NOW + DAY)) == rows[:2]
        assert found(Question(until=NOW + DAY)) == rows[2:]
        assert {row.detail for row in export.refused(Question())} == {"detail"}


def test_rows_and_their_number_are_of_one_moment(place: Place) -> None:
    with place.open() as reader, place.open() as writer:
        fill(writer, range(450))
        with reader.exporting() as export:
            count = export.count_stories(Question())
            rows = export.stories(Question())
            taken = [next(rows)]
            # another process goes on: a new story, and a second member of one that is still to come
            writer.store(judged("https://synthetic.example/new", prose("new"), published=NOW), now=NOW)
            writer.store(judged("https://other.example/1", prose("new"), published=NOW), now=NOW)
            fill(writer, range(5_000, 5_450))
            taken += rows
        assert count == len(taken) == 450
        assert sorted(story.id for story in taken) == sorted({story.id for story in taken})
        with reader.exporting() as export:
            assert export.count_stories(Question()) == 901


@pytest.mark.parametrize("what", ["stories", "texts", "items"])
def test_memory_does_not_grow_with_the_rows(place: Place, what: str) -> None:
    def peak(archive: Archive) -> int:
        with archive.exporting() as export:
            rows = READ[what](export)
            tracemalloc.start()
            for _row in rows:
                pass
            _now, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    with place.open() as archive:
        fill(archive, range(400))
        peak(archive)  # what is made once for all
        few = peak(archive)
        fill(archive, range(400, 3_000))
        many = peak(archive)
    # to keep the 2,600 rows more would take 3 MB; what the collector has not yet taken away comes to half of one
    assert many < few + 1_000_000, f"{few} bytes for 400 rows, {many} for 3,000"


READ: dict[str, Callable[[Export], object]] = {
    "stories": lambda export: export.stories(Question()),
    "texts": lambda export: export.stories(Question(), with_body=True),
    "items": lambda export: export.items(Question()),
}


def fill(archive: Archive, numbers: range) -> None:
    """Stories of one member, put straight into the tables: they are not looked for by words."""

    def write(connection: Connection) -> None:
        connection.execute(insert(stories), [story(number) for number in numbers])
        connection.execute(insert(items), [item(number) for number in numbers])
        connection.execute(
            insert(story_regions), [{"story_id": 10_000 + number, "adcode": "510000"} for number in numbers]
        )

    archive.submit(write).result()


def item(number: int) -> dict[str, object]:
    text = f"synthetic {number} " + "字" * 600
    return {
        "id": 10_000 + number,
        "url_key": f"synthetic.example/{number}",
        "url": f"https://synthetic.example/{number}",
        "source_id": "synthetic",
        "site_name": "合成日报",
        "found_by": "synthetic",
        "title": f"第{number}条",
        "body": text,
        "attachments": [],
        "origins": {},
        "repairs": [],
        "folded_title": "",
        "folded_body": "",
        "is_link_only": False,
        "is_backfill": False,
        "first_seen_at": NOW,
        "updated_at": NOW,
        "published_at": NOW - number * timedelta(minutes=1),
        "precision": "minute",
        "story_id": 10_000 + number,
    }


def story(number: int) -> dict[str, object]:
    return {
        "id": 10_000 + number,
        "guid": f"tag:synthetic.example,2026:{number}",
        "seq": 10_000 + number,
        "title": f"第{number}条",
        "first_item_id": 10_000 + number,
        "text_item_id": 10_000 + number,
        "first_source": "合成日报",
        "published_at": NOW - number * timedelta(minutes=1),
        "precision": "minute",
        "first_seen_at": NOW,
        "updated_at": NOW,
        "sorted_at": NOW - number * timedelta(minutes=1),
        "is_relevant": True,
        "score": 0.9,
        "agreements": [],
        "is_link_only": False,
        "is_backfill": False,
        "found_by": "synthetic",
        "digest": str(number),
    }


def test_rows_let_go_after_their_connection_say_nothing_of_cursors(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    with place.open() as archive:
        fill(archive, range(500))
        with archive._reading() as connection:
            rows = rows_of(connection, items)  # two hundred at a time
            next(rows)
    rows.close()
    assert caplog.text == ""


def test_stopped_within_a_statement_it_says_nothing_of_cursors(
    filled: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    def stop(_cursor: Any, statement: str, *_: Any) -> None:
        if "row_number()" in statement:  # the members of a batch, while its numbers are being read
            raise KeyboardInterrupt

    engine = filled._engine
    event.listen(engine, "do_execute", stop)
    try:
        with pytest.raises(KeyboardInterrupt), filled.exporting() as export:
            list(export.stories(EVERYTHING))
    finally:
        event.remove(engine, "do_execute", stop)
    assert caplog.text == ""
    with filled.exporting() as export:
        assert len(list(export.stories(EVERYTHING))) == 3
