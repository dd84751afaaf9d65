"""The sources of a run, and whose a host is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.catalogue.source_file import read_source
from crawler.errors import CatalogueError
from crawler.model import Source, Status

SHIPPED = Path(__file__).parents[2] / "spiders" / "sources"


@dataclass(frozen=True)
class Catalogue:
    """The sources of this run, by id, and which of them a host belongs to."""

    sources: tuple[Source, ...]

    def __post_init__(self) -> None:
        by_host: dict[str, Source] = {}
        # An active source speaks for its host before a blocked or unverified one on the same host.
        for source in sorted(self.sources, key=lambda source: source.status is not Status.ACTIVE):
            for host in source.hosts:
                by_host.setdefault(host, source)
        object.__setattr__(self, "_by_host", by_host)
        object.__setattr__(self, "_by_id", {source.id: source for source in self.sources})

    def __iter__(self) -> Iterator[Source]:
        return iter(self.sources)

    def __len__(self) -> int:
        return len(self.sources)

    def get(self, source_id: str) -> Source | None:
        """The source of that id, or None."""
        by_id: dict[str, Source] = self.__dict__["_by_id"]
        return by_id.get(source_id)

    @property
    def excerpts(self) -> frozenset[str]:
        """Ids of the sources whose texts feeds show as excerpts."""
        return frozenset(source.id for source in self.sources if source.feed == "excerpt")

    def of_host(self, host: str) -> Source | None:
        """The source a host is registered for, or None for a host that must not be fetched."""
        by_host: dict[str, Source] = self.__dict__["_by_host"]
        return by_host.get(host.lower())

    def select(self, ids: Sequence[str]) -> tuple[Source, ...]:
        """The sources named; raises CatalogueError naming the first id that is not registered."""
        found = []
        for source_id in ids:
            source = self.get(source_id)
            if source is None:
                raise CatalogueError(f"{source_id}: no such source (hrwatch sources list shows them)")
            found.append(source)
        return tuple(found)

    def active(self) -> tuple[Source, ...]:
        """The sources that are polled."""
        return tuple(source for source in self.sources if source.status is Status.ACTIVE)


def load_catalogue(
    folders: Iterable[Path], *, families: Collection[str], is_adcode: Callable[[str], bool]
) -> Catalogue:
    """Read every `*.toml` below `folders`.

    Raises CatalogueError listing every fault found, one a line, each with file, key and reason.
    """
    sources: dict[str, Source] = {}
    files: dict[str, Path] = {}
    faults: list[str] = []
    for folder in folders:
        if not folder.is_dir():
            faults.append(f"{folder}: no such folder")
            continue
        for path in sorted(folder.rglob("*.toml")):
            try:
                source = read_source(path, families=families, is_adcode=is_adcode)
            except CatalogueError as error:
                faults.extend(str(error).splitlines())
                continue
            if source.id in sources:
                faults.append(f"{path}: id: {source.id} is also the id of {files[source.id]}")
            else:
                sources[source.id], files[source.id] = source, path
    if faults:
        raise CatalogueError("\n".join(faults))
    return Catalogue(tuple(sources[key] for key in sorted(sources)))
