"""Family: show/list hex, the Sichuan city cluster (雅安, 遂宁, 广元)."""

from __future__ import annotations

from spiders.column import ColumnSpider


class ShowListSpider(ColumnSpider):
    """Lists `/xinwen/list/<32hex>.html`, articles `/xinwen/show/<32hex>.html`, also under /gongkai/.

    To be recognised by those paths and by `/Email/Detail/<uuid>` and `/gongkai/kuozhan/N.html` beside them.
    Needs `list.url`; the article pattern is the family's own.
    """

    name = "showlist"
    # "/xinwen/show/991827fd844d80bc21063f7701ff6aac.html", also with a dashed UUID
    article_pattern = r"/(?:xinwen|gongkai)/show/[0-9a-f-]{32,36}\.html$"
