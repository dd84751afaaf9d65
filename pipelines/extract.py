"""Capture → Extracted: bytes become an article, or leave with a reason."""

from __future__ import annotations

import asyncio

from crawler.errors import RefusedError
from crawler.extract.article import article_of_row
from crawler.extract.join import extract_whole
from crawler.extract.pdf import is_pdf
from crawler.model import Article, Capture, Extracted
from pipelines.refused import RefusedItem


class Extract:
    """Reads the article from the page; of a row that is never fetched, title and date are all there is."""

    async def process_item(self, item: Capture) -> Extracted:
        try:
            # several pages, or a PDF that another process reads: nothing the event loop should wait for
            article = await asyncio.to_thread(article_of, item) if _waits(item) else article_of(item)
        except RefusedError as error:
            raise RefusedItem(error.reason, error.detail) from error
        return Extracted(capture=item, article=article)


def _waits(capture: Capture) -> bool:
    return bool(capture.parts) or (capture.page is not None and is_pdf(capture.page))


def article_of(capture: Capture) -> Article:
    """The article of a capture, read as its source was to be read at that time. Raises RefusedError."""
    if capture.page is not None:
        source = capture.source.at(capture.page.fetched_at)
        return extract_whole(
            capture.page, parts=capture.parts, missing=capture.missing, source=source, entry=capture.entry
        )
    if capture.seen_at is not None:
        return article_of_row(capture.entry, source=capture.source, fetched_at=capture.seen_at)
    raise TypeError(f"{capture.entry.url}: neither a page nor the time its row was seen")
