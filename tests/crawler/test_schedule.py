"""When a source is polled next: never hurried, ever slower while it fails, never given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crawler.catalogue import MAX_EVERY_MIN
from crawler.model import Reason, Source
from crawler.schedule import AFTER_REFUSAL, JITTER, LONGEST, first_poll, next_poll, spread
from tests.archive.making import source

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
SLACK = timedelta(milliseconds=1)

sources = st.builds(
    lambda name, every: replace(source(), id=name, every_min=every),
    st.text("abcdefgh-", min_size=1, max_size=20),
    st.integers(5, MAX_EVERY_MIN),
)
reasons = st.none() | st.sampled_from(Reason)


@given(sources)
def test_after_success_the_interval_give_or_take_the_jitter(one: Source) -> None:
    wait = next_poll(one, after=NOW, failures=0, reason=None) - NOW
    every = timedelta(minutes=one.every_min)
    assert every * (1 - JITTER) - SLACK <= wait <= every * (1 + JITTER) + SLACK


@given(sources, st.integers(1, 10_000), reasons)
def test_each_failure_waits_at_least_as_long_as_the_one_before(
    one: Source, failures: int, reason: Reason | None
) -> None:
    waits = [next_poll(one, after=NOW, failures=failures + more, reason=reason) - NOW for more in (0, 1)]
    assert waits[0] <= waits[1]
    assert next_poll(one, after=NOW, failures=0, reason=None) - NOW <= waits[0]
    assert waits[1] <= max(LONGEST, timedelta(minutes=one.every_min)) * (1 + JITTER) + SLACK  # never off


@given(sources, st.integers(1, 50))
def test_a_wall_is_not_fought(one: Source, failures: int) -> None:
    for reason in (Reason.BLOCKED, Reason.ROBOTS):
        assert next_poll(one, after=NOW, failures=failures, reason=reason) - NOW >= AFTER_REFUSAL * (1 - JITTER) - SLACK


@given(sources, st.none() | st.timedeltas(timedelta(days=-900), timedelta(days=900)))
def test_a_missed_poll_is_made_once_and_soon_and_a_planned_one_when_planned(
    one: Source, ahead: timedelta | None
) -> None:
    planned = NOW + ahead if ahead is not None else None
    due = first_poll(one, now=NOW, planned=planned)
    if planned is not None and planned > NOW:
        assert due == planned
    else:
        assert NOW <= due <= NOW + timedelta(seconds=2)


@given(st.text())
def test_jitter_is_a_sources_own(name: str) -> None:
    assert -1 <= spread(name) <= 1
    assert spread(name) == spread(name)
