"""A source's rhythm, learned from its own polls: how many new rows an hour are to be expected, at any time. Pure.

The rate is that of the slot (day of the week, working day or day off, hour) times what the time since the last news
makes of it: bursts raise it, an edition that has come lowers it, and so does a silence that grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from crawler.clock.workdays import is_working_day

Slots = NDArray[np.float64]  # (weekday, off or working, hour)
SHAPE = (7, 2, 24)

HOUR = timedelta(hours=1)
# What was seen counts half after four weeks: a weekly edition has been seen six times by then, and a change of
# habits is followed within a month.
HALF_LIFE = timedelta(weeks=4)
# A gap longer than this says how much was new, but not at all when.
LONGEST_GAP = timedelta(days=4)
# Every kind of day was seen, if only once.
LEARNED_HOURS = 7 * 24 - 8

# News an hour that are expected of a source of which nothing is known: a few a day.
PRIOR_RATE = 0.1
# How many hours of watching weigh as much as what is believed before: a day for the rate as such, two days for working
# days against days off, a working week for an hour of such days, three weeks for that hour on one day of the week.
BELIEF_ALL, BELIEF_KIND, BELIEF_HOUR, BELIEF_SLOT = 24.0, 48.0, 5.0, 3.0
# Of what is expected over a week, this part is spread evenly: news at an hour that never had any are thought possible.
SURPRISE = 0.02

# Ends of the classes of time since the last news, the last one open.
AGES = (HOUR / 2, HOUR, 3 * HOUR, 8 * HOUR, 20 * HOUR, 72 * HOUR, 240 * HOUR)
# As many expected news as it takes to believe half of what a class of age has shown.
BELIEF_AGE = 3.0

# A poll counts at most so many times the usual news of a poll: after a redesign all rows are new at once.
BURST = 3.0
# The usual number follows the latest ten or so polls that brought something.
USUAL_STEP = 0.1
# Nothing usual is known before the first news; a list page shows about twenty rows.
USUAL_AT_FIRST = 5.0

# What was spent counts half after two weeks: a working week is over its even share, its days off are below.
SPENT_HALF = timedelta(weeks=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsSeen:
    """A poll that went well: `new` rows appeared after `since`, the good poll before, and not after `at`."""

    since: datetime | None
    at: datetime
    new: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A time within one slot and one class of age, of `hours` from `start`."""

    start: datetime
    hours: float
    slot: tuple[int, int, int]
    age: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Rhythm:
    """What is expected of a source. `news` and `watched` (hours) are of each slot, fading with the weeks."""

    timezone: str = "Asia/Shanghai"
    first: datetime | None = None
    last: datetime | None = None  # the newest poll
    last_news: datetime | None = None
    usual: float | None = None  # new rows of a poll that brings some
    news: Slots
    watched: Slots
    came: Slots  # news by class of age …
    expected: Slots  # … and how many the slots alone had let expect
    spent: float = 0.0  # polls, each fading by SPENT_HALF

    @property
    def is_learned(self) -> bool:
        """True once a whole week was watched; until then nothing is believed of it."""
        return float(self.watched.sum()) >= LEARNED_HOURS

    @cached_property
    def rates(self) -> Slots:
        """News an hour in each slot, whatever the time since the last: each level leans on the one above it."""
        news, watched = self.news, self.watched
        overall = (news.sum() + PRIOR_RATE * BELIEF_ALL) / (watched.sum() + BELIEF_ALL)
        kinds = _leaning(news.sum(axis=(0, 2)), watched.sum(axis=(0, 2)), overall, BELIEF_KIND)
        hours = _leaning(news.sum(axis=0), watched.sum(axis=0), kinds[:, None], BELIEF_HOUR)
        slots = _leaning(news, watched, hours[None], BELIEF_SLOT)
        mixed: Slots = (1 - SURPRISE) * slots + SURPRISE * overall
        return mixed

    @cached_property
    def factors(self) -> list[float]:
        """What each class of age makes of the rate: each leans on the one before, as a silence may well go on."""
        factors, believed = list[float](), 1.0
        for came, expected in zip(self.came.tolist(), self.expected.tolist(), strict=True):
            believed = (came + BELIEF_AGE * believed) / (expected + BELIEF_AGE)
            factors.append(believed)
        return factors

    def after(self, seen: NewsSeen) -> Rhythm:
        """The rhythm with one more poll."""
        if self.last is not None and seen.at <= self.last:
            return self._set_back(seen)
        since = seen.since if self.last is None else self.last
        if since is None or since >= seen.at:
            # the first poll finds what has gathered for years
            return replace(self, first=self.first or seen.at, last=seen.at, spent=1.0)
        gap = seen.at - since
        learned = self._learned(since, seen) if gap <= LONGEST_GAP else {}
        return replace(
            self,
            first=self.first or seen.at,
            last=seen.at,
            last_news=seen.at if seen.new > 0 else self.last_news,
            spent=self.spent * 0.5 ** (gap / SPENT_HALF) + 1,
            **learned,
        )

    def _set_back(self, seen: NewsSeen) -> Rhythm:
        """A clock that was set back: how long this poll's rows had to appear is unknown, so only the time is taken."""
        return replace(
            self,
            first=min(self.first or seen.at, seen.at),
            last=seen.at,
            last_news=seen.at if seen.new > 0 else min(self.last_news or seen.at, seen.at),
        )

    def _learned(self, since: datetime, seen: NewsSeen) -> dict[str, Any]:
        """What changes by a poll: its news are laid on the slots and ages since the last by what was expected there."""
        usual = self.usual if self.usual is not None else USUAL_AT_FIRST
        new = min(float(seen.new), BURST * usual + 1)
        fading = 0.5 ** ((seen.at - since) / HALF_LIFE)
        news, watched = self.news * fading, self.watched * fading
        came, expected = self.came * fading, self.expected * fading
        stretches = list(self.stretches(since, seen.at))
        likely = [part.hours * self.rate(part) for part in stretches]
        total = sum(likely)
        for part, weight in zip(stretches, likely, strict=True):
            watched[part.slot] += part.hours
            expected[part.age] += part.hours * self.rates[part.slot]
            news[part.slot] += new * weight / total
            came[part.age] += new * weight / total
        followed = new if self.usual is None else usual + USUAL_STEP * (new - usual)
        return {
            "news": news,
            "watched": watched,
            "came": came,
            "expected": expected,
            "usual": followed if new else self.usual,
        }

    def rate(self, part: Stretch) -> float:
        """News an hour to be expected in a stretch, if none came before it."""
        return float(self.rates[part.slot]) * self.factors[part.age]

    def stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        """The time from `start` to `end` in parts of one slot and one class of age, if nothing new comes."""
        zone = ZoneInfo(self.timezone)
        origin = self.last_news or self.first or start
        at = start
        while at < end:
            age = at - origin
            number = sum(age >= bound for bound in AGES)
            until = min(end, _next_hour(at))
            if number < len(AGES):
                until = min(until, origin + AGES[number])
            yield Stretch(start=at, hours=(until - at) / HOUR, slot=_slot(at, zone), age=number)
            at = until


def learn(seen: Iterable[NewsSeen], *, timezone: str = "Asia/Shanghai") -> Rhythm:
    """The rhythm of a source's polls so far, the oldest first."""
    zeros = np.zeros(SHAPE)
    ages = np.zeros(len(AGES) + 1)
    rhythm = Rhythm(timezone=timezone, news=zeros, watched=zeros, came=ages, expected=ages)
    for one in seen:
        rhythm = rhythm.after(one)
    return rhythm


def _leaning(news: Slots, watched: Slots, belief: Slots | float, weight: float) -> Slots:
    return (news + belief * weight) / (watched + weight)


def _next_hour(at: datetime) -> datetime:
    """The next full hour. The zones of sources differ from UTC by full or half hours; half an hour is no slot."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR


def _slot(at: datetime, zone: ZoneInfo) -> tuple[int, int, int]:
    local = at.astimezone(zone)
    day = local.date()
    return day.weekday(), int(is_working_day(day)), local.hour
