"""A GBK stream one byte out of step, and readings in brackets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text.repair import drop_glosses, undo_shift


@pytest.mark.parametrize(
    ("damaged", "right"),
    [
        ("落實“六?！比蝿?wù)的要求", "落實“六保”任務(wù)的要求"),
        ("落實“六?!比蝿?wù)的要求", "落實“六保”任務(wù)的要求"),
        ("“這是務實舉措?！?/p>", "“這是務實舉措。”"),
        ("推進各?。ㄊ校┬?、地區", "推進各省（市）?、地區"),
        ("規劃或?qū)m?xiàng)支持", "規劃或專項(xiàng)支持"),
    ],
)
def test_undo_shift(damaged: str, right: str) -> None:
    assert undo_shift(damaged) == right


@pytest.mark.parametrize(
    "text",
    [
        "真的吗?！别说了?",
        "什么?！你再说一遍?",
        "为什么?。因为?",
        "是不是?好不好?",
        "好?！",
        "（?。ㄊ",
        "你说呢?！（笑）对吧?",
        "http://a.example/?a=1&b=2?",
    ],
)
def test_what_is_not_certain_stays(text: str) -> None:
    assert undo_shift(text) == text


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("協(xié)同", "協同"),
        ("務（wù）", "務"),
        ("(xié)", "(xié)"),
        ("世界卫生组织(who)", "世界卫生组织(who)"),
        ("們(men)", "們(men)"),
        ("長(Cháng)江經(Jīng)濟(jì)帶", "長江經濟帶"),
        ("女(nǚ)性，略(lüè)有，綠(lǜ)色", "女性，略有，綠色"),
        ("西安（Xī'ān）", "西安"),
        ("西安（Xī’ān）", "西安"),
        ("額(è)度、餓(È)", "額度、餓"),
        ("嗯(ńg)", "嗯"),
        ("張三(男)、李四(Li)、A(é)", "張三(男)、李四(Li)、A(é)"),
        ("公司(Li Co)", "公司(Li Co)"),
        ("卡路里(kcal)", "卡路里(kcal)"),
        ("記者們(men)協(xié)同發(fā)展業(yè)務", "記者們協同發展業務"),
    ],
)
def test_drop_glosses(text: str, right: str) -> None:
    assert drop_glosses(text) == right


EVERY_TONE = "āáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜńňǹḿ"


@pytest.mark.parametrize("letter", EVERY_TONE + EVERY_TONE.upper())
def test_every_tone_marks_a_reading(letter: str) -> None:
    assert drop_glosses(f"字({letter})句（{letter}）") == "字句"


def test_a_paragraph_whose_last_mark_was_lost_ends_in_a_full_stop() -> None:
    assert undo_shift("农村劳动力市?。?/p>") == "农村劳动力市场?"  # ！, ？, ： and ； share the byte that was left
    damaged = "推动两地共建人力资源市场，群众说：“办事方便，这是务实举措?！?/p>"
    assert undo_shift(damaged) == "推动两地共建人力资源市场，群众说：“办事方便，这是务实举措。”"


@given(st.text(max_size=200))
def test_never_raises(text: str) -> None:
    undo_shift(text)
    drop_glosses(text)
