"""Frees the WARC folder of pages that need not be kept: each file is written anew without them, or removed.

At every moment, a crash included, a page stands where the archive says: the new file is whole before its pages are
filed there, in one transaction, and the old one goes after that. Files that a process still writes are left alone.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from archive import Archive
from archive.records import FiledPage, KeepLimits
from crawler.config import Config
from crawler.errors import ArchiveError, HrwatchError, WarcError
from crawler.language import _
from crawler.model import WarcPosition
from crawler.warc.hold import held
from crawler.warc.members import Member, members, write_without

# "hrwatch-20261120080512-4711-9f3a2c.warc.gz"; written anew for the second time: "hrwatch-…-9f3a2c.2.warc.gz"
_OURS = re.compile(r"(?P<stem>hrwatch-\d{14}-\d+-[0-9a-f]{6})(?:\.(?P<turn>\d+))?\.warc\.gz")
# Where a file system has no locks that are seen elsewhere, a file in use is told by its last write.
_AT_REST_S = 3600.0
# Writing a file anew costs its whole size: not for less than this part of it.
_WORTH = 0.1
_LOCK = ".prune.lock"


class Fate(StrEnum):
    """What became of a WARC file."""

    REMOVED = "removed"
    REWRITTEN = "rewritten"
    KEPT = "kept"
    IN_USE = "in-use"
    FOREIGN = "foreign"  # not written by hrwatch
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """One WARC file: `let_go` pages of the archive and `records` in all go, `freed` bytes with them."""

    file: str
    fate: Fate
    kept: int = 0
    let_go: int = 0
    records: int = 0
    freed: int = 0
    detail: str = ""


def limits_of(config: Config, now: datetime) -> KeepLimits:
    """The settings as limits in time."""
    return KeepLimits(
        since=None if config.keep_pages_days is None else now - timedelta(days=config.keep_pages_days),
        irrelevant_since=None
        if config.keep_irrelevant_pages_days is None
        else now - timedelta(days=config.keep_irrelevant_pages_days),
    )


def warc_files(folder: Path) -> list[Path]:
    """The WARC files of a folder, ours and others, by name."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if ".warc" in path.suffixes[-2:] and path.is_file())


def prune(
    archive: Archive,
    folder: Path,
    limits: KeepLimits,
    *,
    now: datetime,
    is_dry: bool = False,
    on_bytes: Callable[[int], None] | None = None,
) -> Iterator[Pruned]:
    """Go through the files of a folder one after the other and tell what became of each.

    What no page of the archive stands for (lists, robots.txt, copies) counts as irrelevant. A dry run changes nothing.
    Raises HrwatchError where another process prunes this folder.
    """
    if not folder.is_dir():
        return
    with _alone_in(folder):
        files = warc_files(folder)
        if not is_dry:
            for left in folder.glob(".prune-*.part"):
                left.unlink()
            files = _without_doubles(archive, files)
        for path in files:
            try:
                yield _prune_file(archive, path, limits, now=now, is_dry=is_dry, on_bytes=on_bytes)
            except (HrwatchError, OSError) as error:  # one bad file of several
                yield Pruned(file=path.name, fate=Fate.FAILED, detail=_text(error, path))


def _prune_file(
    archive: Archive,
    path: Path,
    limits: KeepLimits,
    *,
    now: datetime,
    is_dry: bool,
    on_bytes: Callable[[int], None] | None,
) -> Pruned:
    if not _OURS.fullmatch(path.name):
        return Pruned(file=path.name, fate=Fate.FOREIGN)
    with held(path) as is_ours:
        size, changed_at = path.stat().st_size, path.stat().st_mtime
        if not is_ours or time.time() - changed_at < _AT_REST_S:
            return Pruned(file=path.name, fate=Fate.IN_USE)
        filed = archive.pages_in(path.name, limits)
        if not filed and archive.count_filed(_older_names(path)):
            raise ArchiveError(
                _("{file}: the archive knows an older state of this file: was a copy restored?").format(file=path)
            )
        kept, gone = _sorted(path, filed, limits, on_bytes)
        freed = size - sum(member.length for member in kept)
        told = Pruned(
            file=path.name,
            fate=Fate.REWRITTEN if kept else Fate.REMOVED,
            kept=sum(page.is_kept for page in filed),
            let_go=sum(not page.is_kept for page in filed),
            records=gone,
            freed=freed,
        )
        if kept and (not gone or freed < size * _WORTH):
            return Pruned(file=path.name, fate=Fate.KEPT, kept=len(filed))
        if is_dry:
            return told
        places: dict[int, WarcPosition] = {}
        if kept:
            target = path.with_name(_next_name(path))
            offsets = write_without(path, target, kept)
            places = {
                member.offset: WarcPosition(file=target.name, offset=offsets[member.offset], length=member.length)
                for member in kept
            }
        # where this fails nobody can say which file the archive means: both stay until the next time
        archive.refile(path.name, limits, seen=filed, places=places, now=now)
        path.unlink()
        return told


def _sorted(
    path: Path, filed: Sequence[FiledPage], limits: KeepLimits, on_bytes: Callable[[int], None] | None
) -> tuple[list[Member], int]:
    """The records that stay, none where only the file's own description would, and how many go."""
    stays: dict[int, bool] = defaultdict(bool)
    lengths = {}
    for page in filed:
        stays[page.offset] |= page.is_kept
        lengths[page.offset] = page.length
    kept, gone = [], 0
    for member in members(path, on_bytes=on_bytes):
        if member.offset in lengths:
            if not member.is_whole:
                raise WarcError(f"{path}: the record at {member.offset} is not all there")
            del lengths[member.offset]
            is_kept = stays[member.offset]
        elif member.kind == "warcinfo":
            is_kept = True
        else:
            is_kept = member.is_whole and _is_recent(member, limits)
        if is_kept:
            kept.append(member)
        else:
            gone += 1
    if any(stays[offset] for offset in lengths):
        raise WarcError(f"{path}: no record begins at {min(lengths)}, where a page of the archive should stand")
    return ([] if all(member.kind == "warcinfo" for member in kept) else kept), gone


def _is_recent(member: Member, limits: KeepLimits) -> bool:
    given = [limit for limit in (limits.since, limits.irrelevant_since) if limit is not None]
    return member.at is None or all(member.at >= limit for limit in given)


def _without_doubles(archive: Archive, files: Sequence[Path]) -> list[Path]:
    """The files without those that a crash left behind: of two states of one file, that with the pages stays."""
    states: dict[str, list[Path]] = defaultdict(list)
    for path in files:
        states[_stem(path)].append(path)
    remaining = []
    for paths in states.values():
        if len(paths) > 1:
            filed = archive.count_filed([path.name for path in paths])
            # without pages in any of them, the newest is what was to stay
            right = [path for path in paths if path.name in filed] or [max(paths, key=_turn)]
            for path in paths:
                if path not in right:
                    path.unlink()
            paths = right
        remaining += paths
    return sorted(remaining)


def _stem(path: Path) -> str:
    named = _OURS.fullmatch(path.name)
    return named["stem"] if named else path.name


def _turn(path: Path) -> int:
    named = _OURS.fullmatch(path.name)
    return int(named["turn"] or 0) if named else 0


def _next_name(path: Path) -> str:
    return f"{_stem(path)}.{_turn(path) + 1}.warc.gz"


def _older_names(path: Path) -> list[str]:
    """What the file was called before it was written anew."""
    return [f"{_stem(path)}.{turn}.warc.gz" if turn else f"{_stem(path)}.warc.gz" for turn in range(_turn(path))]


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    try:
        (folder / _LOCK).touch()
        with held(folder / _LOCK) as is_ours:
            if not is_ours:
                raise WarcError(_("{folder}: another process frees this folder").format(folder=folder))
            yield
    except OSError as error:
        raise WarcError(f"{folder}: {error.strerror or error}") from error


def _text(error: BaseException, path: Path) -> str:
    return f"{path}: {error.strerror or error}" if isinstance(error, OSError) else str(error)
