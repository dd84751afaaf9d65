from __future__ import annotations

import time

import pytest

from archive import Archive
from crawler.errors import LeaseLostError
from crawler.model import Reason
from tests.archive.making import NOW, entry, judged
from tests.archive.places import Place


def test_one_owner_at_a_time(archive: Archive) -> None:
    lease = archive.acquire_lease("a.example", "one", 60)
    assert lease is not None
    assert lease.token == 1
    assert archive.acquire_lease("a.example", "two", 60) is None
    archive.release_lease(lease)
    second = archive.acquire_lease("a.example", "two", 60)
    assert second is not None
    assert second.token == 2


def test_lease_passes_on_when_it_runs_out(archive: Archive) -> None:
    first = archive.acquire_lease("a.example", "one", 0.05)
    assert first is not None
    time.sleep(0.1)
    second = archive.acquire_lease("a.example", "two", 60)
    assert second is not None
    assert archive.renew_leases([first, second], 60) == (first,)
    archive.release_lease(first)  # not theirs any more: nothing happens
    assert archive.acquire_lease("a.example", "three", 60) is None


def test_run_out_but_not_taken_is_still_ours(archive: Archive) -> None:
    lease = archive.acquire_lease("a.example", "one", 0.01)
    assert lease is not None
    time.sleep(0.05)
    archive.settle(entry("https://a.example/1"), Reason.GONE, "", now=NOW, lease=lease)
    assert archive.renew_leases([lease], 60) == ()


def test_write_fails_when_the_lease_has_passed_on(archive: Archive) -> None:
    first = archive.acquire_lease("a.example", "one", 0.01)
    assert first is not None
    time.sleep(0.05)
    archive.acquire_lease("a.example", "two", 60)
    with pytest.raises(LeaseLostError, match=r"a\.example"):
        archive.store(judged("https://a.example/1", "正文", lease=first), now=NOW)
    with pytest.raises(LeaseLostError):
        archive.settle(entry("https://a.example/1"), Reason.GONE, "", now=NOW, lease=first)
    with pytest.raises(LeaseLostError):
        archive.note_rows(
            [entry("https://a.example/1")], list_url="l", source_id="s", now=NOW, validators=None, lease=first
        )
    assert archive.explain("https://a.example/1") is None


def test_shared_by_two_archives_on_one_file(place: Place) -> None:
    with place.open() as one, place.open() as two:
        assert one.acquire_lease("a.example", "one", 60) is not None
        assert two.acquire_lease("a.example", "two", 60) is None
