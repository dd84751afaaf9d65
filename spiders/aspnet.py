"""Family: ASP.NET pages with AspNetPager (Yunnan HR department)."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from lxml.html import HtmlElement

from crawler.extract.pager import MAX_PAGES
from crawler.model import Page, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider

# "javascript:__doPostBack('ctl00$AspNetPager1','2')"
POST_BACK = re.compile(r"__doPostBack\('([\w$:]{0,100}Pager[\w$:]{0,50})','(\d{1,6})'\)")
# A form's state is some kilobytes; one of a megabyte is a page's whole table, or a trap.
MAX_STATE = 1_000_000


class AspNetSpider(ColumnSpider):
    """Lists `NewsLsit.aspx?ClassID=602`, articles `NewsView.aspx?NewsID=…`; older pages by posting the form's state.

    To be recognised by `__VIEWSTATE` and `__doPostBack('AspNetPager1','2')`. Needs `list.url`.
    """

    name = "aspnet"
    # "/NewsView.aspx?NewsID=41234", "/Article/ShowInfo.aspx?id=7", "/html/2026/9/1/4242.html"
    article_pattern = r"(?i)/\w*(?:view|show|detail|info|content)\w*\.aspx\?(?:.*&)?\w*id=[\w-]+|/\d{3,}\.html?$"

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        tree = self.tree_of(page, source)
        pages = [POST_BACK.search(link.get("href", "")) for link in tree.iter("a")]
        numbers = {int(found[2]): found[1] for found in pages if found is not None}
        number = job.number + 1
        if not numbers:
            return super().next_page(page, job, source, beyond=beyond)
        # page n links no page n: where it does, the server has answered with another one
        if number not in numbers or (job.number in numbers and number > 2) or number > MAX_PAGES:
            return None
        fields = _state(tree)
        if fields is None:
            return None
        body = urlencode({**fields, "__EVENTTARGET": numbers[number], "__EVENTARGUMENT": str(number)}).encode()
        headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Referer", job.url))
        return ListJob(job.page, job.url, is_first=False, number=number, method="POST", body=body, headers=headers)


def _state(tree: HtmlElement) -> dict[str, str] | None:
    """The form's hidden fields, which the server wants back; None without __VIEWSTATE."""
    fields = {
        node.get("name", ""): node.get("value") or ""
        for node in tree.iter("input")
        if (node.get("type") or "").lower() == "hidden" and node.get("name")
    }
    size = sum(len(value) for value in fields.values())
    return fields if "__VIEWSTATE" in fields and size <= MAX_STATE else None
