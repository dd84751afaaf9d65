"""Families whose rows are data: what they ask for, how their histories end, and answers that are something else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.errors import RefusedError
from crawler.model import Reason
from crawler.polling.poll import ListJob
from tests.spiders.golden import family, list_of

EPOINT = "https://www.jia.example/EWB-FRONT/rest/lightfrontaction/getgovinfolist?siteGuid=7e&categorynum=003001"
GKMLPT = "https://rsj.jia.example/gkmlpt/api/all/505?page=1&sid=200025"
UCAP = "https://hrss.jia.example/common/search/97292339af064f35a6fa6958746ab8ed?_isJson=true&page=1"
JPAAS = "https://rst.jia.example/api-gateway/jpaas-publish-server/front/page/build/unit?webId=1&tagId=list"
LISTDATA = "https://www.jia.example/zw/pc/list.html"
TRS = (
    "https://www.jia.example/irs/front/search?tenantId=12&dataTypeId=7&searchWord=%E5%8A%B3%E5%8A%A1%E5%8D%8F%E4%BD%9C"
)
ENDPOINTS = (("epoint", EPOINT), ("gkmlpt", GKMLPT), ("trs", TRS), ("ucap", UCAP))
PROMPT = "<html><body><p>系统提示：当前服务正在维护升级，请稍后再来。</p></body></html>"


def _read(name: str, url: str, body: str) -> Any:
    return family(name).read_rows(*list_of(body.encode(), url, family=name))


@pytest.mark.parametrize(("name", "url"), [*ENDPOINTS, ("jpaas", JPAAS)])
@pytest.mark.parametrize(
    "body",
    ["{", "[]", "{}", '{"data": "x"' + "}" * 3, "[" * 100_000, '{"a":' * 100_000, '{"data": {"html": 7}}', "null"],
    ids=["cut", "list", "empty", "tail", "deep-list", "deep-object", "number", "null"],
)
def test_an_answer_of_another_shape_is_refused(name: str, url: str, body: str) -> None:
    with pytest.raises(RefusedError) as refused:
        _read(name, url, body)
    assert refused.value.reason is Reason.WRONG_TYPE
    assert refused.value.detail


@pytest.mark.parametrize(("name", "url"), [*ENDPOINTS, ("jpaas", JPAAS), ("listdata", LISTDATA)])
def test_html_where_data_was_expected_is_refused(name: str, url: str) -> None:
    with pytest.raises(RefusedError) as refused:
        _read(name, url, PROMPT)
    assert refused.value.reason is Reason.WRONG_TYPE


def test_epoint_is_posted_to() -> None:
    _, job, source = list_of(b"", EPOINT, family="epoint")
    asked = family("epoint").asked(job, source)
    assert asked.method == "POST"
    assert asked.is_first
    assert json.loads(asked.body) == {
        "deptcode": "",
        "siteGuid": "7e",
        "categorynum": "003001",
        "pageIndex": 0,
        "pageSize": 20,
    }
    assert ("Content-Type", "application/json;charset=UTF-8") in asked.headers


def test_trs_search_is_posted_to_and_ends_at_an_empty_page() -> None:
    hit = {"data": {"title": "甲市与乙市劳务<em>协作</em>", "url": "/a/202611/t20261118_1.html", "time": "2026-11-18"}}
    full, empty = (json.dumps({"data": {"middle": {"listAndBox": hits}}}) for hits in ([hit, {"box": {}}], []))
    jobs = _answers("trs", TRS, [full, full, empty])
    assert {(job.method, job.url) for job in jobs} == {("POST", TRS)}
    assert json.loads(jobs[0].body) == {
        "orderBy": "time",
        "searchBy": "all",
        "tenantId": "12",
        "dataTypeId": "7",
        "searchWord": "劳务协作",
        "pageNo": 1,
        "pageSize": 20,
    }
    assert [json.loads(job.body)["pageNo"] for job in jobs] == [1, 2, 3]
    assert [job.is_first for job in jobs] == [True, False, False]
    assert len({job.key for job in jobs}) == 3


def test_what_an_address_says_goes_before_the_defaults_but_not_before_the_page() -> None:
    _, job, source = list_of(b"", f"{TRS}&orderBy=related&pageNo=9", family="trs")
    asked = json.loads(family("trs").asked(job, source).body)
    assert (asked["orderBy"], asked["pageNo"]) == ("related", 1)


def test_a_plain_page_is_asked_for_plainly() -> None:
    _, job, source = list_of(b"", "https://www.jia.example/001/001001/subPage.html", family="epoint")
    assert family("epoint").asked(job, source) == job


def _answers(name: str, url: str, pages: list[str]) -> list[ListJob]:
    """The jobs of a walk through a history that answers with `pages`, the last of them for ever."""
    spider = family(name)
    _, job, source = list_of(b"", url, family=name)
    jobs = [spider.asked(job, source)]
    while len(jobs) < 50:
        body = pages[min(len(jobs), len(pages)) - 1]
        page = replace(list_of(body.encode(), url, family=name)[0], url=jobs[-1].url)
        following = spider.next_page(page, jobs[-1], source)
        if following is None:
            break
        jobs.append(following)
    return jobs


def test_epoint_ends_at_the_total() -> None:
    full = json.dumps({"custom": {"total": 41, "data": [{"title": "甲", "infourl": f"/{n}"} for n in range(20)]}})
    jobs = _answers("epoint", EPOINT, [full])
    assert [json.loads(job.body)["pageIndex"] for job in jobs] == [0, 1, 2]


def test_epoint_ends_at_a_short_page_whatever_total_says() -> None:
    short = json.dumps({"custom": {"total": 99999, "data": [{"title": "甲", "infourl": "/1"}]}})
    assert len(_answers("epoint", EPOINT, [short])) == 1


def test_gkmlpt_ends_at_an_empty_page_where_there_is_no_total() -> None:
    full = json.dumps({"articles": [{"title": "甲", "url": f"/{n}"} for n in range(100)]})
    jobs = _answers("gkmlpt", GKMLPT, [full, full, '{"articles": []}'])
    assert [parse_qs(urlsplit(job.url).query)["page"] for job in jobs] == [["1"], ["2"], ["3"]]


def test_gkmlpt_counts_page_0_and_1_as_one() -> None:
    full = json.dumps({"total": 150, "articles": [{"title": "甲", "url": f"/{n}"} for n in range(100)]})
    jobs = _answers("gkmlpt", GKMLPT.replace("page=1", "page=0"), [full])
    assert [parse_qs(urlsplit(job.url).query)["page"] for job in jobs] == [["0"], ["2"]]


def test_ucap_search_ends_at_its_total() -> None:
    full = json.dumps({"data": {"total": 5, "results": [{"title": "甲", "url": "/1"}, {"title": "乙", "url": "/2"}]}})
    assert [job.url[-1] for job in _answers("ucap", UCAP, [full])] == ["1", "2", "3"]


def test_jpaas_unit_wants_the_page_as_referer_and_counts_in_paramjson() -> None:
    column = "https://rst.jia.example/col/col7/index.html"
    markup = (
        '<script src="/AuthorizedRead/unitbuild.js" url="/api-gateway/jpaas-publish-server/front/page/build/unit"'
        " queryData=\"{'webId':'1','pageId':'7','tplSetId':'a','tagId':'当前栏目list'}\"></script>"
    )
    page, job, source = list_of(markup.encode(), column, family="jpaas")
    spider = family("jpaas")
    assert not spider.read_rows(page, job, source)
    assert spider.next_page(page, job, source) is None
    (unit,) = spider.more_lists(page, job, source)
    assert isinstance(unit, ListJob)
    assert unit.headers == (("Referer", column),)
    assert not unit.is_first
    fields = parse_qs(urlsplit(unit.url).query)
    assert fields["parseType"] == ["bulidstatic"]
    assert json.loads(fields["paramJson"][0]) == {"pageNo": 1, "pageSize": "15"}
    answer = json.dumps({"data": {"html": "<li><a href='/art/2026/11/1/art_7_1.html'>甲省与乙省劳务协作</a></li>"}})
    second = spider.next_page(replace(page, url=unit.url, body=answer.encode()), unit, source)
    assert second is not None
    assert json.loads(parse_qs(urlsplit(second.url).query)["paramJson"][0])["pageNo"] == 2
    assert second.headers == unit.headers
    # an empty unit is the end
    assert spider.next_page(replace(page, url=second.url, body=b'{"data":{"html":""}}'), second, source) is None


@pytest.mark.parametrize(
    "url",
    ["https://elsewhere.example/front/page/build/unit", "//elsewhere.example/front/page/build/unit", "javascript:1"],
)
def test_jpaas_unit_on_another_host_is_no_unit(url: str) -> None:
    markup = f"<script url=\"{url}\" queryData=\"{{'webId':'1'}}\"></script>"
    with pytest.raises(RefusedError):
        _read("jpaas", "https://rst.jia.example/col/col7/index.html", markup)


@pytest.mark.parametrize(
    "script",
    ["var listData = {articleList: [", "var listData = {articleList: [{]};", "var listData = {articleList: [[[[" * 9],
)
def test_broken_list_data_is_refused(script: str) -> None:
    with pytest.raises(RefusedError) as refused:
        _read("listdata", LISTDATA, f"<script>{script}</script>")
    assert refused.value.reason is Reason.WRONG_TYPE


def test_jsonp_is_read() -> None:
    body = 'jQuery1102_7({"articles": [{"title": "甲市与乙市", "url": "/zwgk/content/post_1.html"}]});'
    assert [row.is_article for row in _read("gkmlpt", GKMLPT, body)] == [True]


def test_fifty_thousand_rows_of_data() -> None:
    body = json.dumps({"articles": [{"title": "甲", "url": f"/content/post_{n}.html"} for n in range(50_000)]})
    assert len(_read("gkmlpt", GKMLPT, body)) == 50_000
