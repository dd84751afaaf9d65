"""The reader's language: what is understood, what is taken as words, and that nothing typed breaks it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.text.asked import Asked, read_query
from crawler.text.query import NOTHING, All, AnyOf, Expression, Field, Not, Phrase, conjuncts, leaves, phrases


def word(text: str, *, is_title: bool = False) -> Phrase:
    return Phrase(tuple(text), is_title)


CHUAN, CHENG, SHE, GAO = word("川渝"), word("成渝"), word("社保"), word("高速")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("川渝", CHUAN),
        ("渝", word("渝")),
        ("川渝 社保", All((CHUAN, SHE))),
        ("川渝\u3000社保\n成渝", All((CHUAN, SHE, CHENG))),
        ("川渝 川渝", CHUAN),
        ("職業 技能", All((word("职业"), word("技能")))),
        ("ＲＣＥＰ rcep RCEP", Phrase(("rcep",))),
        ("川-渝", CHUAN),
        ("2023年", Phrase(("2023", "年"))),
        ('"双城 经济圈"', word("双城经济圈")),
        ("“双城 经济圈”", word("双城经济圈")),
        ("「双城 经济圈」", word("双城经济圈")),
        ("『双城 经济圈』", word("双城经济圈")),
        ("《双城 经济圈》", word("双城经济圈")),
        ("＂双城 经济圈＂", word("双城经济圈")),
        ("川渝 OR 成渝", AnyOf((CHUAN, CHENG))),
        ("川渝|成渝", AnyOf((CHUAN, CHENG))),
        ("川渝 或 成渝", AnyOf((CHUAN, CHENG))),
        ("川渝 AND 社保", All((CHUAN, SHE))),
        ("川渝 與 社保", All((CHUAN, SHE))),
        ("川渝 OR 成渝 社保", AnyOf((CHUAN, All((CHENG, SHE))))),
        ("（川渝 OR 成渝）社保", All((AnyOf((CHUAN, CHENG)), SHE))),
        ("社保(川渝 OR 成渝)", All((SHE, AnyOf((CHUAN, CHENG))))),
        ("川渝 -高速", All((CHUAN, Not(GAO)))),
        ("川渝 NOT 高速", All((CHUAN, Not(GAO)))),
        ("川渝 非 高速", All((CHUAN, Not(GAO)))),
        ('-"高 速"', Not(GAO)),
        ("-(川渝 成渝)", Not(All((CHUAN, CHENG)))),
        ("NOT NOT 川渝", CHUAN),
        ("非遗 或然", All((word("非遗"), word("或然")))),
        ("通知(川人社发5号)", Phrase(("通", "知", "川", "人", "社", "发", "5", "号"))),
        ("标题:互认", word("互认", is_title=True)),
        ("標題：互認", word("互认", is_title=True)),
        ("Title: 互认", word("互认", is_title=True)),
        ('标题:"互 认"', word("互认", is_title=True)),
        ("标题:(川渝 OR 成渝)", AnyOf((word("川渝", is_title=True), word("成渝", is_title=True)))),
        ("-标题:互认", Not(word("互认", is_title=True))),
        ("地区:四川", Field("region", ("四川",))),
        ("地区:四川、重庆", Field("region", ("四川", "重庆"))),
        ('来源:"四川 日报"', Field("source", ("四川 日报",))),
        ("对:四川-重庆", Field("pair", ("四川", "重庆"))),
        ("两地:四川和重庆", Field("pair", ("四川", "重庆"))),
        ("日期:2023-01..2023-06", Field("date", ("2023-01..2023-06",))),
        ("-地区:四川", Not(Field("region", ("四川",)))),
        ("(地区:四川 OR 社保)", AnyOf((Field("region", ("四川",)), SHE))),
        ("地区: AND", Phrase(("地", "区"))),
        ("http://a.b/c", Phrase(("http", "a", "b", "c"))),
    ],
)
def test_what_is_meant(typed: str, meant: Expression) -> None:
    assert read_query(typed).expression == meant


@pytest.mark.parametrize(
    ("typed", "meant", "slips"),
    [
        ("川渝 AND", CHUAN, ["dangling"]),
        ("OR 川渝", CHUAN, ["dangling"]),
        ("川渝 OR OR 成渝", AnyOf((CHUAN, CHENG)), ["dangling"]),
        ("川渝 NOT", CHUAN, ["dangling"]),
        ("(川渝 OR ) 社保", All((CHUAN, SHE)), ["dangling"]),
        ('"川渝 社保', All((CHUAN, SHE)), ["open-quote"]),
        ("川渝 社保”", All((CHUAN, SHE)), ["open-quote"]),
        ("川渝) 社保", All((CHUAN, SHE)), []),
        ("(川渝 社保", All((CHUAN, SHE)), []),
        ("AND", Phrase(("and",)), []),
        ("OR NOT", All((Phrase(("or",)), Phrase(("not",)))), []),
        ("或", word("或"), []),
        ("(" * 20 + "川渝", CHUAN, ["too-deep"]),
        ("川" * 2001, Phrase(("川",) * 64), ["too-long"]),
        (" ".join(str(n) for n in range(40)), All(tuple(Phrase((str(n),)) for n in range(32))), ["too-many"]),
        ("地区:" + ",".join(map(str, range(40))), Field("region", tuple(map(str, range(32)))), []),
        ("川\x00渝", All((word("川"), word("渝"))), []),
        ("😀", NOTHING, []),
        ("😀 川渝", CHUAN, []),
        ('"', NOTHING, []),
        ("- - ( ) |", NOTHING, []),
        ("", None, []),
        (" \n", None, []),
    ],
)
def test_what_is_not_understood_is_words_and_told(typed: str, meant: Expression | None, slips: list[str]) -> None:
    asked = read_query(typed)
    assert (asked.expression, [slip.reason for slip in asked.slips]) == (meant, slips)


def test_excluded_words_are_not_among_those_to_mark() -> None:
    asked = read_query("川渝 -高速 -(成渝 -社保) 地区:四川").expression
    assert asked is not None
    assert list(phrases(asked)) == [CHUAN, SHE]


_ODD = st.sampled_from(
    [
        *'川渝 ab1()（）"“”《》「」|-:：,、\x00\ud800😀\u200b\n',
        "AND ",
        "OR ",
        "NOT ",
        " 或 ",
        "标题:",
        "地区:",
        "date:",
        "对:",
    ]
)


@settings(deadline=None)  # the first reads the tables of characters
@given(st.one_of(st.lists(_ODD, max_size=60).map("".join), st.text(max_size=200)))
def test_nothing_typed_breaks_it(typed: str) -> None:
    asked = read_query(typed)
    assert isinstance(asked, Asked)
    if asked.expression is not None:
        found = list(leaves(asked.expression))
        assert len(found) <= 32
        assert all(leaf.values if isinstance(leaf, Field) else leaf.tokens for leaf in found)


@settings(deadline=None)  # the first reads the tables of characters
@given(st.lists(st.sampled_from(["川渝", "社保", '"双城 经济圈"', "-高速", "标题:互认", "(a OR b)"]), max_size=8))
def test_words_side_by_side_must_all_hold(parts: list[str]) -> None:
    alone = [read_query(part).expression for part in dict.fromkeys(parts)]
    together = read_query(" ".join(parts)).expression
    assert (() if together is None else conjuncts(together)) == tuple(alone)


@pytest.mark.parametrize(
    "unit", ["川", '"', "川 ", "(", "-", "NOT ", "a|", "😀", "标题:", "(a ", '" OR ', "a(b", "《", "-("]
)
def test_long_input_is_bounded(unit: str) -> None:
    asked = read_query(unit * 10_000)
    assert asked.expression is not None
    assert len(list(leaves(asked.expression))) <= 32
