"""When a source is polled next. Pure: facts and history in, a time and why out; the clock is the caller's.

Requests are placed so that news wait least: where more news are expected, the time between polls is shorter by the
square root of it (Sia, Cho, Cho: Efficient Monitoring Algorithm for Fast News Alerts, IEEE TKDE 19(7), 2007).
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from crawler.clock.backoff import Kind, back_off
from crawler.clock.crontab import firings_a_day, next_firing
from crawler.clock.placing import Piece, place
from crawler.clock.rhythm import HOUR, SPENT_HALF, Rhythm
from crawler.clock.spending import DAY, Limits, ceiling_of, floor_of, polls_a_day, price_of
from crawler.model import Reason, Source

# Sources of one interval must not all come due in the same second. It only lengthens: the interval is the budget.
JITTER = 0.1
# What is expected at an hour is not to be missed by the jitter.
LONGEST_JITTER = timedelta(minutes=5)
# A cron expression means the minute; sources of one expression spread over it.
CRON_JITTER = timedelta(minutes=1)
# A Retry-After beyond this is a mistake or a way to be rid of us: a week later we ask again.
LONGEST_RETRY_AFTER = timedelta(days=7)
# By Friday evening a source of working days has spent so much more than an even share.
SLACK = 1.05
# Of one source no more polls are listed: a fortnight of every ten minutes is no plan to read.
MOST_LISTED = 2000


class Why(StrEnum):
    """What decided when a source is polled."""

    FIRST = "first"  # never polled, or missed while nothing ran
    INTERVAL = "interval"  # as often as its file says: little is known of it yet
    RHYTHM = "rhythm"  # learned
    CEILING = "ceiling"  # nothing is expected; looked at all the same
    CRON = "cron"
    BACK_OFF = "back-off"
    RETRY_AFTER = "retry-after"
    BUDGET = "budget"  # later than wanted: enough was spent
    BUSY = "busy"  # another run held the host
    WANTED = "wanted"  # a person asked for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    at: datetime
    why: Why


def next_poll(
    source: Source,
    *,
    after: datetime,
    failures: int,
    reason: Reason | None,
    rhythm: Rhythm | None = None,
    retry_at: datetime | None = None,
    limits: Limits | None = None,
    budget: float | None = None,
) -> Due:
    """When `source` is due after a poll that ended at `after`, its `failures`-th failure in a row (0: it went well).

    `retry_at` is when the host asked to be left alone until; `budget` the polls a day that its hosts leave to it, as
    `spending.budgets` has them. Without a rhythm the interval of its file holds; with one, it is the budget.
    """
    limits = limits or Limits()
    due = _regular(source, after, rhythm, limits, budget)
    if failures > 0 and (slowed := after + back_off(failures, reason) * (1 + JITTER * chance(source.id))) > due.at:
        due = Due(at=slowed, why=Why.BACK_OFF)
    if retry_at is not None and (asked := min(retry_at, after + LONGEST_RETRY_AFTER)) > due.at:
        due = Due(at=asked + LONGEST_JITTER * chance(source.id), why=Why.RETRY_AFTER)
    if source.cron is not None and due.why is not Why.CRON:
        due = Due(at=_fired(source, due.at), why=due.why)
    return due


def first_poll(source: Source, *, now: datetime, planned: datetime | None, limits: Limits | None = None) -> Due:
    """When `source` is due after a start: as planned before, or within the first seconds; a missed poll runs once.

    A plan further ahead than any wait was made by a clock that has been set back since: it is due now.
    """
    latest = now + longest_wait(source, limits or Limits())
    if source.cron is not None:
        latest = _fired(source, latest) + CRON_JITTER
    if planned is not None and now < planned <= latest:
        return Due(at=planned, why=Why.CRON if source.cron is not None else Why.INTERVAL)
    return Due(at=now + timedelta(seconds=1 + spread(source.id)), why=Why.FIRST)


def longest_wait(source: Source, limits: Limits) -> timedelta:
    """The longest that `next_poll` ever waits, cron expressions aside."""
    refused = max(kind.value.longest for kind in Kind) * (1 + JITTER)
    regular = ceiling_of(source, limits, DAY / limits.ceiling) * (1 + JITTER)
    return max(refused, LONGEST_RETRY_AFTER + LONGEST_JITTER, regular)


def upcoming(
    source: Source,
    *,
    now: datetime,
    until: datetime,
    planned: datetime | None,
    failures: int = 0,
    reason: Reason | None = None,
    rhythm: Rhythm | None = None,
    retry_at: datetime | None = None,
    limits: Limits | None = None,
    budget: float | None = None,
) -> tuple[Due, ...]:
    """The polls from `now` to `until` if all go well and nothing new comes; the first is `planned`, or made at once."""
    due = first_poll(source, now=now, planned=planned, limits=limits)
    if due.why is not Why.FIRST and failures:
        due = Due(at=due.at, why=Why.BACK_OFF)
    if retry_at is not None and (asked := min(retry_at, now + LONGEST_RETRY_AFTER)) > due.at:
        due = Due(at=asked, why=Why.RETRY_AFTER)
    found: list[Due] = []
    while due.at <= until and len(found) < MOST_LISTED:
        found.append(due)
        due = next_poll(source, after=due.at, failures=0, reason=None, rhythm=rhythm, limits=limits, budget=budget)
    return tuple(found)


def spread(source_id: str) -> float:
    """A number from -1 to 1 that is always the same for a source: jitter that can be repeated."""
    return int.from_bytes(hashlib.sha256(source_id.encode()).digest()[:4]) / 2**31 - 1


def chance(source_id: str) -> float:
    """The same from 0 to 1."""
    return (spread(source_id) + 1) / 2


def _regular(source: Source, after: datetime, rhythm: Rhythm | None, limits: Limits, budget: float | None) -> Due:
    """When it is due where nothing failed."""
    floor = floor_of(source, limits)
    if source.cron is not None:
        if budget is not None and budget < firings_a_day(source.cron, floor=floor):
            floor = max(floor, DAY / budget)  # its host has less to give than the expression asks for
        return Due(at=_fired(source, after + floor), why=Why.CRON)
    if rhythm is None or not rhythm.is_learned:
        wait = max(floor, DAY / polls_a_day(source, budget))
        return Due(at=after + wait * (1 + JITTER * chance(source.id)), why=Why.INTERVAL)
    ceiling = ceiling_of(source, limits, budget)
    wanted = _expecting(source, after, rhythm, polls_a_day(source, budget), floor=floor, ceiling=ceiling)
    if wanted is None:
        # Silent sources drift through the hours of the day, and not all of them at once.
        return Due(at=after + ceiling * (1 - JITTER * chance(source.id)), why=Why.CEILING)
    wait = max(floor, wanted - after)
    due = Due(at=after + wait + min(wait * JITTER, LONGEST_JITTER) * chance(source.id), why=Why.RHYTHM)
    if (saved := after + _saving(rhythm, polls_a_day(source, budget))) > due.at:
        due = Due(at=saved, why=Why.BUDGET)
    return due if due.at <= after + ceiling else Due(at=after + ceiling, why=Why.CEILING)


def _expecting(
    source: Source, after: datetime, rhythm: Rhythm, per_day: float, *, floor: timedelta, ceiling: timedelta
) -> datetime | None:
    """When the news that are expected are worth a request; None where they are not before the ceiling."""
    price = price_of(rhythm.rates, per_day, floor=floor, ceiling=ceiling)
    pieces = (Piece(hours=part.hours, rate=rhythm.rate(part)) for part in rhythm.stretches(after, after + 2 * ceiling))
    hours = place(pieces, price)
    return after + hours * HOUR if hours is not None and hours * HOUR < ceiling else None


def _saving(rhythm: Rhythm, per_day: float) -> timedelta:
    """How long to wait until no more is spent than the budget; at most an even share of it, even where much was."""
    if rhythm.first is None or rhythm.last is None:
        return timedelta()
    # what would be left of as many polls every day since it is watched
    even = per_day * (SPENT_HALF / DAY) / math.log(2) * (1 - 0.5 ** ((rhythm.last - rhythm.first) / SPENT_HALF))
    over = math.log2(max(rhythm.spent, 1.0) / (SLACK * even + 1))
    return min(SPENT_HALF * max(0.0, over), DAY / per_day)


def _fired(source: Source, not_before: datetime) -> datetime:
    """The first time of its cron expression from then on; a day later where it has none, which no file may say."""
    fired = next_firing(source.cron or "", source.timezone, not_before=not_before)
    return (fired or not_before + DAY) + CRON_JITTER * chance(source.id)
