"""Family: iList.jsp (德阳, 绵竹, 昌吉)."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from crawler.extract.pager import next_link
from crawler.model import Page, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider, older, with_number

# "共 32 页", "第1/32页"
PAGES = re.compile(r"共\s*(?:<[^>]{0,40}>\s*)?(\d{1,5})\s*(?:<[^>]{0,40}>\s*)?页|第\s*\d{1,5}\s*/\s*(\d{1,5})\s*页")


class IListSpider(ColumnSpider):
    """Lists `/info/iList.jsp?node_id=…&cat_id=…&cur_page=1`, rows `.list_div li`; some links stand in `to-href`.

    To be recognised by the address. Needs `list.url` with `cat_id`.
    """

    name = "ilist"
    row_selectors = (".list_div li",)
    # "/gsgg/1024536.htm", "/gk/gk03/2048.htm", "/info/iDetail.jsp?cat_id=25723&id=4242"
    article_pattern = r"/\d{3,}\.s?html?$|/info/i(?:Detail|Article)\.jsp\?.*\bid=\d+"

    def tree_of(self, page: Page, source: Source) -> HtmlElement:
        tree = super().tree_of(page, source)
        for link in tree.iter("a"):
            if link.get("to-href"):
                link.set("href", link.get("to-href", ""))
        return tree

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        url = next_link(self.tree_of(page, source), page.url, job.number)
        pages = PAGES.search(self.text_of(page, source))
        if url is None and pages is not None and (beyond or job.number < int(pages[1] or pages[2])):
            url = with_number(job.url, "cur_page", job.number + 1)
        return older(job, url)
