"""The lease by which other processes see that a clock runs on this archive."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from archive.polling.clock import RUNNING


class RunningSign:
    """Holds the lease from the moment when no other clock does; `claim` keeps one while its block runs."""

    def __init__(self, claim: Callable[[str], AbstractAsyncContextManager[bool]]) -> None:
        self._claim = claim
        self._held = AsyncExitStack()
        self._is_held = False

    async def hold(self) -> None:
        """Take the lease unless it is ours already, or another clock's."""
        if self._is_held:
            return
        async with AsyncExitStack() as stack:
            self._is_held = await stack.enter_async_context(self._claim(RUNNING))
            if self._is_held:
                self._held = stack.pop_all()

    async def close(self) -> None:
        """Give it back."""
        await self._held.aclose()
