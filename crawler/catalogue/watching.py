"""Source files while a clock runs: what was added, changed, removed, and what is broken. Tells; takes up nothing.

A broken file, or a folder that is gone (a disk not mounted), changes nothing: the facts of before stay.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from crawler.catalogue import Catalogue, read_source
from crawler.errors import CatalogueError
from crawler.language import _
from crawler.model import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look at the folders found. `catalogue` is None where it is as before; ids are in order."""

    catalogue: Catalogue | None = None
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()  # that were not there at the look before, each with file and key


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What changes when a file does; the time of its entry, too, as tools give files old times of content."""

    size: int
    written_ns: int
    entered_ns: int
    number: int


class WatchedFolders:
    """Looks at source files, and reads those that changed since the look before."""

    def __init__(
        self,
        folders: Iterable[Path],
        catalogue: Catalogue,
        *,
        families: Collection[str],
        is_adcode: Callable[[str], bool],
    ) -> None:
        self._folders = tuple(folders)
        self._catalogue = catalogue
        self._families = families
        self._is_adcode = is_adcode
        self._read: dict[Path, tuple[_Stamp | None, Source | None, str]] = {}
        self._told: frozenset[str] = frozenset()

    def look(self) -> Seen:
        """What is there now, beside the look before; the first look is beside the catalogue given. Blocks."""
        faults: list[str] = []
        sources: dict[str, Source] = {}
        files: dict[str, Path] = {}
        for path in self._paths(faults):
            source, fault = self._facts(path)
            if fault:
                faults.extend(fault.splitlines())
            if source is None:
                continue
            if source.id in files:
                faults.append(f"{path}: id: {source.id} is also the id of {files[source.id]}")
            else:
                sources[source.id], files[source.id] = source, path
        told, self._told = self._told, frozenset(faults)
        before = {source.id: source for source in self._catalogue}
        new = tuple(fault for fault in faults if fault not in told)
        if sources == before:
            return Seen(faults=new)
        self._catalogue = Catalogue(tuple(sources[key] for key in sorted(sources)))
        return Seen(
            catalogue=self._catalogue,
            added=tuple(sorted(sources.keys() - before.keys())),
            changed=tuple(sorted(key for key in sources.keys() & before.keys() if sources[key] != before[key])),
            removed=tuple(sorted(before.keys() - sources.keys())),
            faults=new,
        )

    def _paths(self, faults: list[str]) -> Iterator[Path]:
        """The files in the order in which a start reads them; those of a folder that is gone as they were."""
        there: set[Path] = set()
        for folder in self._folders:
            found = sorted(folder.rglob("*.toml"))
            if not folder.is_dir():
                faults.append(_("{folder}: the folder is gone; its sources stay as they were").format(folder=folder))
                found = sorted(path for path in self._read if folder in path.parents)
            there.update(found)
            yield from found
        for path in self._read.keys() - there:
            del self._read[path]

    def _facts(self, path: Path) -> tuple[Source | None, str]:
        """The facts of a file, or those of before where it is broken, and then its faults."""
        stamp = _stamp(path)
        known = self._read.get(path)
        if known is not None and (stamp is None or stamp == known[0]):
            return known[1], known[2]
        source = known[1] if known is not None else self._catalogue.get(path.stem)
        fault = ""
        try:
            source = read_source(path, families=self._families, is_adcode=self._is_adcode)
        except CatalogueError as error:
            fault = str(error)
        self._read[path] = (stamp, source, fault)
        return source, fault


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return _Stamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
