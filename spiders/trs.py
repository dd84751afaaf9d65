"""Family: TRS WCM 拓尔思 / 海云 (MOHRSS, Beijing, Chongqing and its districts, Shaanxi, Hubei, Hunan, Xizang)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from crawler.extract.pager import MAX_PAGES
from crawler.extract.rows import Row
from crawler.extract.rows_json import first_text, items_in, json_of, json_row, unique
from crawler.model import Page, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider, posted

# "t20240301_12345_app.html", "…_wap.html": the same article drawn for telephones
RENDERING = re.compile(r"_(?:app|wap)(?=\.s?html?$)")
# The search of a whole government's sites (南充, 宜宾, 凉山).
SEARCH = "/irs/front/search"
PAGE_SIZE = 20


class TrsSpider(ColumnSpider):
    """Lists are folders `…/tzgg/`, page n is `index_{n-1}.html` or `index_{n}.html`, as `createPageHTML(…)` says.

    To be recognised by `/202403/t20240301_12345.html`, `createPageHTML(`, `TRS_Editor`, attachments `W0202…`, `P0202…`.
    Needs `list.url`, or `…/irs/front/search?tenantId=…&dataTypeId=…&searchWord=…`, which are posted as JSON, the newest
    first; `article` with the column's path where a parent column shows other departments' items.
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

    def asked(self, job: ListJob, source: Source) -> ListJob:
        return _request(job, 1) if SEARCH in job.url else job

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        if SEARCH not in job.url:
            return tuple(_as_one(super().read_rows(page, job, source)))
        article = self.pattern_of(job, source)
        found = unique(
            json_row(
                title=first_text(item, "title"),
                href=first_text(item, "url"),
                stamp=first_text(item, "time"),
                base_url=page.url,
                zone=source.timezone,
                article=article,
            )
            for item in _found(page, source)
        )
        return tuple(_as_one(found))

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        if SEARCH not in job.url:
            return super().next_page(page, job, source, beyond=beyond)
        # what it declares is not known: an empty page is the end
        is_last = not any(_found(page, source)) or job.number >= MAX_PAGES
        return None if is_last else _request(job, job.number + 1)


def _request(job: ListJob, number: int) -> ListJob:
    return posted(job, number, orderBy="time", searchBy="all", paging={"pageNo": number, "pageSize": PAGE_SIZE})


def _found(page: Page, source: Source) -> Iterator[dict[str, Any]]:
    """The articles that a search has found; boxes of other things stand among them."""
    for item in items_in(json_of(page, source), "data", "middle", "listAndBox"):
        if isinstance(found := item.get("data"), dict):
            yield found


def _as_one(rows: Sequence[Row]) -> Iterator[Row]:
    """Rows without renderings: each article once, at its own address."""
    seen: set[str] = set()
    for row in rows:
        url = RENDERING.sub("", row.url) if row.url is not None and row.is_article else row.url
        if url is not None and url in seen:
            continue
        seen.add(url or "")
        yield replace(row, url=url)
