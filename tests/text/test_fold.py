"""Folding: one form for what reads the same; folding twice changes nothing."""

from __future__ import annotations

import time
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.text.fold import fold, fold_text, one_form


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("人力資源協同發展", "人力资源协同发展"),
        ("人力資源協(xié)同發(fā)展", "人力资源协同发展"),
        ("產業（chǎn）園", "产业园"),
        ("川藏(雅安)產業園", "川藏（雅安）产业园"),
        ("川藏（雅安）产业园", "川藏（雅安）产业园"),
        ("共享,合作", "共享，合作"),
        ("共享,,合作", "共享，合作"),
        ("共享,。合作,、交流", "共享。合作、交流"),
        ("ＧＤＰ增长５％", "GDP增长5%"),
        ("3,000人", "3,000人"),
        ("时间:2021-08-09 10∶20", "时间：2021-08-09 10:20"),
        ("双\u200b城\ufeff经济圈\x07", "双城经济圈"),
        ("甲　　乙 \t 丙", "甲 乙 丙"),
        ("一\r\n\r\n  二 \n", "一\n二"),
        ("「六保」", "“六保”"),
        ("他(who)说", "他（who）说"),
        ("著名专家乾隆", "著名专家乾隆"),
        ("", ""),
    ],
)
def test_fold_text(text: str, folded: str) -> None:
    assert fold_text(text) == folded


def test_what_was_repaired_is_named() -> None:
    assert fold("協(xié)同,,發(fā)展").repairs == ("pinyin-gloss", "doubled-punctuation")
    assert fold("协同，发展").repairs == ()


@settings(deadline=None)
@given(st.text(max_size=200))
def test_folding_is_idempotent(text: str) -> None:
    once = fold_text(text)
    assert fold_text(once) == once


# characters that NFKC changes, joins or reorders, beside those that it leaves alone
COMPOSING = "甲，、。“”(a e\u0301\u0323\u0308ﾊﾞ가각ᄀ\u1161\u11a8½Ⅱ…％１２ﬁ㈱豈é〜＜\u0338<=;\n\u3000"


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet=COMPOSING, max_size=40))
def test_one_form_is_nfkc_but_for_the_wide_punctuation(text: str) -> None:
    narrow = str.maketrans("，；：！？（）", ",;:!?()")
    assert one_form(text).translate(narrow) == unicodedata.normalize("NFKC", text).translate(narrow)


@pytest.mark.parametrize("accents", ["\u0301", "\u0301\u0323"])
def test_towers_of_accents_are_cut(accents: str) -> None:
    folded = fold_text("甲e" + accents * 100_000 + "乙")
    assert folded.startswith("甲")
    assert folded.endswith("乙")
    assert len(folded) < 40


ALPHABET = "協发展(xié)wù（），,。、：:！!？?/p>a1 \n　“”「ㄊ比蝿校┬?。\u200b臺著"


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet=ALPHABET, max_size=60))
def test_folding_damage_is_idempotent(text: str) -> None:
    once = fold_text(text)
    assert fold_text(once) == once


@pytest.mark.parametrize("unit", ["?！比蝿?wù)", "(xié)", "，", "?！", "協(x", "“", " \n", "a?qū)m?"])
def test_long_damage_takes_bounded_time(unit: str) -> None:
    start = time.process_time()
    fold_text(unit * 40_000)
    assert time.process_time() - start < 10  # seconds


def _grams(text: str) -> Counter[str]:
    return Counter(text[start : start + 4] for start in range(len(text)))


@pytest.mark.parametrize("seed", ["000", "001", "002"])
def test_mangled_seeds_lose_their_damage(shared: Path, seed: str) -> None:
    text = next((shared / "seeds").glob(f"{seed}*.txt")).read_text("utf-8")
    folded = fold(text)
    assert "pinyin-gloss" in folded.repairs
    for trace in ("(x", "（x", ",,", "，，", "，。", "?！", "?!比", "協", "發"):
        assert trace not in folded.text


def test_real_headlines_need_no_repair(shared: Path) -> None:
    lines = (shared / "pages" / "corpus_titles" / "dev.txt").read_text("utf-8").splitlines()
    assert sum(bool(fold(line).repairs) for line in lines) <= len(lines) // 1000


@pytest.mark.parametrize(
    ("published", "folded", "repairs"),
    [
        ("協(xié)同發(fā)展", "协同发展", ("pinyin-gloss",)),
        ("長(Cháng)江經(Jīng)濟(jì)", "长江经济", ("pinyin-gloss",)),
        ("協(xie\u0301)同", "协同", ("pinyin-gloss",)),  # the accent as a character of its own
        ("發展,，就業", "发展，就业", ("doubled-punctuation",)),
        ("就业，，创业", "就业，创业", ("doubled-punctuation",)),
        ("落实,。", "落实。", ("doubled-punctuation",)),
        ("落实“六?！比蝿?wù)的要求", "落实“六保”任务的要求", ("gbk-shift", "pinyin-gloss")),
        ("3,000元、12.5％", "3,000元、12.5%", ()),
        ("１２３ＡＢＣ", "123ABC", ()),
        ("人\u200b社\ufeff厅", "人社厅", ()),
        ("成\u00ad渝\u200d两\u2060地", "成渝两地", ()),
        ("川\x00渝\x08合\x1f作", "川渝合作", ()),
        ("川渝　合作\u00a0协议", "川渝 合作 协议", ()),
        ("「川渝」『人社』", "“川渝”‘人社’", ()),
        ("10∶08", "10:08", ()),
        ("發佈時間：２０２４", "发布时间：2024", ()),
        ("甲，乙,丙", "甲，乙，丙", ()),
    ],
)
def test_each_damage(published: str, folded: str, repairs: tuple[str, ...]) -> None:
    found = fold(published)
    assert found.text == folded
    assert found.repairs == repairs
    assert fold(found.text).text == folded
