"""Counts of stories and pairs of regions, on both databases, against a recount of the records by hand."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from archive import Archive
from archive.periods import PERIODS, periods_between
from archive.records import FeedQuery, Question, Statistics, StoryRecord
from archive.reports.dimensions import DIMENSIONS
from archive.schema import sources
from archive.search.asking import Filters, ask
from crawler.taxonomy import load_taxonomy
from tests.archive.making import NOW, judged, judgement, prose, source
from tests.archive.places import Place

CHINA = ZoneInfo("Asia/Shanghai")
MUNICIPALITIES = ("11", "12", "31", "50", "81", "82")


def put(
    archive: Archive,
    number: int,
    *,
    published: datetime | None = NOW,
    regions: tuple[str, ...] = ("510000", "500000"),
    zones: tuple[str, ...] = ("川渝",),
    topics: tuple[str, ...] = ("agreement",),
    by: str = "a",
    relevant: bool = True,
    body: str | None = None,
) -> None:
    """One synthetic item; the same `body` under another number is a reprint."""
    archive.store(
        judged(
            f"https://{by}.example/{number}",
            body or prose(number),
            title="合成消息",  # titles alone join nothing, but other figures keep texts apart
            published=published,
            of=source(by, f"{by}网"),
            verdict=judgement(relevant=relevant, regions=regions, zones=zones, topics=topics),
        ),
        now=NOW,
    )


def table(found: Statistics) -> dict[tuple[str | None, ...], tuple[int, int]]:
    return {count.keys: (count.stories, count.members) for count in found.counts}


def test_months_are_china_s_and_empty_ones_are_there(archive: Archive) -> None:
    put(archive, 1, published=datetime(2025, 12, 31, 15, 59, tzinfo=UTC))
    put(archive, 2, published=datetime(2025, 12, 31, 16, 0, tzinfo=UTC))  # midnight in Beijing
    put(archive, 3, published=datetime(2026, 3, 31, 16, 0, tzinfo=UTC))
    put(archive, 4, published=None)
    found = archive.statistics(Question(), by=("month",))
    assert table(found) == {("2025-12",): (1, 1), ("2026-01",): (1, 1), ("2026-04",): (1, 1), (None,): (1, 1)}
    assert [count.keys[0] for count in found.counts] == ["2025-12", "2026-01", "2026-04", None]
    assert found.periods == ("2025-12", "2026-01", "2026-02", "2026-03", "2026-04")
    assert (found.stories, found.members, found.undated) == (4, 4, 1)


@pytest.mark.parametrize(
    ("period", "names"),
    [
        ("year", ["2024", "2025", "2026"]),
        ("quarter", ["2024-Q4", "2025-Q1", "2026-Q3"]),
        ("month", ["2024-12", "2025-01", "2026-09"]),
        ("week", ["2025-W01", "2025-W01", "2026-W40"]),
        ("day", ["2024-12-30", "2025-01-01", "2026-09-30"]),
    ],
)
def test_periods_have_the_names_of_the_calendar(archive: Archive, period: str, names: list[str]) -> None:
    for number, day in enumerate(((2024, 12, 30), (2025, 1, 1), (2026, 9, 30))):
        put(archive, number, published=datetime(*day, 9, tzinfo=CHINA))
    found = archive.statistics(Question(), by=[period])
    assert table(found) == {(name,): (count, count) for name, count in Counter(names).items()}
    assert found.periods[0] == names[0]
    assert found.periods[-1] == names[-1]


def test_members_count_where_they_stand(archive: Archive) -> None:
    put(archive, 1, by="a", body=prose(1))
    put(archive, 2, by="b", body=prose(1))
    put(archive, 3, by="b", zones=())
    assert table(archive.statistics(Question(), by=("source",))) == {("b",): (2, 2), ("a",): (1, 1)}
    assert archive.statistics(Question(), by=("source",)).names == {"a": "a网", "b": "b网"}
    assert table(archive.statistics(Question(), by=("zone",))) == {("川渝",): (1, 2), (None,): (1, 1)}
    assert table(archive.statistics(Question(), by=("zone", "source"))) == {
        ("川渝", "a"): (1, 1),
        ("川渝", "b"): (1, 1),
        (None, "b"): (1, 1),
    }
    found = archive.statistics(Question(), by=("publisher",))
    assert (sum(count.stories for count in found.counts), found.stories, found.members) == (2, 2, 3)


def test_kinds_are_those_of_the_registry(archive: Archive) -> None:
    put(archive, 1, by="a")
    put(archive, 2, by="b")
    facts = {"source_id": "a", "name": "甲报", "kind": "news"}
    archive.submit(lambda connection: connection.execute(insert(sources), [facts])).result()
    assert table(archive.statistics(Question(), by=("kind",))) == {("news",): (1, 1), (None,): (1, 1)}
    assert archive.statistics(Question(), by=("source", "kind")).names == {"a": "甲报", "b": "b网"}


def test_regions_roll_up(archive: Archive) -> None:
    # 渝北区 lies under no prefecture, 仙桃市 neither; 雨城区 lies in 雅安
    put(archive, 1, regions=("510000", "510100", "511802", "500112", "429004"))
    by_province = archive.statistics(Question(), by=("region",))
    assert {count.keys[0] for count in by_province.counts} == {"510000", "500000", "420000"}
    by_city = archive.statistics(Question(), by=("region",), level="city")
    assert {count.keys[0] for count in by_city.counts} == {"510000", "510100", "511800", "500112", "429004"}
    own = archive.statistics(Question(), by=("region",), level="own")
    assert {count.keys[0] for count in own.counts} == {"510000", "510100", "511802", "500112", "429004"}


@pytest.mark.parametrize(
    ("regions", "level", "pairs"),
    [
        (("510000", "500000"), "province", [("500000", "510000")]),
        (("510100", "500000", "500112"), "province", [("500000", "510000")]),
        (("510100", "511800"), "province", [("510000", "510000")]),  # within one province
        (("510100", "511800"), "city", [("510100", "511800")]),
        (("510104", "510105"), "city", [("510100", "510100")]),
        (("510000", "510100"), "province", []),  # a province and its own city
        (("511800", "511802"), "own", []),
        (("510000",), "province", []),
        (
            ("310000", "320000", "330000"),
            "province",
            [("310000", "320000"), ("310000", "330000"), ("320000", "330000")],
        ),
    ],
)
def test_pairs(archive: Archive, regions: tuple[str, ...], level: str, pairs: list[tuple[str, str]]) -> None:
    put(archive, 1, regions=tuple(code.ljust(6, "0") for code in regions), zones=())
    found = archive.cooperations(Question(), level=level)
    assert [pair.regions for pair in found.pairs] == [(a.ljust(6, "0"), b.ljust(6, "0")) for a, b in pairs]
    assert (found.stories, found.paired, found.found) == (1, int(bool(pairs)), len(pairs))
    # a search finds what was counted: of two regions, or of one twice
    for ends in {*pairs, *((region, region) for region in regions)}:
        question = ask("对:{}-{}".format(*ends), Filters(), load_taxonomy()).question
        found_by = len(archive.search(question)), archive.statistics(question, by=("year",)).stories
        assert found_by == ((1, 1) if ends in pairs else (0, 0)), ends


def test_cooperations_over_years(archive: Archive) -> None:
    for number, (year, regions) in enumerate(
        (
            (2023, ("510000", "500000")),
            (2025, ("510100", "500000")),
            (2025, ("510000", "540000")),
            (None, ("510000", "500000")),
        )
    ):
        put(archive, number, regions=regions, published=datetime(year, 5, 1, tzinfo=UTC) if year else None)
    found = archive.cooperations(Question())
    assert found.periods == ("2023", "2024", "2025")
    assert [(pair.regions, pair.stories, pair.by_period, pair.undated) for pair in found.pairs] == [
        (("500000", "510000"), 3, (1, 0, 1), 1),
        (("510000", "540000"), 1, (0, 0, 1), 0),
    ]
    top = archive.cooperations(Question(), top=1, by="quarter")
    assert (len(top.pairs), top.found, len(top.periods)) == (1, 2, 9)


def test_a_question_narrows_what_is_counted(archive: Archive) -> None:
    put(archive, 1, zones=("川渝",))
    put(archive, 2, zones=("川藏",), regions=("510000", "540000"))
    put(archive, 3, relevant=False)
    assert archive.statistics(Question(), by=("zone",)).stories == 2
    assert archive.statistics(Question(relevant_only=False), by=("zone",)).stories == 3
    assert archive.statistics(Question(query=FeedQuery(zones=("川藏",))), by=("zone",)).stories == 1
    words = Question(words=prose(1)[:4])
    assert table(archive.statistics(words, by=("zone",))) == {("川渝",): (1, 1)}
    assert archive.statistics(Question(words="，。"), by=("month",)) == Statistics(
        by=("month",), counts=(), stories=0, members=0, undated=0
    )
    asked = Question(since=NOW - timedelta(days=92), until=NOW + timedelta(days=1))
    assert archive.statistics(asked, by=("month",)).periods == ("2025-11", "2025-12", "2026-01", "2026-02", "2026-03")


def test_nothing_there(archive: Archive) -> None:
    for dimension in DIMENSIONS:
        found = archive.statistics(Question(), by=(dimension,))
        assert (found.counts, found.periods, found.stories) == ((), (), 0)
    assert archive.cooperations(Question()).pairs == ()


@pytest.mark.parametrize(
    ("by", "level"), [((), "province"), (("moon",), "province"), (("year",), "village"), (("year", "year"), "province")]
)
def test_unknown_dimensions_are_refused(archive: Archive, by: Sequence[str], level: str) -> None:
    with pytest.raises(ValueError, match="cannot count by"):
        archive.statistics(Question(), by=by, level=level)
    with pytest.raises(ValueError, match="is no period"):
        archive.cooperations(Question(), by="zone")


def test_three_dimensions_are_too_many(archive: Archive) -> None:
    with pytest.raises(ValueError, match="cannot count by"):
        archive.statistics(Question(), by=("year", "zone", "topic"))


def test_too_many_periods_leave_gaps() -> None:
    assert periods_between("day", ["1900-01-01", "2026-01-01"], None, None) == (("1900-01-01", "2026-01-01"), True)
    assert periods_between("year", ["9999"], None, datetime.max.replace(tzinfo=UTC)) == (("9999",), False)
    assert periods_between("year", ["2026"], datetime.min.replace(tzinfo=UTC), None)[0][-1] == "2026"


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(PERIODS), st.integers(0, 25_000), st.integers(0, 900))
def test_periods_follow_one_another(period: str, start: int, days: int) -> None:
    since = datetime(1995, 1, 1, 5, tzinfo=CHINA) + timedelta(days=start)
    until = since + timedelta(days=days, microseconds=1)
    names, has_gaps = periods_between(period, [naive_period(period, since)], since, until)
    assert not has_gaps
    assert list(names) == sorted({naive_period(period, since + timedelta(days=n)) for n in range(days + 1)})


PARTIES = ("510000", "510100", "510104", "510105", "511802", "500000", "500112", "429004", "540000")
COUNTED: list[tuple[tuple[str, ...], str]] = [
    *(((name,), "province") for name in DIMENSIONS),
    *(((name,), level) for name in ("region", "pair") for level in ("city", "own")),
    (("month", "pair"), "province"),
    (("pair", "source"), "city"),
    (("source", "kind"), "province"),
]
Told = tuple[datetime | None, tuple[str, ...], tuple[str, ...], tuple[str, ...], str, int]
STORY: st.SearchStrategy[Told] = st.tuples(
    # hours around the end of a year, which comes eight hours earlier in China
    st.none() | st.integers(-300, 300).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
    st.lists(st.sampled_from(PARTIES), unique=True, max_size=4).map(tuple),
    st.lists(st.sampled_from(("川渝", "川藏", "长三角")), unique=True, max_size=2).map(tuple),
    st.lists(st.sampled_from(("agreement", "forum")), unique=True, max_size=2).map(tuple),
    st.sampled_from(("a", "b", "c")),
    st.integers(0, 3),  # texts: the same one makes reprints
)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STORY, min_size=1, max_size=8))
def test_counts_are_those_of_a_recount(new_place: Callable[[], Place], told: list[Told]) -> None:
    with new_place().open() as archive:
        for number, (published, regions, zones, topics, by, text) in enumerate(told):
            put(
                archive,
                number,
                published=published,
                regions=regions,
                zones=zones,
                topics=topics,
                by=by,
                body=prose(f"recount {text}"),
            )
        stories = archive.stories(limit=100, relevant_only=False)
        for by_, level in COUNTED:
            found = archive.statistics(Question(relevant_only=False), by=by_, level=level)
            assert table(found) == recount(stories, by_, level), (by_, level)
            assert found.stories == len(stories)
            assert found.members == sum(len(story.members) for story in stories)


def recount(
    stories: Sequence[StoryRecord], by: tuple[str, ...], level: str
) -> dict[tuple[str | None, ...], tuple[int, int]]:
    counts: dict[tuple[str | None, ...], list[int]] = {}
    for story in stories:
        for keys in itertools.product(*(naive_keys(story, name, level) for name in by)):
            members = [
                member for member in story.members if "source" not in by or member.source_id == keys[by.index("source")]
            ]
            held = counts.setdefault(keys, [0, 0])
            held[0] += 1
            held[1] += len(members)
    return {keys: (held[0], held[1]) for keys, held in counts.items()}


def naive_keys(story: StoryRecord, dimension: str, level: str) -> set[str | None]:
    if dimension in PERIODS:
        return {None if story.published is None else naive_period(dimension, story.published)}
    keys: set[str | None] = {
        "region": {naive_roll_up(code, level) for code in story.regions},
        "pair": {
            "-".join(sorted((naive_roll_up(one, level), naive_roll_up(other, level))))
            for one, other in itertools.combinations(sorted(story.regions), 2)
            if not other.startswith(one.removesuffix("00").removesuffix("00"))
        },
        "zone": {*story.zones},
        "topic": {*story.topics},
        "source": {member.source_id for member in story.members},
        "kind": set(),  # the registry was never copied into these archives
        "publisher": {story.first_source},
    }[dimension]  # type: ignore[assignment]
    return keys or {None}


def naive_roll_up(code: str, level: str) -> str:
    if level == "own" or (level == "city" and (code[:2] in MUNICIPALITIES or code[2:4] == "90")):
        return code
    return code[:2] + "0000" if level == "province" else code[:4] + "00"


def naive_period(period: str, moment: datetime) -> str:
    local = moment.astimezone(CHINA)
    quarter = {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 3, 8: 3, 9: 3}.get(local.month, 4)
    return {
        "year": f"{local:%Y}",
        "quarter": f"{local:%Y}-Q{quarter}",
        "month": f"{local:%Y-%m}",
        "week": f"{local:%G-W%V}",
        "day": f"{local:%Y-%m-%d}",
    }[period]
