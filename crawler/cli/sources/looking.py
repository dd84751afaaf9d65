"""Looking at sources without keeping anything: the ordinary crawl over a store that only remembers what passed by.

Leases and robots.txt are the real archive's where there is one, so that a look and a crawl never ask a host together.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Protocol

from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from archive import open_archive
from crawler.catalogue import Catalogue
from crawler.cli.sources.survey import Look
from crawler.config import Config
from crawler.extract.rows import matches
from crawler.leases.owner import owner_name
from crawler.model import (
    Entry,
    HistoryMark,
    HostTaken,
    HostWanted,
    Judged,
    Lease,
    LeaseStore,
    Page,
    PollReport,
    Reason,
    RobotsRecord,
    RobotsStore,
    RowsNoted,
    Source,
    Stored,
    Validators,
)
from crawler.services import PageReader, PageWriter, Services
from crawler.taxonomy import load_taxonomy
from crawler.text.urls import web_host
from crawler.warc.reading import WarcReplay
from spiders.base import ListSpider


class Manners(LeaseStore, RobotsStore, Protocol):
    """What keeps a look from asking a host that another run asks, or what robots.txt refuses."""


class OwnManners:
    """Manners where there is no archive: no other run to mind, robots.txt remembered for this look."""

    def __init__(self) -> None:
        self._robots: dict[str, RobotsRecord] = {}

    def robots(self, origin: str) -> RobotsRecord | None:
        return self._robots.get(origin)

    def save_robots(self, record: RobotsRecord) -> None:
        self._robots[record.origin] = record

    def acquire_lease(self, host: str, owner: str, ttl_s: float) -> Lease | None:
        return Lease(host=host, owner=owner, token=1)

    def renew_leases(self, leases: Sequence[Lease], ttl_s: float) -> Sequence[Lease]:
        return ()

    def release_lease(self, lease: Lease) -> None:
        """Nothing to give back: the dispatcher asks one host at a time within a process."""


class LookStore:
    """A Store that keeps nothing: of each source it remembers the rows and lets one article through."""

    def __init__(self, catalogue: Catalogue, manners: Manners, *, has_articles: bool = True) -> None:
        self.looks: defaultdict[str, Look] = defaultdict(Look)
        self._catalogue = catalogue
        self._manners = manners
        self._has_articles = has_articles

    def note_rows(
        self,
        rows: Sequence[Entry],
        *,
        list_url: str,
        source_id: str,
        now: datetime,
        validators: Validators | None,
        lease: Lease | None,
        is_backfill: bool = False,
    ) -> RowsNoted:
        look, source = self.looks[source_id], self._catalogue.get(source_id)
        look.entries.extend(rows)
        to_fetch: tuple[Entry, ...] = ()
        if self._has_articles and look.chosen is None and source is not None:
            look.chosen = self._choose(rows, source)
            to_fetch = (look.chosen,) if look.chosen is not None else ()
        return RowsNoted(new=len(rows), known=0, to_fetch=to_fetch)

    def due_rows(self, *, source_id: str, list_url: str, now: datetime) -> tuple[Entry, ...]:
        return ()

    def settle(
        self, entry: Entry, reason: Reason, detail: str, *, now: datetime, lease: Lease | None, page: Page | None = None
    ) -> None:
        self.looks[entry.source_id].refused = (reason, detail)

    def store(self, judged: Judged, *, now: datetime) -> Stored:
        look = self.looks[judged.capture.entry.source_id]
        look.article, look.page = judged.article, judged.capture.page
        return Stored(item_id=0, story_id=0, is_new=True, joined=False, is_relevant=judged.judgement.relevant)

    def record_polls(self, reports: Sequence[PollReport]) -> tuple[BaseException | None, ...]:
        """Nothing: whoever looks is given the reports."""
        return (None,) * len(reports)

    def take_turn(
        self, *, given_back: Sequence[Lease], wanted: Sequence[HostWanted], owner: str, ttl_s: float, now: datetime
    ) -> tuple[HostTaken, ...]:
        for lease in given_back:
            self.release_lease(lease)
        return tuple(HostTaken(lease=self.acquire_lease(want.host, owner, ttl_s)) for want in wanted)

    def history_marks(self, source_id: str) -> tuple[HistoryMark, ...]:
        return ()

    def save_history_mark(self, mark: HistoryMark) -> None:
        """Nothing: a look does not go back."""

    def forget_history_mark(self, mark: HistoryMark) -> None:
        """Nothing."""

    def validators(self, url: str) -> Validators | None:
        return None  # a look sees the whole list

    def robots(self, origin: str) -> RobotsRecord | None:
        return self._manners.robots(origin)

    def save_robots(self, record: RobotsRecord) -> None:
        self._manners.save_robots(record)

    def acquire_lease(self, host: str, owner: str, ttl_s: float) -> Lease | None:
        return self._manners.acquire_lease(host, owner, ttl_s)

    def renew_leases(self, leases: Sequence[Lease], ttl_s: float) -> Sequence[Lease]:
        return self._manners.renew_leases(leases, ttl_s)

    def release_lease(self, lease: Lease) -> None:
        self._manners.release_lease(lease)

    def _choose(self, rows: Sequence[Entry], source: Source) -> Entry | None:
        """The first article that a crawl would fetch: of the source's own before others', pinned rows last."""
        listed = source.lists[0].article if source.lists else None
        article = listed or source.article or spider_class(source.family).article_pattern
        pattern = re.compile(article) if article else None
        own, others = [], []
        for row in sorted(rows, key=lambda row: row.is_pinned):
            host = web_host(row.url)
            if host is None:
                continue
            if host in source.hosts:
                if matches(pattern, row.url):
                    own.append(row)
            elif self._catalogue.of_host(host) is not None:
                others.append(row)
        return next(iter(own + others), None)


@contextmanager
def open_manners(config: Config, replay: PageReader | None) -> Iterator[Manners]:
    """The real archive's leases and robots.txt, where there is an archive and a network to be asked."""
    if replay is not None or not config.has_archive:
        yield OwnManners()
        return
    archive = open_archive(config)
    try:
        yield archive
    finally:
        archive.close()


def open_replay(replay: Sequence[Path]) -> PageReader | None:
    """The WARC files to answer from; None: the network."""
    return WarcReplay(replay) if replay else None


def services_to_look(
    config: Config,
    catalogue: Catalogue,
    store: LookStore,
    *,
    replay: PageReader | None,
    pages: PageWriter | None = None,
) -> Services:
    """Services for a Runner that only looks."""
    return Services(
        config=config,
        catalogue=catalogue,
        archive=store,
        taxonomy=load_taxonomy(config.taxonomy),
        owner=owner_name(),
        warc=pages,
        replay=replay,
    )


@cache
def spider_class(family: str) -> type[ListSpider]:
    """The spider of a family."""
    found = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["spiders"]})).load(family)
    if not issubclass(found, ListSpider):
        raise TypeError(f"{family} is no family of lists")
    return found
