"""What goes out while polls come in: feeds a moment after a change, notifications every minute. One of each at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any

logger = logging.getLogger(__name__)

# Changes that come in within this time are published together.
PUBLISH_DELAY_S = 3.0


class Outgoing:
    """Publishes and notifies in threads, once `open` was called; a fault is logged, and the next change tries again."""

    def __init__(self, publish: Callable[[], object], notify: Callable[[], object]) -> None:
        self._publish = publish
        self._notify = notify
        self._is_open = False
        self._is_due = False
        self._is_closing = asyncio.Event()
        self._publishing = asyncio.Lock()
        self._notifying = asyncio.Lock()
        self._working: set[asyncio.Task[None]] = set()

    @property
    def is_open(self) -> bool:
        """True once anything may go out."""
        return self._is_open

    def open(self) -> None:
        """Let things go out: before, on an empty archive, feeds would open with half of a first pass."""
        self._is_open = True

    def publish_soon(self) -> None:
        """Publish in a moment, with all that changes until then."""
        # What is planned already stays: putting it off at each change would put it off for ever on a busy day.
        if self._is_open and not self._is_due:
            self._is_due = True
            self._start(self._publish_later())

    def notify_soon(self) -> None:
        """Tell now, unless it is being told."""
        self._start(self.notify_now())

    async def publish_now(self) -> None:
        """Publish, and return when that is done."""
        if not self._is_open:
            return
        async with self._publishing:
            try:
                await asyncio.to_thread(self._publish)
            except Exception:
                # The feeds that stand are whole; the next change tries again.
                logger.exception("feeds could not be published")

    async def notify_now(self) -> None:
        """Tell, and return when that is done."""
        # A notification opens when the feeds do: what the first pass brings is not told as news.
        if not self._is_open or self._notifying.locked():
            return
        async with self._notifying:
            try:
                await asyncio.to_thread(self._notify)
            except Exception:
                # What is not told is told in a minute.
                logger.exception("notifications could not be sent")

    async def close(self) -> None:
        """Let what is under way end, then publish a last time."""
        self._is_closing.set()
        while self._working:
            await asyncio.wait(self._working)
        await self.publish_now()

    async def _publish_later(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_closing.wait(), PUBLISH_DELAY_S)
            return  # `close` publishes
        self._is_due = False
        await self.publish_now()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
