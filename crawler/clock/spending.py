"""How many requests a source may cost, and what one is worth: floor, ceiling, interval, budgets of hosts. Pure.

A source's interval is its budget: as many polls a day as it would allow are the most that are spent, on average.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

import numpy as np

from crawler.clock.crontab import firings_a_day
from crawler.clock.rhythm import HOUR, Rhythm, Slots
from crawler.model import Source

DAY = timedelta(days=1)
# A request should save this many hours of waiting, summed over the news it finds; where it saves less, fewer are made.
PRICE = 0.05
# How near to the budget a price is looked for, and in how many steps: where the ceiling holds, no price is enough.
WITHIN, MOST_STEPS = 1.001, 24
# Enough halvings for a share within 1 in 10,000 of the right one.
HALVINGS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What holds for all sources. A source file that says less or more in `every_min` is obeyed."""

    floor: timedelta = timedelta(minutes=10)  # never sooner
    ceiling: timedelta = timedelta(hours=24)  # never later, however silent it is
    per_host_day: int = 1440  # requests a day, over all sources of a host


def floor_of(source: Source, limits: Limits) -> timedelta:
    """The shortest time between two polls."""
    return min(limits.floor, timedelta(minutes=source.every_min))


def ceiling_of(source: Source, limits: Limits, budget: float | None) -> timedelta:
    """The longest time between two polls that go well; longer than the setting only where the budget is smaller."""
    return max(limits.ceiling, DAY / polls_a_day(source, budget))


def polls_a_day(source: Source, budget: float | None) -> float:
    """The most polls a day on average: by its own interval, and by what its hosts leave to it."""
    own = DAY / timedelta(minutes=source.every_min)
    return own if budget is None else min(own, budget)


def price_of(rates: Slots, per_day: float, *, floor: timedelta, ceiling: timedelta) -> float:
    """The hours of waiting that one request must save so that a usual week costs at most `per_day` requests a day."""
    even, apart = _usual_waits(rates), math.sqrt(2 * PRICE)
    for _ in range(MOST_STEPS):
        spent = _spent(even * apart, floor=floor, ceiling=ceiling)
        if spent <= per_day * WITHIN:
            break
        apart *= spent / per_day  # twice as far apart is half as many, but where floor or ceiling hold
    return apart**2 / 2


def demand(rates: Slots, *, floor: timedelta, ceiling: timedelta) -> float:
    """The polls a day of a usual week in which each request is worth its price."""
    return _spent(_usual_waits(rates) * math.sqrt(2 * PRICE), floor=floor, ceiling=ceiling)


def _usual_waits(rates: Slots) -> Slots:
    """By the hours of a usual week, 1/√λ: between two polls news wait λT²/2, which is the price at T = √(2·price/λ)."""
    return 1 / np.sqrt(np.concatenate((rates[:5, 1], rates[5:, 0])))


def _spent(waits: Slots, *, floor: timedelta, ceiling: timedelta) -> float:
    within = np.minimum(np.maximum(waits, floor / HOUR), ceiling / HOUR)
    return float((1 / within).sum()) / 7


def budgets(
    sources: Iterable[Source],
    rhythms: Mapping[str, Rhythm],
    *,
    limits: Limits,
    articles: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, float]:
    """The polls a day that each source may spend, so that no host is asked for more than it should be.

    Where a host's sources want more, lively ones give the same part of what they want; the rare looks at silent ones
    are kept for as long as the host's budget allows for them. `articles` are those that sources cost in the last day:
    lists make room for them, down to the rare looks, as an article that waits may be gone.
    """
    known = list(sources)
    wishes = {source.id: _wish(source, rhythms.get(source.id), limits) for source in known}
    granted = dict(wishes)
    hosts: defaultdict[str, list[tuple[Source, int]]] = defaultdict(list)
    read: Counter[str] = Counter()
    for source in known:
        for host, lists in Counter(urlsplit(page.url).hostname or "" for page in source.lists).items():
            hosts[host].append((source, lists))
            # articles stand where their list does, or on a host that nothing is known of
            read[host] += -(-articles.get(source.id, 0) * lists // len(source.lists))
    for host, asked in hosts.items():
        least = {source.id: min(wishes[source.id], DAY / limits.ceiling) for source, _ in asked}
        needed = sum(least[source.id] * lists for source, lists in asked)
        left = max(limits.per_host_day - read[host], min(needed, limits.per_host_day))
        part = _part([(wishes[one.id] * lists, least[one.id] * lists) for one, lists in asked], left)
        scarce = min(1.0, left / needed)
        for source, _ in asked:
            share = max(part * wishes[source.id], least[source.id]) * scarce
            granted[source.id] = min(granted[source.id], share)
    return granted


def _wish(source: Source, rhythm: Rhythm | None, limits: Limits) -> float:
    own = polls_a_day(source, None)
    floor = floor_of(source, limits)
    if source.cron is not None:
        return firings_a_day(source.cron, floor=floor)
    if rhythm is None or not rhythm.is_learned:
        return own
    return min(own, demand(rhythm.rates, floor=floor, ceiling=ceiling_of(source, limits, None)))


def _part(wanted: list[tuple[float, float]], most: float) -> float:
    """The part of their wishes that sources get, each at least its least: (wish, least) of each; at most all."""
    low, high = 0.0, 1.0
    if sum(wish for wish, _ in wanted) <= most:
        return 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if sum(max(middle * wish, least) for wish, least in wanted) > most:
            high = middle
        else:
            low = middle
    return low
