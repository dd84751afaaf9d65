"""Turns at the archive: what the polls of a moment ask of it is asked together, by one thread, in few transactions.

A poll whose list has not changed asks little: a thread, a wake-up and a commit for each cost as much as its request.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from crawler.model import HostTaken, HostWanted, Lease, PollReport
from crawler.services import Services

# Beyond this a transaction is cheap beside what it holds; what is left waits for the next one.
MAX_TURN = 50
# A turn waits so long for others to join: nothing beside an answer over the network, and a third of all turns' cost.
GATHER_S = 0.01


@dataclass(eq=False)
class _Asked:
    """What one turn does; each wish has a future that is told what came of it."""

    given_back: list[Lease] = field(default_factory=list)
    wanted: list[tuple[HostWanted, asyncio.Future[HostTaken]]] = field(default_factory=list)
    reports: list[tuple[PollReport, asyncio.Future[None]]] = field(default_factory=list)


class Turns:
    """Takes hosts, gives them back and records polls; one turn at a time, and all that waits takes part in the next."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._asked = _Asked()
        self._turns: asyncio.Task[None] | None = None

    async def take(self, wanted: HostWanted) -> HostTaken:
        """A host's lease, or none while another run has it. Raises ArchiveError."""
        future: asyncio.Future[HostTaken] = asyncio.get_running_loop().create_future()
        self._asked.wanted.append((wanted, future))
        self._begin()
        return await future

    async def record(self, report: PollReport) -> None:
        """Keep the account of a poll; leases that are done with are given back by then. Raises ArchiveError."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked.reports.append((report, future))
        self._begin()
        await future

    def give_back(self, lease: Lease) -> None:
        """Release a lease at the next turn, before any host is taken."""
        self._asked.given_back.append(lease)
        self._begin()

    async def close(self) -> None:
        """Wait until everything is given back."""
        if self._turns is not None:
            await self._turns

    def _begin(self) -> None:
        if self._turns is None:
            self._turns = asyncio.ensure_future(self._work())

    async def _work(self) -> None:
        try:
            while self._asked.given_back or self._asked.wanted or self._asked.reports:
                await asyncio.sleep(GATHER_S)
                asked, left = self._asked, _Asked()
                left.wanted, asked.wanted = asked.wanted[MAX_TURN:], asked.wanted[:MAX_TURN]
                left.reports, asked.reports = asked.reports[MAX_TURN:], asked.reports[:MAX_TURN]
                self._asked = left
                taken, faults = await asyncio.to_thread(self._ask, asked)
                self._answer(asked, taken, faults)
        finally:
            self._turns = None

    def _ask(self, asked: _Asked) -> tuple[tuple[HostTaken, ...] | BaseException, tuple[BaseException | None, ...]]:
        """The turn itself, in a thread: first the reports, so that a host is free only once its poll is on record."""
        archive, config = self._services.archive, self._services.config
        faults: tuple[BaseException | None, ...] = ()
        taken: tuple[HostTaken, ...] | BaseException = ()
        if asked.reports:
            try:
                faults = archive.record_polls([report for report, _ in asked.reports])
            except Exception as error:  # noqa: BLE001 - handed to whoever waits
                faults = (error,) * len(asked.reports)
        if asked.given_back or asked.wanted:
            try:
                taken = archive.take_turn(
                    given_back=asked.given_back,
                    wanted=[want for want, _ in asked.wanted],
                    owner=self._services.owner,
                    ttl_s=config.lease_ttl_s,
                    now=self._services.now(),
                )
            except Exception as error:  # noqa: BLE001 - handed to whoever waits
                taken = error
        return taken, faults

    def _answer(
        self,
        asked: _Asked,
        taken: tuple[HostTaken, ...] | BaseException,
        faults: tuple[BaseException | None, ...],
    ) -> None:
        for (_, recorded), fault in zip(asked.reports, faults, strict=True):
            _settle(recorded, fault)
        if isinstance(taken, BaseException):
            for _, waiting in asked.wanted:
                _settle(waiting, taken)
            return
        for (_, waiting), host in zip(asked.wanted, taken, strict=True):
            if not waiting.done():
                waiting.set_result(host)
            elif host.lease is not None:
                self.give_back(host.lease)  # whoever wanted it has gone meanwhile


def _settle(future: asyncio.Future[None] | asyncio.Future[HostTaken], fault: BaseException | None) -> None:
    if future.done():
        return
    if fault is not None:
        future.set_exception(fault)
    else:
        future.set_result(None)  # type: ignore[arg-type]  # only accounts of polls end without a fault
