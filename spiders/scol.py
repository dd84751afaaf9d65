"""Family: 四川在线, its channels and city hosts."""

from __future__ import annotations

from spiders.column import ColumnSpider


class ScolSpider(ColumnSpider):
    """Channels `/ggxw/`, `/dwzw/` on sichuan, cd, gy and other hosts of scol.com.cn.

    To be recognised by `/<channel>/YYYYMM/<id>.html`, `#scol_txt`, `.w_pubtime`. Needs `list.url`.
    """

    name = "scol"
    # "/ggxw/202306/58914753.html"
    article_pattern = r"/\w+/20\d{4}/\d+\.html$"
