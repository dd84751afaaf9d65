"""What programs watch, on both databases: sums that grow by what is new, and parts that give up in time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive import Archive
from archive.care import meters
from archive.records import PollTotals
from crawler.model import PollReport, Reason
from tests.archive.making import NOW, judged, poll, prose

DAY = timedelta(days=1)


def look(archive: Archive, counted: PollTotals | None = None, *, limit_s: float = 60) -> PollTotals:
    return archive.meters(counted or PollTotals(), now=NOW, limit_s=limit_s).polls


def test_all_parts_are_there(archive: Archive) -> None:
    archive.record_poll(poll("a", at=NOW - 60 * DAY))
    archive.store(judged("https://synthetic.example/1", prose(1)), now=NOW - DAY)
    found = archive.meters(PollTotals(), now=NOW, limit_s=60)
    assert found.counts is not None
    assert found.counts.items == 1
    assert found.condition is not None
    assert found.condition.bytes > 0
    assert found.sources is not None
    assert [source.source_id for source in found.sources] == ["a", "synthetic"][: len(found.sources)]
    assert (found.targets, found.failing_targets) == (0, 0)
    assert found.freshness is not None
    assert found.polls == PollTotals(last_id=found.polls.last_id, polls={None: 1}, is_whole=True)


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_sums_are_the_same_however_they_are_read(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(meters, "_AT_ONCE", at_once)
    seen = PollTotals()
    for number in range(6):
        reason = Reason.TIMEOUT if number % 3 == 0 else None
        refused = {Reason.GONE: 1, Reason.EMPTY: number} if number % 2 else {}
        archive.record_poll(
            PollReport(
                source_id="a",
                started_at=NOW,
                ended_at=NOW,
                fetched=number,
                stored=1,
                reason=reason,
                refused=refused,
                skipped=number == 5,
            )
        )
        if number % 2:
            seen = look(archive, seen)
    assert seen == look(archive)
    assert (seen.polls, seen.skipped) == ({None: 3, Reason.TIMEOUT: 2}, 1)
    assert (seen.fetched, seen.stored) == (15, 6)
    assert seen.refused == {Reason.GONE: 3, Reason.EMPTY: 9}
    assert seen.is_whole


def test_sums_begin_again_where_another_archive_was_put(archive: Archive) -> None:
    archive.record_poll(poll("a"))
    found = look(archive, PollTotals(last_id=10**6, stored=7))
    assert (found.stored, found.polls) == (0, {None: 1})
    assert look(archive, found) == found
