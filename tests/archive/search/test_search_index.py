"""The search index against a naive scan of the same archive, whatever became of its items. Synthetic items."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text

from archive import Archive
from archive.archive import open_file
from archive.records import Cursor, FeedQuery, KeptItem, KeptQuery, Label, Question, Redo
from archive.schema import items, stories, story_regions, story_topics, story_zones
from archive.search import finding, search_index
from archive.search.finding import find
from archive.search.refiling import file_all
from crawler.errors import RulingError
from crawler.model import Judged, Judgement
from crawler.text.indexed import index_tokens
from crawler.text.query import EVERYTHING, All, AnyOf, Expression, Not, Phrase
from crawler.text.tokens import tokens_of
from tests.archive.conftest import AUTHORITY, DATABASES, new_places
from tests.archive.making import NOW, judged, judgement
from tests.archive.older import move, open_place
from tests.archive.places import Place

WORDS = ("川渝", "合作", "人才", "RCEP", "协会", "2026", "才川", "Ünye", "劳务协作", "、", "-", " ", "。\n")
REGIONS = ("510000", "511800", "511823", "500000", "440100", "440000")
ZONES, TOPICS = ("川渝", "长三角 一体化"), ("agreement", "labor-export")
DAY = timedelta(days=1)
AGAIN = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)

texts = st.lists(st.sampled_from(WORDS), max_size=14).map("".join)
phrases = st.builds(
    lambda words, is_title: Phrase(tuple(tokens_of("".join(words))), is_title),
    st.lists(st.sampled_from((*WORDS, "川", "才", "作人")), min_size=1, max_size=3),
    st.booleans(),
)
expressions: st.SearchStrategy[Expression] = st.recursive(
    phrases,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=5,
)
times = st.integers(-4, 900).map(lambda days: NOW - days * DAY)
questions = st.builds(
    Question,
    query=st.builds(
        FeedQuery,
        zones=st.lists(st.sampled_from(ZONES), max_size=1).map(tuple),
        adcodes=st.lists(st.sampled_from(REGIONS), max_size=2).map(tuple),
        topics=st.lists(st.sampled_from(TOPICS), max_size=1).map(tuple),
    ),
    pair=st.one_of(st.none(), st.just((("510000",), ("500000", "440000")))),
    since=st.one_of(st.none(), times),
    until=st.one_of(st.none(), times),
    relevant_only=st.booleans(),
)


class Naive:
    """All stories and their texts, read into memory; answers by looking at each."""

    def __init__(self, connection: Connection) -> None:
        self.stories = connection.execute(select(stories)).all()
        self.items = connection.execute(select(items).order_by(items.c.id)).all()
        self.keys = {
            name: [(row[0], row[1]) for row in connection.execute(select(table.c.story_id, table.c[name]))]
            for name, table in (("adcode", story_regions), ("zone", story_zones), ("topic", story_topics))
        }

    def holding(self, expression: Expression) -> list[int]:
        return [row.id for row in self.items if holds(row, expression)]

    def find(self, question: Question, expression: Expression | None, after: Cursor | None) -> list[tuple[int, int]]:
        found = []
        for story in sorted(self.stories, key=lambda row: (row.sorted_at, row.id), reverse=True):
            if not self._is_meant(story, question):
                continue
            if after is not None and (story.sorted_at, story.id) >= (after.sorted_at, after.id):
                continue
            if expression is None or expression == EVERYTHING:
                found.append((story.id, story.text_item_id))
                continue
            members = [row.id for row in self.items if row.story_id == story.id and holds(row, expression)]
            found += [(story.id, members[0])] if members else []
        return found

    def _is_meant(self, story: object, question: Question) -> bool:
        row: dict[str, object] = story._mapping  # type: ignore[attr-defined]
        own = {name: [key for story_id, key in held if story_id == row["id"]] for name, held in self.keys.items()}
        query = question.query
        groups = [query.adcodes] if query.adcodes else []
        groups += question.pair or ()
        return (
            (bool(row["is_relevant"]) or not question.relevant_only)
            and (question.since is None or row["sorted_at"] >= question.since)  # type: ignore[operator]
            and (question.until is None or row["sorted_at"] < question.until)  # type: ignore[operator]
            and (not query.zones or bool(set(query.zones) & set(own["zone"])))
            and (not query.topics or bool(set(query.topics) & set(own["topic"])))
            and all(any(key.startswith(stem(code)) for code in group for key in own["adcode"]) for group in groups)
        )


def stem(adcode: str) -> str:
    return adcode[:2] if adcode.endswith("0000") else adcode[:4] if adcode.endswith("00") else adcode


def holds(row: object, expression: Expression) -> bool:
    match expression:
        case Phrase(tokens, is_title):
            fields = (row.folded_title,) if is_title else (row.folded_title, row.folded_body)  # type: ignore[attr-defined]
            return any(is_within(tokens, tokens_of(field)) for field in fields)
        case Not(part):
            return not holds(row, part)
        case All(parts):
            return all(holds(row, part) for part in parts)
        case AnyOf(parts):
            return any(holds(row, part) for part in parts)
    raise TypeError(expression)


def is_within(tokens: tuple[str, ...], of: list[str]) -> bool:
    return any(tuple(of[at : at + len(tokens)]) == tokens for at in range(len(of) + 1))


def address(number: int) -> str:
    return f"https://synthetic.example/{number}"


def happen(archive: Archive, chance: random.Random, now: datetime) -> str:
    """One thing that happens to an archive; the numbers of addresses are few, so that most meet what is there."""
    number, other = chance.randrange(12), chance.randrange(12)
    words = list(WORDS) * 2
    chance.shuffle(words)
    # long enough that the same text under two addresses is a reprint, and that an edit is one
    body = f"{'之'.join(words)}{chr(0x4E00 + chance.randrange(2000)) * 3}" * chance.choice((1, 1, 8))
    title = "".join(chance.sample(WORDS, 4)) + "题"
    verdict = judgement(
        relevant=chance.random() < 0.7,
        regions=tuple(chance.sample(REGIONS, chance.randrange(3))),
        zones=tuple(chance.sample(ZONES, chance.randrange(2))),
        topics=tuple(chance.sample(TOPICS, chance.randrange(2))),
    )
    published = None if chance.random() < 0.1 else NOW - chance.choice((0, 1, 1, 2, 9, 70, 800)) * DAY
    new = judged(address(number), body, title=title, published=published, verdict=verdict)
    what = chance.choice(("store", "store", "reprint", "redo", "judge", "label", "unlabel", "join", "split", "link"))
    kept = archive.kept_items(KeptQuery(ids=archive.find_items(address(number))), after=0, limit=1)
    try:
        if what == "store" or (what in {"reprint", "redo", "judge"} and not kept):
            archive.store(new, now=now)
        elif what == "reprint":
            archive.store(as_kept(kept[0], address(100 + other), verdict), now=now)
        elif what == "redo":
            archive.redo([Redo(of=kept[0], judged=new, is_read_again=True)], now=now)
        elif what == "judge":
            archive.store(as_kept(kept[0], address(number), verdict), now=now)
        elif what == "label" and kept:
            said = Label(relevant=verdict.relevant, by="op", regions=("440100",), zones=ZONES[:1])
            archive.label([kept[0].item_id], said, now=now)
        elif what == "unlabel" and kept:
            archive.unlabel([kept[0].item_id], now=now)
        elif what == "join":
            archive.join_stories([address(number), address(other)], by="op", now=now)
        elif what == "split":
            archive.split_story(address(number), [address(number)], by="op", now=now)
        elif what == "link":
            archive.store(judged(address(200 + other), "", title=title, verdict=verdict, is_link_only=True), now=now)
    except RulingError:
        return f"{what} refused"
    return what


def as_kept(kept: KeptItem, url: str, verdict: Judgement) -> Judged:
    """What an item says, at an address, judged otherwise."""
    published = None if kept.published is None else kept.published.at
    return judged(url, kept.body, title=kept.title, published=published, verdict=verdict)


def read(archive: Archive) -> Naive:
    return archive.submit(Naive).result()


def check_index(archive: Archive) -> None:
    """Every item is in the index, and all that is asked for is found where a scan finds it."""
    naive = read(archive)
    assert archive.check() == ()
    for word in (*WORDS, "才川题", "川", "题", "之合作"):
        asked = Phrase(tuple(tokens_of(word)))
        if asked.tokens:
            assert found_by(archive, asked) == naive.holding(asked), word
    for question in (Question(relevant_only=False), Question(query=FeedQuery(adcodes=("510000",)))):
        assert newest(archive, question, EVERYTHING, limit=100) == naive.find(question, None, None)


def found_by(archive: Archive, expression: Expression) -> list[int]:
    def ask(connection: Connection) -> list[int]:
        asked = select(items.c.id).where(search_index.holds(connection, expression)).order_by(items.c.id)
        return list(connection.execute(asked).scalars())

    return archive.submit(ask).result()


def newest(
    archive: Archive, question: Question, words: Expression, *, limit: int, after: Cursor | None = None, offset: int = 0
) -> list[tuple[int, int]]:
    return archive.submit(
        lambda connection: find(connection, question, words, limit=limit, after=after, offset=offset)
    ).result()


@pytest.fixture(scope="module", params=DATABASES)
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive to which much has happened, to be read only."""
    with new_places(request, tmp_path_factory.mktemp("lived")) as make, make().open(authority=AUTHORITY) as archive:
        chance = random.Random(7)
        what = [happen(archive, chance, NOW + at * DAY / 10) for at in range(120)]
        assert {"store", "reprint", "redo", "judge", "label", "join", "split", "link"} <= set(what)
        yield archive


def test_the_index_follows_whatever_happens(archive: Archive) -> None:
    chance = random.Random(1)
    for at in range(60):
        happen(archive, chance, NOW + at * DAY / 10)
        if at % 4 == 0:
            check_index(archive)
    check_index(archive)


def test_holds_what_a_scan_finds(lived: Archive) -> None:
    naive = read(lived)

    @AGAIN
    @given(expressions)
    def equal(words: Expression) -> None:
        assert found_by(lived, words) == naive.holding(words)

    equal()


def test_finds_the_newest_as_a_scan_does(lived: Archive) -> None:
    naive = read(lived)

    @AGAIN
    @given(questions, st.one_of(st.just(EVERYTHING), expressions), st.integers(1, 6), st.integers(0, 3))
    def equal(question: Question, words: Expression, limit: int, offset: int) -> None:
        expected = naive.find(question, words, None)
        assert newest(lived, question, words, limit=limit, offset=offset) == expected[offset : offset + limit]

    equal()


@pytest.mark.parametrize("stories_of_a_span", [2, 5, 17])
def test_span_after_span_leaves_no_day_out(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, stories_of_a_span: int
) -> None:
    """As in a large archive: each span is a part of what there is. Every day has a story."""
    monkeypatch.setattr(finding, "_FIRST_STORIES", stories_of_a_span)
    monkeypatch.setattr(finding, "_TELLING", 1)
    for number in range(50):
        said = "川渝" if number % 2 else "合作" if number % 3 else "川渝合作"
        verdict = judgement(relevant=number % 5 > 0, regions=REGIONS[number % 2 :: 2])
        body = said + chr(0x5000 + number) * 30
        archive.store(judged(address(number), body, title="题", published=NOW - number * DAY, verdict=verdict), now=NOW)
    naive = read(archive)
    sichuan = FeedQuery(adcodes=("510000",))
    for question in (Question(relevant_only=False), Question(query=sichuan), Question(since=NOW - 40 * DAY)):
        for words in (Phrase(("川", "渝")), Phrase(("合", "作"))):
            everything = naive.find(question, words, None)
            for limit in (*range(1, len(everything) + 2), 10**6):  # of the last, a span is longer than all time
                assert newest(archive, question, words, limit=limit) == everything[:limit]
            within = replace(question, until=NOW - 3 * DAY)
            assert newest(archive, within, words, limit=50) == naive.find(within, words, None)


def test_goes_on_behind_a_place(lived: Archive) -> None:
    naive = read(lived)
    times_of = {row.id: row.sorted_at for row in naive.stories}
    words = AnyOf((Phrase(("川", "渝")), Phrase(("题",))))
    for question in (Question(relevant_only=False), Question(), Question(query=FeedQuery(adcodes=("510000",)))):
        everything, found, after = naive.find(question, words, None), [], None
        while page := newest(lived, question, words, limit=2, after=after):
            found += page
            after = Cursor(sorted_at=times_of[page[-1][0]], id=page[-1][0])
            assert naive.find(question, words, after) == everything[len(found) :]
        assert found == everything
        assert len(everything) > 2


def test_a_time_far_off_is_a_day_as_any_other(archive: Archive) -> None:
    for number, at in enumerate((datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC), NOW)):
        archive.store(judged(address(number), chr(0x5000 + number) * 30, published=at), now=NOW)
    words = Phrase(("川", "渝"))
    assert [story for story, _ in newest(archive, Question(), words, limit=9)] == [2, 3, 1]
    far = Question(until=datetime(9999, 12, 31, 22, tzinfo=UTC), since=datetime(1, 1, 1, tzinfo=UTC))
    assert [story for story, _ in newest(archive, far, words, limit=9)] == [3, 1]


def test_doctor_sees_what_is_not_filed_or_filed_wrongly(archive: Archive) -> None:
    for number in range(3):
        archive.store(judged(address(number), chr(0x5000 + number) * 30), now=NOW)
    assert archive.check() == ()
    archive.submit(lambda c: c.execute(text("UPDATE stories SET is_relevant = (id <> 1)"))).result()
    assert ["under what their stories no longer show" in fault.detail for fault in archive.check()] == [True]
    archive.submit(lambda c: c.execute(text("UPDATE items SET search_facets = NULL WHERE id = 2"))).result()
    assert any(fault.detail == "1 items not indexed" for fault in archive.check())


def test_doctor_sees_an_entry_that_is_missing(tmp_path: Path) -> None:
    with open_file(tmp_path / "a.sqlite3") as archive:
        archive.store(judged(address(1), "川渝合作" * 9), now=NOW)
        archive.submit(lambda c: c.execute(text("DELETE FROM item_search_docsize"))).result()
        assert "1 items missing from the index" in [fault.detail for fault in archive.check()]


def test_what_is_filed_at_once_is_one_part(tmp_path: Path) -> None:
    def parts(connection: Connection) -> int:
        return int(connection.execute(text("SELECT count(DISTINCT segid) FROM item_search_idx")).scalar_one())

    with open_file(tmp_path / "a.sqlite3") as archive:
        for number in range(6):
            archive.store(judged(address(number), "川渝合作" + chr(0x5000 + number) * 30), now=NOW)
        assert archive.submit(parts).result() > 1
        archive.submit(file_all).result()
        assert archive.submit(parts).result() == 1
        check_index(archive)


@pytest.mark.parametrize(
    "given_text",
    [
        "川渝RCEP合、作 a-b 2023年。",
        "ÜNYE Ünye ΩΜ Жизнь",
        "ｆｕｌｌ １２",
        "a" * 200 + "川",
        "_川__渝_",
        "𠀀𠀁〇",
        "",
        "①²½ªº",
        "한국어 ひらがな",
    ],
)
def test_both_databases_make_the_same_tokens(archive: Archive, given_text: str) -> None:
    if archive.name.endswith(".sqlite3"):
        assert index_tokens("川渝RCEP合、作") == {"川", "渝", "合", "作", "川渝", "合作", "rcep"}
        return
    asked = text("SELECT tsvector_to_array(search_tokens(:title, :body, '·y')), search_line(:body)")
    made, line = archive.submit(lambda c: c.execute(asked, {"title": "题目", "body": given_text}).one()).result()
    title = index_tokens("题目")
    assert set(made) == index_tokens(given_text) | title | {f"¶{token}" for token in title} | {"·y"}
    assert line.split() == tokens_of(given_text)


@pytest.mark.parametrize("revision", ["0006", "0014"])
def test_an_archive_of_before_is_filed_anew(place: Place, revision: str) -> None:
    """Down to a schema before, and up again: what stood there is found as if nothing had been."""
    with place.open() as archive:
        chance = random.Random(3)
        for at in range(60):
            happen(archive, chance, NOW + at * DAY / 10)
        before = [tuple(row) for row in read(archive).items]
    move(place.name, revision)
    move(place.name, "head")
    with place.open() as archive:
        assert [tuple(row) for row in read(archive).items] == before
        check_index(archive)
        for at in range(20):
            happen(archive, chance, NOW + 7 * DAY + at * DAY / 10)
        check_index(archive)


def test_a_program_of_before_is_left_what_it_files(place: Place) -> None:
    """Down to the schema in which a relevant story's facts were filed once: its items are found by those."""
    with place.open() as archive:
        chance = random.Random(3)
        for at in range(60):
            happen(archive, chance, NOW + at * DAY / 10)
        found = [archive.submit(partial(_found, token=token)).result() for token in ("·a51", "·ya51", "·y")]
        assert all(found)
        assert set(found[1]) < set(found[0])
    move(place.name, "0014")
    older = open_place(place.name)
    with older.connect() as connection:
        assert [_found(connection, token=token) for token in ("·a51", "·ya51", "·y")] == [found[0], [], found[2]]
        filed = connection.execute(select(items.c.search_facets).where(items.c.search_facets.contains("·y"))).scalars()
        assert all(one.endswith(" ·y") or " ·y " in one for one in filed)
    older.dispose()


def _found(connection: Connection, *, token: str) -> list[int]:
    return sorted(connection.execute(search_index.found_by(connection, Phrase((token,)))).scalars())
