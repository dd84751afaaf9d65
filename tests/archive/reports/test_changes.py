"""What is new since, and an archive opened for reading only; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from archive import Archive
from archive.archive import open_file, open_server
from archive.records import FeedQuery, Question
from archive.reports import changes
from crawler.errors import ArchiveError
from tests.archive.places import Place
from tests.web.archive_of import source, store


def open_to_read(place: Place) -> Archive:
    if place.name.startswith("postgresql:"):
        return open_server(place.name, read_only=True)
    return open_file(Path(place.name), read_only=True)


def test_changes_come_in_order_and_again(archive: Archive) -> None:
    for number in range(5):
        store(archive, number)
    store(archive, 5, relevant=False)
    everything = archive.changes(Question(), after_seq=0)
    assert [story.title for story in everything] == [f"川渝签署第{number}份合成协议" for number in range(5)]
    assert [story.seq for story in everything] == sorted({story.seq for story in everything})
    last = everything[-1].seq
    assert archive.changes(Question(), after_seq=last) == ()
    first = everything[0]
    store(archive, 0, by=source("synthetic-b", "合成晚报"), body=first.body)  # a reprint of the first
    (changed,) = archive.changes(Question(), after_seq=last)
    assert (changed.id, len(changed.members)) == (first.id, 2)
    assert changed.seq > last


def test_changes_of_a_question(archive: Archive) -> None:
    for number in range(4):
        store(archive, number, zones=("川渝",) if number % 2 else ("京津冀",), relevant=number != 3)
    asked = Question(query=FeedQuery(zones=("川渝",)))
    assert [story.id for story in archive.changes(asked, after_seq=0)] == [2]
    also = Question(query=FeedQuery(zones=("川渝",)), relevant_only=False)
    assert [story.id for story in archive.changes(also, after_seq=0)] == [2, 4]
    assert [story.id for story in archive.changes(also, after_seq=0, limit=1)] == [2]
    assert archive.changes(Question(words="的确没有这样的词组"), after_seq=0) == ()
    assert archive.changes(Question(), after_seq=10**30) == ()
    assert archive.changes(Question(), after_seq=0, limit=0) == ()


def test_an_archive_for_reading_reads_and_cannot_be_written(new_place: Callable[[], Place]) -> None:
    place = new_place()
    with place.open() as writer, open_to_read(place) as reader:
        store(writer, 1)
        story = reader.story(1)
        assert story is not None
        with pytest.raises(ArchiveError):
            store(reader, 2)
        with pytest.raises(ArchiveError):
            reader.acquire_lease("synthetic.example", "test", 5)
        store(writer, 3)  # whoever may, still can
        assert len(reader.changes(Question(), after_seq=story.seq)) == 1


def test_one_that_is_new_is_made_before_it_is_only_read(new_place: Callable[[], Place]) -> None:
    with open_to_read(new_place()) as reader:
        assert reader.counts().stories == 0


def test_changes_far_back_are_those_of_the_index(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        store(archive, number, zones=("川渝",) if number % 2 else ("京津冀",), relevant=number != 3)
    asked = (
        Question(query=FeedQuery(zones=("川渝",))),
        Question(words="签署", query=FeedQuery(zones=("川渝",)), relevant_only=False),
        Question(words="-第1份"),
        Question(words="第5份"),
        Question(source="无此来源"),
    )
    found = [[archive.changes(one, after_seq=seq, limit=2) for seq in (0, 2)] for one in asked]
    monkeypatch.setattr(changes, "_LOOKED_AT", 1)
    assert [[archive.changes(one, after_seq=seq, limit=2) for seq in (0, 2)] for one in asked] == found
    assert [len(stories) for stories, *_later in found] == [2, 2, 2, 1, 0]
