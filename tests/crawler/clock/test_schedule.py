"""When a source is polled next: never hurried, never starved, ever slower while it fails, never given up."""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.catalogue.shape import MAX_EVERY_MIN
from crawler.clock.backoff import Kind, back_off, kind_of
from crawler.clock.rhythm import SPENT_HALF, NewsSeen, Rhythm, learn
from crawler.clock.schedule import (
    JITTER,
    LONGEST_JITTER,
    LONGEST_RETRY_AFTER,
    MOST_LISTED,
    SLACK,
    Why,
    first_poll,
    longest_wait,
    next_poll,
    spread,
    upcoming,
)
from crawler.clock.spending import DAY, Limits, ceiling_of, floor_of
from crawler.model import Reason, Source
from tests.crawler.clock.histories import MINUTE, NAMES, NOW, REASONS, RHYTHMS, rhythm_of, timed

ROUNDING = timedelta(milliseconds=1)
LIMITS = Limits()


def _played(one: Source, days: int, seed: int, *, chance_of_news: float, limits: Limits = LIMITS) -> list[datetime]:
    """The polls that the policy makes of a source whose polls bring news as a die falls."""
    die = random.Random(seed)
    rhythm, at, polls = learn(()), NOW, list[datetime]()
    while at < NOW + timedelta(days=days):
        new = die.randrange(1, 40) if die.random() < chance_of_news else 0
        rhythm = rhythm.after(NewsSeen(since=polls[-1] if polls else None, at=at, new=new))
        polls.append(at)
        at = next_poll(one, after=at, failures=0, reason=None, rhythm=rhythm, limits=limits).at
    return polls


sources = st.builds(timed, NAMES, st.integers(5, MAX_EVERY_MIN))
limits_of_all = st.builds(
    lambda floor, ceiling: Limits(floor=floor * MINUTE, ceiling=ceiling * MINUTE),
    st.integers(1, 60),
    st.integers(120, 7 * 24 * 60),
)


@given(sources)
def test_without_a_rhythm_the_interval_and_the_jitter(one: Source) -> None:
    due = next_poll(one, after=NOW, failures=0, reason=None)
    every = timedelta(minutes=one.every_min)
    assert every <= due.at - NOW <= every * (1 + JITTER) + ROUNDING  # the interval is the budget: never sooner
    assert due.why is Why.INTERVAL
    assert next_poll(one, after=NOW, failures=0, reason=None, rhythm=learn(())) == due


@given(sources, RHYTHMS, limits_of_all, st.none() | st.floats(0.05, 500))
def test_floor_and_ceiling_hold_whatever_was_learned(
    one: Source, rhythm: Rhythm | None, limits: Limits, budget: float | None
) -> None:
    due = next_poll(one, after=NOW, failures=0, reason=None, rhythm=rhythm, limits=limits, budget=budget)
    assert due == next_poll(one, after=NOW, failures=0, reason=None, rhythm=rhythm, limits=limits, budget=budget)
    wait = due.at - NOW
    assert floor_of(one, limits) <= wait <= ceiling_of(one, limits, budget) * (1 + JITTER) + ROUNDING
    assert floor_of(one, limits) == min(limits.floor, one.every_min * MINUTE)
    if rhythm is not None and rhythm.is_learned:
        assert wait <= ceiling_of(one, limits, budget)


@settings(max_examples=12, deadline=None)
@given(NAMES, st.sampled_from([30, 60, 240]), st.integers(0, 1000), st.sampled_from([0.0, 0.05, 0.5, 1.0]))
def test_no_source_is_starved_and_none_spends_more_than_its_interval_would(
    name: str, every: int, seed: int, chance_of_news: float
) -> None:
    one, days = timed(name, every), 25
    polls = _played(one, days, seed, chance_of_news=chance_of_news)
    gaps = [later - earlier for earlier, later in pairwise(polls)]
    assert max(gaps) <= LIMITS.ceiling
    assert min(gaps) >= LIMITS.floor
    # what is spent fades over `fading` days, so at most the budget of so many days is spent in advance
    a_day, fading = SLACK * DAY / (every * MINUTE), SPENT_HALF / DAY / math.log(2)
    assert len(polls) <= (a_day * fading + 2) * (1 + days / fading)


@pytest.mark.parametrize("every", [60, 240])
@pytest.mark.parametrize("chance_of_news", [0.0, 0.1, 0.5, 1.0])
def test_over_two_months_no_more_is_spent_than_its_interval_would(every: int, chance_of_news: float) -> None:
    polls = _played(timed(every=every), 60, 1, chance_of_news=chance_of_news)
    assert len(polls) <= 60 * (DAY / (every * MINUTE)) * 1.05


def test_a_source_that_falls_silent_is_asked_once_a_day_at_last_and_soon_again_when_it_wakes() -> None:
    one = timed()
    seen = [
        NewsSeen(since=NOW + (n - 1) * timedelta(hours=1), at=NOW + n * timedelta(hours=1), new=0) for n in range(1500)
    ]
    silent = learn(seen)
    after = seen[-1].at
    sleeping = next_poll(one, after=after, failures=0, reason=None, rhythm=silent).at - after
    assert sleeping >= timedelta(hours=8)
    awake, at = silent, after
    for _ in range(3):
        awake = awake.after(NewsSeen(since=at, at=at + timedelta(hours=8), new=6))
        at += timedelta(hours=8)
    assert next_poll(one, after=at, failures=0, reason=None, rhythm=awake).at - at < sleeping / 3


def test_what_was_overspent_is_saved_at_an_even_pace() -> None:
    # three weeks at ten minutes, up to ten minutes before the hour of the day at which its news appear
    busy = learn(
        NewsSeen(since=NOW + (n - 1) * 10 * MINUTE, at=NOW + n * 10 * MINUTE, new=5 if n % 144 in range(1, 7) else 0)
        for n in range(21 * 144)
    )
    assert busy.last is not None
    rare = timed(every=720)  # its file was changed: from ten minutes to half a day
    due = next_poll(rare, after=busy.last, failures=0, reason=None, rhythm=busy)
    assert due.at - busy.last == timedelta(hours=12)
    assert due.why is Why.BUDGET
    often = next_poll(timed(every=10), after=busy.last, failures=0, reason=None, rhythm=busy)
    assert often.at - busy.last < timedelta(minutes=30)
    assert often.why is Why.RHYTHM


@given(
    sources,
    st.lists(st.tuples(st.timedeltas(timedelta(days=-900), timedelta(days=900)), st.integers(0, 300)), max_size=12),
    st.timedeltas(timedelta(days=-900), timedelta(days=900)),
)
def test_a_clock_that_jumps_puts_nothing_off(one: Source, jumps: list[tuple[timedelta, int]], now: timedelta) -> None:
    rhythm = rhythm_of(1)
    for jump, new in jumps:
        rhythm = rhythm.after(NewsSeen(since=rhythm.last, at=NOW + jump, new=new))
    wait = next_poll(one, after=NOW + now, failures=0, reason=None, rhythm=rhythm).at - (NOW + now)
    assert floor_of(one, LIMITS) <= wait <= ceiling_of(one, LIMITS, None)


@given(sources, st.integers(1, 10_000), REASONS, RHYTHMS)
def test_each_failure_waits_at_least_as_long_as_the_one_before(
    one: Source, failures: int, reason: Reason | None, rhythm: Rhythm | None
) -> None:
    def wait(failures: int) -> timedelta:
        return next_poll(one, after=NOW, failures=failures, reason=reason, rhythm=rhythm).at - NOW

    assert wait(0) <= wait(failures) <= wait(failures + 1) <= longest_wait(one, LIMITS)  # never off
    assert wait(failures) >= kind_of(reason).value.first


@given(st.sampled_from(Reason), st.integers(1, 60))
def test_every_reason_is_slowed_and_none_without_end(reason: Reason, failures: int) -> None:
    assert timedelta(minutes=10) <= back_off(failures, reason) <= back_off(failures + 1, reason) <= timedelta(days=3)
    assert back_off(0, reason) == timedelta()


def test_a_wall_is_not_fought_and_a_fault_of_ours_is_soon_tried_again() -> None:
    for failures in range(1, 12):
        ours, trouble, changed, refused = (
            back_off(failures, reason) for reason in (Reason.ERROR, Reason.TIMEOUT, Reason.NO_ROWS, Reason.BLOCKED)
        )
        assert ours < trouble <= changed < refused
    assert {reason for reason in Reason if kind_of(reason) is Kind.REFUSED} == {
        Reason.BLOCKED,
        Reason.ROBOTS,
        Reason.LOGIN_WALL,
    }
    assert kind_of(None) is Kind.OURS


@given(sources, RHYTHMS, st.timedeltas(timedelta(days=-3), timedelta(days=4000)), st.integers(0, 5), REASONS)
def test_a_host_that_says_when_is_not_asked_before_nor_believed_for_ever(
    one: Source, rhythm: Rhythm | None, ahead: timedelta, failures: int, reason: Reason | None
) -> None:
    without = next_poll(one, after=NOW, failures=failures, reason=reason, rhythm=rhythm)
    due = next_poll(one, after=NOW, failures=failures, reason=reason, rhythm=rhythm, retry_at=NOW + ahead)
    asked = NOW + min(ahead, LONGEST_RETRY_AFTER)
    assert due.at >= asked
    assert without.at <= due.at <= max(without.at, asked + LONGEST_JITTER)
    assert (due.why is Why.RETRY_AFTER) == (asked > without.at)


@example(timed(), None)
@given(sources, st.none() | st.timedeltas(timedelta(days=-900), timedelta(days=900)))
def test_a_missed_poll_is_made_once_and_soon_and_a_planned_one_when_planned(
    one: Source, ahead: timedelta | None
) -> None:
    planned = NOW + ahead if ahead is not None else None
    due = first_poll(one, now=NOW, planned=planned)
    if planned is not None and NOW < planned <= NOW + longest_wait(one, LIMITS):
        assert due.at == planned
    else:
        # never polled, missed, or planned by a clock that stood ahead
        assert NOW <= due.at <= NOW + timedelta(seconds=2)
        assert due.why is Why.FIRST


@settings(deadline=None)
@given(sources, RHYTHMS, st.integers(1, 72))
def test_a_days_list_is_what_will_be_polled(one: Source, rhythm: Rhythm | None, hours: int) -> None:
    until = NOW + timedelta(hours=hours)
    listed = upcoming(one, now=NOW, until=until, planned=NOW + MINUTE, rhythm=rhythm)
    assert listed[0].at == NOW + MINUTE
    assert len(listed) <= MOST_LISTED
    for due, later in pairwise(listed):
        assert later == next_poll(one, after=due.at, failures=0, reason=None, rhythm=rhythm)
    assert next_poll(one, after=listed[-1].at, failures=0, reason=None, rhythm=rhythm).at > until


def test_a_days_list_of_a_failing_source_begins_with_its_back_off() -> None:
    planned = NOW + timedelta(hours=5)
    first, *others = upcoming(timed(), now=NOW, until=NOW + DAY, planned=planned, failures=3, reason=Reason.TIMEOUT)
    assert (first.at, first.why) == (planned, Why.BACK_OFF)
    assert {due.why for due in others} == {Why.INTERVAL}
    assert upcoming(timed(), now=NOW, until=NOW + DAY, planned=None)[0].why is Why.FIRST
    told = upcoming(timed(), now=NOW, until=NOW + DAY, planned=None, retry_at=NOW + timedelta(hours=2))[0]
    assert (told.at, told.why) == (NOW + timedelta(hours=2), Why.RETRY_AFTER)


@given(st.text())
def test_jitter_is_a_sources_own(name: str) -> None:
    assert -1 <= spread(name) <= 1
    assert spread(name) == spread(name)
