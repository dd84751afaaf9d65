"""Family: UCAP 开普云 (四川省 departments, 绵阳, 内江, 阿坝, 甘孜, Xinjiang, Hainan, Heilongjiang)."""

from __future__ import annotations

from spiders.base import ListSpider


class UcapSpider(ListSpider):
    """Lists `zwdtlist.shtml`, `zfxxgkpage.shtml`, `list.shtml`; articles `/YYYY/M/D/<32hex>.shtml` and alike.

    To be recognised by metas `template`, `others=页面生成时间 …`, by `createPageHTML('page_div', …)` and `UCAPCONTENT`.
    A bare directory answers 403: give the list's file name. Titles in the link text are cut; `title=` is whole.
    """

    name = "ucap"
    row_selectors = ("div.gknr_list dd", "ul.man-top20 > li", "div.biaobody ul")
    # "/rst/gsgg/2021/8/9/d115c638464f73f97933ad2d06ac2f90.shtml", "/xjrst/c112746/202609/<32hex>.shtml"
    article_pattern = r"/(?:20\d\d/\d{1,2}/\d{1,2}|20\d{4}|c\d+|\d{4}/20\d{4})/(?:content_)?[0-9a-f]{32}\.s?html?$"
