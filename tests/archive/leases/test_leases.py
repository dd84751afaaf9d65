from __future__ import annotations

import time
from dataclasses import dataclass

import psutil
import pytest
from sqlalchemy import select

from archive import Archive
from archive.schema import lease_watches
from crawler.errors import LeaseLostError
from crawler.leases.lease_clock import LeaseClock
from crawler.leases.owner import owner_name
from crawler.model import Reason
from tests.archive.making import NOW, entry, judged
from tests.archive.places import Place


@dataclass
class Seconds:
    s: float = 0.0


def passing(archive: Archive, machine: str = "here") -> Seconds:
    """The clock by which this archive tells that a lease of another is not renewed; it stands still by itself."""
    seconds = Seconds()
    archive.lease_clock = LeaseClock(machine=machine, now_s=lambda: seconds.s)
    return seconds


def test_one_owner_at_a_time(archive: Archive) -> None:
    lease = archive.acquire_lease("a.example", "one", 60)
    assert lease is not None
    assert lease.token == 1
    assert archive.acquire_lease("a.example", "two", 60) is None
    archive.release_lease(lease)
    second = archive.acquire_lease("a.example", "two", 60)
    assert second is not None
    assert second.token == 2


def test_lease_passes_on_when_it_was_seen_not_renewed_for_its_time(archive: Archive) -> None:
    clock = passing(archive)
    first = archive.acquire_lease("a.example", "one", 10)
    assert first is not None
    clock.s += 1000  # nobody has looked: it may have been renewed a moment ago
    assert archive.acquire_lease("a.example", "two", 60) is None
    clock.s += 9.9
    assert archive.acquire_lease("a.example", "two", 60) is None
    clock.s += 0.1
    second = archive.acquire_lease("a.example", "two", 60)
    assert second is not None
    assert archive.renew_leases([first, second], 60) == (first,)
    archive.release_lease(first)  # not theirs any more: nothing happens
    assert archive.acquire_lease("a.example", "three", 60) is None


def test_a_lease_that_is_renewed_does_not_pass_on(archive: Archive) -> None:
    clock = passing(archive)
    first = archive.acquire_lease("a.example", "one", 10)
    assert first is not None
    for _ in range(5):
        assert archive.acquire_lease("a.example", "two", 10) is None
        clock.s += 9.0
        assert archive.renew_leases([first], 10) == ()
    clock.s += 9.0
    assert archive.acquire_lease("a.example", "two", 10) is None


def test_a_lease_lasts_as_long_as_its_owner_said(archive: Archive) -> None:
    clock = passing(archive)
    assert archive.acquire_lease("a.example", "one", 100) is not None
    assert archive.acquire_lease("a.example", "two", 1) is None
    clock.s += 99.0
    assert archive.acquire_lease("a.example", "two", 1) is None
    clock.s += 1.0
    assert archive.acquire_lease("a.example", "two", 1) is not None


def test_each_machine_goes_by_its_own_clock(place: Place) -> None:
    with place.open() as here, place.open() as there:
        mine, theirs = passing(here, "here"), passing(there, "there")
        mine.s = 10**9
        assert here.acquire_lease("a.example", "one", 10) is not None
        assert there.acquire_lease("a.example", "two", 10) is None
        assert here.acquire_lease("a.example", "two", 10) is None
        mine.s += 5.0
        theirs.s += 9.0
        assert here.acquire_lease("a.example", "two", 10) is None
        assert there.acquire_lease("a.example", "two", 10) is None
        theirs.s += 1.0
        assert there.acquire_lease("a.example", "two", 10) is not None
        # what was seen of the one before says nothing of this one
        mine.s += 5.0
        assert here.acquire_lease("a.example", "three", 10) is None
        with here._reading() as connection:
            seen = connection.execute(select(lease_watches.c.machine, lease_watches.c.token)).all()
        assert [tuple(row) for row in seen] == [("here", 2)]


def test_run_out_but_not_taken_is_still_ours(archive: Archive) -> None:
    clock = passing(archive)
    lease = archive.acquire_lease("a.example", "one", 10)
    assert lease is not None
    assert archive.acquire_lease("a.example", "two", 10) is None
    clock.s += 1000
    archive.settle(entry("https://a.example/1"), Reason.GONE, "", now=NOW, lease=lease)
    assert archive.renew_leases([lease], 10) == ()
    assert archive.acquire_lease("a.example", "two", 10) is None


def test_write_fails_when_the_lease_has_passed_on(archive: Archive) -> None:
    clock = passing(archive)
    first = archive.acquire_lease("a.example", "one", 10)
    assert first is not None
    assert archive.acquire_lease("a.example", "two", 60) is None
    clock.s += 10
    assert archive.acquire_lease("a.example", "two", 60) is not None
    with pytest.raises(LeaseLostError, match=r"a\.example"):
        archive.store(judged("https://a.example/1", "正文", lease=first), now=NOW)
    with pytest.raises(LeaseLostError):
        archive.settle(entry("https://a.example/1"), Reason.GONE, "", now=NOW, lease=first)
    with pytest.raises(LeaseLostError):
        archive.note_rows(
            [entry("https://a.example/1")], list_url="l", source_id="s", now=NOW, validators=None, lease=first
        )
    assert archive.explain("https://a.example/1") is None


@pytest.mark.parametrize("hours", [-1, 1, 24 * 400])
def test_a_clock_that_is_set_changes_nothing(archive: Archive, monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    clock = passing(archive)
    set_to = time.time() + hours * 3600
    live = archive.acquire_lease("a.example", owner_name(), 60)
    dead = archive.acquire_lease("b.example", "elsewhere/1/boot.1/5/x", 60)
    assert live is not None
    assert dead is not None
    monkeypatch.setattr(time, "time", lambda: set_to)
    # psutil adds the time of the boot by the clock, which moves when the clock is set
    monkeypatch.setattr(psutil._psplatform, "boot_time", lambda: set_to - time.monotonic())
    assert archive.acquire_lease("a.example", "two", 60) is None
    assert archive.acquire_lease("b.example", "two", 60) is None
    clock.s += 59
    assert archive.renew_leases([live], 60) == ()
    assert archive.acquire_lease("a.example", "two", 60) is None
    assert archive.acquire_lease("b.example", "two", 60) is None
    clock.s += 1
    assert archive.acquire_lease("a.example", "two", 60) is None
    assert archive.acquire_lease("b.example", "two", 60) is not None


def test_shared_by_two_archives_on_one_file(place: Place) -> None:
    with place.open() as one, place.open() as two:
        assert one.acquire_lease("a.example", "one", 60) is not None
        assert two.acquire_lease("a.example", "two", 60) is None
