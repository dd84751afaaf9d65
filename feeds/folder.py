"""The folder of feeds while one publishing brings it up to date: which files there are, and those on their way to disk.

What a file costs is waiting for the disk, three times with its siblings; some are waited for at once.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from feeds.files import SIBLINGS, write_whole, write_with_siblings

# At once: four waits shorten 300 files from 4.4 s to 0.8, eight no further.
_WRITERS = 4
# Documents that wait for a writer, hence are held in memory: up to a few hundred kB each.
_IN_LINE = 8

# Compressed already.
_NO_SIBLINGS = (".png",)


def with_siblings(name: str) -> tuple[str, ...]:
    """The names under which a file and its siblings stand."""
    return (name,) if name.endswith(_NO_SIBLINGS) else (name, *(name + ending for ending in SIBLINGS))


class FeedFolder:
    """Files written whole or not at all; to be used in a `with` statement, which ends once all are in place."""

    def __init__(self, path: Path) -> None:
        self.rewritten = 0  # files whose bytes changed, siblings not counted
        self.changed: dict[str, None] = {}  # ids of feeds of which subscribers read other bytes now, in order
        self._path = path
        with os.scandir(path) as found:  # of tens of thousands: no Path of each
            self._names = {entry.name for entry in found}
        self._pool = ThreadPoolExecutor(_WRITERS, thread_name_prefix="hrwatch-feeds")
        self._due: deque[tuple[str | None, Future[bool]]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.wait()
        finally:
            self._pool.shutdown(cancel_futures=True)

    def has(self, names: Iterable[str]) -> bool:
        """True where all these files were there in the beginning."""
        return self._names.issuperset(names)

    def write(self, name: str, content: bytes, *, feed_id: str | None = None, is_alone: bool = False) -> None:
        """Make a file hold `content`, soon; its siblings too, unless it `is_alone`.

        `feed_id` names the feed whose subscribers read it. Raises OSError for this file or one before it.
        """
        while len(self._due) >= _WRITERS + _IN_LINE:
            self._settle()
        write = write_whole if is_alone or name.endswith(_NO_SIBLINGS) else write_with_siblings
        self._due.append((feed_id, self._pool.submit(write, self._path / name, content)))

    def wait(self) -> None:
        """Return once everything is in place; whatever is written then may promise it. Raises OSError."""
        while self._due:
            self._settle()

    def _settle(self) -> None:
        feed_id, writing = self._due.popleft()
        if writing.result():
            self.rewritten += 1
            if feed_id is not None:
                self.changed[feed_id] = None
