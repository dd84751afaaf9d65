"""What families of HTML lists share: rows that are news and not navigation, and the way to older pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from crawler.extract.pager import MAX_PAGES, next_file, next_link, pager_of, same_host
from crawler.extract.rows import Row
from crawler.model import Page, Source
from crawler.polling.poll import ListJob
from spiders.base import ListSpider

# "/visitcount.html", "/login", "/share/index.html", "tree.jsp?area=1": frames that hold no list
FRAME_NOISE = re.compile(r"visit|count|login|share|footer|header|tree\.jsp|search|weather|javascript:|about:", re.I)
MAX_FRAMES = 2


class ColumnSpider(ListSpider):
    """A column of a site as a plain page. Older pages: the pager that scripts write, else the link 下一页."""

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        read = self.reader_of(page, job, source)
        for selector in self.row_selectors if job.page.rows is None else ():
            rows = read(selector=selector)
            if any(row.is_article for row in rows):
                return without_navigation(rows, page.url)
        rows = read(selector=job.page.rows)
        if not rows:
            self.refuse_other(page, source)
        return rows

    def more_lists(self, page: Page, job: ListJob, source: Source) -> Iterable[str | ListJob]:
        """Frames of a page that has no rows of its own: some cities show their lists so."""
        if not job.is_first or b"<iframe" not in page.body.lower():
            return ()
        sources = [frame.get("src") or "" for frame in self.tree_of(page, source).iter("iframe")]
        frames = [same_host(page.url, address) for address in sources if not FRAME_NOISE.search(address)]
        found = [address for address in frames if address is not None and address != page.url][:MAX_FRAMES]
        return () if not found or self.read_rows(page, job, source) else found

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        pager = pager_of(self.text_of(page, source))
        url = next_file(pager, page.url, job.number, beyond=beyond) if pager is not None else None
        if url is None and pager is None:
            url = next_link(self.tree_of(page, source), page.url, job.number)
        return older(job, url)

    def pattern_of(self, job: ListJob, source: Source) -> str | None:
        """What an article's address looks like on this list."""
        return job.page.article or source.article or self.article_pattern


def older(job: ListJob, url: str | None) -> ListJob | None:
    """The job for the next older page at `url`; None at the end: no address, the same one, or the list's first."""
    if url is None or url in (job.url, job.page.url) or job.number >= MAX_PAGES:
        return None
    return replace(job, url=url, number=job.number + 1, is_first=False)


def posted(job: ListJob, number: int, *, paging: Mapping[str, int], **defaults: str) -> ListJob:
    """The request for page `number` of an endpoint that is posted JSON: what the query of its address says.

    `defaults` are added where it does not say otherwise; `paging`, which page it is, whatever it says.
    """
    said = dict(parse_qsl(urlsplit(job.url).query, keep_blank_values=True))
    return ListJob(
        job.page,
        job.url,
        is_first=job.is_first and number == 1,
        number=number,
        method="POST",
        body=json.dumps({**defaults, **said, **paging}).encode(),
        headers=(("Content-Type", "application/json;charset=UTF-8"),),
    )


def without_navigation(rows: Sequence[Row], base_url: str) -> tuple[Row, ...]:
    """Rows without the tabs that share their class: links within the site that are no articles, undated among dated."""
    if all(row.date is None for row in rows):
        return tuple(rows)
    return tuple(
        row
        for row in rows
        if row.is_article or row.date is not None or row.url is None or same_host(base_url, row.url) is None
    )


def with_number(url: str, parameter: str, number: int) -> str:
    """`url` with its page parameter set: `iList.jsp?cat_id=1&cur_page=2`; added where it is missing."""
    changed, count = re.subn(rf"([?&]{re.escape(parameter)}=)[^&#]*", rf"\g<1>{number}", url)
    if count:
        return changed
    return f"{url}{'&' if '?' in url else '?'}{parameter}={number}"
