"""Who writes a WARC file: its process holds it until it is closed, or the process ends, however it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # not on Windows: there files are told to be at rest by their age alone
    fcntl = None  # type: ignore[assignment]


def hold(file: IO[bytes]) -> bool:
    """Hold an open file until it is closed; False where another process does, or the file system cannot tell."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Hold the file at `path` for a while; False where another process does. Raises OSError where it cannot be had."""
    with path.open("r+b") as file:
        yield hold(file)
