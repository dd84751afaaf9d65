from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bench.freshness import BAR, END, LIVELY, POLL, QUARTER, START, adaptive_delays, fixed_delays, polled, show, watch
from bench.rhythms import RHYTHMS, news_of
from crawler.clock.schedule import chance
from crawler.clock.spending import DAY, Limits
from crawler.clock.workdays import is_working_day

HOUR = timedelta(hours=1)


def test_over_a_quarter_news_wait_half_as_long_and_no_source_is_starved(capsys: pytest.CaptureFixture[str]) -> None:
    limits = Limits()
    watched = watch(1, limits)
    assert [one.rhythm for one in watched] == list(RHYTHMS)
    ratios = show(watched)
    assert all(ratios[rhythm] <= BAR for rhythm in (*LIVELY, "all"))
    assert len(capsys.readouterr().out.splitlines()) == 2 + len(RHYTHMS) + 1
    for one in watched:
        assert one.longest <= limits.ceiling + POLL
        assert 0 < one.requests <= (END - QUARTER) / (one.source.every_min * timedelta(minutes=1))
    # the same each time
    assert polled("bursty", 0, limits) == watched[list(RHYTHMS).index("bursty")]


def test_a_delay_lasts_to_the_first_poll_at_or_after() -> None:
    one = polled("silent", 0, Limits())
    polls = (QUARTER + 2 * HOUR, QUARTER + 5 * HOUR)
    news = (QUARTER - HOUR, QUARTER + HOUR, QUARTER + 5 * HOUR, END - HOUR)
    made = replace(one, polls=polls, news=news)
    assert adaptive_delays(made) == [HOUR, timedelta(0), HOUR]  # that of before the quarter is not counted
    assert made.requests == 2
    assert made.longest == END - polls[1]
    # fixed intervals begin at a moment of the source's own within the first one
    begins = QUARTER + 4 * HOUR * chance(one.source.id)
    at = replace(one, news=(begins - timedelta(seconds=1), begins + timedelta(seconds=1), begins + 3 * HOUR))
    waited = [delay.total_seconds() for delay in fixed_delays(at, 4 * HOUR)]
    assert waited == pytest.approx([1, 4 * 3600 - 1, 3600], abs=0.01)


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_a_simulated_source_is_the_same_each_time_and_keeps_its_hours(rhythm: str) -> None:
    news = news_of(rhythm, 4, START, END)
    assert news == sorted(news) == news_of(rhythm, 4, START, END)
    assert START < news[0] <= news[-1] <= END
    assert news != news_of(rhythm, 5, START, END)
    holiday = datetime(2026, 10, 2, tzinfo=START.tzinfo)
    if rhythm in ("office", "dying", "weekly"):
        assert all(is_working_day(at.date()) for at in news)
    if rhythm == "daily":
        assert any(holiday < at < holiday + DAY for at in news)
