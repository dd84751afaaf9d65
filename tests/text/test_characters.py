from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.text.characters import alike, written_forms
from crawler.text.fold import fold_text


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("臺灣ＨＲ", "台湾HR"),
        ("職業培訓２０２３", "职业培训2023"),
        ("川渝", "川渝"),
        ("plain", "plain"),
        ("㈠½", "㈠½"),
        ("", ""),
    ],
)
def test_each_character_in_the_form_it_is_searched_in(text: str, form: str) -> None:
    assert alike(text) == form


@settings(deadline=None)  # the first reads the tables of characters
@given(st.text(max_size=50))
def test_places_stay(text: str) -> None:
    assert len(alike(text)) == len(text)
    assert alike(alike(text)) == alike(text)


@settings(deadline=None)  # the first reads the tables of characters
@given(st.text(alphabet="職業培訓川渝臺灣ＡＢ１２", max_size=3))
def test_it_is_what_folding_makes_of_words(text: str) -> None:
    assert alike(text) == fold_text(text)


def test_names_in_both_forms() -> None:
    assert written_forms("四川日报") == ("四川日报", "四川日報")
    assert written_forms("四川日報") == ("四川日報", "四川日报")
    assert written_forms("rsj") == ("rsj",)
