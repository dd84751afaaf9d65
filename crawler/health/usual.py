"""What is usual for a source, learned from its own polls, and what of a poll is not. Pure; bounded in size.

Of each list the last samples are kept, at most two a day, and of the source the working days between days with news.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median
from types import MappingProxyType

# Of one list; two a day at most, so that they reach back ten days and more.
SAMPLES = 20
SAMPLE_EVERY = timedelta(hours=12)
# Lists of one source: an edition has some twenty pages; what was not seen for longest is forgotten first.
LISTS = 40
# So many samples, over so many days, say what is usual.
ENOUGH = 4
ENOUGH_DAYS = timedelta(days=7)
# How many rows a list shows varies more than what stands in them.
ENOUGH_FOR_ROWS = 10
MIN_ROWS = 8
# A part of the least that was usual: below it a list is another one.
FALLEN = 0.25
USUAL_SHARE = 0.8  # of rows with a date, say: on fewer it is a matter of chance
# A request takes this much longer than its median, in turns and in seconds, where the server is slow today.
SLOWER = 5
SLOWER_MS = 10_000
LARGER = 10
LARGER_BYTES = 2**20
# Polls of which it is remembered whether there was an answer; every fifth without one is no chance. One long outage
# counts once: that is another verdict's business.
ANSWERS = 60
OUTAGES = 12
FEW_OUTAGES = 5  # below it, it has stopped
# Articles in a row without text, or without a date, where others before had both.
WITHOUT_TEXT = 4
WITHOUT_DATE = 6
ENOUGH_ARTICLES = 10
MANY_ARTICLES = 400  # then the counts are halved: what was long ago weighs less

# "2026-11/18", "20261118", "2026/1118": the day in the address of an edition
_DAY = re.compile(r"20\d\d[-/_]?(?:0\d|1[0-2])[-/_]?(?:[0-2]\d|3[01])")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSeen:
    """One list of a poll. What was not measured is None; of a list that had not changed only `key` and the wait are."""

    key: str
    is_read: bool = True
    rows: int = 0
    titled: int | None = None
    dated: int | None = None
    linked: int | None = None
    size: int | None = None  # bytes
    wait_ms: int | None = None
    shows_family: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlesSeen:
    """Articles of a poll: how many were read, how many of them had a date, and how many had no text or title."""

    read: int = 0
    dated: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A list as it was at some time."""

    at: datetime
    rows: int
    titled: int | None = None
    dated: int | None = None
    linked: int | None = None
    size: int | None = None
    wait_ms: int | None = None
    shows_family: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListUsual:
    """The samples of a list, the oldest first, and what was wrong with it when it was last read; None: nothing."""

    samples: tuple[Sample, ...] = ()
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlesUsual:
    """Articles so far, with less weight for those of long ago; `..._run`: one after another, up to now."""

    read: int = 0
    dated: int = 0
    unread: int = 0
    unread_run: int = 0
    undated_run: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What is usual for a source. `gaps` are working days from one day with news to the next."""

    lists: Mapping[str, ListUsual] = field(default_factory=dict)
    articles: ArticlesUsual = field(default_factory=ArticlesUsual)
    gaps: tuple[int, ...] = ()
    answers: tuple[bool, ...] = ()


def list_key(url: str) -> str:
    """What a list is called from day to day: its address with the day of an edition taken out."""
    return _DAY.sub("*", url)[:300]


def with_answer(usual: Usual, *, is_there: bool) -> Usual:
    """With one more poll that was answered, or not."""
    return replace(usual, answers=(*usual.answers, is_there)[-ANSWERS:])


def with_lists(usual: Usual, seen: Sequence[ListSeen], at: datetime) -> Usual:
    """With the lists of a poll. One that is wrong never passes for usual; one that had not changed is as it was."""
    lists = dict(usual.lists)
    for one in seen:
        known = lists.pop(one.key, ListUsual())
        if one.is_read:
            fault = list_fault(known.samples, one)
            samples = known.samples if fault is not None else _with_sample(known.samples, one, at)
            known = ListUsual(samples=samples, fault=fault)
        lists[one.key] = known  # now the last: those seen longest ago stand first
    for key in list(lists)[: max(len(lists) - LISTS, 0)]:
        del lists[key]
    return replace(usual, lists=lists)


def _with_sample(samples: tuple[Sample, ...], seen: ListSeen, at: datetime) -> tuple[Sample, ...]:
    # a clock set back must not stop the learning for good
    if samples and timedelta() <= at - samples[-1].at < SAMPLE_EVERY:
        return samples
    sample = Sample(
        at=at,
        rows=seen.rows,
        titled=seen.titled,
        dated=seen.dated,
        linked=seen.linked,
        # a slow week must not pass for usual, or it would seem to end by itself
        size=_tame(samples, "size", seen.size),
        wait_ms=_tame(samples, "wait_ms", seen.wait_ms),
        shows_family=seen.shows_family,
    )
    return (*samples, sample)[-SAMPLES:]


def list_fault(samples: Sequence[Sample], seen: ListSeen) -> str | None:
    """What says that a list is not what it was, in English for people; None where nothing does."""
    if len(samples) < ENOUGH or samples[-1].at - samples[0].at < ENOUGH_DAYS:
        return None
    least = min(sample.rows for sample in samples)
    if len(samples) >= ENOUGH_FOR_ROWS and least >= MIN_ROWS and seen.rows < least * FALLEN:
        return f"{seen.rows} rows, never below {least} before"
    shares = (
        ("dated", "{now} of {rows} rows have a date, {usual} % had one"),
        ("titled", "{now} of {rows} rows have a title, {usual} % had one"),
        ("linked", "{now} of {rows} rows lead to an article; it was {usual} %"),
    )
    for name, words in shares:
        usual = _usual_share(samples, name)
        now: int | None = getattr(seen, name)
        if usual is not None and now is not None and seen.rows and now / seen.rows < usual * FALLEN:
            return words.format(now=now, rows=seen.rows, usual=round(usual * 100))
    if seen.shows_family is False and all(sample.shows_family for sample in samples):
        return "nothing on the list shows its family any more"
    return None


def _usual_share(samples: Sequence[Sample], name: str) -> float | None:
    """The least share of rows that had it; None where it was not measured, or not usual."""
    shares: list[float] = [
        count / sample.rows for sample in samples if (count := getattr(sample, name)) is not None and sample.rows
    ]
    if len(shares) < ENOUGH or min(shares) < USUAL_SHARE:
        return None
    return min(shares)


def fault_of_lists(usual: Usual, seen: Sequence[ListSeen]) -> str | None:
    """What is wrong with the lists of a poll; of a list that had not changed, what was wrong when it was read."""
    return next((fault for one in seen if (fault := usual.lists.get(one.key, ListUsual()).fault) is not None), None)


def with_articles(usual: Usual, seen: ArticlesSeen) -> Usual:
    """With the articles of a poll."""
    before = usual.articles
    after = ArticlesUsual(
        read=before.read + seen.read,
        dated=before.dated + seen.dated,
        unread=before.unread + seen.unread,
        unread_run=0 if seen.read else before.unread_run + seen.unread,
        undated_run=0 if seen.dated else before.undated_run + seen.read,
    )
    if after.read + after.unread > MANY_ARTICLES:
        after = replace(after, read=after.read // 2, dated=after.dated // 2, unread=after.unread // 2)
    return replace(usual, articles=after)


def fault_of_articles(usual: Usual) -> str | None:
    """What says that articles are not what they were; None where nothing does."""
    articles = usual.articles
    others = articles.unread - articles.unread_run
    if articles.unread_run >= WITHOUT_TEXT and articles.read >= max(ENOUGH_ARTICLES, others * 4):
        return f"no text in the last {articles.unread_run} articles"
    before = articles.read - articles.undated_run
    if articles.undated_run >= WITHOUT_DATE and articles.dated >= max(ENOUGH_ARTICLES, before * USUAL_SHARE):
        return f"no date in the last {articles.undated_run} articles"
    return None


def slowness(usual: Usual, seen: Sequence[ListSeen], *, is_slow: bool) -> str | None:
    """What says that a source answers worse than it used to; `is_slow`: that it was said before."""
    for one in seen:
        samples = usual.lists.get(one.key, ListUsual()).samples
        if (wait_ms := _excess(samples, "wait_ms", one.wait_ms)) is not None and one.wait_ms is not None:
            return f"{one.wait_ms / 1000:.1f} s to answer, usually {wait_ms / 1000:.1f} s"
        if one.is_read and (size := _excess(samples, "size", one.size)) is not None:
            return f"{one.size} bytes, usually {round(size)}"
    outages = sum(not now and before for before, now in zip((True, *usual.answers), usual.answers, strict=False))
    if outages >= (FEW_OUTAGES if is_slow else OUTAGES):
        return f"no answer {outages} times in the last {len(usual.answers)} polls"
    return None


# How many times its median, and by how much more, a measure must be to be out of the ordinary.
_FAR = MappingProxyType({"wait_ms": (SLOWER, SLOWER_MS), "size": (LARGER, LARGER_BYTES)})


def _excess(samples: Sequence[Sample], name: str, now: int | None) -> float | None:
    """The median of a measure that `now` is far above; None where it is not, or too little was measured."""
    found: list[int] = [value for sample in samples if (value := getattr(sample, name)) is not None]
    if now is None or len(found) < ENOUGH:
        return None
    times, more = _FAR[name]
    usual: float = median(found)
    return usual if now > usual * times and now > usual + more else None


def _tame(samples: Sequence[Sample], name: str, now: int | None) -> int | None:
    usual = _excess(samples, name, now)
    return now if usual is None else round(usual)
