"""Reading and judging anew: what is announced stays, what derives follows, and nobody else's write is undone."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from archive import Archive
from archive.correcting import reprocess as room
from archive.records import FeedQuery, KeptItem, KeptQuery, Question, Redo, Redone, RefusedRow, StoryRecord
from crawler.model import Judged, Reason
from tests.archive.making import NOW, enter_feed, entry, judged, judgement, poll, prose, source

DAY = timedelta(days=1)
LATER = NOW + 3 * DAY
A, B, C = (f"https://synthetic.example/{name}" for name in "abc")
ALL = KeptQuery()


def kept(archive: Archive, url: str) -> KeptItem:
    (item,) = archive.kept_items(KeptQuery(ids=archive.find_items(url)), after=0, limit=10)
    return item


def again(archive: Archive, new: Judged, *, is_read_again: bool = True) -> Redo:
    """The item of `new` as if it had been read again, and had come out like that."""
    return Redo(of=kept(archive, new.article.url), judged=new, is_read_again=is_read_again)


def apply(archive: Archive, *redos: Redo, now: datetime = LATER) -> tuple[Redone, ...]:
    return archive.redo(redos, now=now)


def story(archive: Archive, url: str) -> StoryRecord:
    found = archive.find_story(url)
    assert found is not None
    return found


def publish(archive: Archive, now: datetime) -> int:
    return enter_feed(archive, "all", "all", "", "全部", FeedQuery(), now=now)


def fields(redone: Redone) -> set[str]:
    return {change.name for change in redone.changes}


def test_a_new_text_keeps_what_is_known_of_the_item_and_is_found(archive: Archive) -> None:
    archive.store(judged(A, f"旧文甲乙丙。{prose(1)}"), now=NOW)
    publish(archive, NOW)
    before, (entered,) = story(archive, A), archive.feed_entries("all")
    redo = again(archive, judged(A, f"新文丁戊己。{prose(2)}"))
    (told,) = archive.compare([redo])
    assert fields(told) == {"body", "folded_body"}
    assert story(archive, A) == before, "a comparison writes nothing"

    assert apply(archive, redo) == (told,)
    after, (entry_after,) = story(archive, A), archive.feed_entries("all")
    assert (after.id, after.guid, after.first_seen_at) == (before.id, before.guid, before.first_seen_at)
    assert (after.members[0].item_id, after.members[0].first_seen_at) == (told.item_id, before.first_seen_at)
    assert after.body.startswith("新文")
    assert after.updated_at == LATER
    assert after.seq > before.seq
    assert (entry_after.guid, entry_after.entered_at, entry_after.position) == (
        entered.guid,
        entered.entered_at,
        entered.position,
    )
    assert [hit.story.id for hit in archive.search(Question(words="丁戊己"))] == [after.id]
    assert archive.search(Question(words="甲乙丙")) == ()
    assert archive.check() == ()
    # the prints are the new text's: its reprint is found by them
    assert archive.store(judged(B, f"讯{prose(2)}", of=source("b")), now=LATER).story_id == after.id
    assert publish(archive, LATER) == 0


def test_done_twice_changes_nothing_the_second_time(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    new = judged(A, prose(2), title="川渝另一标题", source_name="合成社", verdict=judgement(zones=("川藏",)))
    assert fields(apply(archive, again(archive, new))[0]) > {"title", "body", "source_name", "zones"}
    seq = story(archive, A).seq
    (second,) = apply(archive, again(archive, new), now=LATER + DAY)
    assert second.changes == ()
    assert story(archive, A).seq == seq


def test_only_what_a_reader_sees_moves_the_time_of_change(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    before = story(archive, A)
    same = judged(A, prose(1), repairs=("pinyin-gloss",))
    inner = replace(same, article=replace(same.article, origins={"body": "selector"}, charset="gb18030"))
    assert fields(apply(archive, again(archive, inner))[0]) == {"origins", "charset", "repairs"}
    lighter = replace(inner, judgement=replace(judgement(), score=0.7, version="other"))
    assert fields(apply(archive, again(archive, lighter))[0]) == {"score", "version"}
    after = story(archive, A)
    assert (after.updated_at, after.seq, after.score) == (before.updated_at, before.seq, 0.7)

    apply(archive, again(archive, replace(lighter, judgement=judgement(topics=("talent",)))))
    assert story(archive, A).topics == ("talent",)
    assert story(archive, A).updated_at == LATER
    assert apply(archive, again(archive, replace(lighter, judgement=judgement(topics=("talent",)))))[0].changes == ()


def test_the_judgement_alone_leaves_the_text(archive: Archive) -> None:
    archive.store(judged(A, prose(1), source_name="合成社"), now=NOW)
    bare = judged(A, prose(1), verdict=judgement(relevant=False), published=None)
    (told,) = apply(archive, again(archive, bare, is_read_again=False))
    assert fields(told) == {"relevant", "score"}
    after = story(archive, A)
    assert after.relevant is False
    assert after.members[0].source_name == "合成社"
    assert after.published == NOW - DAY
    history = archive.explain(A)
    assert history is not None
    assert history.entry is not None
    assert history.entry.reason is Reason.IRRELEVANT
    assert history.entry.settled_at == NOW


def test_stories_are_neither_joined_nor_split(archive: Archive) -> None:
    for url, seed in ((A, 1), (B, 2)):
        archive.store(judged(url, prose(seed)), now=NOW)
    archive.store(judged(C, f"讯{prose(1)}", of=source("c")), now=NOW)
    publish(archive, NOW)
    own, other = story(archive, A), story(archive, B)
    assert len(own.members) == 2
    (told,) = apply(archive, again(archive, judged(A, prose(2))))
    assert {(like.kind, like.story_id) for like in told.likenings} == {
        ("would-join", other.id),
        ("not-alike", own.id),
    }
    assert {member.url for member in story(archive, A).members} == {A, C}
    assert story(archive, B).id == other.id
    assert [member.join_reason for member in story(archive, A).members] == [None, None]
    assert publish(archive, LATER) == 0
    assert archive.check() == ()


def test_what_another_run_wrote_meanwhile_is_left(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    redo = again(archive, judged(A, prose(2)))
    archive.store(judged(A, prose(3)), now=NOW + DAY)
    (told,) = apply(archive, redo)
    assert told.is_overtaken
    assert told.changes == ()
    assert story(archive, A).body == prose(3)


def test_one_that_fails_costs_itself(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    for url, seed in ((A, 1), (B, 2), (C, 3)):
        archive.store(judged(url, prose(seed)), now=NOW)
    broken = kept(archive, B).item_id
    real = room.judge_anew

    def save(connection: object, item_id: int, *rest: object) -> None:
        if item_id == broken:
            raise RuntimeError("synthetic fault")
        real(connection, item_id, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(room, "judge_anew", save)
    told = apply(archive, *(again(archive, judged(url, prose(seed))) for url, seed in ((A, 11), (B, 12), (C, 13))))
    assert [answer.fault for answer in told] == [None, "RuntimeError: synthetic fault", None]
    assert [story(archive, url).body for url in (A, B, C)] == [prose(11), prose(2), prose(13)]
    assert archive.check() == ()


def test_what_becomes_relevant_enters_only_where_it_is_recent(archive: Archive) -> None:
    archive.record_poll(poll(at=NOW - 400 * DAY))
    no = judgement(relevant=False)
    for url, seed, age in ((A, 1, 200), (B, 2, 5)):
        archive.store(judged(url, prose(seed), published=NOW - age * DAY, verdict=no), now=NOW - age * DAY)
    archive.store(judged(C, prose(3)), now=NOW)
    assert publish(archive, NOW) == 1
    redos = [
        again(archive, judged(url, prose(seed), published=NOW - age * DAY))
        for url, seed, age in ((A, 1, 200), (B, 2, 5))
    ]
    apply(archive, *redos)
    assert publish(archive, LATER) == 1
    assert [found.story.url for found in archive.feed_entries("all")] == [B, C]
    history = archive.explain(A)
    assert history is not None
    assert [omission.reason for omission in history.omissions] == ["late"]


def refuse(archive: Archive, url: str, *, now: datetime) -> RefusedRow:
    page = replace(judged(url, "合成").capture.page, fetched_at=now)  # type: ignore[type-var]
    archive.settle(entry(url), Reason.NO_BODY, "", now=now, lease=None, page=page)
    found = archive.find_refused(url)
    assert found is not None
    (row,) = archive.refused_rows(KeptQuery(ids=(found,)), after=0, limit=5)
    return row


def test_a_refused_row_becomes_an_item_and_no_late_news(archive: Archive) -> None:
    archive.record_poll(poll(at=NOW - 400 * DAY))
    archive.store(judged(C, prose(3)), now=NOW)
    publish(archive, NOW)
    rows = {age: refuse(archive, f"https://synthetic.example/{age}", now=NOW - age * DAY) for age in (200, 5)}
    redos = [
        Redo(
            of=row,
            judged=judged(row.entry.url, prose(age), published=NOW - age * DAY),
            is_read_again=True,
        )
        for age, row in rows.items()
    ]
    assert all(told.is_new and told.item_id is None for told in archive.compare(redos))
    told = apply(archive, *redos)
    assert all(one.is_new and one.item_id is not None for one in told)
    old = story(archive, rows[200].entry.url)
    assert old.first_seen_at == NOW - 200 * DAY, "the row was seen then"
    assert publish(archive, LATER) == 1
    assert [found.story.url for found in archive.feed_entries("all")] == [rows[5].entry.url, C]
    assert archive.count_kept(ALL, refused=True) == 0
    assert all(one.is_overtaken for one in apply(archive, *redos)), "a second run finds it stored"


def test_a_refused_row_joins_the_story_that_is_there(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    row = refuse(archive, B, now=NOW)
    redo = Redo(of=row, judged=judged(B, f"讯{prose(1)}"), is_read_again=True)
    (told,) = archive.compare([redo])
    assert [(like.kind, like.story_id) for like in told.likenings] == [("joins", story(archive, A).id)]
    assert apply(archive, redo)[0].story_id == story(archive, A).id


def test_items_are_named_by_story_guid_and_url(archive: Archive) -> None:
    archive.store(judged(A, prose(1)), now=NOW)
    archive.store(judged(B, f"讯{prose(1)}", of=source("b")), now=NOW)
    both = story(archive, A)
    members = tuple(sorted(member.item_id for member in both.members))
    assert archive.find_items(str(both.id)) == archive.find_items(both.guid) == members
    assert archive.find_items(B.replace("https", "http")) == (kept(archive, B).item_id,)
    for unknown in ("999", "tag:nobody,2026:story/1", "https://nobody.example/", "没有", "9" * 30):
        assert archive.find_items(unknown) == ()
        assert archive.find_refused(unknown) is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (ALL, [A, B, C]),
        (KeptQuery(source_ids=("b",)), [B]),
        (KeptQuery(relevant=False), [C]),
        (KeptQuery(since=NOW - 3 * DAY), [B, C]),
        (KeptQuery(until=NOW - 3 * DAY), [A]),
        (KeptQuery(since=NOW - 3 * DAY, relevant=True), [B]),
        (KeptQuery(ids=()), []),
    ],
)
def test_items_are_chosen_by_source_day_and_judgement(archive: Archive, query: KeptQuery, found: list[str]) -> None:
    archive.store(judged(A, prose(1), published=NOW - 9 * DAY), now=NOW)
    archive.store(judged(B, prose(2), of=source("b")), now=NOW)
    archive.store(judged(C, prose(3), published=None, verdict=judgement(relevant=False)), now=NOW)
    assert archive.count_kept(query) == len(found)
    assert [item.url for item in archive.kept_items(query, after=0, limit=10)] == found
    paged: list[KeptItem] = []
    while page := archive.kept_items(query, after=paged[-1].item_id if paged else 0, limit=1):
        paged += page
    assert [item.url for item in paged] == found


def test_a_crawl_beside_it_loses_nothing(archive: Archive) -> None:
    urls = [f"https://synthetic.example/{n}" for n in range(40)]
    for number, url in enumerate(urls):
        archive.store(judged(url, prose(number, 4)), now=NOW)

    def crawl() -> None:
        for number, url in enumerate(urls):
            if number % 2:
                archive.store(judged(url, prose(1000 + number, 4)), now=NOW + DAY)
            archive.store(judged(f"{url}/more", prose(2000 + number, 4)), now=NOW + DAY)

    crawling = threading.Thread(target=crawl)
    crawling.start()
    for start in range(0, 40, 8):
        redos = [again(archive, judged(urls[n], prose(3000 + n, 4))) for n in range(start, start + 8)]
        assert all(told.fault is None for told in apply(archive, *redos))
    crawling.join(timeout=60)
    assert not crawling.is_alive()
    for number, url in enumerate(urls):
        texts = {prose(3000 + number, 4)} | ({prose(1000 + number, 4)} if number % 2 else set())
        assert story(archive, url).body in texts
        assert story(archive, f"{url}/more").body == prose(2000 + number, 4)
    assert archive.check() == ()
