"""Cron expressions of source files: they win over what was learned, and never over a back-off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.clock.backoff import back_off
from crawler.clock.crontab import check_cron, firings_a_day, next_firing
from crawler.clock.rhythm import Rhythm
from crawler.clock.schedule import CRON_JITTER, LONGEST_RETRY_AFTER, Why, first_poll, next_poll
from crawler.clock.spending import Limits
from crawler.model import Reason
from tests.crawler.clock.histories import MINUTE, NAMES, NOW, REASONS, RHYTHMS, timed

LIMITS = Limits()

crons = st.sampled_from(["30 8,15 * * 1-5", "*/5 * * * *", "0 3 * * *", "15 9 1 * *", "0 12 * * 7", "* * * * *"])


@given(NAMES, crons, RHYTHMS, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_a_cron_expression_wins_over_what_was_learned(
    name: str, cron: str, rhythm: Rhythm | None, later: timedelta
) -> None:
    one, after = timed(name, cron=cron), NOW + later
    due = next_poll(one, after=after, failures=0, reason=None, rhythm=rhythm)
    assert due.why is Why.CRON
    assert due == next_poll(one, after=after, failures=0, reason=None)
    fired = next_firing(cron, one.timezone, not_before=after + LIMITS.floor)
    assert fired is not None
    assert fired <= due.at <= fired + CRON_JITTER  # and the floor holds


def test_cron_is_read_as_debians_in_the_sources_own_zone() -> None:
    monday = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    due = next_poll(timed(cron="30 8,15 * * 1-5"), after=monday, failures=0, reason=None).at
    assert due.astimezone(ZoneInfo("Asia/Shanghai")).replace(second=0, microsecond=0) == monday.replace(
        hour=15, minute=30
    )
    sunday = next_poll(timed(cron="0 9 * * 0"), after=monday, failures=0, reason=None).at  # 0 is Sunday, not Monday
    assert sunday.astimezone(ZoneInfo("Asia/Shanghai")).date() == date(2026, 3, 8)
    west = replace(timed(cron="0 9 * * *"), timezone="Asia/Urumqi")
    assert next_poll(west, after=monday, failures=0, reason=None).at.astimezone(ZoneInfo("Asia/Urumqi")).hour == 9


@given(NAMES, crons, st.integers(1, 20), REASONS, st.none() | st.timedeltas(timedelta(0), timedelta(days=20)))
def test_cron_never_wins_over_a_back_off(
    name: str, cron: str, failures: int, reason: Reason | None, ahead: timedelta | None
) -> None:
    one = timed(name, cron=cron)
    retry_at = NOW + ahead if ahead is not None else None
    due = next_poll(one, after=NOW, failures=failures, reason=reason, retry_at=retry_at)
    assert due.at >= NOW + back_off(failures, reason)
    if retry_at is not None:
        assert due.at >= min(retry_at, NOW + LONGEST_RETRY_AFTER)
    # its times may be the only ones at which the site may be asked
    on_time = next_firing(cron, one.timezone, not_before=due.at - CRON_JITTER)
    assert on_time is not None
    assert on_time <= due.at


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ("30 8,15 * * 1-5", None),
        ("0 0 29 2 *", None),
        ("0 8 * * MON", None),
        ("61 * * * *", "Bad minute"),
        ("0 0 30 2 *", "Bad day-of-month"),
        ("0 0 */31 2 MON#5", "no such day"),  # the first of February is no fifth Monday
        ("@daily", "five fields"),
        ("0 * * * * *", "five fields"),  # with seconds, as some programs have it
        ("", "five fields"),
    ],
)
def test_a_wrong_cron_expression_is_told(expression: str, wrong: str | None) -> None:
    told = check_cron(expression)
    assert told is None if wrong is None else wrong in (told or "")


def test_how_often_a_cron_expression_comes_to() -> None:
    assert firings_a_day("30 8,15 * * *", floor=10 * MINUTE) == 2
    assert firings_a_day("0 9 * * 1", floor=10 * MINUTE) == pytest.approx(1 / 7)
    assert firings_a_day("* * * * *", floor=30 * MINUTE) == 48


def test_a_plan_by_cron_may_lie_far_ahead() -> None:
    one = timed(cron="0 9 1 1 *")
    planned = next_poll(one, after=NOW, failures=0, reason=None).at
    assert planned - NOW > timedelta(days=200)
    assert first_poll(one, now=NOW, planned=planned).at == planned
    assert first_poll(one, now=NOW, planned=planned + timedelta(days=400)).why is Why.FIRST


def test_a_crowded_host_is_asked_less_often_than_the_expression_says() -> None:
    one = timed(cron="*/10 * * * *")
    assert next_poll(one, after=NOW, failures=0, reason=None, budget=24).at - NOW >= timedelta(hours=1)
    assert next_poll(one, after=NOW, failures=0, reason=None, budget=200).at - NOW < timedelta(minutes=21)
