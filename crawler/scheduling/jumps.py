"""Where the clock was set or the machine slept: the time of day beside a clock that nobody can set."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

# A clock that has moved so far against the time that has passed was set, or the machine slept. Else it is only being
# drawn to the right time, by half a thousandth at most.
JUMP = timedelta(seconds=30)


class Jumps:
    """Sees how far the clock has jumped since the look before; `looked_at` is what it showed at the last one."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.looked_at = now()
        self._looked_s = time.monotonic()

    def look(self) -> timedelta | None:
        """How far it has jumped, to either side; None where it has not."""
        now, steady_s = self._now(), time.monotonic()
        jump = now - self.looked_at - timedelta(seconds=steady_s - self._looked_s)
        self.looked_at, self._looked_s = now, steady_s
        return jump if abs(jump) >= JUMP else None
