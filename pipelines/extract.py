"""Capture → Extracted: bytes become an article, or leave with a reason."""

from __future__ import annotations

from crawler.errors import RefusedError
from crawler.extract.article import article_of_row, extract_article
from crawler.model import Capture, Extracted
from pipelines.refused import RefusedItem


class Extract:
    """Reads the article from the page; of a row that is never fetched, title and date are all there is."""

    async def process_item(self, item: Capture) -> Extracted:
        try:
            if item.page is not None:
                article = extract_article(item.page, source=item.source, entry=item.entry)
            elif item.seen_at is not None:
                article = article_of_row(item.entry, source=item.source, fetched_at=item.seen_at)
            else:
                raise TypeError(f"{item.entry.url}: neither a page nor the time its row was seen")
        except RefusedError as error:
            raise RefusedItem(error.reason, error.detail) from error
        return Extracted(capture=item, article=article)
