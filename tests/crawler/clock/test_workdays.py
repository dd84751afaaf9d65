"""Working days of China against the State Council's notices, which stand beside the repository."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from crawler.clock.workdays import is_working_day


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 16), False),  # 除夕, a Monday
        (date(2026, 2, 14), True),  # the Saturday before is made up for
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),
        (date(2026, 10, 11), False),
        (date(2026, 11, 20), True),
        (date(1890, 1, 1), True),  # before any arrangement: a Wednesday is a Wednesday
        (date(2101, 10, 2), False),  # and a Sunday a Sunday
    ],
)
def test_days_of_work_and_of_rest(day: date, works: bool) -> None:
    assert is_working_day(day) is works


def test_years_to_come_are_estimated_by_the_moon() -> None:
    assert not is_working_day(date(2030, 2, 4))  # a Monday, 初二 of 2030
    assert not is_working_day(date(2030, 10, 1))


@pytest.mark.parametrize("year", range(2020, 2027))
def test_as_the_state_council_arranged_it(shared: Path, year: int) -> None:
    notice = shared / "pages" / "corpus_holidays" / f"{year}.json"
    told = {one["date"]: not one["isOffDay"] for one in json.loads(notice.read_text("utf-8"))["days"]}
    assert told
    for number in range(365):
        day = date(year, 1, 1) + timedelta(days=number)
        assert is_working_day(day) is told.get(day.isoformat(), day.weekday() < 5), day
