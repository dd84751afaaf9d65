"""Synthetic sources and histories of their polls: of any kind, by a rule, or as the benchmark simulates them."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from hypothesis import strategies as st

from bench.rhythms import news_of
from crawler.clock.rhythm import NewsSeen, Rhythm, learn
from crawler.model import Reason, Source
from tests.archive.making import source

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def timed(name: str = "synthetic", every: int = 60, cron: str | None = None) -> Source:
    """A source with a clock of its own."""
    return replace(source(), id=name, every_min=every, cron=cron)


@cache
def rhythm_of(seed: int) -> Rhythm:
    """What is learned of two weeks of anything, up to NOW."""
    die = random.Random(seed)
    at, polls = NOW - timedelta(days=15), list[NewsSeen]()
    while at < NOW:
        since, at = at, at + timedelta(minutes=die.choice((7, 30, 60, 300, 1440)))
        polls.append(NewsSeen(since=since, at=at, new=die.choice((0, 0, 0, 1, 5, 200))))
    return learn(polls)


NAMES = st.text("abcdefgh-", min_size=1, max_size=20)
REASONS = st.none() | st.sampled_from(Reason)
RHYTHMS = st.none() | st.integers(0, 12).map(rhythm_of)


def hourly(start: datetime, *, weeks: int, news: Callable[[datetime], int]) -> list[NewsSeen]:
    """One poll an hour, each with as many new rows as `news` says for its time."""
    ends = [start + number * HOUR for number in range(1, weeks * 168)]
    return [NewsSeen(since=at - HOUR, at=at, new=news(at)) for at in ends]


def recorded(rhythm: str, start: datetime, *, weeks: int) -> list[NewsSeen]:
    """One poll an hour of a simulated source."""
    appeared = news_of(rhythm, 1, start, start + timedelta(weeks=weeks))
    return hourly(start, weeks=weeks, news=lambda at: bisect_right(appeared, at) - bisect_right(appeared, at - HOUR))
