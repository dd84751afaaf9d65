"""Where an export lands: standard output, or a file that is there whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from crawler.errors import OutputError
from crawler.language import _

STDOUT = "-"


@contextmanager
def landing(to: str) -> Iterator[BinaryIO]:
    """A stream of bytes to `to`: a path, or - for standard output. Raises OutputError naming the file."""
    if to == STDOUT:
        with _named(_("standard output")):
            sys.stdout.flush()
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        return
    path = Path(to)
    with _named(to):
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb") as stream:  # a pipe or a device: there is nothing to put in its place
                yield stream
        else:
            with _whole(path.resolve()) as stream:
                yield stream


@contextmanager
def _named(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # `hrwatch export | head`: the reader has seen enough
        raise OutputError(f"{name}: {error.strerror or error}") from error


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    part = path.with_name(f".hrwatch-{secrets.token_hex(8)}.part")  # beside it: a rename stays within one disk
    try:
        with part.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
