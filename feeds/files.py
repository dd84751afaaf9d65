"""Files written whole or not at all, and only where their bytes change. Knows nothing of feeds."""

from __future__ import annotations

import os
import re
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows: there two publishers are kept apart by their temporary names alone
    fcntl = None  # type: ignore[assignment]

# ".all.rss.~myhost~4711~9f3a2c.part"
_TEMPORARY = re.compile(r"\..+\.~(?P<host>.*)~(?P<pid>\d+)~[0-9a-f]+\.part")

# A file takes milliseconds to write; one that is an hour old belongs to nobody.
_STALE_S = 3600.0


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold `folder` for writing; another process on this machine waits, and the system frees it when we die."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_whole(path: Path, content: bytes) -> bool:
    """Make `path` hold `content`, replacing it in one step; True if it did not hold it already.

    The name holds either the old bytes or the new at every moment, a crash or loss of power included.
    """
    if _holds(path, content):
        return False
    temporary = path.with_name(f".{path.name}.~{socket.gethostname()}~{os.getpid()}~{secrets.token_hex(4)}.part")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return True


def sync_folder(folder: Path) -> None:
    """Make the replacements in `folder` outlast a loss of power."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_stale(folder: Path) -> int:
    """Remove what publishers that died left half-written; return how many files."""
    removed = 0
    for path in folder.glob(".*.part"):
        if _is_stale(path):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _is_stale(path: Path) -> bool:
    name = _TEMPORARY.fullmatch(path.name)
    if name is None:
        return False
    if name["host"] == socket.gethostname() and not _is_alive(int(name["pid"])):
        return True
    try:
        return time.time() - path.stat().st_mtime > _STALE_S
    except FileNotFoundError:
        return False


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
