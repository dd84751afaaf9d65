"""Family: 龙讯 and alike (Anhui, 巴中 and its counties)."""

from __future__ import annotations

import re

from crawler.extract.pager import ls_pager_of, same_host
from crawler.model import Page, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider, older, with_number

# `location.href='https://hrss.ah.gov.cn/content/column/6791573?pageIndex=' + pageIndex`
TARGET = re.compile(r"['\"]([^'\"\s]{0,300}/(?:content|public)/column/\d+\?[^'\"\s]{0,300}pageIndex=)['\"]")


class LongxunSpider(ColumnSpider):
    """Lists `/public/column/<id>?type=4&catId=…&action=list`, `/content/column/<id>`; page n by `pageIndex=n`.

    To be recognised by those, by `Ls.pagination(` and by `/site/tpl/<id>`. Needs `list.url`. Many rows of city lists
    lead to other sites.
    """

    name = "longxun"
    row_selectors = ("ul.doc_list > li",)
    # "/zxzx/ztzl/ahssydwgkzp/1234567.html", "/public/6597391/13579.html", "/content/article/1234567"
    article_pattern = r"/(?:content/article/\d+|\d{4,}\.html)$"

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        text = self.text_of(page, source)
        said = ls_pager_of(text)
        if said is None:
            return super().next_page(page, job, source, beyond=beyond)
        current, total = said
        if current != job.number or (current >= total and not beyond):
            return None  # the last page, or page 1 once more
        target = TARGET.search(text)
        base = same_host(page.url, target[1]) if target is not None else page.url
        return older(job, with_number(base, "pageIndex", current + 1) if base is not None else None)
