"""Family: 封面新闻 thecover.cn."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.extract.rows import Row
from crawler.extract.rows_json import json_row, unique
from crawler.model import Page, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider


class ThecoverSpider(ColumnSpider):
    """Channels `/channel_<n>` (3560 四川, 3892 天下): links that hold picture, headline, summary and time in one.

    To be recognised by `a.link-to-article` and `/news/<id>`, `section.article-content` on articles. The times beside
    the headlines are counted from now (3小时前), so the article's own is waited for. Needs `list.url`.
    """

    name = "thecover"
    # "/news/2tVMZSXBnLr%2BqfmK3xyvEA==", "/news/13068845"
    article_pattern = r"/news/[\w%+=/-]+$"

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        if job.page.rows is not None:
            return super().read_rows(page, job, source)
        article = self.pattern_of(job, source)
        rows: list[Row | None] = []
        for link in self.tree_of(page, source).cssselect("a.link-to-article[href]"):
            # headlines stand in h2 or h3, in the express column in .content; a slide's in .des
            heads = link.cssselect("h1, h2, h3, h4, .content, .des")
            title = "".join(map(str, (heads[0] if heads else link).itertext()))
            row = json_row(
                title=title,
                href=link.get("href") or "",
                stamp="",
                base_url=page.url,
                zone=source.timezone,
                article=article,
            )
            if row is not None and row.is_article:
                rows.append(row)
        return unique(iter(rows)) or super().read_rows(page, job, source)
