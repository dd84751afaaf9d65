"""Family: pages that carry their list as `var listData = {articleList:[…]}` (自贡, 广安, 资阳, 大理, 文山; Jiangxi)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from crawler.errors import RefusedError
from crawler.extract.recognise import families_of
from crawler.extract.rows import Row
from crawler.extract.rows_json import first_text, items_in, json_row, unique
from crawler.extract.script_data import script_value
from crawler.model import Page, Reason, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider

# `var listData = { articleList: [ … ] }`, the key with or without quotes
ARTICLES = re.compile(r"\blistData\s*=\s*\{[^\[\]]{0,2000}?[\"']?articleList[\"']?\s*:\s*(?=\[)")


class ListDataSpider(ColumnSpider):
    """Lists `/<site>/<column>/pc/list.html`, articles `/pc/content/content_<19 digits>.html`; Jiangxi has no `/pc/`.

    To be recognised by `var listData`. Needs `list.url`. `urls` of a row is JSON inside a string.
    """

    name = "listdata"
    # "/zgsrmzf/c00145/pc/content/content_2058746804822818816.html", "/col/col85519/content/content_111.html"
    article_pattern = r"/content/content_\d+\.html$"

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        text = self.text_of(page, source)
        start = ARTICLES.search(text)
        if start is None:
            likely = ", ".join(families_of(text, page.url)) or "none known"
            raise RefusedError(Reason.WRONG_TYPE, f"no listData on the page; family: {likely}")
        article = self.pattern_of(job, source)
        return unique(
            json_row(
                title=first_text(item, "title"),
                href=_address(item.get("urls") or item.get("url")),
                stamp=first_text(item, "pubDate", "publishTime"),
                base_url=page.url,
                zone=source.timezone,
                article=article,
            )
            for item in items_in(script_value(text, start.end()))
        )


def _address(urls: Any) -> str:
    """The desktop address in `{"pc":"/…","wap":"/…"}`, be it an object, a string that holds one, or a bare address."""
    if isinstance(urls, str) and urls.lstrip().startswith("{"):
        try:
            urls = json.loads(urls)
        except (ValueError, RecursionError):
            return ""
    return first_text(urls, "pc", "common", "wap") if isinstance(urls, dict) else str(urls or "")
