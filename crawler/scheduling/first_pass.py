"""The first pass of a clock: over once every source has been polled that was due at its start."""

from __future__ import annotations

from collections.abc import Callable, Iterable


class FirstPass:
    """The sources that it still waits for; `on_over` is called once, when none is left."""

    def __init__(self, on_over: Callable[[], None]) -> None:
        self._on_over = on_over
        self._left: set[str] = set()
        self._is_over = False

    def wait_for(self, source_ids: Iterable[str]) -> None:
        """Wait for these."""
        self._left.update(source_ids)

    def is_done_with(self, source_ids: Iterable[str]) -> None:
        """They were polled, or will not be: paused, removed."""
        before = len(self._left)
        self._left.difference_update(source_ids)
        if len(self._left) < before:
            self.end_if_done()

    def end_if_done(self) -> None:
        """It is over where nothing is left to wait for."""
        if not self._left and not self._is_over:
            self._is_over = True
            self._on_over()
