"""Hosts, each held by one poll at a time: within the process by a lock, between processes by a lease kept alive."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from crawler.leases.heartbeat import Heartbeat
from crawler.model import HostTaken, HostWanted, Lease, Source
from crawler.polling.turns import Turns
from crawler.polling.waiting import Waiting
from crawler.services import Services


class Hosts:
    """Takes hosts by `turns` and gives them back; `on_lost` hears, from a thread, of a lease that has passed on."""

    def __init__(self, services: Services, turns: Turns, *, waiting: Waiting, on_lost: Callable[[Lease], None]) -> None:
        self._turns = turns
        self._waiting = waiting
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._held_at_once = asyncio.Semaphore(services.config.concurrent_hosts)
        self._heartbeat = Heartbeat(services.archive, ttl_s=services.config.lease_ttl_s, on_lost=on_lost)

    @asynccontextmanager
    async def hold(self, host: str, source: Source, lists: Sequence[str] = ()) -> AsyncIterator[HostTaken]:
        """The host while the block runs, with what is known of its lists; no lease where another run has it."""
        wanted = HostWanted(host=host, source_id=source.id, lists=tuple(lists))
        async with self._locks[host], AsyncExitStack() as place:
            taken, asked_s = await self._take(wanted, place)
            async with self._kept_alive(taken.lease, asked_s):
                yield taken

    @asynccontextmanager
    async def claim(self, name: str) -> AsyncIterator[bool]:
        """Keep a piece of work, such as a walk through histories, from other runs; False where one has it.

        It is waited for as hosts are, but takes none of their places.
        """
        wanted = HostWanted(host=name, source_id="")
        taken, asked_s = await self._ask(wanted)
        while taken.lease is None and await self._waiting.again(name, taken.held_by):
            taken, asked_s = await self._ask(wanted)
        async with self._kept_alive(taken.lease, asked_s):
            yield taken.lease is not None

    def asking(self, lease: Lease | None) -> Callable[[], Awaitable[bool]] | None:
        """What a poll asks before each request: whether its host is still ours."""
        return None if lease is None else partial(self._is_ours, lease)

    async def close(self) -> None:
        """Stop the heartbeat; call once nothing is held."""
        await asyncio.to_thread(self._heartbeat.close)

    @asynccontextmanager
    async def _kept_alive(self, lease: Lease | None, asked_s: float) -> AsyncIterator[None]:
        if lease is None:
            yield
            return
        self._heartbeat.hold(lease, asked_s=asked_s)
        try:
            yield
        finally:
            self._heartbeat.drop(lease)
            self._turns.give_back(lease)

    async def _take(self, wanted: HostWanted, place: AsyncExitStack) -> tuple[HostTaken, float]:
        """The answer for a host, with a `place` among those asked at once, and when it was asked for."""
        while True:
            await place.enter_async_context(self._held_at_once)
            taken, asked_s = await self._ask(wanted)
            if taken.lease is not None:
                return taken, asked_s
            # meanwhile the place is for a host that is free
            await place.pop_all().aclose()
            if not await self._waiting.again(wanted.host, taken.held_by):
                return taken, asked_s

    async def _ask(self, wanted: HostWanted) -> tuple[HostTaken, float]:
        asked_s = self._heartbeat.now_s()
        taken = await self._turns.take(wanted)
        if taken.lease is not None:
            self._waiting.had(wanted.host)
        return taken, asked_s

    async def _is_ours(self, lease: Lease) -> bool:
        if not self._heartbeat.is_sure(lease):
            # the machine has slept, or the archive could not be written: ask it before the host is asked
            await asyncio.to_thread(self._heartbeat.beat)
        return self._heartbeat.is_sure(lease)
