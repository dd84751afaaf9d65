"""Words and filters as a question: names resolved, what is unknown told, never passed over."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from archive.records import FeedQuery
from archive.search.asking import Doubt, Filters, ask
from archive.search.doubts import slip_text
from crawler.taxonomy import Taxonomy, load_taxonomy
from crawler.text.query import EVERYTHING, NOTHING, AnyOf, Field, Not, Phrase

CHINA = timezone(timedelta(hours=8))
SHE = Phrase(("社", "保"))


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy(None)


def test_fields_become_parts_of_the_question(taxonomy: Taxonomy) -> None:
    asked = ask("社保 地区:雅安 区域:成渝 主题:合作协议 来源:日报 类型:政府 日期:2023-01..2023-06", Filters(), taxonomy)
    question = asked.question
    assert asked.slips == ()
    assert question.expression == SHE
    assert question.query == FeedQuery(
        zones=("川渝",), adcodes=taxonomy.divisions.reach("511800"), topics=("agreement",)
    )
    assert (question.source, question.kind) == ("日报", "gov")
    assert question.since == datetime(2023, 1, 1, tzinfo=CHINA)
    assert question.until == datetime(2023, 7, 1, tzinfo=CHINA)


def test_filters_say_the_same(taxonomy: Taxonomy) -> None:
    filters = Filters(
        regions=("雅安",),
        zones=("成渝",),
        topics=("合作协议",),
        source="日报",
        kind="政府",
        since=date(2023, 1, 1),
        until=date(2023, 6, 30),
    )
    typed = ask("社保 地区:雅安 区域:成渝 主题:合作协议 来源:日报 类型:政府 日期:2023-01..2023-06", Filters(), taxonomy)
    given = ask("社保", filters, taxonomy)
    assert given.slips == ()
    assert {
        name: getattr(given.question, name) for name in ("expression", "query", "source", "kind", "since", "until")
    } == {name: getattr(typed.question, name) for name in ("expression", "query", "source", "kind", "since", "until")}


def test_names_may_be_traditional(taxonomy: Taxonomy) -> None:
    typed = ask("地區:臺灣 區域:川渝 類型:政府", Filters(), taxonomy).question
    given = ask("", Filters(regions=("臺灣",), zones=("川渝",), kind="政府"), taxonomy).question
    assert typed.query == given.query == FeedQuery(zones=("川渝",), adcodes=("710000",))
    assert typed.kind == given.kind == "gov"


def test_pair(taxonomy: Taxonomy) -> None:
    typed = ask("对:四川-雅安", Filters(), taxonomy).question
    given = ask("", Filters(pair=("510000", "雅安")), taxonomy).question
    assert typed.pair == given.pair == (("510000",), taxonomy.divisions.reach("511800"))
    assert typed.expression == given.expression == EVERYTHING


def test_a_region_twice_is_two_parties_within_it(taxonomy: Taxonomy) -> None:
    typed = ask("对:雅安-511800", Filters(), taxonomy).question
    given = ask("", Filters(pair=("雅安", "雅安")), taxonomy).question
    assert typed.query.adcodes == given.query.adcodes == taxonomy.divisions.reach("511800")
    assert typed.expression == given.expression == Field("within", taxonomy.divisions.reach("511800"))


def test_fields_that_are_not_alone_stay_in_the_expression(taxonomy: Taxonomy) -> None:
    assert ask("-地区:四川", Filters(), taxonomy).question.expression == Not(Field("region", ("510000",)))
    assert ask("地区:四川 OR 社保", Filters(), taxonomy).question.expression == AnyOf(
        (Field("region", ("510000",)), SHE)
    )
    both = ask("地区:四川 地区:雅安", Filters(), taxonomy).question
    assert both.query.adcodes == ("510000",)
    assert both.expression == Field("region", taxonomy.divisions.reach("511800"))


@pytest.mark.parametrize(
    ("typed", "field", "reason"),
    [
        ("地区:某地", "region", "unknown"),
        ("地区:川渝", "region", "is-zone"),
        ("地区:鼓楼区", "region", "ambiguous"),
        ("区域:某区域", "zone", "unknown"),
        ("主题:某主题", "topic", "unknown"),
        ("类型:某类", "kind", "unknown"),
        ("类型:blog", "kind", "unlisted"),
        ("日期:昨天", "date", "unknown"),
        ("自:2023-13", "since", "unknown"),
        ("对:四川", "pair", "not-two"),
        ("对:四川-某地", "pair", "unknown"),
        ("日期:2023-06-01..2023-05-31", "until", "backwards"),
    ],
)
def test_what_is_unknown_is_told(taxonomy: Taxonomy, typed: str, field: str, reason: str) -> None:
    (slip,) = ask(typed, Filters(), taxonomy).slips
    assert isinstance(slip, Doubt)
    assert (slip.field, slip.reason, slip.is_filter) == (field, reason, False)
    assert slip.value.split("-")[0] in slip_text(slip)
    assert slip.value in typed


@pytest.mark.parametrize("typed", ["地区:某地", "社保 日期:昨天", "对:四川"])
def test_an_unknown_field_finds_nothing(taxonomy: Taxonomy, typed: str) -> None:
    asked = ask(typed, Filters(), taxonomy).question.expression
    assert asked == NOTHING or (asked is not None and NOTHING in getattr(asked, "parts", ()))


def test_unknown_filters_are_told_as_such(taxonomy: Taxonomy) -> None:
    asked = ask("", Filters(regions=("某地",), zones=("某区域",), kind="某类"), taxonomy)
    assert [(slip.field, slip.is_filter) for slip in asked.slips if isinstance(slip, Doubt)] == [
        ("region", True),
        ("zone", True),
        ("kind", True),
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "地区:" + "某地、" * 500,
        "地区:" + "四川" * 500,
        "对:" + "-" * 500,
        "日期:..",
        "日期:" + "9" * 500,
        "来源:\x00\ud800",
        "类型:( )",
        "自:0001 至:9999",
        "(" * 100 + "地区:四川",
    ],
)
def test_nothing_typed_breaks_it(taxonomy: Taxonomy, typed: str) -> None:
    asked = ask(typed, Filters(), taxonomy)
    assert len(asked.slips) <= 10
    assert all(map(slip_text, asked.slips))


def test_a_registry_may_have_kinds_of_its_own(taxonomy: Taxonomy) -> None:
    asked = ask("", Filters(kind="hr-bureau"), taxonomy)
    assert asked.question.kind == "hr-bureau"
    assert [slip.is_filter for slip in asked.slips if isinstance(slip, Doubt)] == [False]


def test_days_that_end_before_they_begin_are_told(taxonomy: Taxonomy) -> None:
    june, may = date(2023, 6, 1), date(2023, 5, 31)
    told = [slip for slip in ask("", Filters(since=june, until=may), taxonomy).slips if isinstance(slip, Doubt)]
    assert [(slip.field, slip.reason, slip.is_filter) for slip in told] == [("until", "backwards", True)]
    half = ask("至:2023-05", Filters(since=june), taxonomy).slips
    assert [slip.is_filter for slip in half if isinstance(slip, Doubt)] == [False]
    assert ask("", Filters(since=june, until=june), taxonomy).slips == ()


def test_days_beyond_the_clock_are_bounded(taxonomy: Taxonomy) -> None:
    question = ask("", Filters(since=date.min, until=date.max), taxonomy).question
    assert question.since is not None
    assert question.until is not None
    assert question.since.year == 1900
    assert question.until.year == 3000
