"""Synthetic sources: when their news appear over some months, by six rhythms. Seeded, so the same each time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crawler.clock.workdays import is_working_day

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
# When offices put their news online: the morning and the afternoon around a long lunch.
OFFICE = ((9, 12), (14, 18))
# A dying source has half of its news a month later.
DYING_HALF = timedelta(days=21)

Days = list[date]


def news_of(rhythm: str, seed: int, start: datetime, end: datetime) -> list[datetime]:
    """When the news of one source appear, in order."""
    chances = random.Random(f"{rhythm} {seed}")
    days = [start.date() + timedelta(days=number) for number in range((end - start).days + 1)]
    return sorted(at for at in RHYTHMS[rhythm](chances, days) if start < at <= end)


def _office(chances: random.Random, days: Days) -> Iterator[datetime]:
    """2 to 8 a working day, at office hours."""
    daily = chances.uniform(2, 8)
    for day in filter(is_working_day, days):
        yield from _in_office(chances, day, daily)


def _daily(chances: random.Random, days: Days) -> Iterator[datetime]:
    """An edition of 5 to 30 every day, holidays too, about the same time give or take twenty minutes."""
    hour, size = chances.uniform(5, 9), chances.randint(5, 30)
    for day in days:
        opening = _at(day, hour) + timedelta(minutes=chances.gauss(0, 20))
        yield from (opening + timedelta(minutes=chances.uniform(0, 10)) for _ in range(size))


def _weekly(chances: random.Random, days: Days) -> Iterator[datetime]:
    """3 to 12 on one day of the week, within two hours of about the same time."""
    weekday, hour, size = chances.randrange(5), chances.uniform(9, 16), chances.randint(3, 12)
    for day in days:
        if day.weekday() == weekday and is_working_day(day):
            opening = _at(day, hour) + timedelta(minutes=chances.gauss(0, 30))
            yield from (opening + chances.random() * 2 * HOUR for _ in range(size))


def _bursty(chances: random.Random, days: Days) -> Iterator[datetime]:
    """Nothing for days, then about ten within some hours, at any hour of the day or evening."""
    at = _at(days[0], 0)
    while at.date() <= days[-1]:
        at += timedelta(days=chances.expovariate(1 / 3))
        burst = at.replace(hour=chances.randrange(7, 22))
        for _ in range(1 + min(30, round(chances.expovariate(1 / 9)))):
            yield burst
            burst += timedelta(minutes=chances.expovariate(1 / 20))


def _silent(chances: random.Random, days: Days) -> Iterator[datetime]:
    """Two in all."""
    yield from (_at(chances.choice(days), chances.uniform(8, 18)) for _ in range(2))


def _dying(chances: random.Random, days: Days) -> Iterator[datetime]:
    """Office hours, from 2 to 8 a working day down to none."""
    daily = chances.uniform(2, 8)
    for day in filter(is_working_day, days):
        yield from _in_office(chances, day, daily * 0.5 ** ((day - days[0]) / DYING_HALF))


RHYTHMS: dict[str, Callable[[random.Random, Days], Iterator[datetime]]] = {
    "office": _office,
    "daily": _daily,
    "weekly": _weekly,
    "bursty": _bursty,
    "silent": _silent,
    "dying": _dying,
}


def _in_office(chances: random.Random, day: date, daily: float) -> Iterator[datetime]:
    hours = sum(end - start for start, end in OFFICE)
    for start, end in OFFICE:
        at = _at(day, start)
        while (at := at + chances.expovariate(daily / hours) * HOUR) < _at(day, end):
            yield at


def _at(day: date, hour: float) -> datetime:
    return datetime.combine(day, time(), ZONE) + hour * HOUR
