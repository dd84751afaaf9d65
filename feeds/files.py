"""Files written whole or not at all, and only where their bytes change; with their compressed siblings.

Knows nothing of feeds. Does with what a mounted object store has: where locks, renaming or syncing are not to be had,
a file is written in place, which such stores show when it is closed.
"""

from __future__ import annotations

import errno
import gzip
import os
import re
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import brotli

try:
    import fcntl
except ImportError:  # not on Windows: there two publishers are kept apart by their temporary names alone
    fcntl = None  # type: ignore[assignment]

# ".all.rss.~myhost~4711~9f3a2c.part"
_TEMPORARY = re.compile(r"\..+\.~(?P<host>.*)~(?P<pid>\d+)~[0-9a-f]+\.part")

# What file systems without a call answer to it; EINVAL is what some answer to fsync and flock.
_LACKING = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOLCK}

# Quality 5 of 11 takes the time of gzip and leaves less; 11 takes fifty times as long for a tenth less.
_BROTLI_QUALITY = 5

# Siblings that web servers answer with where a reader takes them: "all.rss.gz", "all.rss.br".
SIBLINGS = (".gz", ".br")

# A file takes milliseconds to write; one that is an hour old belongs to nobody.
_STALE_S = 3600.0


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold `folder` for writing; another process on this machine waits, and the system frees it when we die."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as lock:
        if fcntl is not None:
            with _lacking_is_fine():
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_with_siblings(path: Path, content: bytes) -> bool:
    """Make `path` hold `content`, and its siblings the same compressed; True if it did not hold it already.

    A sibling is gone before its file changes, and comes after: at no moment does one hold what its file does not.
    """
    siblings = [path.with_name(path.name + ending) for ending in SIBLINGS]
    is_new = not _holds(path, content)
    if not is_new and all(sibling.exists() for sibling in siblings):
        return False
    if is_new:
        for sibling in siblings:
            sibling.unlink(missing_ok=True)
        write_whole(path, content)
    for sibling, compressed in zip(siblings, _compressed(content), strict=True):
        write_whole(sibling, compressed)
    return is_new


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
            with _lacking_is_fine():
                os.fsync(file.fileno())
        try:
            temporary.replace(path)
        except OSError as error:
            if error.errno not in _LACKING:
                raise
            path.write_bytes(content)
    except OSError as error:
        error.filename = str(path)  # a disk that is full names none
        raise
    finally:
        with suppress(OSError):  # where nothing can be written there is nothing to remove
            temporary.unlink(missing_ok=True)
    return True


def sync_folder(folder: Path) -> None:
    """Make the replacements in `folder` outlast a loss of power."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with _lacking_is_fine():
            os.fsync(handle)
    finally:
        os.close(handle)


def remove_stale(folder: Path) -> int:
    """Remove what publishers that died left half-written; return how many files."""
    with os.scandir(folder) as found:  # of tens of thousands: no Path of each
        names = [entry.name for entry in found if entry.name.startswith(".") and entry.name.endswith(".part")]
    stale = [folder / name for name in names if _is_stale(folder / name)]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


def _compressed(content: bytes) -> tuple[bytes, bytes]:
    """The content for SIBLINGS; the same bytes each time, hence no time in gzip's header."""
    return gzip.compress(content, mtime=0, compresslevel=6), brotli.compress(content, quality=_BROTLI_QUALITY)


@contextmanager
def _lacking_is_fine() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _LACKING:
            raise


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
