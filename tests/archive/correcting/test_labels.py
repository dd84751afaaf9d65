"""What a person says of an item overrides the rules, for good; what the rules say is kept beside. Synthetic."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from archive import Archive
from archive.records import FeedQuery, JudgementRecord, KeptQuery, Label, LabelRecord, Question, Redo, StoryRecord
from archive.schema import storable
from crawler.model import Judged, Reason, Region, Role
from tests.archive.making import NOW, enter_feed, judged, judgement, prose, source

DAY = timedelta(days=1)
LATER = NOW + DAY
A, B = "https://synthetic.example/a", "https://b.example/b"
NOT = Label(relevant=False, by="kim", note="合成备注")
IS = Label(relevant=True, by="kim", regions=("330000", "510000"), zones=("浙川",), topics=())


def story(archive: Archive, url: str = A) -> StoryRecord:
    found = archive.find_story(url)
    assert found is not None
    return found


def kept(archive: Archive, url: str = A) -> JudgementRecord:
    history = archive.explain(url)
    assert history is not None
    assert history.judgement is not None
    return history.judgement


def label_of(archive: Archive, url: str = A) -> LabelRecord:
    record = kept(archive, url).label
    assert record is not None
    return record


def redo(archive: Archive, new: Judged) -> Redo:
    (item,) = archive.kept_items(KeptQuery(ids=archive.find_items(new.article.url)), after=0, limit=2)
    return Redo(of=item, judged=new, is_read_again=True)


def put(archive: Archive, label: Label, url: str = A) -> None:
    archive.label(archive.find_items(url), label, now=LATER)


def test_a_label_wins_in_all_that_is_shown_and_the_rules_are_kept_beside(archive: Archive) -> None:
    archive.store(judged(A, prose(1), verdict=judgement(relevant=False, zones=(), topics=("talent",))), now=NOW)
    assert archive.stories() == ()
    put(archive, IS)
    shown = story(archive)
    assert (shown.relevant, shown.score) == (True, 1.0)
    assert (set(shown.regions), shown.zones, shown.topics) == ({"330000", "510000"}, ("浙川",), ())
    assert [hit.story.id for hit in archive.search(Question(query=FeedQuery(zones=("浙川",))))] == [shown.id]
    record, judged_so = label_of(archive), kept(archive)
    assert (record.label, record.labelled_at) == (IS, LATER)
    assert (record.machine.relevant, record.machine.score, record.machine.topics) == (False, 0.1, ("talent",))
    assert Region(adcode="500000", role=Role.MENTION) in judged_so.regions, "no party any more, but mentioned"
    assert judged_so.evidence[0].part == "label"
    assert judged_so.evidence[0].text == "kim 2026-03-03"
    history = archive.explain(A)
    assert history is not None
    assert history.entry is not None
    assert history.entry.reason is None
    assert archive.check() == ()


def test_what_a_label_leaves_open_stays_with_the_rules(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    put(archive, replace(IS, zones=None, topics=None))
    shown = story(archive)
    assert (shown.zones, shown.topics) == (("川渝",), ("agreement",))
    assert shown.regions == ("330000", "510000")


def test_a_label_taken_back_lets_the_rules_speak_again(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    before, judged_before = story(archive), kept(archive)
    put(archive, NOT)
    history = archive.explain(A)
    assert history is not None
    assert history.entry is not None
    assert history.entry.reason is Reason.IRRELEVANT
    put(archive, replace(IS, by="lee"))
    assert archive.unlabel(archive.find_items(A), now=LATER + DAY) == 1
    assert archive.unlabel(archive.find_items(A), now=LATER + DAY) == 0
    after = story(archive)
    assert (after.relevant, after.score, after.regions) == (before.relevant, before.score, before.regions)
    assert (after.zones, after.topics) == (before.zones, before.topics)
    assert kept(archive) == judged_before
    assert archive.labels() == ()


def test_neither_a_crawl_nor_better_rules_undo_a_label(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    put(archive, NOT)
    archive.store(judged(A, prose(1)), now=LATER)
    assert story(archive).relevant is False
    archive.store(judged(A, f"{prose(1)}改动。", verdict=judgement(topics=("talent",))), now=LATER)
    assert story(archive).relevant is False
    assert label_of(archive).machine.topics == ("talent",)

    better = judged(A, f"{prose(1)}改动。", verdict=replace(judgement(zones=("川藏",)), score=0.7, version="new"))
    (told,) = archive.compare([redo(archive, better)])
    changes = {change.name: change for change in told.changes}
    assert changes.keys() == {"machine", "zones", "topics", "version"}
    assert (changes["machine"].old["score"], changes["machine"].new["score"]) == (0.9, 0.7)  # type: ignore[index]
    assert archive.redo([redo(archive, better)], now=LATER) == (told,)
    assert archive.compare([redo(archive, better)])[0].changes == ()
    assert story(archive).relevant is False
    assert (label_of(archive).label, label_of(archive).machine.score) == (NOT, 0.7)


def test_the_label_of_a_story_holds_for_reprints_that_come_later(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    put(archive, NOT)
    stored = archive.store(judged(B, f"讯{prose(1)}", of=source("b")), now=LATER)
    assert stored.story_id == story(archive).id
    assert story(archive).relevant is False
    assert label_of(archive, B).label == NOT
    assert len(archive.labels(stored.story_id)) == 2


def test_the_label_of_a_page_holds_for_it_alone(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    archive.store(judged(B, f"讯{prose(1)}", of=source("b")), now=NOW)
    assert len(story(archive).members) == 2
    put(archive, replace(NOT, is_story=False))
    assert story(archive).relevant is True
    assert kept(archive, B).label is None


def test_stories_that_turn_out_to_be_one_share_the_label(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    archive.store(judged(B, prose(2), of=source("b")), now=NOW)
    put(archive, NOT, B)
    assert story(archive, A).relevant is True
    # the page at A is edited into the text of B
    archive.store(judged(A, prose(2)), now=LATER)
    assert story(archive, A).id == story(archive, B).id
    assert story(archive, A).relevant is False
    assert label_of(archive, A).label == NOT


@pytest.mark.parametrize("age", [1, 40])
def test_what_a_label_makes_relevant_enters_feeds_only_while_it_is_news(archive: Archive, age: int) -> None:
    archive.store(judged(B, prose(2), of=source("b")), now=NOW)
    old = NOW - age * DAY
    archive.store(judged(A, prose(1), published=old, verdict=judgement(relevant=False)), now=NOW)
    assert enter_feed(archive, "all", "all", "", "全部", FeedQuery(), now=NOW) == 1
    put(archive, IS)
    assert enter_feed(archive, "all", "all", "", "全部", FeedQuery(), now=LATER) == (1 if age == 1 else 0)


def test_what_a_label_makes_irrelevant_leaves_the_lists_and_announces_nothing_when_taken_back(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    assert enter_feed(archive, "all", "all", "", "全部", FeedQuery(), now=NOW) == 1
    put(archive, NOT)
    assert archive.stories() == ()
    (entry,) = archive.feed_entries("all")
    assert entry.story.relevant is False
    archive.unlabel(archive.find_items(A), now=LATER)
    assert enter_feed(archive, "all", "all", "", "全部", FeedQuery(), now=LATER) == 0
    (again,) = archive.feed_entries("all")
    assert (again.guid, again.position) == (entry.guid, entry.position)


def test_hostile_notes_are_kept_as_text(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    note = "a\x00b\ud800<script>"
    put(archive, replace(NOT, note=note, by="x'; DROP TABLE labels"))
    assert label_of(archive).label.by == "x'; DROP TABLE labels"
    assert label_of(archive).label.note == storable(note)
    archive.store(judged(A, prose(1)), now=LATER)
    assert len(archive.labels()) == 1
