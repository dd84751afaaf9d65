from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text.tokens import fts_query, query_words, token_string, tokens_of


def test_characters_and_words_are_tokens() -> None:
    assert token_string("川渝RCEP，2023年！𠮷") == "川 渝 rcep 2023 年 𠮷"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("川渝 合作", [["川", "渝"], ["合", "作"]]),
        ('"川渝 合作"', [["川", "渝", "合", "作"]]),
        ("“川渝 合作” 2023", [["川", "渝", "合", "作"], ["2023"]]),
        ('川"渝', [["川"], ["渝"]]),
        ("，。 - *", []),
        ("", []),
    ],
)
def test_words_of_a_query(query: str, words: list[list[str]]) -> None:
    assert query_words(query) == words


def test_query_is_phrases() -> None:
    assert fts_query([["川", "渝"], ["rcep"]]) == '"川 渝" AND "rcep"'


def test_long_queries_are_bounded() -> None:
    assert len(fts_query(query_words("川" * 100_000 + " x" * 100_000))) < 10_000


@given(st.text(max_size=100))
def test_tokens_hold_no_blank_quote_or_nul(text: str) -> None:
    assert all(token and not set(token) & set(' "\x00') for token in tokens_of(text))
