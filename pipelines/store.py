"""Judged → Stored: page, item, judgement and story, true together or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Self

from scrapy.crawler import Crawler

from crawler.errors import LeaseLostError
from crawler.model import Article, ItemStore, Judged, Reason, Stored
from crawler.services import services_of
from pipelines.refused import RefusedItem


class Store:
    """The event loop never waits for the database: the archive's writer thread does."""

    def __init__(self, archive: ItemStore) -> None:
        self._archive = archive

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(services_of(crawler).archive)

    async def process_item(self, item: Judged) -> Stored:
        capture = item.capture
        # An item is first seen when it was fetched: a replayed page was seen on its WARC-Date.
        seen_at = capture.page.fetched_at if capture.page is not None else capture.seen_at
        if seen_at is None:
            raise TypeError(f"{capture.entry.url}: neither a page nor the time its row was seen")
        try:
            stored = await asyncio.to_thread(self._archive.store, item, now=seen_at)
        except LeaseLostError as error:
            raise RefusedItem(Reason.LEASE_LOST, str(error)) from error
        article = item.article
        return replace(
            stored,
            is_relevant=item.judgement.relevant,
            is_read=not article.is_link_only,
            is_dated=_is_of_page(article, "published"),
            is_sourced=_is_of_page(article, "source_name"),
        )


def _is_of_page(article: Article, field: str) -> bool:
    """True where the page itself has the field, and not its list row alone: that tells a page that was redesigned."""
    origin = article.origins.get(field)
    return origin is not None and not origin.startswith("row")
