"""Family: Epoint EWB 新点 (徐州 and others): a JSON endpoint, or plain pages."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.extract.pager import MAX_PAGES
from crawler.extract.rows import Row
from crawler.extract.rows_json import first_text, items_in, json_of, json_row, total_of, unique
from crawler.model import Page, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider, posted

ENDPOINT = "/rest/lightfrontaction/getgovinfolist"
PAGE_SIZE = 20  # what the sites' own pages ask for


class EpointSpider(ColumnSpider):
    """`POST …/rest/lightfrontaction/getgovinfolist`, or lists `/001/001001/subPage.html`.

    To be recognised by `EWB-FRONT`, `webBuilderCommon.js` (which holds siteGuid) and `govInfoPub.html?categorynum=`.
    Needs `list.url`: the endpoint with `?siteGuid=…&categorynum=…&deptcode=…`, which are posted as JSON; or a page.
    """

    name = "epoint"
    # "/xwzx/001001/20260911/0f5c9a4e-1c1f-4c43-9d0a-3f6f3f6f3f6f.html"
    article_pattern = r"/20\d{6}/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.html$"

    def asked(self, job: ListJob, source: Source) -> ListJob:
        return _request(job, 1) if ENDPOINT in job.url else job

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        if ENDPOINT not in job.url:
            return super().read_rows(page, job, source)
        article = self.pattern_of(job, source)
        return unique(
            json_row(
                title=first_text(item, "realtitle", "title"),
                href=first_text(item, "infourl", "visiturl", "linkurl"),
                stamp=first_text(item, "infodate", "handsdate", "pubinwebdate"),
                base_url=page.url,
                zone=source.timezone,
                article=article,
            )
            for item in items_in(json_of(page, source), "custom", "data")
        )

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        if ENDPOINT not in job.url:
            return super().next_page(page, job, source, beyond=beyond)
        answer = json_of(page, source)
        count = sum(1 for _ in items_in(answer, "custom", "data"))
        is_last = count < PAGE_SIZE or (not beyond and job.number * PAGE_SIZE >= total_of(answer["custom"], "total"))
        return None if is_last or job.number >= MAX_PAGES else _request(job, job.number + 1)


def _request(job: ListJob, number: int) -> ListJob:
    # pages are counted from 0
    return posted(job, number, deptcode="", paging={"pageIndex": number - 1, "pageSize": PAGE_SIZE})
