"""Periods of China's calendar by name: 2026, 2026-Q1, 2026-03, 2026-W10 (ISO 8601), 2026-03-02. No SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

PERIODS = ("year", "quarter", "month", "week", "day")
# Ten years of days. Beyond that a date of 1900 read by mistake would fill the screen with nothing.
MAX_PERIODS = 3660

CHINA = ZoneInfo("Asia/Shanghai")
# Beyond these no clock can be set to another zone; nobody means them.
_OLDEST, _NEWEST = datetime(2, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def period_of(period: str, day: str) -> str:
    """The name of the period of a day, YYYY-MM-DD."""
    return _name(period, date.fromisoformat(day))


def periods_between(
    period: str, seen: Sequence[str], since: datetime | None, until: datetime | None
) -> tuple[tuple[str, ...], bool]:
    """All periods from the first seen, or `since`, to the last seen, or `until`, which is not included, in order.

    More than MAX_PERIODS are too many: then only those seen, and True.
    """
    if not seen:
        return (), False
    first = _first_day(period, min(seen))
    last = _first_day(period, max(seen))
    if since is not None:
        first = min(first, _start(period, max(since, _OLDEST).astimezone(CHINA).date()))
    if until is not None:
        end = min(until, _NEWEST) - timedelta(microseconds=1)
        last = max(last, _start(period, end.astimezone(CHINA).date()))
    if (last - first).days / _DAYS[period] > MAX_PERIODS:
        return tuple(seen), True
    names = [_name(period, first)]
    while first < last:
        first = _next(period, first)
        names.append(_name(period, first))
    return tuple(names), False


_DAYS = {"year": 365, "quarter": 91, "month": 30, "week": 7, "day": 1}


def _name(period: str, day: date) -> str:
    year = f"{day.year:04}"
    if period == "year":
        return year
    if period == "quarter":
        return f"{year}-Q{(day.month + 2) // 3}"
    if period == "month":
        return f"{year}-{day.month:02}"
    if period == "week":
        iso = day.isocalendar()
        return f"{iso.year:04}-W{iso.week:02}"
    return day.isoformat()


def _first_day(period: str, name: str) -> date:
    year = int(name[:4])
    if period == "year":
        return date(year, 1, 1)
    if period == "quarter":
        return date(year, 3 * int(name[6]) - 2, 1)
    if period == "month":
        return date(year, int(name[5:7]), 1)
    if period == "week":
        return date.fromisocalendar(year, int(name[6:]), 1)
    return date.fromisoformat(name)


def _start(period: str, day: date) -> date:
    return _first_day(period, _name(period, day))


def _next(period: str, first: date) -> date:
    # from the first day of a period, so many days lead into the next one and never beyond it
    return _start(period, first + timedelta(days={"year": 366, "quarter": 92, "month": 31}.get(period, _DAYS[period])))
