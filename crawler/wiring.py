"""Puts the parts together: settings, taxonomy, catalogue, archive, WARC. The one place that knows them all.

`hrwatch`, the scheduler and plain `scrapy crawl` (through the add-on) all start here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings, Settings
from scrapy.spiderloader import SpiderLoader

from archive import Archive, open_archive
from crawler.catalogue import SHIPPED, Catalogue, load_catalogue
from crawler.catalogue.watching import WatchedFolders
from crawler.config import Config, load_config
from crawler.leases.owner import owner_name
from crawler.net.browser import RenderPages, wants_browser
from crawler.services import Services, bind, is_bound, services_of
from crawler.settings import user_agent
from crawler.taxonomy import Taxonomy, load_taxonomy
from crawler.warc.reading import WarcReplay
from crawler.warc.writing import WarcFiles


@cache
def families() -> tuple[str, ...]:
    """The names of the site families: those of the spiders."""
    return tuple(sorted(SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["spiders"]})).list()))


def open_catalogue(config: Config) -> Catalogue:
    """The sources of this run; raises CatalogueError with every fault."""
    folders = config.sources or (SHIPPED,)
    divisions = load_taxonomy(config.taxonomy).divisions
    return load_catalogue(folders, families=families(), is_adcode=divisions.is_known)


def watch_folders(config: Config, catalogue: Catalogue, taxonomy: Taxonomy) -> WatchedFolders:
    """Eyes on the source files of these settings, whose facts so far are `catalogue`."""
    return WatchedFolders(
        config.sources or (SHIPPED,), catalogue, families=families(), is_adcode=taxonomy.divisions.is_known
    )


@contextmanager
def open_services(config: Config, *, replay: Sequence[Path] = ()) -> Iterator[Services]:
    """Everything one process needs, opened in order and closed again.

    Raises HrwatchError where a part cannot be had.
    """
    catalogue = open_catalogue(config)
    reader = WarcReplay(replay) if replay else None
    archive = open_archive(config)
    warc = (
        WarcFiles(config.warc_dir, max_bytes=config.warc_max_bytes, user_agent=user_agent(config))
        if config.warc
        else None
    )
    try:
        services = services_for(config, catalogue, archive, warc=warc, replay=reader)
        archive.keep_sources(catalogue, now=services.now())
        archive.keep_names(services.taxonomy)
        yield services
    finally:
        if warc is not None:
            warc.close()
        archive.close()


def services_for(
    config: Config, catalogue: Catalogue, archive: Archive, *, warc: WarcFiles | None, replay: WarcReplay | None
) -> Services:
    """Services over parts that are open already."""
    return Services(
        config=config,
        catalogue=catalogue,
        archive=archive,
        taxonomy=load_taxonomy(config.taxonomy),
        owner=owner_name(),
        warc=warc,
        replay=replay,
    )


# Outside redirects (600) and decompression (590); inside ConditionalGet (540), which hashes the DOM.
RENDERED_AT = 545


class Wiring:
    """Scrapy add-on: gives a crawler that nobody has wired (`scrapy crawl`) services of its own.

    Adds to every crawler what only some sources need.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        if is_bound(crawler):
            return
        opened = open_services(load_config())
        bind(crawler, opened.__enter__())
        self._opened = opened
        crawler.signals.connect(self._close, signal=signals.engine_stopped, weak=False)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Wiring:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        """Put the browser in the way where a source asks for one; a replay has what it once made."""
        services = services_of(self._crawler)
        if services.replay is None and any(wants_browser(source) for source in services.catalogue):
            settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", RenderPages, RENDERED_AT)

    def _close(self) -> None:
        self._opened.__exit__(None, None, None)
