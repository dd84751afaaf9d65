"""What holds for every family of government sites."""

from __future__ import annotations

from contextlib import suppress

import pytest

from crawler.errors import RefusedError
from crawler.extract.pager import MAX_PAGES
from crawler.extract.recognise import families_of
from spiders.column import ColumnSpider
from tests.spiders.golden import PAGES, family, list_cases, list_of

GOVERNMENT = (
    "aspnet", "boda", "channels", "epoint", "gkmlpt", "ilist", "jcms", "jpaas", "listdata", "longxun", "powereasy",
    "showlist", "trs", "ucap",
)  # fmt: skip
# cases about lists that belong to another family, or to none
FOREIGN = ("other-family", "html-for-json", "unit-refuses")


def _cases(name: str) -> list[str]:
    return [case for case in list_cases() if case.startswith(f"{name}/")]


@pytest.mark.parametrize("name", GOVERNMENT)
def test_family_says_how_to_recognise_it_and_has_a_golden_list(name: str) -> None:
    spider = family(name)
    assert isinstance(spider, ColumnSpider)
    assert "recognised by" in (type(spider).__doc__ or "")
    assert "`list.url`" in (type(spider).__doc__ or "")
    assert spider.article_pattern
    assert _cases(name)


@pytest.mark.parametrize("name", GOVERNMENT)
def test_family_is_recognised_by_its_golden_lists(name: str) -> None:
    # one page of a list may not show it: a page of plain rows says nothing of what is behind it
    found = []
    for case in _cases(name):
        if not case.endswith(FOREIGN):
            page = next((PAGES / case).glob("list.*"))
            url = (PAGES / case / "meta.json").read_text("utf-8").split('"url": "')[1].split('"')[0]
            found.append(families_of(page.read_bytes().decode("utf-8", "replace"), url)[:1])
    assert (name,) in found


NEWS = ("chinanews", "feed", "founder", "govcn", "people", "scol", "sitemap", "thecover", "xinhua")


@pytest.mark.parametrize("name", [*GOVERNMENT, *NEWS])
@pytest.mark.parametrize("case", ["ucap/list-disclosure", "trs/list-one-based"])
def test_a_list_of_another_family_than_declared_is_refused_by_name(name: str, case: str) -> None:
    theirs = case.split("/")[0]
    if name == theirs:
        return
    url = (PAGES / case / "meta.json").read_text("utf-8").split('"url": "')[1].split('"')[0]
    with pytest.raises(RefusedError) as refused:
        family(name).read_rows(*list_of((PAGES / case / "list.html").read_bytes(), url, family=name))
    assert theirs in refused.value.detail or name in refused.value.detail


@pytest.mark.timeout(60)  # what takes quadratic time does not come back
@pytest.mark.parametrize("name", [*GOVERNMENT, "generic"])
@pytest.mark.parametrize(
    "body",
    [b"", b"   ", b"\x00\x01\x02", b"<" * 100_000, b"<a href='" * 50_000, "<li><a href='http://['>甲".encode() * 1000],
    ids=["empty", "blank", "binary", "brackets", "open-links", "bad-address"],
)
def test_any_bytes_lead_nowhere(name: str, body: bytes) -> None:
    spider = family(name)
    page, job, source = list_of(body, "https://www.jia.example/list/index.html", family=name)
    with suppress(RefusedError):  # any other error is a fault
        spider.read_rows(page, job, source)
    assert spider.next_page(page, job, source) is None


@pytest.mark.parametrize("name", [*GOVERNMENT, "generic"])
def test_no_history_is_longer_than_the_bound(name: str) -> None:
    body = '<a href="/list/index_9999.html">下一页</a><script>createPageHTML(99999, 2000, "index", "html")</script>'
    url = "https://www.jia.example/list/index_2000.html"
    page, job, source = list_of(
        body.encode(), url, family=name, number=MAX_PAGES, first="https://www.jia.example/list/"
    )
    assert family(name).next_page(page, job, source) is None


def test_rows_that_a_source_selects_are_all_kept() -> None:
    body = (
        '<ul class="x"><li><a href="/a.html">甲市与乙市劳务协作会议召开</a><span>2026-11-18</span></li>'
        '<li><a href="/b.html">甲市与丙市劳务协作会议召开</a></li></ul>'
    )
    rows = family("generic").read_rows(*list_of(body.encode(), rows="ul.x > li"))
    assert [row.href for row in rows] == ["/a.html", "/b.html"]


def test_undated_rows_that_leave_the_site_are_kept_and_tabs_are_not() -> None:
    body = (
        '<ul class="tab-item"><li><a href="../tzgg/">通知公告</a></li></ul><ul class="tab-item">'
        '<li><a href="./202611/t20261118_1.html">甲市与乙市劳务协作会议召开</a><span>2026-11-18</span></li>'
        '<li><a href="https://mp.weixin.qq.com/s/synthetic">甲市人社局局长做客直播间</a></li>'
        '<li><a href="javascript:;">甲市人社局公众开放日活动</a></li></ul>'
    )
    rows = family("trs").read_rows(*list_of(body.encode(), "https://rsj.jia.example/gzdt/", family="trs"))
    assert [row.title[:3] for row in rows] == ["甲市与", "甲市人", "甲市人"]
