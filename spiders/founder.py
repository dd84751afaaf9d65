"""Family: newspaper editions on Founder 方正 and alike: edition → page → article, by date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from crawler.extract.dates import url_date
from crawler.extract.rows import Row, rows_of
from crawler.model import Page, RowDate, Source
from crawler.polling.poll import ListJob
from spiders.base import ListSpider

# "node_1.htm", "node.htm", "v01.html", "/006/node.htm": pages of the edition
EDITION_PAGE = re.compile(r"(?:^|/)(?:node(?:_\d+)?|v\d{1,2})\.s?html?$")
# A broadsheet has at most 64 pages; a front page that links more has an archive on it.
MAX_PAGES = 64


class FounderSpider(ListSpider):
    """A day's edition: the first page links the other pages and the articles; the day stands in the path.

    To be recognised by `/YYYY-MM/DD/node_1.htm` with `content_<a>_<b>.htm`, by `/shtml/<paper>/YYYYMMDD/v01.html` with
    `<number>.shtml`, by `map[name=PagePicMap]`. Needs `list.url` with {YYYY}, {MM}, {DD}.
    """

    name = "founder"
    # "/2025-06/20/content_1808_2313888.htm", "/2025-11/15/006/content_rb_353117.htm", "/20200422/235471.shtml"
    article_pattern = r"/(?:content_[\w-]+|\d{4,})\.s?html?$"

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        tree = self.tree_of(page, source)
        article = job.page.article or source.article or self.article_pattern
        day = url_date(page.url)
        edition = RowDate(year=day.year, month=day.month, day=day.day) if day is not None else None
        # Only articles: an edition's page also lists its other pages and the picture map has links without text.
        rows = rows_of(tree, page.url, selector=job.page.rows or "a, area", article=article)
        found = tuple(replace(row, date=row.date or edition) for row in rows if row.is_article)
        if not found and job.is_first and not self.more_lists(page, job, source):
            self.refuse_other(page, source)
        return found

    def least_rows(self, job: ListJob, source: Source) -> int:
        """A page of advertisements, in the middle of an edition, has none."""
        return super().least_rows(job, source) if job.is_first else 0

    def more_lists(self, page: Page, job: ListJob, source: Source) -> Iterable[str]:
        if not job.is_first or page.status != 200:
            return ()
        folder = urlsplit(page.url).path.rpartition("/")[0]
        found: dict[str, None] = {}
        for link in self.tree_of(page, source).iter("a", "area"):
            try:
                url = urljoin(page.url, (link.get("href") or "").strip()).partition("#")[0]
                path = urlsplit(url).path
            except ValueError:  # "http://[": one bad link must not cost the edition
                continue
            # the same edition only: "上一期" leads to yesterday's node_1.htm
            if path.startswith(folder.rpartition("/")[0]) and EDITION_PAGE.search(path) and _same_day(url, page.url):
                found.setdefault(url)
        found.pop(page.url, None)
        return list(found)[:MAX_PAGES]


def _same_day(url: str, other: str) -> bool:
    return url_date(url) == url_date(other)
