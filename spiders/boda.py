"""Family: 博达 VSB (眉山, 保山, 红河, 阿里)."""

from __future__ import annotations

from spiders.column import ColumnSpider


class BodaSpider(ColumnSpider):
    """Lists `gfxwj.htm`, older pages `gfxwj/12.htm`, `gfxwj/11.htm`, numbered from the last: the link 下页 leads there.

    To be recognised by articles `/info/<col>/<id>.htm`, rows `id="line_u9_0"`, `vsb_content`. Needs `list.url`.
    """

    name = "boda"
    # "/info/7200/1196100.htm", "/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1001&wbnewsid=4242"
    article_pattern = r"/info/\d+/\d+\.htm$|/content\.jsp\?.*wbnewsid=\d+"
