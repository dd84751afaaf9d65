"""What a host's sources may spend together: never more than its budget, and none of them nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from crawler.clock.rhythm import NewsSeen, learn
from crawler.clock.schedule import SLACK, next_poll
from crawler.clock.spending import DAY, Limits, budgets
from crawler.model import ListPage, Source
from tests.crawler.clock.histories import MINUTE, NOW, timed

ROUNDING = timedelta(milliseconds=1)


def _on_host(name: str, every: int, lists: int = 1, host: str = "www.example", cron: str | None = None) -> Source:
    pages = tuple(ListPage(url=f"https://{host}/{name}/{number}") for number in range(lists))
    return replace(timed(name, every, cron), lists=pages)


@given(
    st.lists(
        st.tuples(st.integers(5, 3000), st.integers(1, 4), st.sampled_from(["a.example", "b.example"])), max_size=12
    ),
    st.integers(1, 600),
)
def test_no_host_is_asked_more_often_than_its_budget_allows(
    asked: list[tuple[int, int, str]], per_host_day: int
) -> None:
    limits = Limits(per_host_day=per_host_day)
    known = [_on_host(f"s{number}", every, lists, host) for number, (every, lists, host) in enumerate(asked)]
    granted = budgets(known, {}, limits=limits)
    assert set(granted) == {one.id for one in known}
    for host in ("a.example", "b.example"):
        here = [one for one in known if host in one.lists[0].url]
        assert sum(granted[one.id] * len(one.lists) for one in here) <= per_host_day * (1 + 1e-9)
        floors = [min(DAY / (one.every_min * MINUTE), DAY / limits.ceiling) for one in here]
        if sum(least * len(one.lists) for least, one in zip(floors, here, strict=True)) <= per_host_day:
            assert all(granted[one.id] >= least * (1 - 1e-9) for least, one in zip(floors, here, strict=True))
    for one in known:
        assert 0 < granted[one.id] <= DAY / (one.every_min * MINUTE)
        # and a source is slowed to what it is granted
        wait = next_poll(one, after=NOW, failures=0, reason=None, limits=limits, budget=granted[one.id]).at - NOW
        assert wait >= DAY / granted[one.id] - ROUNDING


def test_over_a_month_a_crowded_host_is_asked_no_more_than_its_budget() -> None:
    limits = Limits(per_host_day=48)
    known = [_on_host(f"s{number}", 30, lists=1 + number) for number in range(3)]  # 48, 96 and 144 requests a day
    die, end = random.Random(2), NOW + timedelta(days=30)
    rhythms = {one.id: learn(()) for one in known}
    due, asked, shared, share = {one.id: NOW for one in known}, 0, NOW - DAY, dict[str, float]()
    while (now := min(due.values())) < end:
        if now >= shared + DAY:
            share, shared = budgets(known, rhythms, limits=limits), now
        one = next(one for one in known if due[one.id] == now)
        asked += len(one.lists)
        last = rhythms[one.id].last
        new = die.randrange(5) if 1 <= now.hour < 10 else 0  # office hours in China
        rhythm = rhythms[one.id] = rhythms[one.id].after(NewsSeen(since=last, at=now, new=new))
        due[one.id] = next_poll(
            one, after=now, failures=0, reason=None, rhythm=rhythm, limits=limits, budget=share[one.id]
        ).at
    assert 0.8 * 48 * 30 < asked <= 48 * 30 * SLACK


def test_on_a_crowded_host_silent_sources_give_way_to_lively_ones() -> None:
    hour = timedelta(hours=1)
    lively, silent = (
        learn(NewsSeen(since=NOW + (n - 1) * hour, at=NOW + n * hour, new=new) for n in range(600)) for new in (2, 0)
    )
    known = [_on_host("lively", 30), _on_host("silent", 30), _on_host("timed", 30, cron="0 8 * * *")]
    granted = budgets(known, {"lively": lively, "silent": silent}, limits=Limits(per_host_day=30))
    assert granted["lively"] > 2 * granted["silent"] >= 2
    assert granted["timed"] == 1
    yearly = _on_host("yearly", 30, cron="0 9 1 1 *")
    assert 0 < budgets([yearly], {}, limits=Limits(per_host_day=1))["yearly"] < 1
    assert budgets(known, {}, limits=Limits())["lively"] == 48


@given(
    st.lists(st.tuples(st.integers(5, 3000), st.integers(1, 3), st.integers(0, 900)), min_size=1, max_size=8),
    st.integers(1, 600),
)
def test_lists_make_room_for_articles_and_keep_their_rare_looks(
    asked: list[tuple[int, int, int]], per_host_day: int
) -> None:
    limits = Limits(per_host_day=per_host_day)
    known = [_on_host(f"s{number}", every, lists) for number, (every, lists, _read) in enumerate(asked)]
    articles = {one.id: read for one, (_every, _lists, read) in zip(known, asked, strict=True)}
    granted = budgets(known, {}, limits=limits, articles=articles)
    alone = budgets(known, {}, limits=limits)
    least = {one.id: min(DAY / (one.every_min * MINUTE), DAY / limits.ceiling) for one in known}
    needed = sum(least[one.id] * len(one.lists) for one in known)
    spent = sum(granted[one.id] * len(one.lists) for one in known)
    read = sum(articles.values())
    assert spent <= max(per_host_day - read, min(needed, per_host_day)) * (1 + 1e-9)
    for one in known:
        assert granted[one.id] <= alone[one.id] * (1 + 1e-9)
        assert granted[one.id] >= least[one.id] * min(1.0, per_host_day / needed) * (1 - 1e-9)


def test_a_burst_of_news_costs_the_lists_of_its_host_alone_and_for_a_day() -> None:
    known = [_on_host("burst", 30), _on_host("beside", 30), _on_host("elsewhere", 30, host="other.example")]
    limits = Limits(per_host_day=100)
    quiet = budgets(known, {}, limits=limits)
    assert quiet == {"burst": 48, "beside": 48, "elsewhere": 48}
    busy = budgets(known, {}, limits=limits, articles={"burst": 60, "gone from the registry": 500})
    assert 19 <= busy["beside"] <= 20.01
    assert busy["elsewhere"] == 48
    flooded = budgets(known, {}, limits=limits, articles={"burst": 5000})
    assert flooded["burst"] == flooded["beside"] == 1  # a look a day
    two_hosts = replace(known[0], lists=(*known[0].lists, *known[2].lists))
    halved = budgets([two_hosts, *known[1:]], {}, limits=limits, articles={"burst": 140})
    assert halved["beside"] == halved["elsewhere"] < 30 + 0.01
