"""Synthetic histories of polls: sources of many rhythms, and what befalls them. Every run of a seed is the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from crawler.clock.workdays import is_working_day
from crawler.health.standing import Change, Expected, PollSeen, Standing
from crawler.health.usual import ArticlesSeen, ListSeen
from crawler.health.verdicts import CHINA, follow
from crawler.model import Reason

# 春节 2026 is 15–23 February, with working Saturdays before and after: in the quarter that is watched.
LEARNED_FROM = date(2025, 7, 1)
QUARTER = (date(2026, 1, 5), date(2026, 4, 5))
LIST = "https://quiet.example/list"

HasNews = Callable[[date, random.Random], bool]


@dataclass(kw_only=True)
class Rhythm:
    """On which days a source has news: by chance on working days, or about every so many days."""

    chance: float = 0.0
    every: float = 0.0
    spread: float = 0.0
    works_weekends: bool = False
    _next: date | None = field(default=None, repr=False)

    def __call__(self, day: date, rng: random.Random) -> bool:
        if not (self.works_weekends or is_working_day(day)):
            return False
        if not self.every:
            return rng.random() < self.chance
        if self._next is not None and day < self._next:
            return False
        self._next = day + timedelta(days=max(1, round(rng.gauss(self.every, self.spread))))
        return True


RHYTHMS: dict[str, Callable[[], Rhythm]] = {
    "every working day": lambda: Rhythm(chance=0.97),
    "a newspaper, holidays too": lambda: Rhythm(chance=0.99, works_weekends=True),
    "most working days": lambda: Rhythm(chance=0.6),
    "two days a week": lambda: Rhythm(chance=0.4),
    "weekly": lambda: Rhythm(every=7, spread=1),
    "weekly, more or less": lambda: Rhythm(every=7, spread=2.5),
    "every two weeks": lambda: Rhythm(every=14, spread=3),
    "monthly": lambda: Rhythm(every=30, spread=4),
    "now and then": lambda: Rhythm(chance=0.08),
}


def quiet_polls(
    has_news: HasNews,
    seed: int | str,
    *,
    start: date = LEARNED_FROM,
    end: date = QUARTER[1],
    per_day: int = 3,
    flicker: float = 0.01,
    is_dated: bool = True,
) -> Iterator[PollSeen]:
    """The polls of a source that nothing is wrong with, apart from one now and then that fails."""
    rng = random.Random(f"{seed}")
    day, newest, size = start, start - timedelta(days=3), 24_000
    is_after_failure = is_waiting = False
    while day < end:
        news_hour = rng.uniform(8, 20) if has_news(day, rng) else None
        before = 0.0
        for n in range(per_day):
            hour = (n + rng.random() * 0.5) * 24 / per_day
            at = datetime.combine(day, time(), CHINA).astimezone(UTC) + timedelta(hours=hour)
            is_waiting = is_waiting or (news_hour is not None and before <= news_hour < hour)
            before = hour
            is_after_failure = rng.random() < flicker and not is_after_failure  # twice in a row is no flicker
            if is_after_failure:
                yield PollSeen(ended_at=at, reason=rng.choice((Reason.TIMEOUT, Reason.SERVER_ERROR, Reason.NO_ROWS)))
                continue
            new, is_waiting = rng.randint(1, 4) if is_waiting else 0, False
            newest = day if new else newest
            size += rng.randint(-800, 800)
            yield good_poll(at, new=new, newest=newest if is_dated else None, size=size, wait_ms=rng.randint(80, 2500))
        is_waiting = is_waiting or (news_hour is not None and news_hour >= before)  # for the first poll of tomorrow
        day += timedelta(days=1)


def good_poll(
    at: datetime, *, new: int = 0, newest: date | None = None, size: int = 24_000, wait_ms: int = 300, rows: int = 20
) -> PollSeen:
    """A poll of one list that is as it should be; a list without news had not changed."""
    is_read = new > 0 or newest is None
    dated = rows if newest is not None else 0
    seen = ListSeen(
        key=LIST,
        is_read=is_read,
        rows=rows if is_read else 0,
        titled=rows if is_read else None,
        dated=dated if is_read else None,
        linked=rows if is_read else None,
        size=size if is_read else None,
        wait_ms=wait_ms,
        shows_family=True if is_read else None,
    )
    return PollSeen(
        ended_at=at,
        new=new,
        newest=None if newest is None else datetime.combine(newest, time.max, CHINA),
        lists=(seen,),
        articles=ArticlesSeen(read=new, dated=new),
    )


def from_then_on(
    polls: Iterable[PollSeen], when: datetime, befalls: Callable[[PollSeen], PollSeen]
) -> Iterator[PollSeen]:
    """A history in which something befalls every poll from `when` on."""
    return (befalls(poll) if poll.ended_at >= when else poll for poll in polls)


def failing(reason: Reason, detail: str = "") -> Callable[[PollSeen], PollSeen]:
    """Every poll fails so."""
    return lambda poll: PollSeen(ended_at=poll.ended_at, reason=reason, detail=detail)


def redesigned(**changed: object) -> Callable[[PollSeen], PollSeen]:
    """Every list is read, and is such as `changed` says: dated=0, shows_family=False, …"""

    def befalls(poll: PollSeen) -> PollSeen:
        if poll.reason is not None:
            return poll
        (seen,) = poll.lists
        base = {"rows": 20, "titled": 20, "dated": 20, "linked": 20, "size": 24_000, "shows_family": True}
        return replace(poll, lists=(replace(seen, is_read=True, **{**base, **changed}),))  # type: ignore[arg-type]

    return befalls


def silent(poll: PollSeen) -> PollSeen:
    """The list answers, and nothing is new on it any more."""
    if poll.reason is not None:
        return poll
    unchanged = tuple(ListSeen(key=one.key, is_read=False, wait_ms=one.wait_ms) for one in poll.lists)
    return PollSeen(ended_at=poll.ended_at, lists=unchanged)


def changes_of(polls: Iterable[PollSeen], expected: Expected | None = None) -> list[tuple[datetime, Change]]:
    """What a history comes to: each change with the time of the poll that confirmed it."""
    return [(at, change) for at, change, _standing in followed(polls, expected) if change is not None]


def followed(
    polls: Iterable[PollSeen], expected: Expected | None = None
) -> Iterator[tuple[datetime, Change | None, Standing]]:
    """Poll by poll: its time, what it changed, and the standing after it."""
    standing = Standing()
    for poll in polls:
        standing, change = follow(standing, poll, expected or Expected(), is_workday=is_working_day)
        yield poll.ended_at, change, standing
