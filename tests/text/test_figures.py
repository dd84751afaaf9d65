from __future__ import annotations

import pytest

from crawler.text.figures import figures_apart, titles_count_apart

_WORDS = "本市昨日新增确诊病例{}例，累计报告病例{}例，治愈出院{}例，其余病例在定点医院接受隔离治疗，病情平稳。"


def bare(*figures: int) -> str:
    return _WORDS.replace("，", "").replace("。", "").format(*figures)


def test_the_same_words_around_other_figures() -> None:
    assert figures_apart(bare(3, 348, 290), bare(5, 353, 301), is_doubtful=False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (bare(3, 348, 290), bare(3, 348, 290) + "记者甲"),
        ("2024年3月5日讯" + bare(3, 348, 290), bare(3, 348, 290)),
        ("发布时间20240305阅读次数31" + bare(3, 348, 290), "发布时间20240306阅读次数5007" + bare(3, 348, 290)),
        ("没有数字的一段话", "没有数字的另一段话"),
    ],
    ids=["more words", "a day before it", "of the page", "none"],
)
def test_one_report(one: str, other: str) -> None:
    assert not figures_apart(one, other, is_doubtful=False)


def test_one_figure_among_many_may_be_corrected() -> None:
    many = "".join(f"第{name}组完成{count}件" for count, name in enumerate("甲乙丙丁戊己庚辛壬癸"))
    assert not figures_apart(many + "共45件", many + "共46件", is_doubtful=False)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("公告第3号", "公告第4号", True),
        ("第三批名单", "第四批名单", True),
        ("2023年度考核结果", "2024年度考核结果", True),
        ("公告第3号", "公告（第3号）", False),
        ("公告", "通告", False),
    ],
)
def test_titles_that_count(one: str, other: str, apart: bool) -> None:
    assert titles_count_apart(one, other) is apart
