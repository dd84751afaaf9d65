"""What is learned of a source's own polls: hours, days, holidays of China, bursts and silences."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.clock.rhythm import BURST, LONGEST_GAP, NewsSeen, Rhythm, learn
from crawler.clock.workdays import is_working_day
from tests.crawler.clock.histories import hourly, recorded

CHINA = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
START = datetime(2026, 3, 2, tzinfo=CHINA)  # a Monday
THURSDAY, SATURDAY = 3, 5


def _expected(rhythm: Rhythm, start: datetime, end: datetime) -> float:
    """The news expected between two times if none came since the last poll."""
    return sum(rhythm.rate(part) * part.hours for part in rhythm.stretches(start, end))


def _slot(rhythm: Rhythm, weekday: int, hour: int, *, is_working: bool = True) -> float:
    return float(rhythm.rates[weekday, int(is_working), hour])


def test_an_edition_is_expected_at_its_hour() -> None:
    rhythm = learn(hourly(START, weeks=4, news=lambda at: 12 if at.hour == 7 else 0))
    hours = rhythm.rates[:5, 1].mean(axis=0)
    assert hours.argmax() == 6  # found at seven, so it appeared after six
    assert hours[6] > 20 * np.delete(hours, 6).max()
    assert hours.min() > 0  # no hour is thought impossible
    assert hours[6] == pytest.approx(12, rel=0.2)


def test_a_weekly_edition_is_expected_on_its_day() -> None:
    rhythm = learn(hourly(START, weeks=6, news=lambda at: 9 if (at.weekday(), at.hour) == (THURSDAY, 15) else 0))
    others = [_slot(rhythm, weekday, 14) for weekday in range(5) if weekday != THURSDAY]
    assert _slot(rhythm, THURSDAY, 14) > 3 * max(others)


def test_an_office_is_expected_to_rest_on_holidays_and_to_work_on_make_up_days() -> None:
    start = datetime(2026, 8, 3, tzinfo=CHINA)
    rhythm = learn(hourly(start, weeks=8, news=lambda at: 2 if is_working_day(at.date()) and 9 <= at.hour < 17 else 0))
    assert rhythm.last is not None
    assert rhythm.last.date() == date(2026, 9, 27)

    def of(day: date) -> float:
        noon = datetime(day.year, day.month, day.day, 9, tzinfo=CHINA)
        return _expected(rhythm, noon, noon + 7 * HOUR)

    friday_of_holiday, make_up_saturday, saturday = date(2026, 10, 2), date(2026, 10, 10), date(2026, 10, 17)
    assert not is_working_day(friday_of_holiday)
    assert is_working_day(make_up_saturday)
    assert of(make_up_saturday) > 5 * of(friday_of_holiday)
    assert of(make_up_saturday) > 5 * of(saturday)


def test_after_the_first_news_of_a_burst_more_are_expected() -> None:
    die = random.Random(7)
    burst = [False] * 24 * 7 * 6
    for _ in range(14):
        first = die.randrange(len(burst) - 6)
        burst[first : first + 5] = [True] * 5
    quiet = learn(hourly(START, weeks=6, news=lambda at: 2 if burst[int((at - START) / HOUR) - 1] else 0))
    assert quiet.last is not None
    stirred = quiet.after(NewsSeen(since=quiet.last, at=quiet.last + HOUR, new=2))
    assert stirred.last is not None
    soon = _expected(stirred, stirred.last, stirred.last + 2 * HOUR)
    assert soon > 3 * _expected(quiet, quiet.last, quiet.last + 2 * HOUR)


def test_an_edition_that_has_come_is_not_expected_again() -> None:
    die = random.Random(3)
    minutes = [die.randrange(10, 60, 10) for _ in range(30)]
    step, seen = timedelta(minutes=10), list[NewsSeen]()
    for number in range(21 * 144 + 37):  # the last poll is at six
        at = START + number * step
        is_edition = (at.hour, at.minute) == (6, minutes[(at - START).days])
        seen.append(NewsSeen(since=at - step, at=at, new=12 if is_edition else 0))
    rhythm, now = learn(seen), seen[-1].at + step
    waiting, come = (rhythm.after(NewsSeen(since=seen[-1].at, at=now, new=new)) for new in (0, 12))
    assert _expected(waiting, now, now + HOUR / 3) > 2 * _expected(come, now, now + HOUR / 3)


def test_a_source_that_dies_is_expected_to_bring_ever_less() -> None:
    lively = learn(hourly(START, weeks=4, news=lambda at: 1))
    assert lively.last is not None
    expected, rhythm = [_expected(lively, lively.last, lively.last + 24 * HOUR)], lively
    for _ in range(3):
        assert rhythm.last is not None
        for seen in hourly(rhythm.last, weeks=1, news=lambda at: 0):
            rhythm = rhythm.after(seen)
        expected.append(_expected(rhythm, rhythm.last, rhythm.last + 24 * HOUR))
    assert expected == sorted(expected, reverse=True)
    assert expected[-1] < expected[0] / 20


def test_a_rhythm_that_changes_is_followed() -> None:
    before = hourly(START, weeks=5, news=lambda at: 10 if at.hour == 7 else 0)
    after = hourly(START + timedelta(weeks=5), weeks=3, news=lambda at: 10 if at.hour == 16 else 0)
    rhythm = learn([*before, *after])
    afternoon, morning = rhythm.rates[:5, 1, 15].mean(), rhythm.rates[:5, 1, 6].mean()
    assert afternoon > morning


def test_a_backfill_or_a_redesign_says_nothing_of_the_rhythm() -> None:
    def week(at: datetime) -> int:
        return 2 if at.hour == 10 else 0

    plain = learn(hourly(START, weeks=4, news=week))
    flooded = learn(hourly(START, weeks=4, news=lambda at: 500 if at == START + 300 * HOUR else week(at)))
    assert flooded.rates.max() < BURST * 2 * plain.rates.max()
    assert _slot(flooded, 0, 9) == pytest.approx(_slot(plain, 0, 9), rel=0.5)
    first = learn([NewsSeen(since=None, at=START, new=5000)])
    assert first.news.sum() == 0
    assert not first.is_learned


def test_a_long_gap_tells_how_much_but_not_when() -> None:
    rhythm = learn(hourly(START, weeks=2, news=lambda at: 1 if at.hour == 10 else 0))
    assert rhythm.last is not None
    later = rhythm.last + LONGEST_GAP + HOUR
    woken = rhythm.after(NewsSeen(since=rhythm.last, at=later, new=300))
    assert (woken.last, woken.last_news) == (later, later)
    assert np.array_equal(woken.rates, rhythm.rates)


def test_a_clock_set_back_teaches_nothing_and_is_followed() -> None:
    rhythm = learn(hourly(START, weeks=2, news=lambda at: 1))
    assert rhythm.last is not None
    ahead = rhythm.after(NewsSeen(since=rhythm.last, at=rhythm.last + timedelta(days=365), new=0))
    again = rhythm.last + HOUR
    back = ahead.after(NewsSeen(since=ahead.last, at=again, new=50))
    assert np.array_equal(back.rates, rhythm.rates)
    assert (back.last, back.last_news) == (again, again)
    learning = back.after(NewsSeen(since=again, at=again + HOUR, new=3))
    assert learning.news.sum() > back.news.sum()


def test_the_zone_is_the_sources_and_the_calendar_chinas() -> None:
    seen = hourly(START, weeks=4, news=lambda at: 12 if at.hour == 7 else 0)
    assert learn(seen, timezone="Asia/Urumqi").rates[:5, 1].mean(axis=0).argmax() == 4  # two hours behind


def _made(gaps: list[tuple[int, int]]) -> Iterator[NewsSeen]:
    at: datetime = START
    for minutes, new in gaps:
        since, at = at, at + timedelta(minutes=minutes)
        yield NewsSeen(since=since, at=at, new=new)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 9000), st.integers(0, 10_000)), max_size=60))
def test_whatever_was_seen_every_hour_has_a_finite_rate_and_learning_is_a_fold(gaps: list[tuple[int, int]]) -> None:
    seen = list(_made(gaps))
    rhythm = learn(seen)
    assert np.isfinite(rhythm.rates).all()
    assert rhythm.rates.min() > 0
    assert all(factor > 0 for factor in rhythm.factors)
    assert rhythm.news.sum() == pytest.approx(rhythm.came.sum())
    half = learn(seen[: len(seen) // 2])
    for one in seen[len(seen) // 2 :]:
        half = half.after(one)
    assert np.array_equal(half.rates, rhythm.rates)
    assert half.spent == rhythm.spent


@given(st.timedeltas(timedelta(0), timedelta(days=3650)), st.integers(0, 20_000))
def test_stretches_are_the_whole_time_each_within_an_hour(later: timedelta, minutes: int) -> None:
    start = START + later
    end = start + timedelta(minutes=minutes)
    parts = list(learn(()).stretches(start, end))
    assert sum(part.hours for part in parts) == pytest.approx((end - start) / HOUR)
    assert all(0 < part.hours <= 1 for part in parts)
    for part in parts:
        local = part.start.astimezone(CHINA)
        assert part.slot == (local.weekday(), int(is_working_day(local.date())), local.hour)


@pytest.mark.parametrize("rhythm", ["office", "daily", "weekly"])
def test_of_a_recorded_history_the_next_week_is_known_better_than_by_its_mean(rhythm: str) -> None:
    """Log likelihood of the week after, hour by hour, against a rate that is always the mean."""
    seen: list[NewsSeen] = recorded(rhythm, START, weeks=8)
    known, unseen = seen[: 7 * 168], seen[7 * 168 :]
    learned = learn(known)
    mean = sum(one.new for one in known) / len(known)
    gain = 0.0
    for one in unseen:
        assert one.since is not None
        expected = _expected(learned, one.since, one.at)
        gain += (one.new * np.log(expected) - expected) - (one.new * np.log(mean) - mean)
        learned = learned.after(one)
    assert gain > 0.3 * sum(one.new for one in unseen)  # a third of a nat for each news
