"""Family: China News Service 中国新闻网: the rolling list, its days, and the regional hosts."""

from __future__ import annotations

import re
from datetime import date, timedelta
from urllib.parse import urljoin, urlsplit

from crawler.extract.dates import url_date
from crawler.model import Page, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider, older

# "/scroll-news/news3.html": the newest, in pages
ROLLING = re.compile(r"/scroll-news/news(\d{1,2})\.html$")
# "/scroll-news/2026/1003/news.shtml": one day, whole
DAY = re.compile(r"/scroll-news/(20\d\d)/(\d\d)(\d\d)/news\.shtml$")
# The rolling list has ten pages and no link that says so; an eleventh answers 404.
ROLLING_PAGES = 10
# The first day that the site lists.
EARLIEST = date(2009, 1, 1)


class ChinanewsSpider(ColumnSpider):
    """`/scroll-news/newsN.html` and regional lists (`/cdxw/index.shtml`, `/more/4.shtml`); rows date without a year.

    To be recognised by `.content_list` with `.dd_lm`, `.dd_bt`, `.dd_time`, and `.left_zw` on articles. Both .com and
    .com.cn answer: name both in `hosts`. History goes through the rolling pages, then day by day. Needs `list.url`.
    """

    name = "chinanews"
    row_selectors = (".content_list li",)
    # "/gn/2026/10-03/10490123.shtml", "/cjbd/2024-09-10/215587.html", "/news/2021/0712/21-4756.html"
    article_pattern = r"/20\d\d(?:/\d\d-\d\d|-\d\d-\d\d|/\d{4})/\d[\d-]*\.s?html$"

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        path = urlsplit(page.url).path
        if "/scroll-news/" not in path:
            return super().next_page(page, job, source, beyond=beyond)
        before = _before(path, [row.url for row in self.read_rows(page, job, source)])
        return older(job, urljoin(page.url, before) if before is not None else None)


def _before(path: str, rows: list[str | None]) -> str | None:
    """The path of the rolling page or the day before; None where a page without rows ends it."""
    days = [day for row in rows if row is not None and (day := url_date(row)) is not None]
    if not days:
        return None
    rolling = ROLLING.search(path)
    if rolling is not None and int(rolling[1]) < ROLLING_PAGES:
        return f"/scroll-news/news{int(rolling[1]) + 1}.html"
    shown = DAY.search(path)
    if rolling is None and shown is None:
        return None
    try:
        # the oldest day of the rolling list is there in part only: it is read again, whole
        day = date(int(shown[1]), int(shown[2]), int(shown[3])) - timedelta(days=1) if shown else min(days)
    except ValueError:
        return None
    return f"/scroll-news/{day:%Y/%m%d}/news.shtml" if day >= EARLIEST else None
