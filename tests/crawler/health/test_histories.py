"""Whole histories: what is planted is found, and quiet sources are left in peace."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from crawler.health.standing import Expected, Health, PollSeen
from crawler.health.usual import ArticlesSeen
from crawler.health.verdicts import CONFIRMED_AFTER
from crawler.model import Reason
from tests.crawler.health.histories import (
    QUARTER,
    RHYTHMS,
    changes_of,
    failing,
    followed,
    from_then_on,
    good_poll,
    quiet_polls,
    redesigned,
    silent,
)

# A Wednesday in the middle of the quarter, after 春节.
THEN = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
SEEDS = range(8)


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_a_quarter_of_quiet_sources_is_no_alarm(rhythm: str) -> None:
    """Half a year to learn from, then a quarter with 春节 in it; a poll in a hundred fails."""
    told = [
        (seed, at, change)
        for seed in SEEDS
        for at, change in changes_of(quiet_polls(RHYTHMS[rhythm](), f"{rhythm} {seed}"))
    ]
    assert told == []


@pytest.mark.parametrize(("rhythm", "days"), [("every working day", 14), ("weekly", 30), ("monthly", 120)])
def test_a_quarter_of_quiet_sources_with_what_their_files_expect_is_no_alarm(rhythm: str, days: int) -> None:
    """As `sources add` writes it: three times the longest pause between the rows of a page, rounded up."""
    for seed in range(3):
        polls = quiet_polls(RHYTHMS[rhythm](), f"{rhythm} {seed}")
        assert changes_of(polls, Expected(max_silence_days=days)) == []


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_a_quarter_with_lists_read_in_full_at_every_poll_is_no_alarm(rhythm: str) -> None:
    """Lists without dates never count as unchanged here: every poll is measured."""
    polls = quiet_polls(RHYTHMS[rhythm](), f"undated {rhythm}", is_dated=False)
    assert changes_of(polls) == []


PLANTED: dict[str, tuple[Callable[[PollSeen], PollSeen], Health]] = {
    "rows gone": (failing(Reason.NO_ROWS, "0 rows, at least 1 expected"), Health.BROKEN),
    "list gone": (failing(Reason.GONE, "404"), Health.BROKEN),
    "error page with status 200": (failing(Reason.SOFT_ERROR), Health.BROKEN),
    "dates gone": (redesigned(dated=0), Health.BROKEN),
    "titles gone": (redesigned(titled=1), Health.BROKEN),
    "links gone": (redesigned(linked=0), Health.BROKEN),
    "a menu where the list was": (
        redesigned(rows=30, titled=30, linked=30, dated=0, shows_family=False),
        Health.BROKEN,
    ),
    "another system": (redesigned(shows_family=False), Health.BROKEN),
    "wall": (failing(Reason.BLOCKED, "412"), Health.BLOCKED),
    "challenge": (failing(Reason.BLOCKED, "challenge"), Health.BLOCKED),
    "forbidden": (failing(Reason.HTTP_ERROR, "403"), Health.BLOCKED),
    "login": (failing(Reason.LOGIN_WALL), Health.BLOCKED),
    "robots.txt": (failing(Reason.ROBOTS), Health.REFUSED),
    "moved": (failing(Reason.REDIRECT_OFFSITE, "https://other.example/"), Health.MOVED),
    "no address": (failing(Reason.UNREACHABLE), Health.UNREACHABLE),
    "no answer in time": (failing(Reason.TIMEOUT), Health.UNREACHABLE),
    "server in trouble": (failing(Reason.SERVER_ERROR), Health.UNREACHABLE),
    "ten times slower": (redesigned(wait_ms=28_000), Health.SLOW),
    "ten times larger": (redesigned(size=6_000_000), Health.SLOW),
    "our own fault": (failing(Reason.ERROR, "ValueError"), Health.FAULT),
}


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("rhythm", ["every working day", "two days a week", "weekly"])
def test_what_is_planted_is_found_within_a_day_and_its_end_is_told(planted: str, rhythm: str) -> None:
    befalls, health = PLANTED[planted]
    until = THEN + timedelta(days=10)
    polls = [
        befalls(poll) if THEN <= poll.ended_at < until else poll
        for poll in quiet_polls(RHYTHMS[rhythm](), f"planted {rhythm}", flicker=0)
    ]
    (found_at, found), (_at, over) = changes_of(polls)
    assert (found.verdict, found.previous) == (health, found.previous)
    assert found.previous is not None
    assert found.previous.is_fine
    assert THEN <= found.since <= found_at <= THEN + timedelta(days=1.5)
    assert (over.verdict, over.previous) == (Health.HEALTHY, health)
    assert over.since >= until


@pytest.mark.parametrize(
    ("rhythm", "within"),
    [("every working day", 21), ("a newspaper, holidays too", 21), ("two days a week", 120), ("weekly", 45)],
)
def test_a_silence_is_found_in_a_time_that_fits_the_source(rhythm: str, within: int) -> None:
    end = QUARTER[1] + timedelta(days=150)
    for seed in SEEDS:
        polls = quiet_polls(RHYTHMS[rhythm](), f"silent {rhythm} {seed}", end=end, flicker=0)
        found = changes_of(from_then_on(polls, THEN, silent))
        assert [change.verdict for _at, change in found] == [Health.SILENT]
        assert THEN < found[0][0] <= THEN + timedelta(days=within)
        assert found[0][1].detail.startswith("nothing new for ")


def test_a_source_that_speaks_again_is_told_and_its_longest_silence_is_learned() -> None:
    until = THEN + timedelta(days=40)
    polls = [
        silent(poll) if THEN <= poll.ended_at < until else poll
        for poll in quiet_polls(RHYTHMS["every working day"](), "again", end=until.date() + timedelta(days=30))
    ]
    *_rest, (_at, _change, standing) = followed(polls)
    assert [change.verdict for _at, change in changes_of(polls)] == [Health.SILENT, Health.HEALTHY]
    assert max(standing.usual.gaps) > 20


def test_articles_without_text_are_a_redesign_that_its_list_does_not_show() -> None:
    def befalls(poll: PollSeen) -> PollSeen:
        return PollSeen(
            ended_at=poll.ended_at,
            new=poll.new,
            newest=poll.newest,
            lists=poll.lists,
            articles=ArticlesSeen(unread=poll.articles.read),
        )

    polls = quiet_polls(RHYTHMS["every working day"](), "texts", flicker=0)
    ((_at, found),) = changes_of(from_then_on(polls, THEN, befalls))
    assert found.verdict is Health.BROKEN
    assert found.detail.startswith("no text in the last ")


def test_flickers_of_every_kind_are_no_event() -> None:
    reasons = [reason for reason in Reason if reason not in (Reason.BUSY, Reason.LEASE_LOST, Reason.NOT_IN_WARC)]
    polls = list(quiet_polls(RHYTHMS["every working day"](), "flickers", flicker=0))
    for n, reason in enumerate(reasons):
        at = len(polls) - 1 - n * 7
        polls[at] = failing(reason)(polls[at])
    assert changes_of(polls) == []


def test_a_server_that_is_kept_every_night_is_no_event() -> None:
    """Down from one to half past two, polled every half hour."""
    start = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
    polls = []
    for n in range(48 * 14):
        at = start + timedelta(minutes=30 * n)
        is_down = at.hour == 17 or (at.hour == 18 and at.minute < 30)
        polls.append(failing(Reason.UNREACHABLE)(good_poll(at)) if is_down else good_poll(at, new=at.hour == 3))
    assert changes_of(polls) == []


def test_a_server_that_fails_every_third_poll_is_slow_and_told_once() -> None:
    rng = random.Random("flapping")
    polls = [
        failing(Reason.TIMEOUT)(poll) if poll.ended_at >= THEN and rng.random() < 0.35 else poll
        for poll in quiet_polls(RHYTHMS["every working day"](), "flapping", flicker=0, per_day=12)
    ]
    slow = [change for _at, change in changes_of(polls) if change.verdict is Health.SLOW]
    assert len(slow) == 1
    assert slow[0].detail.startswith("no answer ")


def test_two_failures_within_a_minute_are_a_flicker() -> None:
    start = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
    well = [good_poll(start + timedelta(hours=n), new=1) for n in range(3)]
    failed = failing(Reason.NO_ROWS)
    late = start + timedelta(hours=3)
    twice = [failed(good_poll(late)), failed(good_poll(late + timedelta(minutes=1)))]
    assert changes_of(well + twice) == []
    ((at, change),) = changes_of([*well, *twice, failed(good_poll(late + CONFIRMED_AFTER))])
    assert (at, change.since, change.verdict) == (late + CONFIRMED_AFTER, late, Health.BROKEN)


def test_an_edited_source_file_begins_to_learn_anew() -> None:
    """A site that really gives no dates any more: the file gets a note, and the source is well by it."""
    from crawler.health.standing import Standing
    from crawler.health.verdicts import follow

    polls = from_then_on(quiet_polls(RHYTHMS["every working day"](), "edited", flicker=0), THEN, redesigned(dated=0))
    standing, told = Standing(), []
    for poll in polls:
        digest = "after" if poll.ended_at >= THEN + timedelta(days=5) else "before"
        standing, change = follow(standing, poll, Expected(digest=digest))
        if change is not None:
            told.append(change.verdict)
    assert told == [Health.BROKEN, Health.HEALTHY]
