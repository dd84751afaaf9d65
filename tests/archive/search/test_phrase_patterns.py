"""Patterns of phrases against the line of tokens that says for certain. Synthetic."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search.phrase_patterns import loose, sure
from crawler.text.indexed import token_line
from crawler.text.tokens import tokens_of

# letters that are made small in odd ways, Han of another plane, marks, a run as long as a token may be
_TEXTS = st.lists(
    st.sampled_from(
        ["川", "渝", "〇", "𠮷", "a", "B", "İ", "\u212a", "k", "é", "É", "٣", "1", "20", "_", " ", "，", "\n", "-"]
    )
    | st.just("x" * 66),
    max_size=12,
).map("".join)


@given(_TEXTS, _TEXTS)
def test_loose_is_in_all_that_hold_the_phrase_and_sure_in_no_others(text: str, phrase: str) -> None:
    tokens = tokens_of(phrase)
    if not tokens:
        return
    holds = f" {' '.join(tokens)} " in token_line(text)
    if holds:
        assert re.search(loose(tokens), text)
    if re.search(sure(tokens), text):
        assert holds


@pytest.mark.parametrize(
    ("phrase", "text", "is_loose", "is_sure"),
    [
        ("人力资源", "四川人力资源市场", True, True),
        ("人力资源", "人力、\n资源", True, False),
        ("人力资源", "资源人力，人力的资源", False, False),
        ("2023年", "自2023年起", True, True),
        ("2023年", "12023年", True, False),
        ("2023年", "2023起，年", False, False),
        ("rcep合作", "RCEP 合作", True, False),
        ("open source", "an open source tool", True, True),
        ("open source", "reopen source", True, False),
    ],
)
def test_what_they_tell(phrase: str, text: str, is_loose: bool, is_sure: bool) -> None:
    tokens = tokens_of(phrase)
    assert bool(re.search(loose(tokens), text)) is is_loose
    assert bool(re.search(sure(tokens), text)) is is_sure
