"""Family: Xinhua 新华网: channel pages of www and the regional hosts, and the data files behind them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from crawler.extract.pager import same_host
from crawler.extract.row import HANZI, MIN_HEADLINE_HANZI, Row
from crawler.extract.rows_json import first_text, is_json, items_in, json_of, json_row, unique
from crawler.model import Page, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider

# `data="datasource:a6d618872de143bdafa2556915a7ae12"` on the element that a script fills
DATASOURCE = re.compile(r"^\s*datasource:\s*([0-9a-f]{32})\s*$")
# "<a href='https://www.news.cn/politics/20260924/<32hex>/c.html' target='_blank'>"
HREF = re.compile(r"<a\s[^<>]{0,300}?href\s*=\s*[\"']?([^\"'\s<>]{1,1000})", re.IGNORECASE)
# A channel has a list and some boxes beside it, each with a data file of its own; the list comes among the first.
MAX_DATASOURCES = 4


class XinhuaSpider(ColumnSpider):
    """Channel pages whose lists a script fills from `ds_<id>.json` beside them; `list.url` may name either.

    To be recognised by `data="datasource:<id>"`, `#content-list`, and articles `/YYYYMMDD/<32hex>/c.html`. The data
    file is better: 1,000 rows with times, and it answers conditional requests.
    """

    name = "xinhua"
    row_selectors = ("#content-list .item", "ul.wz-list li")
    # "/politics/20261003/f5929b2b5af84ab68821d519589d68ac/c.html", until 2022 "/2021-07/12/c_1127646913.htm"
    article_pattern = r"/20\d{6}/[0-9a-f]{32}/c\.html$|/20\d\d-\d\d/\d\d/c_\d+\.htm$"

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        if not _is_data(page):
            return super().read_rows(page, job, source)
        return unique(_rows(json_of(page, source), page.url, source.timezone, self.pattern_of(job, source)))

    def more_lists(self, page: Page, job: ListJob, source: Source) -> Iterable[str]:
        if not job.is_first or _is_data(page):
            return ()
        found: dict[str, None] = {}
        for element in self.tree_of(page, source).iterfind(".//*[@data]"):
            named = DATASOURCE.match(element.get("data") or "")
            url = same_host(page.url, f"ds_{named[1]}.json") if named is not None else None
            if url is not None:
                found.setdefault(url)
        return list(found)[:MAX_DATASOURCES]


def _is_data(page: Page) -> bool:
    """True for a data file, and for what stands in the place of one."""
    return is_json(page) or urlsplit(page.url).path.endswith(".json")


def _rows(value: Any, base_url: str, zone: str, article: str | None) -> Iterator[Row | None]:
    for item in items_in(value, "datasource"):
        links = _links(item)
        # the time of a row of links is that of the row, not of the articles behind them
        stamp = "" if links else first_text(item, "publishTime")
        for title, href in links or [(first_text(item, "showTitle", "title"), first_text(item, "publishUrl"))]:
            if href:
                yield json_row(title=title, href=href, stamp=stamp, base_url=base_url, zone=zone, article=article)


def _links(item: dict[str, Any]) -> list[tuple[str, str]]:
    """The articles that a row of links names; labels such as 专题 | and 全文 are none. Empty for a plain article."""
    stated = item.get("linkUrls")
    links = [
        (first_text(link, "linkTitle"), first_text(link, "linkUrl"))
        for link in (stated if isinstance(stated, list) else ())
        if isinstance(link, dict)
    ]
    if not links:
        parts = first_text(item, "title").split("</a>")
        links = [(part, href[1]) for part in parts if (href := HREF.search(part)) is not None]
    if len(links) > 1:
        links = [link for link in links if len(HANZI.findall(link[0])) >= MIN_HEADLINE_HANZI]
    return links
