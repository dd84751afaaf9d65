"""Waiting for hosts that another run holds: how long, and for whom."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

logger = logging.getLogger(__name__)

# A look at a lease costs a millisecond; a poll of a host takes seconds.
LOOK_AGAIN_S = 0.5


class Waiting:
    """Waits `at_most_s` for each host; `tell` hears which hosts are waited for at this moment, and whose each is."""

    def __init__(self, *, at_most_s: float, tell: Callable[[Mapping[str, str]], None] = lambda hosts: None) -> None:
        self._at_most_s = at_most_s
        self._tell = tell
        self._since_s: dict[str, float] = {}
        self._holders: dict[str, str] = {}
        self._is_over = asyncio.Event()

    async def again(self, host: str, held_by: str | None) -> bool:
        """Wait a moment and return True; False where this host was waited for long enough, or nobody waits any more."""
        now_s = time.monotonic()
        left_s = self._at_most_s - (now_s - self._since_s.setdefault(host, now_s))
        if left_s <= 0 or self._is_over.is_set():
            self._forget(host)
            return False
        holder = held_by or ""
        if self._holders.get(host) != holder:
            logger.info("waiting for %s, which %s asks", host, holder, extra={"host": host})
            self._holders[host] = holder
            self._tell(self._holders)
        try:
            async with asyncio.timeout(min(LOOK_AGAIN_S, left_s)):
                await self._is_over.wait()
        except TimeoutError:
            return True
        self._forget(host)
        return False

    def had(self, host: str) -> None:
        """The host was had; if it is busy once more, it is waited for anew."""
        self._since_s.pop(host, None)
        self._forget(host)

    def end(self) -> None:
        """Wait for nobody any more."""
        self._is_over.set()

    def _forget(self, host: str) -> None:
        if self._holders.pop(host, None) is not None:
            self._tell(self._holders)
