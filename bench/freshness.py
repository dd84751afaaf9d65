"""How long news wait to be seen: the clock's policy against fixed intervals of the same requests, over a quarter.

A simulation without a network: the real policy, synthetic sources. `--quick` has few sources of each rhythm.
"""

from __future__ import annotations

import argparse
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from bench.rhythms import HOUR, RHYTHMS, ZONE, news_of
from crawler.clock.rhythm import NewsSeen, learn
from crawler.clock.schedule import chance, next_poll
from crawler.clock.spending import Limits
from crawler.model import ListPage, Source

# 国庆 and 中秋 of 2026 lie within; the weeks before are for learning and count for neither side.
START = datetime(2026, 7, 20, tzinfo=ZONE)
QUARTER = datetime(2026, 8, 31, tzinfo=ZONE)
END = QUARTER + timedelta(days=90)
EVERY_MIN = 60  # as a source file says where it says nothing
POLL = timedelta(seconds=5)
OF_EACH, OF_EACH_QUICK = 20, 3
BAR = 0.5  # the median delay, of that at fixed intervals
# Each of these is held to the bar, too; silent and dying sources give their requests to them.
LIVELY = ("office", "daily", "weekly", "bursty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One source of the simulation: when its news appeared and when it was polled."""

    rhythm: str
    source: Source
    news: tuple[datetime, ...]
    polls: tuple[datetime, ...]

    @property
    def requests(self) -> int:
        return len(self.polls) - bisect_left(self.polls, QUARTER)

    @property
    def longest(self) -> timedelta:
        """The longest time without a poll, that into the quarter included."""
        first = max(0, bisect_left(self.polls, QUARTER) - 1)
        ends = [*self.polls[first:], END]
        return max((later - earlier for earlier, later in pairwise(ends)), default=END - START)


def main(argv: list[str] | None = None) -> int:
    """Print the delays by rhythm; 1 where a median is above the bar, or a source was left longer than the ceiling."""
    parser = argparse.ArgumentParser(prog="python -m bench.freshness", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(argv)
    limits = Limits()
    watched = watch(OF_EACH_QUICK if options.quick else OF_EACH, limits)
    ratios = show(watched)
    longest = max(one.longest for one in watched)
    total = sum(one.requests for one in watched)
    sys.stdout.write(
        f"{len(watched)} sources, {total:,} requests, {total / len(watched) / (END - QUARTER).days:.1f} a day each;"
        f" longest time without a poll {longest / HOUR:.1f} h\n"
        f"median of fixed intervals × {ratios['all']:.2f} (bar {BAR}; the same for {', '.join(LIVELY)} alone)\n"
    )
    is_fresh = all(ratios[rhythm] <= BAR for rhythm in (*LIVELY, "all"))
    return 0 if is_fresh and longest <= limits.ceiling + POLL else 1


def watch(of_each: int, limits: Limits) -> list[Watched]:
    """So many sources of each rhythm, polled as the policy says."""
    return [polled(rhythm, number, limits) for rhythm in RHYTHMS for number in range(of_each)]


def polled(rhythm: str, number: int, limits: Limits) -> Watched:
    """One source over the weeks of learning and the quarter."""
    source = _source(f"{rhythm}-{number}")
    news = news_of(rhythm, number, START, END)
    known = learn((), timezone=source.timezone)
    polls: list[datetime] = []
    at = START + chance(source.id) * timedelta(minutes=EVERY_MIN)
    while at < END:
        since = polls[-1] if polls else None
        new = bisect_right(news, at) - (bisect_right(news, since) if since else 0)
        polls.append(at)
        known = known.after(NewsSeen(since=since, at=at, new=new))
        due = next_poll(source, after=at + POLL, failures=0, reason=None, rhythm=known, limits=limits)
        at = due.at
    return Watched(rhythm=rhythm, source=source, news=tuple(news), polls=tuple(polls))


def adaptive_delays(one: Watched) -> list[timedelta]:
    """How long each news of the quarter waited for a poll. What the last poll does not find waits to the end."""
    return _delays(one, lambda at: [*one.polls, END][bisect_left(one.polls, at)])


def fixed_delays(one: Watched, every: timedelta) -> list[timedelta]:
    """The same if it were polled at an interval, from a moment of its own."""
    first = QUARTER + every * (chance(one.source.id) - 1)
    return _delays(one, lambda at: min(END, first + every * -((first - at) // every)))


def show(watched: list[Watched]) -> dict[str, float]:
    """Print the table; for each rhythm and all, the clock's median of that at fixed intervals shared by all."""
    every = len(watched) * (END - QUARTER) / sum(one.requests for one in watched)
    sys.stdout.write(
        "minutes from publication to poll, median / p90; fixed: as many requests in all, at one interval for all;"
        " fixed alone: each source at the interval that its own requests allow\n"
        f"{'rhythm':8}{'news':>8}{'polls a day':>13}{'clock':>14}{'fixed':>14}{'ratio':>7}{'fixed alone':>14}"
        f"{'longest gap':>13}\n"
    )
    ratios = {}
    for rhythm in [*RHYTHMS, "all"]:
        chosen = [one for one in watched if rhythm in (one.rhythm, "all")]
        ours = [delay for one in chosen for delay in adaptive_delays(one)]
        fixed = [delay for one in chosen for delay in fixed_delays(one, every)]
        alone = [delay for one in chosen for delay in fixed_delays(one, (END - QUARTER) / max(1, one.requests))]
        requests = sum(one.requests for one in chosen) / len(chosen) / (END - QUARTER).days
        gap = max(one.longest for one in chosen) / HOUR
        ratios[rhythm] = median(ours) / median(fixed) if ours else 0.0
        sys.stdout.write(
            f"{rhythm:8}{len(ours):>8,}{requests:>13.1f}{_minutes(ours):>14}{_minutes(fixed):>14}"
            f"{ratios[rhythm]:>7.2f}{_minutes(alone):>14}{gap:>11.1f} h\n"
        )
    return ratios


def _delays(one: Watched, seen: Callable[[datetime], datetime]) -> list[timedelta]:
    return [seen(at) - at for at in one.news if at > QUARTER]


def _minutes(delays: list[timedelta]) -> str:
    if not delays:
        return "-"
    inorder = sorted(delays)
    minute = timedelta(minutes=1)
    return f"{median(inorder) / minute:.1f} / {inorder[int(len(inorder) * 0.9)] / minute:.0f}"


def _source(name: str) -> Source:
    home = f"https://{name}.example/"
    return Source(
        id=name,
        name=name,
        kind="government",
        level="city",
        adcode="510100",
        home=home,
        hosts=(f"{name}.example",),
        family="generic",
        lists=(ListPage(url=home),),
        every_min=EVERY_MIN,
    )


if __name__ == "__main__":
    sys.exit(main())
