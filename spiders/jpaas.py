"""Family: Hanweb 大汉 JPAAS (Zhejiang and its cities, Shandong): the rows come from a "unit" that the page names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit

from lxml.html import HtmlElement

from crawler.errors import RefusedError
from crawler.extract.pager import MAX_PAGES, same_host
from crawler.extract.recognise import families_of
from crawler.extract.rows import Row, parse_list, rows_of
from crawler.extract.rows_json import is_json, json_of
from crawler.extract.script_data import script_value
from crawler.model import Page, Reason, Source
from crawler.polling.poll import ListJob
from spiders.column import ColumnSpider

UNIT = "/front/page/build/unit"
# What the site's own script asks for; a bare pageNo beside paramJson is ignored.
PAGE_SIZE = 15
# Navigation and footers are units too: the list's own is named so, 当前栏目list or 栏目列表.
LIST_TAGS = ("list", "列表")


class JpaasSpider(ColumnSpider):
    """Pages `/col/col123/index.html` with `<script src=…/unitbuild.js url="…" queryData="{'webId':…}">` and no rows.

    To be recognised by `/api-gateway/jpaas-publish-server/`. Needs `list.url`: the column's page. The unit's parameters
    are read from it at each poll, and the unit wants the page as Referer.
    """

    name = "jpaas"
    # "/art/2024/3/1/art_1229116948_59000.html", "/art/2026/art_<32hex>.html"
    article_pattern = r"/art/20\d\d/(?:\d{1,2}/\d{1,2}/)?art_(?:\d+_\d+|[0-9a-f]{32})\.html$"

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        if is_json(page) or not job.is_first:
            tree = self.tree_from(_unit_html(page, source), page)
            article = self.pattern_of(job, source)
            return rows_of(tree, dict(job.headers).get("Referer", page.url), selector=job.page.rows, article=article)
        if _unit_of(self.tree_of(page, source), page.url) is None:
            likely = ", ".join(families_of(self.text_of(page, source), page.url)) or "none known"
            raise RefusedError(Reason.WRONG_TYPE, f"no unitbuild.js with queryData on the page; family: {likely}")
        return ()

    def more_lists(self, page: Page, job: ListJob, source: Source) -> Iterable[ListJob]:
        unit = None if is_json(page) or not job.is_first else _unit_of(self.tree_of(page, source), page.url)
        return () if unit is None else (_request(job, unit, 1, page.url),)

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        if not is_json(page) or job.number >= MAX_PAGES:
            return None  # the column's page leads to its unit, and the unit to older pages
        markup = _unit_html(page, source)
        if "<a" not in markup or (not beyond and _is_last(parse_list(markup), job.number)):
            return None
        return _request(job, job.url, job.number + 1, dict(job.headers).get("Referer", page.url))


def _unit_of(tree: HtmlElement, url: str) -> str | None:
    """The address of the list's unit with its parameters, as the page's script tag gives them."""
    found: dict[str, bool] = {}
    for script in tree.iter("script"):
        # libxml2 writes attribute names small
        query, path = script.get("querydata"), script.get("url")
        if not query or not path or UNIT not in path:
            continue
        try:
            fields = script_value(query, 0)
        except RefusedError:
            continue
        address = same_host(url, path)
        if isinstance(fields, dict) and address is not None:
            fields = {"parseType": "bulidstatic", "pageType": "column", "editType": "null"} | fields
            found[f"{address}?{urlencode(fields)}"] = any(tag in str(fields.get("tagId", "")) for tag in LIST_TAGS)
    return next((unit for unit, is_list in found.items() if is_list), next(iter(found), None))


def _request(job: ListJob, unit: str, number: int, referer: str) -> ListJob:
    fields = dict(parse_qsl(urlsplit(unit).query, keep_blank_values=True))
    fields["paramJson"] = json.dumps({"pageNo": number, "pageSize": str(PAGE_SIZE)}, separators=(",", ":"))
    url = f"{unit.partition('?')[0]}?{urlencode(fields)}"
    return ListJob(job.page, url, is_first=False, number=number, headers=(("Referer", referer),))


def _unit_html(page: Page, source: Source) -> str:
    answer = json_of(page, source)
    data = answer.get("data") if isinstance(answer, dict) else None
    markup = data.get("html") if isinstance(data, dict) else data
    if not isinstance(markup, str):
        said = answer.get("message") or answer.get("msg") if isinstance(answer, dict) else None
        raise RefusedError(Reason.WRONG_TYPE, f"the unit answered without data.html: {said}"[:200])
    return markup


def _is_last(tree: HtmlElement, number: int) -> bool:
    """`<div class="pagination" rows="15" count="812">`, where the unit says how many records there are."""
    for box in tree.cssselect("div.pagination[rows][count]"):
        rows, count = box.get("rows", ""), box.get("count", "")
        if rows.isdecimal() and count.isdecimal():
            return number * (int(rows) or PAGE_SIZE) >= int(count)
    return False
