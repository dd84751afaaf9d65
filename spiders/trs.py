"""Family: TRS WCM 拓尔思 / 海云 (MOHRSS, Beijing, Chongqing and its districts, Shaanxi, Hubei, Hunan, Xizang)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from crawler.extract.rows import Row
from crawler.model import Page, Source
from crawler.poll import ListJob
from spiders.column import ColumnSpider

# "t20240301_12345_app.html", "…_wap.html": the same article drawn for telephones
RENDERING = re.compile(r"_(?:app|wap)(?=\.s?html?$)")


class TrsSpider(ColumnSpider):
    """Lists are folders `…/tzgg/`, page n is `index_{n-1}.html` or `index_{n}.html`, as `createPageHTML(…)` says.

    To be recognised by `/202403/t20240301_12345.html`, `createPageHTML(`, `TRS_Editor`, attachments `W0202…`, `P0202…`.
    Needs `list.url`; `article` with the column's path where a parent column shows other departments' items.
    """

    name = "trs"
    # Chongqing, its older sites, Xizang, Shaanxi, Fujian, Guizhou, Ministry of Finance
    row_selectors = (
        "ul.tab-item > li",
        "ul.rsj-list1 > li",
        ".gl-list > .gl-list-item",
        "ul.list > li.list-item",
        "ul.gl-ul > li",
        ".right-list-box li",
        "ul.liBox > li",
    )
    # "/202309/t20230901_4242.html"; Shanghai "/t0035_1443297.html"; Guangxi "/t18993630.shtml"
    article_pattern = r"/t(?:20\d{6}_\d+|\d{4}_\d+|\d{5,})(?:_(?:app|wap|pc))?\.s?html?$"

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        return tuple(_as_one(super().read_rows(page, job, source)))


def _as_one(rows: Sequence[Row]) -> Iterator[Row]:
    """Rows without renderings: each article once, at its own address."""
    seen: set[str] = set()
    for row in rows:
        url = RENDERING.sub("", row.url) if row.url is not None and row.is_article else row.url
        if url is not None and url in seen:
            continue
        seen.add(url or "")
        yield replace(row, url=url)
