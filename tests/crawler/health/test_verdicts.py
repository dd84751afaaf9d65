"""How a source stands, poll by poll: what changes a verdict, and what is a flicker."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.health.standing import Change, Expected, Health, PollSeen, Standing
from crawler.health.verdicts import follow
from crawler.model import Reason

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OK = None


def changes(*said: Reason | None) -> list[tuple[str, str | None, int]]:
    """What hourly polls that end so come to: (verdict, the one before, number of the poll it holds since)."""
    return [
        (change.verdict.value, change.previous.value if change.previous else None, round((change.since - NOW) / HOUR))
        for change in told(*(PollSeen(ended_at=NOW + n * HOUR, reason=reason) for n, reason in enumerate(said)))
    ]


def told(*polls: PollSeen, silence: int | None = None) -> list[Change]:
    standing, found = Standing(), []
    for poll in polls:
        standing, change = follow(standing, poll, Expected(max_silence_days=silence))
        if change is not None:
            found.append(change)
    return found


def test_a_source_that_is_well_from_the_first_is_no_event() -> None:
    assert changes(OK, OK, OK) == []


def test_one_failure_is_a_flicker_and_two_in_a_row_are_an_event_since_the_first() -> None:
    assert changes(OK, OK, Reason.NO_ROWS, OK, Reason.NO_ROWS, OK) == []
    assert changes(OK, OK, Reason.NO_ROWS, Reason.NO_ROWS) == [("broken", "healthy", 2)]


def test_a_source_that_never_worked_is_an_event_too() -> None:
    assert changes(Reason.BLOCKED, Reason.BLOCKED, Reason.BLOCKED) == [("blocked", None, 0)]


def test_two_failures_of_different_kinds_are_an_event_named_by_the_last() -> None:
    assert changes(OK, OK, Reason.TIMEOUT, Reason.BLOCKED) == [("blocked", "healthy", 2)]


def test_failures_that_alternate_in_kind_are_not_an_event_each() -> None:
    assert changes(OK, OK, *([Reason.TIMEOUT, Reason.BLOCKED] * 5)) == [("blocked", "healthy", 2)]


def test_a_trouble_that_becomes_another_and_recovery_take_two_that_agree() -> None:
    down = (Reason.TIMEOUT, Reason.SERVER_ERROR, Reason.TIMEOUT)
    said = (OK, OK, *down, Reason.BLOCKED, Reason.BLOCKED, OK, Reason.BLOCKED, OK, OK)
    assert changes(*said) == [("unreachable", "healthy", 2), ("blocked", "unreachable", 5), ("healthy", "blocked", 9)]


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        (Reason.NO_ROWS, "broken"),
        (Reason.GONE, "broken"),
        (Reason.LOGIN_WALL, "blocked"),
        (Reason.ROBOTS, "refused"),
        (Reason.REDIRECT_OFFSITE, "moved"),
        (Reason.UNREACHABLE, "unreachable"),
        (Reason.ERROR, "fault"),
    ],
)
def test_reasons_and_what_they_say(reason: Reason, verdict: str) -> None:
    assert changes(reason, reason, reason) == [(verdict, None, 0)]


def test_a_poll_that_says_nothing_of_the_source_changes_nothing() -> None:
    assert changes(OK, OK, Reason.NO_ROWS, Reason.BUSY, Reason.LEASE_LOST, Reason.NOT_IN_WARC) == []
    skipped = PollSeen(ended_at=NOW, is_skipped=True)
    assert follow(Standing(), skipped, Expected(max_silence_days=1)) == (Standing(freshest_at=NOW), None)


def daily(*, new: int = 0, newest: int | None = None, days: int = 1) -> list[PollSeen]:
    """A poll a day; `newest` is how many days before the first one its newest row is dated."""
    date = None if newest is None else NOW - timedelta(days=newest)
    return [PollSeen(ended_at=NOW + timedelta(days=n), new=new, newest=date) for n in range(days)]


def test_a_source_is_silent_once_its_newest_row_is_older_than_its_file_expects() -> None:
    (change,) = told(*daily(newest=0, days=15), silence=10)
    assert change.verdict is Health.SILENT
    assert change.previous is Health.HEALTHY
    assert change.since == NOW + timedelta(days=11)


def test_a_list_whose_newest_row_is_years_old_when_first_seen_is_silent() -> None:
    assert [change.verdict for change in told(*daily(new=20, newest=900, days=2), silence=30)] == [Health.SILENT]


def test_rows_without_dates_are_as_fresh_as_when_they_were_new() -> None:
    polls = daily(new=1) + daily(days=40)[1:]
    assert [change.verdict for change in told(*polls, silence=30)] == [Health.SILENT]
    assert told(*daily(new=1, days=40), silence=30) == []


def test_a_row_dated_in_2062_does_not_hide_silence() -> None:
    slip = PollSeen(ended_at=NOW, new=1, newest=datetime(2062, 1, 1, tzinfo=UTC))
    assert [change.verdict for change in told(slip, *daily(days=40)[1:], silence=30)] == [Health.SILENT]


def test_a_silent_source_that_speaks_again_is_well() -> None:
    again = [PollSeen(ended_at=NOW + timedelta(days=40 + n), new=1) for n in range(2)]
    verdicts = [change.verdict for change in told(*daily(new=1), *daily(days=40)[1:], *again, silence=30)]
    assert verdicts == [Health.SILENT, Health.HEALTHY]


def test_without_an_expectation_nothing_is_silent() -> None:
    assert told(*daily(newest=900, days=5)) == []
