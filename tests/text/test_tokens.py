from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawler.text.tokens import tokens_of


def test_characters_and_words_are_tokens() -> None:
    assert tokens_of("川渝RCEP，2023年！𠮷") == ["川", "渝", "rcep", "2023", "年", "𠮷"]


@given(st.text(max_size=100))
def test_tokens_hold_no_blank_quote_or_nul(text: str) -> None:
    assert all(token and not set(token) & set(' "\x00') for token in tokens_of(text))
