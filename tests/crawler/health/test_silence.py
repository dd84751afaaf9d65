"""How long a source may be silent: properties of the bound, and working days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.clock.workdays import is_working_day
from crawler.health.silence import (
    ENOUGH_GAPS,
    GAPS,
    SHORTEST_SILENCE,
    holidays,
    is_refuted,
    longest_silence,
    working_days,
)
from crawler.health.standing import Expected, Health, PollSeen
from crawler.health.verdicts import CHINA
from tests.crawler.health.histories import changes_of

gaps = st.lists(st.integers(min_value=0, max_value=400), min_size=ENOUGH_GAPS, max_size=GAPS)


@given(gaps)
def test_no_gap_that_was_seen_is_a_silence(seen: list[int]) -> None:
    bound = longest_silence(seen)
    assert bound is not None
    assert bound >= max(2 * max(seen), SHORTEST_SILENCE)


@given(gaps, st.randoms(use_true_random=False))
def test_the_order_of_gaps_does_not_count(seen: list[int], rng: object) -> None:
    mixed = seen.copy()
    rng.shuffle(mixed)  # type: ignore[attr-defined]
    assert longest_silence(mixed) == longest_silence(seen)


@given(gaps, st.integers(min_value=2, max_value=5))
def test_a_slower_source_may_be_silent_longer(seen: list[int], times: int) -> None:
    bound, slower = longest_silence(seen), longest_silence([gap * times for gap in seen])
    assert bound is not None
    assert slower is not None
    assert slower >= bound


@given(st.lists(st.integers(min_value=0, max_value=400), max_size=ENOUGH_GAPS - 1))
def test_of_a_few_gaps_nothing_is_said(seen: list[int]) -> None:
    assert longest_silence(seen) is None


def test_spring_festival_is_no_silence() -> None:
    # 15 to 23 February 2026 are off; Saturday the 14th and the 28th are worked
    assert working_days(date(2026, 2, 13), date(2026, 2, 24), is_working_day) == 2
    assert holidays(date(2026, 2, 13), date(2026, 2, 24), is_working_day) == 6


def test_years_are_counted_by_weeks() -> None:
    assert working_days(date(2000, 1, 1), date(2020, 1, 1), is_working_day) == pytest.approx(20 * 261, rel=0.01)
    assert holidays(date(2000, 1, 1), date(2020, 1, 1), is_working_day) < 100


def weekly_news_before_the_festival(silent_until: date) -> list[PollSeen]:
    """A poll a day, the newest row dated 13 February 2026, the last working day but one before 春节."""
    day, polls = date(2026, 2, 10), []
    while day <= silent_until:
        newest = datetime.combine(min(day, date(2026, 2, 13)), time(12), CHINA)
        polls.append(PollSeen(ended_at=datetime.combine(day, time(18), CHINA), newest=newest))
        day += timedelta(days=1)
    return polls


def test_what_a_file_expects_is_prolonged_by_holidays() -> None:
    week = Expected(max_silence_days=7)
    assert changes_of(weekly_news_before_the_festival(date(2026, 2, 25)), week) == []
    ((_at, change),) = changes_of(weekly_news_before_the_festival(date(2026, 3, 1)), week)
    assert change.verdict is Health.SILENT
    assert change.detail.endswith("days, 7 at most are expected")


def test_what_a_file_expects_is_refuted_by_a_longer_silence_that_ended() -> None:
    often = [1] * ENOUGH_GAPS
    assert not is_refuted(14, often)
    assert not is_refuted(14, [*often, 10])  # two weeks
    assert is_refuted(14, [*often, 11])
    assert not is_refuted(14, [11])  # little is known


def daily_but_for(pauses: list[tuple[int, int]], days: int) -> list[PollSeen]:
    """A poll and news on every working day of 2026 from 2 March, without news on days from … to …."""
    day, newest, polls = date(2026, 3, 2), date(2026, 3, 1), []
    for n in range(days):
        new = int(is_working_day(day) and not any(since <= n < until for since, until in pauses))
        newest = day if new else newest
        fresh = datetime.combine(newest, time.max, CHINA)
        polls.append(PollSeen(ended_at=datetime.combine(day, time(18), CHINA), new=new, newest=fresh))
        day += timedelta(days=1)
    return polls


def test_a_silence_is_told_by_the_file_or_by_history_whichever_is_sooner() -> None:
    ((by_history, change),) = changes_of(daily_but_for([(60, 150)], 150), Expected(max_silence_days=365))
    assert change.detail.startswith("nothing new for ")
    assert change.detail.endswith("so far 1 at most")
    ((by_file, change),) = changes_of(daily_but_for([(60, 150)], 150), Expected(max_silence_days=5))
    assert change.detail.endswith("5 at most are expected")
    assert by_file < by_history


def test_a_file_that_expects_too_much_alarms_once() -> None:
    recess = [(40, 51), (65, 76), (90, 101)]  # each longer than the week that the file allows, and usual by the second
    told = [change.verdict for _at, change in changes_of(daily_but_for(recess, 120), Expected(max_silence_days=7))]
    assert told == [Health.SILENT, Health.HEALTHY]
