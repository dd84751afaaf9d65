"""The sources that the web side knows by name, kept up with their files by a thread of their own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from crawler.catalogue import Catalogue
from crawler.config import Config
from crawler.model import Source
from crawler.taxonomy import Taxonomy

if TYPE_CHECKING:
    from crawler.catalogue.watching import WatchedFolders

logger = logging.getLogger(__name__)

# As often as the clock looks at them.
LOOK_S = 60.0


class KnownSources(Mapping[str, Source]):
    """Sources by id; whoever is reading them while they are replaced goes on with those of before."""

    def __init__(self, sources: Iterable[Source] = ()) -> None:
        self.replace(sources)

    def replace(self, sources: Iterable[Source]) -> None:
        """Let these be the sources from now on."""
        self._by_id = {source.id: source for source in sources}

    def __getitem__(self, source_id: str) -> Source:
        return self._by_id[source_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)


def follow(known: KnownSources, config: Config, taxonomy: Taxonomy, ended: threading.Event) -> None:
    """Keep `known` up with the source files until `ended` is set; what is broken there is the clock's to tell."""
    # Scrapy comes with it, and only the names of sources are wanted: not worth failing for.
    from crawler.wiring import watch_folders

    try:
        folders = watch_folders(config, Catalogue(tuple(known.values())), taxonomy)
        while not ended.wait(LOOK_S):
            take_up(known, folders)
    except Exception:
        logger.exception("the names of sources stay as they are")


def take_up(known: KnownSources, folders: WatchedFolders) -> None:
    """Look at the files once."""
    seen = folders.look()
    if seen.catalogue is not None:
        known.replace(seen.catalogue)
