"""WARC files as rows of gzip members, one a record: listed, and written anew without some. Reads no page."""

from __future__ import annotations

import os
import secrets
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from crawler.errors import WarcError

_PIECE = 1 << 17  # bytes read at a time, and unpacked at a time; what a record leaves of them is handed to the next
_HEAD = 16 * 1024  # bytes of a record within which its header ends; a URL takes 8 KiB at most
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One record: where it stands, what it is and when it was made. `is_whole`: False where the file ends within it."""

    offset: int
    length: int
    kind: str  # response, conversion, warcinfo, …
    url: str | None
    at: datetime | None
    is_whole: bool = True


def members(path: Path, *, on_bytes: Callable[[int], None] | None = None) -> Iterator[Member]:
    """The records of a file in order, each unpacked to its end, so that its checksum has been compared.

    `on_bytes` is told of every piece read. Raises WarcError naming file and offset where something else stands there.
    """
    try:
        with path.open("rb") as file:
            yield from _members(path, file, on_bytes or (lambda _count: None))
    except OSError as error:
        raise WarcError(f"{path}: {error.strerror or error}") from error


def _members(path: Path, file: IO[bytes], on_bytes: Callable[[int], None]) -> Iterator[Member]:
    offset, rest = 0, b""

    def more() -> bytes:
        piece = file.read(_PIECE)
        on_bytes(len(piece))
        return piece

    while True:
        while len(rest) < len(_GZIP) and (piece := more()):
            rest += piece
        if not rest:
            return
        if not _GZIP.startswith(rest[:2]):
            raise WarcError(f"{path}: no record begins at {offset}")
        unpacked, head = zlib.decompressobj(zlib.MAX_WBITS | 16), b""  # | 16: a gzip header around it (RFC 1952)
        consumed = 0
        while not unpacked.eof:
            rest = rest or more()
            given = len(rest)
            try:
                out = unpacked.decompress(rest, _PIECE)
            except zlib.error as error:
                raise WarcError(f"{path}: the record at {offset} cannot be read: {error}") from error
            if not (given or out or unpacked.eof):  # nothing more comes in, and nothing out
                yield _member(path, head, offset, consumed, is_whole=False)
                return
            rest = unpacked.unconsumed_tail or unpacked.unused_data
            consumed += given - len(rest)
            if len(head) < _HEAD:
                head += out[: _HEAD - len(head)]
        yield _member(path, head, offset, consumed, is_whole=True)
        offset += consumed


def _member(path: Path, head: bytes, offset: int, length: int, *, is_whole: bool) -> Member:
    lines = head.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").split("\r\n")
    if is_whole and not lines[0].startswith("WARC/"):
        raise WarcError(f"{path}: what begins at {offset} is no WARC record")
    # "WARC-Date: 2026-11-20T08:05:00Z"
    named = {name.strip().lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines[1:])}
    try:
        at = datetime.fromisoformat(named.get("warc-date", ""))
    except ValueError:
        at = None
    return Member(
        offset=offset,
        length=length,
        kind=named.get("warc-type", ""),
        url=named["warc-target-uri"].strip("<>") if "warc-target-uri" in named else None,
        at=at if at is None or at.tzinfo else at.replace(tzinfo=UTC),
        is_whole=is_whole,
    )


def write_without(path: Path, target: Path, kept: list[Member]) -> dict[int, int]:
    """Write the members `kept` of `path` into the new file `target`, and return their offsets there by those here.

    `target` is there whole or not at all. Raises WarcError where the disk will not have it, or gives back other bytes.
    """
    part = target.with_name(f".prune-{secrets.token_hex(6)}.part")
    places: dict[int, int] = {}
    try:
        with path.open("rb") as source, part.open("xb") as out:
            for member in kept:
                places[member.offset] = out.tell()
                source.seek(member.offset)
                left = member.length
                while left and (piece := source.read(min(left, _PIECE))):
                    out.write(piece)
                    left -= len(piece)
            out.flush()
            os.fsync(out.fileno())
        copied = [(member.offset, member.length) for member in members(part) if member.is_whole]
        if copied != [(places[member.offset], member.length) for member in kept]:
            raise WarcError(f"{part}: what was written is not what is read back")
        part.rename(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise WarcError(f"{error.filename or part}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return places


def _sync_folder(folder: Path) -> None:
    """Make a new name in `folder` outlast a loss of power."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
