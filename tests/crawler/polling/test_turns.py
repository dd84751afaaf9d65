"""Turns at the archive: who waits at a moment is served together, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from crawler.config import Config
from crawler.errors import ArchiveError
from crawler.model import HostTaken, HostWanted, Lease, PollReport
from crawler.polling.turns import MAX_TURN, Turns
from crawler.services import Services
from tests.archive.making import poll


class Store:
    """A TurnStore that remembers its turns, and fails where the test says so."""

    def __init__(self) -> None:
        self.turns: list[tuple[list[str], list[str]]] = []
        self.accounts: list[int] = []
        self.fault: Exception | None = None
        self.breaks = False

    def take_turn(
        self, *, given_back: Sequence[Lease], wanted: Sequence[HostWanted], owner: str, ttl_s: float, now: datetime
    ) -> tuple[HostTaken, ...]:
        self.turns.append(([lease.host for lease in given_back], [want.host for want in wanted]))
        if self.fault is not None:
            raise self.fault
        return tuple(HostTaken(lease=Lease(host=want.host, owner=owner, token=1)) for want in wanted)

    def record_polls(self, reports: Sequence[PollReport]) -> tuple[BaseException | None, ...]:
        if self.breaks:
            raise RuntimeError("a fault of ours")
        self.accounts.append(len(reports))
        return (self.fault,) * len(reports)


class Given:
    """What Turns reads of the services."""

    owner = "me"
    config = Config()

    def __init__(self) -> None:
        self.archive = Store()

    def now(self) -> datetime:
        return datetime.now(UTC)


def wanted(number: int) -> HostWanted:
    return HostWanted(host=f"{number}.example", source_id=str(number))


def turns_on(given: Given) -> Turns:
    return Turns(cast("Services", given))


def test_all_that_wait_take_one_turn_and_no_turn_is_endless() -> None:
    given = Given()

    async def work() -> list[Any]:
        turns = turns_on(given)
        taken = await asyncio.gather(*(turns.take(wanted(n)) for n in range(MAX_TURN + 10)))
        for host in taken:
            assert host.lease is not None
            turns.give_back(host.lease)
        await asyncio.gather(*(turns.record(poll(str(n))) for n in range(5)))
        await turns.close()
        return taken

    taken = asyncio.run(work())
    assert [host.lease.host for host in taken] == [f"{n}.example" for n in range(MAX_TURN + 10)]
    assert [len(hosts) for _, hosts in given.archive.turns] == [MAX_TURN, 10, 0]
    assert len(given.archive.turns[-1][0]) == MAX_TURN + 10  # given back in the turn of the accounts
    assert given.archive.accounts == [5]


def test_a_turn_that_fails_is_told_to_each_and_the_next_goes_on() -> None:
    given = Given()

    async def work() -> None:
        turns = turns_on(given)
        given.archive.fault = ArchiveError("the disk is full")
        failed = await asyncio.gather(
            turns.take(wanted(1)), turns.take(wanted(2)), turns.record(poll()), return_exceptions=True
        )
        assert [type(error) for error in failed] == [ArchiveError] * 3
        given.archive.fault = None
        assert (await turns.take(wanted(1))).lease is not None

    asyncio.run(work())


def test_a_fault_of_ours_in_the_accounts_leaves_nobody_waiting() -> None:
    given = Given()

    async def work() -> None:
        turns = turns_on(given)
        given.archive.breaks = True
        asked = asyncio.gather(turns.record(poll()), turns.take(wanted(1)), return_exceptions=True)
        recorded, taken = await asyncio.wait_for(asked, 60)
        assert isinstance(recorded, RuntimeError)
        assert isinstance(taken, HostTaken)
        await turns.close()

    asyncio.run(work())


def test_a_host_taken_for_somebody_who_has_gone_is_given_back() -> None:
    given = Given()

    async def work() -> None:
        turns = turns_on(given)
        waiting = asyncio.ensure_future(turns.take(wanted(1)))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await turns.close()

    asyncio.run(work())
    assert given.archive.turns == [([], ["1.example"]), (["1.example"], [])]
