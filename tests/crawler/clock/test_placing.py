"""Where polls are placed: the distance that the theory gives, and the better side of a change."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.clock.placing import Piece, place

rates = st.floats(1e-6, 50)
pieces = st.lists(st.builds(lambda hours, rate: Piece(hours=hours, rate=rate), st.floats(0.01, 3), rates), max_size=40)


def _waiting(given: list[Piece], since: float, until: float) -> float:
    """The hours that the news of a time wait together for its end: by definition, piece by piece."""
    at = waited = 0.0
    for piece in given:
        start, end = max(at, since), min(at + piece.hours, until)
        if end > start:
            waited += piece.rate * (end - start) * (until - (start + end) / 2)
        at += piece.hours
    return waited


@given(rates, st.floats(0.01, 10))
def test_at_an_even_rate_polls_stand_where_the_theory_has_them(rate: float, price: float) -> None:
    apart = math.sqrt(2 * price / rate)
    assert place([Piece(hours=apart * 3, rate=rate)], price) == pytest.approx(apart)
    assert place([Piece(hours=apart / 5, rate=rate)] * 15, price) == pytest.approx(apart, rel=1e-6)


@given(pieces, st.floats(0.01, 10))
def test_where_less_gathers_than_a_poll_is_worth_none_is_made(given: list[Piece], price: float) -> None:
    end = sum(piece.hours for piece in given)
    placed = place(given, price)
    if placed is None:
        assert _waiting(given, 0, end) <= price * (1 + 1e-6)
    else:
        assert 0 < placed <= end * (1 + 1e-9)
        # never later than when so much has gathered
        assert _waiting(given, 0, placed) <= price * (1 + 1e-6)


def test_a_poll_stands_at_the_end_of_the_office_hours_and_not_in_the_night_after_them() -> None:
    afternoon, night, morning = Piece(hours=1, rate=2), Piece(hours=1, rate=0.001), Piece(hours=1, rate=2)
    day = [afternoon] * 3 + [night] * 15 + [morning] * 3
    placed = place(day, 20)
    assert placed == 3
    assert _waiting(day, 0, placed) == pytest.approx(9)  # 20 would have gathered at almost five


def test_a_poll_stands_soon_after_an_edition() -> None:
    edition = [Piece(hours=6, rate=0.01), Piece(hours=0.1, rate=100), Piece(hours=12, rate=0.01)]
    placed = place(edition, 1)
    assert placed is not None
    assert 6 < placed < 6.5


def test_nothing_expected_is_nothing_placed() -> None:
    assert place([], 1) is None
    assert place([Piece(hours=100, rate=0)], 1) is None
