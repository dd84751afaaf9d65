"""Family: PowerEasy 动易 (泸州 and its counties)."""

from __future__ import annotations

from spiders.column import ColumnSpider


class PowerEasySpider(ColumnSpider):
    """Lists and articles without extension: `/zw/zcwjs/szfwj`, `/zw/zcwjs/szfwj/content_12345`.

    To be recognised by that, by `data-power-…` attributes and the cookie `Power::SiteUniqueVisitorKey`.
    Needs `list.url`; older pages by the link 下一页.
    """

    name = "powereasy"
    # "/zw/zcwjs/szfwj/content_843712"
    article_pattern = r"/content_\d+(?:\.html)?$"
