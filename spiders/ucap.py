"""Family: UCAP 开普云 (四川省 departments, 绵阳, 内江, 阿坝, 甘孜, Xinjiang, Hainan, Heilongjiang)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from crawler.extract.rows import Row
from crawler.extract.rows_json import first_text, is_json, items_in, json_of, json_row, total_of, unique
from crawler.model import Page, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider, older, with_number

# "/common/search/<channel>?…&page=1", "/searchList/<id>?…", "/es-search/search/<id>?…"
SEARCH = re.compile(r"/(?:common/search|searchList|es-search/search)/[0-9a-zA-Z]+\?")
# "1693526400000" in the date column of policy tables: a script writes the date
EPOCH_MS = re.compile(r"^\s*(1\d{12})\s*$")


class UcapSpider(ColumnSpider):
    """Lists `zwdtlist.shtml`, `zfxxgkpage.shtml`, `list.shtml`, page n `…_n.shtml`; articles `/YYYY/M/D/<32hex>.shtml`.

    To be recognised by metas `template`, `others=页面生成时间 …`, by `createPageHTML('page_div', …)` and `UCAPCONTENT`.
    Needs `list.url` with the list's file name, as a bare directory answers 403; or the address of
    `/common/search/<channel>?…&_isJson=true&page=1`. Titles in the link text are cut; `title=` is whole.
    """

    name = "ucap"
    row_selectors = ("div.gknr_list dd", "ul.man-top20 > li", "div.biaobody ul")
    # "/rst/gsgg/2021/8/9/d115c638464f73f97933ad2d06ac2f90.shtml", "/xjrst/c112746/202609/<32hex>.shtml",
    # "/hrss/c111741/c00_31870000.shtml"
    article_pattern = (
        r"/(?:20\d\d/\d{1,2}/\d{1,2}|20\d{4}|c\d+|\d{4}/20\d{4})/(?:content_)?[0-9a-f]{32}\.s?html?$|/c00_\d+\.shtml$"
    )

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        if not (is_json(page) or (SEARCH.search(job.url) and "_isJson=true" in job.url)):
            return super().read_rows(page, job, source)
        article = self.pattern_of(job, source)
        return unique(
            json_row(
                title=first_text(item, "title"),
                href=first_text(item, "url"),
                stamp=first_text(item, "publishedTimeStr", "publishedTime"),
                base_url=page.url,
                zone=source.timezone,
                article=article,
            )
            for item in items_in(json_of(page, source), "data", "results")
        )

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        if not is_json(page):
            return super().next_page(page, job, source, beyond=beyond)
        answer = json_of(page, source)
        count = sum(1 for _ in items_in(answer, "data", "results"))
        if not count or (not beyond and job.number * count >= total_of(answer["data"], "total")):
            return None
        return older(job, with_number(job.url, "page", job.number + 1))

    def tree_of(self, page: Page, source: Source) -> HtmlElement:
        tree = super().tree_of(page, source)
        for cell in tree.cssselect("div.biaobody .lie4"):
            if (found := EPOCH_MS.match(cell.text or "")) is not None:
                cell.text = _day_of(int(found[1]), source.timezone)
        return tree


def _day_of(epoch_ms: int, zone: str) -> str:
    return datetime.fromtimestamp(epoch_ms / 1000, ZoneInfo(zone)).strftime("%Y-%m-%d")
