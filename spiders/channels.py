"""Family: channels/articles (Shandong HR department)."""

from __future__ import annotations

from crawler.model import Page, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider


class ChannelsSpider(ColumnSpider):
    """Lists `/channels/ch00330/`: all rows, hundreds, are in the page as `pagedContent`; the pager only shows a slice.

    To be recognised by that and by `/articles/ch00330/202603/<uuid>.shtml`. Needs `list.url`. There are no older pages.
    """

    name = "channels"
    row_selectors = (".pagedContent",)
    # "/articles/ch00005/202105/ed68f2d8-1c1f-4c43-9d0a-3f6f3f6f3f6f.shtml"
    article_pattern = r"/articles/ch\d+/20\d{4}/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.shtml$"

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        return None
