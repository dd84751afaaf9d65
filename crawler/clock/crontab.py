"""Cron expressions of source files: five fields, as Debian's cron reads them, in the source's own time zone. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

# "30 8,15 * * 1-5": cronsim takes a sixth field for seconds, cron takes it for the command
FIELDS = 5
# The firings of four weeks tell how many there are a day.
WEEKS_COUNTED = timedelta(weeks=4)
_SOME_DAY = datetime(2026, 3, 2, tzinfo=ZoneInfo("Asia/Shanghai"))  # a Monday


def check_cron(expression: str) -> str | None:
    """What is wrong with a cron expression; None where it is well and will ever fire."""
    if len(expression.split()) != FIELDS:
        return "a cron expression has five fields: minute, hour, day of month, month, day of week"
    try:
        next(CronSim(expression, _SOME_DAY))
    except CronSimError as error:
        return str(error)
    except StopIteration:
        return "there is no such day"
    return None


def next_firing(expression: str, timezone: str, *, not_before: datetime) -> datetime | None:
    """The first time at or after `not_before` that the expression names; None where there is none in 50 years."""
    local = not_before.astimezone(ZoneInfo(timezone)) - timedelta(microseconds=1)
    return next(CronSim(expression, local), None)


@lru_cache(maxsize=512)
def firings_a_day(expression: str, *, floor: timedelta) -> float:
    """How many polls a day the expression comes to, none closer to another than `floor`; one in four weeks at least."""
    count, at = 0, _SOME_DAY
    while (fired := next_firing(expression, "Asia/Shanghai", not_before=at)) and fired < _SOME_DAY + WEEKS_COUNTED:
        count, at = count + 1, fired + max(floor, timedelta(minutes=1))
    return max(count, 1) / WEEKS_COUNTED.days
