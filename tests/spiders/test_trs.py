"""TRS: pagers in all the ways they are written, and how long a history may be."""

from __future__ import annotations

import base64

import pytest

from crawler.errors import RefusedError
from crawler.extract.pager import MAX_PAGES, pager_of
from crawler.model import Reason
from tests.spiders.golden import family, list_of

HOME = "https://rsj.jia.example/gzdt/"
ROW = '<ul class="list"><li><a href="./202611/t20261118_1.html">甲市与乙市签署劳务协作协议</a></li></ul>'


def _next(script: str, url: str = HOME, number: int = 1) -> str | None:
    page, job, source = list_of(f"{ROW}{script}".encode(), url, family="trs", number=number, first=HOME)
    following = family("trs").next_page(page, job, source)
    assert following is None or following.number == number + 1
    return following.url.removeprefix(HOME) if following is not None else None


@pytest.mark.parametrize(
    ("script", "following"),
    [
        ('<script>createPageHTML(16, 0, "index", "html");</script>', "index_1.html"),
        ("<script>createPageHTML('paging',25,1,'index','html',500);</script>", "index_2.html"),
        (
            '<SCRIPT><!--\ncreatePageHTML(3, 0, "index", "shtml");\n//--></SCRIPT>',
            "index_1.shtml",
        ),
        ('<script>createPageHTML(1, 0, "index", "html");</script>', None),
        ('<script>$(".pagination").pagination("setPage",1,322);</script>', "index_2.html"),
        ('<script>createPage(7,0,"common_list","html")</script>', "common_list_1.html"),
        ("<script>function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){}</script>", None),
        ('<script>//createPageHTML(16, 0, "index", "html");\n</script>', None),
        ('<script>/* createPageHTML(16, 0, "index", "html"); */</script>', None),
        ('<!-- <script>createPageHTML(16, 0, "index", "html");</script> -->', None),
        (
            '<!-- <script>createPageHTML(9, 3, "old", "htm");</script> -->'
            '<script>createPageHTML(16, 0, "index", "html");</script>',
            "index_1.html",
        ),
        (
            '<script src="https://rsj.jia.example/p.js"></script><script>var u="//rsj.jia.example/"; '
            'createPageHTML(16, 0, "index", "html");</script>',
            "index_1.html",
        ),
        ('<script>createPageHTML(16, 0, "../../../x", "html");</script>', None),
        ('<a href="index_1.html">下一页</a>', "index_1.html"),
        ('<a href="#">下一页</a><a href="javascript:go(2)">下一页</a><a href="./">下页</a>', None),
        ('<a href="https://elsewhere.example/index_1.html">下一页</a>', None),
        ('<a href="./202611/t20261117_9.html">下一篇</a>', None),
    ],
)
def test_the_page_after_the_first(script: str, following: str | None) -> None:
    assert _next(script) == following


@pytest.mark.parametrize(
    ("current", "total", "url", "number", "following"),
    [
        (1, 16, "index_1.html", 2, "index_2.html"),  # from 0
        (2, 16, "index_2.html", 2, "index_3.html"),  # from 1
        (0, 16, "index_1.html", 2, "index_2.html"),  # index_1 is page 1 once more
        (15, 16, "index_15.html", 16, None),  # the last, from 0
        (16, 16, "index_16.html", 16, None),  # the last, from 1
        (0, 322, "index_7.html", 8, None),  # page 1 instead of page 8
        (1, 322, "index_7.html", 7, None),
        (21, 20, "index_21.html", 22, None),  # beyond its own count
    ],
)
def test_the_page_after_others(current: int, total: int, url: str, number: int, following: str | None) -> None:
    assert (
        _next(f'<script>createPageHTML({total}, {current}, "index", "html");</script>', HOME + url, number) == following
    )


def test_a_pager_that_never_ends_is_left() -> None:
    script = f'<script>createPageHTML(999999, {MAX_PAGES - 1}, "index", "html");</script>'
    assert _next(script, f"{HOME}index_{MAX_PAGES - 1}.html", MAX_PAGES) is None


def test_a_walk_through_a_pager_that_repeats_page_1_ends_by_itself() -> None:
    """A server that shows page 1 whatever is asked for costs two requests, not 322."""
    asked = [HOME]
    spider, number = family("trs"), 1
    while True:
        body = f'{ROW}<script>createPageHTML(322, 0, "index", "html");</script>'.encode()
        page, job, source = list_of(body, asked[-1], family="trs", number=number, first=HOME)
        following = spider.next_page(page, job, source)
        if following is None:
            break
        asked.append(following.url)
        number = following.number
    assert [url.removeprefix(HOME) for url in asked] == ["", "index_1.html", "index_2.html"]


def test_a_deep_page_that_is_a_stub_has_neither_rows_nor_a_next_page() -> None:
    stub = b"<html><head><title>404</title></head><body><script>location.href='/';</script></body></html>"
    page, job, source = list_of(stub, HOME + "index_321.html", family="trs", number=322, first=HOME)
    assert not family("trs").read_rows(page, job, source)
    assert family("trs").next_page(page, job, source) is None


def test_a_column_keeps_to_its_own_path_where_its_source_says_so() -> None:
    body = (
        '<ul class="list"><li class="list-item"><a href="./202611/t20261118_1.html">本局的消息</a></li>'
        '<li class="list-item"><a href="../../bm_229/gzdt/202611/t20261118_2.html">别的部门的消息</a></li></ul>'
    )
    page, job, source = list_of(body.encode(), HOME, family="trs", article=r"^/gzdt/\d{6}/t\d+_\d+\.html$")
    # what is none is settled as such, not fetched
    assert [row.is_article for row in family("trs").read_rows(page, job, source)] == [True, False]


@pytest.mark.timeout(120)  # what takes quadratic time does not come back
def test_fifty_thousand_rows_are_read() -> None:
    rows = "".join(
        f'<li><a href="./202611/t20261118_{n}.html">甲市与乙市签署劳务协作协议</a><span>2026-11-18</span></li>'
        for n in range(50_000)
    )
    page, job, source = list_of(f'<ul class="tab-item">{rows}</ul>'.encode(), HOME, family="trs")
    assert len(family("trs").read_rows(page, job, source)) == 50_000


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        "<!--" * 200_000,
        "createPageHTML(" * 50_000,
        "//" * 200_000 + 'createPageHTML(1, 0, "index", "html")',
        "'" + base64.b64encode(b"x" * 5000).decode() + "'" * 50_000,
        "currentPage = " * 50_000,
    ],
    ids=["comments", "calls", "slashes", "base64", "variables"],
)
def test_hostile_scripts_are_no_pager(text: str) -> None:
    assert pager_of(text) is None


def test_another_family_is_named() -> None:
    body = b'<script src="/AuthorizedRead/unitbuild.js" url="/api-gateway/jpaas-publish-server/front/page/build/unit">'
    with pytest.raises(RefusedError) as refused:
        family("trs").read_rows(*list_of(body, HOME, family="trs"))
    assert refused.value.reason is Reason.NO_ROWS
    assert "jpaas" in refused.value.detail
