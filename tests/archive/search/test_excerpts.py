"""Excerpts: around the best place, of the text as shown, with marks where the words are, and only there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.search.excerpts import WIDTH, Marker
from archive.storing.folding import fold
from crawler.text.asked import read_query
from crawler.text.query import EVERYTHING
from crawler.text.tokens import tokens_of


def marker(words: str) -> Marker:
    return Marker(read_query(words).expression or EVERYTHING)


def marked(words: str, text: str) -> list[str]:
    found = marker(words).excerpt(text, fold(text))
    return [found.text[start:end] for start, end in found.marks]


@pytest.mark.parametrize(
    ("words", "text", "marks"),
    [
        ("川渝", "川渝合作，川-渝携手，川、渝。", ["川渝", "川-渝", "川、渝"]),
        ("川渝 OR 成渝", "成渝与川渝", ["成渝", "川渝"]),
        ("合作 -高速 NOT 铁路", "高速公路与铁路合作", ["合作"]),
        ("-(高速 -铁路)", "高速公路与铁路", ["铁路"]),  # the negation of a negation is asked for
        ("rcep", "RCEP, recepti and (rcep2) Rcep", ["RCEP", "Rcep"]),
        ("2023", "12023年，2023年", ["2023"]),
        ("台湾 职业", "臺灣的職業培訓", ["臺灣", "職業"]),
        ("ｒｃｅｐ", "ＲＣＥＰ启动", ["ＲＣＥＰ"]),
        ("川渝合作 渝合", "川渝合作", ["川渝合作"]),
        ("标题:川渝 合作", "川渝合作", ["合作"]),
        ("双城经济圈", "双城\n经济圈", ["双城 经济圈"]),
        ("", "川渝", []),
        ("川", "", []),
    ],
)
def test_marks(words: str, text: str, marks: list[str]) -> None:
    assert marked(words, text) == marks


def test_the_best_place_has_most_words_together() -> None:
    far = "无" * 300
    text = f"川渝{far}协议{far}川渝、签署，协议{far}川渝签署"
    found = marker("川渝 签署 协议").excerpt(text, text)
    assert [found.text[start:end] for start, end in found.marks] == ["川渝", "签署", "协议"]
    assert len(found.text) <= WIDTH


def test_the_folded_text_is_shown_where_only_it_has_the_words() -> None:
    # synthetic: readings in brackets, as damaged pages carry them
    text = "协(xié)同(tóng)发展"
    assert "协同发展" in fold(text)
    found = marker("协同发展").excerpt(text, fold(text))
    assert found.text[slice(*found.marks[0])] == "协同发展"


def test_an_excerpt_cuts_no_word() -> None:
    text = "字" * 50 + " captain " + "川渝" + "字" * 116 + "capital letters"
    assert marked("川渝 cap", text) == ["川渝"]


def test_a_word_in_a_title_is_marked_there() -> None:
    assert marker("标题:川渝 -签署").title_marks("川渝签署协议") == ((0, 2),)


def test_a_long_text_of_nothing_but_the_word_is_quick() -> None:
    text = "川 " * 250_000
    found = marker("川川川 渝 川").excerpt(text, text)
    assert len(found.text) <= WIDTH
    assert found.marks


_TEXTS = st.text(alphabet="川渝慶庆雲云藏abＡ12。、-（( \n\u200b", max_size=30)
_WORDS = st.text(alphabet="川渝慶庆雲云藏ab12", min_size=1, max_size=3)


@settings(max_examples=300, deadline=None)  # the first reads the tables of characters
@given(text=_TEXTS, word=_WORDS)
def test_what_is_found_is_marked_and_nothing_else(text: str, word: str) -> None:
    asked, held = tokens_of(fold(word)), tokens_of(fold(text))
    is_found = any(held[at : at + len(asked)] == asked for at in range(len(held)))
    found = marker(f'"{word}"').excerpt(text, fold(text))
    assert bool(found.marks) == is_found
    pieces = [tokens_of(fold(found.text[start:end])) for start, end in found.marks]
    assert all(piece[: len(asked)] == asked and set(piece) == set(asked) for piece in pieces)
