"""Where polls are placed in time so that news wait least: given what is expected, and what one poll is worth. Pure.

Of Poisson news with rate λ and polls a time T apart, the waiting between two polls, λT²/2, is worth one poll at the
best T; so the next poll stands where that much waiting is expected to have gathered. Where the rate changes until the
poll after it, it is moved to where the two intervals together cost least (Sia, Cho, Cho: Efficient Monitoring Algorithm
for Fast News Alerts, IEEE TKDE 19(7), 2007).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A time of one rate: news an hour, `hours` long."""

    hours: float
    rate: float


def place(pieces: Iterable[Piece], price: float) -> float | None:
    """In how many hours to poll next; None where less waiting than `price` gathers until the last piece ends."""
    ends, news, moments = [0.0], [0.0], [0.0]  # of each end of a piece: time, news until then, their moments
    found: list[float] = []
    at = gathered = waited = 0.0
    for piece in pieces:
        left = piece.hours
        while (needed := _until(price - waited, gathered, piece.rate)) <= left and len(found) < 2:
            at, left = at + needed, left - needed
            found.append(at)
            gathered = waited = 0.0
            _note(ends, news, moments, at, piece.rate)
        waited += gathered * left + piece.rate * left**2 / 2
        gathered += piece.rate * left
        at += left
        _note(ends, news, moments, at, piece.rate)
        if len(found) == 2:
            break
    if not found:
        return None
    last = ends.index(found[-1]) if len(found) == 2 else len(ends) - 1
    return _least(ends, news, moments, ends.index(found[0]), last)


def _least(ends: Sequence[float], news: Sequence[float], moments: Sequence[float], latest: int, last: int) -> float:
    """The time, up to the latest, at which a poll leaves least waiting on both sides of it."""

    def waiting(since: int, until: int) -> float:
        return ends[until] * (news[until] - news[since]) - (moments[until] - moments[since])

    best = min(range(1, latest + 1), key=lambda number: waiting(0, number) + waiting(number, last))
    return ends[best]


def _note(ends: list[float], news: list[float], moments: list[float], at: float, rate: float) -> None:
    since = ends[-1]
    ends.append(at)
    news.append(news[-1] + rate * (at - since))
    moments.append(moments[-1] + rate * (at**2 - since**2) / 2)


def _until(price: float, gathered: float, rate: float) -> float:
    """The positive root of gathered·h + rate·h²/2 = price, in the form that bears a small rate."""
    root = gathered + math.sqrt(gathered**2 + 2 * rate * price)
    return 2 * price / root if root > 0 else math.inf
