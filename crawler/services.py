"""What the parts of one process share: settings, catalogue, archive, taxonomy, WARC; and how Scrapy's parts find it.

Made by wiring.py and bound to each Crawler; nothing here opens anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler

from crawler.catalogue import Catalogue
from crawler.config import Config
from crawler.model import (
    EntryStore,
    HistoryStore,
    ItemStore,
    LeaseStore,
    Page,
    RobotsStore,
    TurnStore,
    ValidatorStore,
    WarcPosition,
)
from crawler.polling.poll import PollQueue
from crawler.taxonomy import Taxonomy


class Store(EntryStore, HistoryStore, ItemStore, LeaseStore, RobotsStore, TurnStore, ValidatorStore, Protocol):
    """What crawling needs of the archive. Its methods block: call them through `asyncio.to_thread`."""


class PageWriter(Protocol):
    """Where fetched pages are kept."""

    def write(self, page: Page, *, reason_phrase: str) -> WarcPosition: ...


class PageReader(Protocol):
    """Where a replay finds its pages."""

    def find(self, url: str, *, max_bytes: int | None = None) -> Page | None: ...
    def urls(self) -> tuple[str, ...]: ...


@dataclass(eq=False, kw_only=True)
class Services:
    """Fixed while it lives but for `catalogue`: source files change while a clock runs (scheduler.py).

    Whoever needs the catalogue asks here each time and keeps no copy of it.
    """

    config: Config
    catalogue: Catalogue
    archive: Store
    taxonomy: Taxonomy
    owner: str  # of leases: host name, process, and a random part
    warc: PageWriter | None = None
    replay: PageReader | None = None

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)


_services: WeakKeyDictionary[Crawler, Services] = WeakKeyDictionary()
_queues: WeakKeyDictionary[Crawler, PollQueue] = WeakKeyDictionary()


def bind(crawler: Crawler, services: Services, queue: PollQueue | None = None) -> None:
    """Let the parts of `crawler` find `services`, and its spider the polls put into `queue`."""
    _services[crawler] = services
    if queue is not None:
        _queues[crawler] = queue


def is_bound(crawler: Crawler) -> bool:
    """True where somebody has bound services to this crawler already."""
    return crawler in _services


def services_of(crawler: Crawler) -> Services:
    """The services bound to `crawler`; KeyError where wiring forgot."""
    return _services[crawler]


def queue_of(crawler: Crawler) -> PollQueue | None:
    """The queue the crawler's spider works from; None for a spider started by `scrapy crawl`."""
    return _queues.get(crawler)
