"""Family: Hanweb 大汉 JCMS (Jiangsu, Shandong cities, Ningbo, Lanzhou)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from crawler.extract.pager import MAX_PAGES, same_host
from crawler.extract.rows import Row, rows_of
from crawler.model import Page, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider, with_number

RECORD = re.compile(r"<record>", re.IGNORECASE)
# "dataproxy.jsp?page=1&appid=1&webid=1&path=/&columnid=33718&unitid=212860&webname=…&permissiontype=0"
PROXY = re.compile(r"(?:https?://[\w.:-]{1,100})?/module/[\w/]{0,60}dataproxy\.jsp\?[^'\"<>\]\s]{1,2000}")
# "columnid:33718,unitid:'212860'", "'webid':'1'": what the page's script would post
FIELD = re.compile(
    r"\b(col|appid|webid|path|columnid|sourceContentType|unitid|webname|permissiontype)['\"]?\s*:\s*['\"]?([^'\",}\s]+)"
)
TOTAL = re.compile(r"totalRecord['\"]?\s*[:>]\s*(\d{1,7})", re.IGNORECASE)
# What a request asks for at most: more than about 300 is cut short by the server without a word.
MAX_WINDOW = 100
# Three pages of 20, as the sites' own script asks for.
SHELL_WINDOW = 60
SEARCH = "/module/xxgk/search.jsp"


class JcmsSpider(ColumnSpider):
    """Lists `/col/col123/index.html` whose rows stand in `<datastore>…<record><![CDATA[<li>…]]></record>`.

    To be recognised by that, by `dataproxy.jsp` and by `/art/2024/3/1/art_123_456.html`. Needs `list.url`: the
    column's page, or for disclosed documents `/module/xxgk/search.jsp?area=…`.
    """

    name = "jcms"
    # "/art/2026/9/11/art_33718_11828204.html", "/art/2025/art_<32hex>.html", "/col18578/art/2025/art_18578_481.html"
    article_pattern = r"/art/20\d\d/(?:\d{1,2}/\d{1,2}/)?art_(?:\d+_\d+|[0-9a-f]{32})\.html$"

    def asked(self, job: ListJob, source: Source) -> ListJob:
        return ListJob(job.page, job.url, method="POST") if SEARCH in job.url else job

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        text = self.text_of(page, source)
        records = _records(text, page.url)
        if not records and _shell(job, page, text) is not None:
            article = self.pattern_of(job, source)
            return rows_of(self.tree_of(page, source), page.url, selector=job.page.rows, article=article)
        if not records:
            return super().read_rows(page, job, source)
        tree = self.tree_from("".join(f"<div class='datastore-record'>{record}</div>" for record in records), page)
        selector = job.page.rows or "div.datastore-record"
        return rows_of(tree, page.url, selector=selector, article=self.pattern_of(job, source))

    def more_lists(self, page: Page, job: ListJob, source: Source) -> Iterable[ListJob]:
        text = self.text_of(page, source)
        if _records(text, page.url) or self.read_rows(page, job, source):
            return ()
        further = _shell(job, page, text)
        return () if further is None else (further,)

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        if job.number >= MAX_PAGES:
            return None
        number = job.number + 1
        if SEARCH in job.url:
            rows = self.read_rows(page, job, source)
            url = with_number(job.url, "currpage", number)
            return ListJob(job.page, url, is_first=False, number=number, method="POST") if rows else None
        text = self.text_of(page, source)
        count = len(_records(text, page.url))
        size = _window(job.url) or min(count, MAX_WINDOW)
        total = TOTAL.search(text)
        is_last = total is not None and job.number * size >= int(total[1])
        if not count or not size or (is_last and not beyond):
            return None
        return _request(job, page, text, number, size)


def _records(text: str, url: str) -> list[str]:
    """The records of the column's own datastore; a page may hold others, of its sidebar."""
    return [record for part in RECORD.split(_own_store(text, url))[1:] if (record := _cdata(part))]


def _own_store(text: str, url: str) -> str:
    """The part of a page that belongs to the column of its address; all of it where that cannot be told."""
    stores = re.split(r"<datastore>", text, flags=re.IGNORECASE)
    column = re.search(r"/col(\d+)/", url)
    if column is None or len(stores) < 3:
        return text
    own = [store for store in stores[1:] if re.search(rf"columnid['\"]?\s*[:=]\s*['\"]?{column[1]}\b", store)]
    return "".join(own) or text


def _cdata(part: str) -> str:
    """What stands within `<![CDATA[` and `]]>` of a record; "" for a record without."""
    inside, end, _ = part.partition("<![CDATA[")[2].partition("]]>")
    return inside if end else ""


def _shell(job: ListJob, page: Page, text: str) -> ListJob | None:
    """The request that the script of a page without rows would make."""
    return _request(job, page, text, 1, SHELL_WINDOW) if job.is_first and job.method == "GET" else None


def _request(job: ListJob, page: Page, text: str, number: int, size: int) -> ListJob | None:
    """The next window of records. Some servers go by `page`, some by `startrecord`: here both mean the same."""
    window = {
        "startrecord": str((number - 1) * size + 1),
        "endrecord": str(number * size),
        "perpage": str(size),
        "page": str(number),
    }
    referer = (("Referer", dict(job.headers).get("Referer", job.url)),)
    link = job.url if "dataproxy.jsp?" in job.url and job.method == "GET" else None
    found = PROXY.search(html.unescape(_own_store(text, page.url))) if link is None and job.method == "GET" else None
    if link is not None or found is not None:
        address = same_host(page.url, link or (found[0] if found is not None else ""))
        if address is None:
            return None
        fields = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True)) | window
        url = f"{address.partition('?')[0]}?{urlencode(fields)}"
        return ListJob(job.page, url, is_first=False, number=number, headers=referer)
    fields = dict(FIELD.findall(text)) if job.method == "GET" else dict(parse_qsl(job.body.decode()))
    if "columnid" not in fields or "unitid" not in fields:
        return None
    fields = {"col": "1", "appid": "1", "path": "/", "sourceContentType": "1", "permissiontype": "0"} | fields
    del window["page"]
    return ListJob(
        job.page,
        urljoin(page.url, f"/module/web/jpage/dataproxy.jsp?{urlencode(window)}"),
        is_first=False,
        number=number,
        method="POST",
        body=urlencode(fields).encode(),
        headers=(*referer, ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")),
    )


def _window(url: str) -> int:
    size = dict(parse_qsl(urlsplit(url).query)).get("perpage", "")
    return int(size) if size.isascii() and size.isdigit() and int(size) <= MAX_WINDOW else 0
