"""Family: gkmlpt 政府信息公开平台 (Guangdong, Shenzhen, Dongguan): a JSON API."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.extract.rows import Row
from crawler.extract.rows_json import first_text, is_json, items_in, json_of, json_row, total_of, unique
from crawler.model import Page, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider, older, with_number

PAGE_SIZE = 100


class GkmlptSpider(ColumnSpider):
    """`GET /gkmlpt/api/all/<column>?page=1&sid=…` → `articles[]`, 100 a page; column 0 is everything.

    To be recognised by `/gkmlpt/` in its addresses; `sid` stands on `/gkmlpt/index` as `SID: '…'`. Needs `list.url`:
    the API's address, or a plain column of the same site (`index.html`, articles `content/post_N.html`).
    """

    name = "gkmlpt"
    # "/gkmlpt/content/1/102/post_102.html", "/zwgk/content/post_4242.html", "/content/mpost_1.html"
    article_pattern = r"/content/(?:\d+/\d+/)?m?post_\d+\.html$"

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        if "/gkmlpt/api/" not in job.url:
            return super().read_rows(page, job, source)
        article = self.pattern_of(job, source)
        return unique(
            json_row(
                title=first_text(item, "title"),
                # post_url is the page of the article itself, url its entry in the catalogue of documents
                href=first_text(item, "post_url", "url"),
                stamp=first_text(
                    item, "display_publish_time", "first_publish_time", "date", "create_time", "created_at"
                ),
                base_url=page.url,
                zone=source.timezone,
                article=article,
            )
            for item in items_in(json_of(page, source), "articles")
        )

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        if not is_json(page):
            return super().next_page(page, job, source, beyond=beyond)
        answer = json_of(page, source)
        count = sum(1 for _ in items_in(answer, "articles"))
        if not count or (not beyond and job.number * PAGE_SIZE >= total_of(answer, "total")):
            return None
        asked = re.search(r"[?&]page=(\d{1,6})", job.url)
        # pages 0 and 1 are the same one
        return older(job, with_number(job.url, "page", max(int(asked[1]) if asked is not None else 1, 1) + 1))
