"""Family: the Chinese government's portal www.gov.cn 中国政府网: its lists as JSON files, as search, and as pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from crawler.extract.rows import Row
from crawler.extract.rows_json import first_text, is_json, items_in, json_of, json_row, unique
from crawler.model import Page, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider


class GovcnSpider(ColumnSpider):
    """Lists `…/YAOWENLIEBIAO.json` and `…/ZUIXINZHENGCE.json` in their folders: `[{TITLE, URL, DOCRELPUBTIME}]`.

    To be recognised by the host. Its policy search (`searchVO.catMap`) and the plain lists (`index.htm`) are read too;
    the pages at the folders of the JSON files are empty shells, so name the file.
    """

    name = "govcn"
    row_selectors = (".news_box .list li:not(.line)", ".infolist li")
    # "/yaowen/liebiao/202610/content_7082621.htm", "/gongbao/2026/issue_13006/202609/content_7082247.html"
    article_pattern = r"/content_\d+\.html?$"

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        if not is_json(page) and not urlsplit(page.url).path.endswith(".json"):
            return super().read_rows(page, job, source)
        article = self.pattern_of(job, source)
        return unique(_row(item, page.url, source.timezone, article) for item in _items(json_of(page, source)))


def _row(item: dict[str, Any], base_url: str, zone: str, article: str | None) -> Row | None:
    href = first_text(item, "URL", "url")
    if not href:
        return None
    title = first_text(item, "TITLE", "title")
    stamp = first_text(item, "DOCRELPUBTIME", "pubtimeStr", "pubtime")
    return json_row(title=title, href=href, stamp=stamp, base_url=base_url, zone=zone, article=article)


def _items(value: Any) -> Iterator[dict[str, Any]]:
    """The objects of a list file, or of every category of a search answer; RefusedError for any other JSON."""
    search = value.get("searchVO") if isinstance(value, dict) else None
    categories = search.get("catMap") if isinstance(search, dict) else None
    if not isinstance(categories, dict):
        yield from items_in(value)
        return
    for category in categories.values():
        if category is not None:
            yield from items_in(category, "listVO")
