"""How long a source may be silent, told from the gaps between its news in working days. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta

IsWorkday = Callable[[date], bool]

# Gaps between days with news: forty are two months of a daily source, three years of a monthly one.
GAPS = 40
ENOUGH_GAPS = 6
# No source is called silent sooner.
SHORTEST_SILENCE = 5
# What is longer than anything so far by this much is no chance (calibrated on simulated years: tests/crawler/health).
LONGER = 2
# Where gaps fall off as chance would have them, e^-14: one such gap in a million.
TAIL = 14.0

_COUNTED = 730  # days; beyond, weeks will do


def longest_silence(gaps: Sequence[int]) -> int | None:
    """The working days without news after which a source is silent; None where too little is known of it.

    The upper half of the gaps tells how fast they thin out; what that leaves to chance once in a million is the bound.
    """
    if len(gaps) < ENOUGH_GAPS:
        return None
    ordered = sorted(gaps)
    middle, high = ordered[len(ordered) // 2], ordered[min(math.ceil(len(ordered) * 0.9), len(ordered) - 1)]
    # between the median and the ninth tenth a tail of chance loses ln 5; whole days hide less than half a one
    thinning = max((high - middle) / math.log(5), 0.5)
    bound = max(ordered[-1] * LONGER, high + thinning * TAIL) * (1 + 6 / len(ordered))
    return max(math.ceil(bound), SHORTEST_SILENCE)


def is_refuted(days: int, gaps: Sequence[int]) -> bool:
    """True where a source has been silent for longer than these days, and came back: they were a guess, and wrong."""
    return len(gaps) >= ENOUGH_GAPS and max(gaps) * 7 / 5 > days


def working_days(after: date, until: date, is_workday: IsWorkday) -> int:
    """The working days after one day, up to and with another; counted by weeks beyond two years."""
    days = (until - after).days
    if days > _COUNTED:
        return days * 5 // 7
    return sum(is_workday(after + timedelta(days=n)) for n in range(1, days + 1))


def holidays(after: date, until: date, is_workday: IsWorkday) -> int:
    """The days off from Monday to Friday after one day, up to and with another; of two years at most."""
    days = min((until - after).days, _COUNTED)
    return sum(
        is_weekday(day) and not is_workday(day) for day in (after + timedelta(days=n) for n in range(1, days + 1))
    )


def is_weekday(day: date) -> bool:
    """A calendar without holidays."""
    return day.weekday() < 5
