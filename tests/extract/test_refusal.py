"""Answers that are not what was asked for."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.refusal import refusal_of
from crawler.model import Page, Reason

LONG = "<p>" + "两市人社部门签署协作协议，约定共建产业园。" * 30 + "</p>"


def page(body: bytes | str, status: int = 200, content_type: str = "text/html; charset=utf-8") -> Page:
    raw = body.encode() if isinstance(body, str) else body
    return Page(
        url="https://a.example/1.html",
        status=status,
        headers={"content-type": content_type},
        body=raw,
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("answer", "reason", "detail"),
    [
        (page("<script>$_ts=window['$_ts'];</script>", 412), Reason.BLOCKED, "412"),
        (page("", 521), Reason.BLOCKED, "521"),
        (page("<script>$_ts=window['$_ts'];</script>"), Reason.BLOCKED, "412"),
        (page("<script>var WTKkN: 1;__tst_status</script>"), Reason.BLOCKED, "challenge"),
        (page("<script>document.cookie=('__jsl_clearance=1')</script>"), Reason.BLOCKED, "521"),
        (page("gone", 404), Reason.GONE, "404"),
        (page("gone", 410), Reason.GONE, "410"),
        (page("no", 403), Reason.HTTP_ERROR, "403"),
        (page("oh", 502), Reason.SERVER_ERROR, "502"),
        (page(b""), Reason.EMPTY, "0 bytes"),
        (page(b" \n "), Reason.EMPTY, "white space"),
        (page(b"PK\x03\x04rest"), Reason.WRONG_TYPE, "zip"),
        (page(b"\x89PNG\r\n"), Reason.WRONG_TYPE, "image"),
        (page(b"data", content_type="application/pdf"), Reason.WRONG_TYPE, "application/pdf"),
        (page(b'{"a":1}', content_type="application/json"), Reason.WRONG_TYPE, "json"),
        (page("<div>对不起，您访问的页面不存在或已被删除！3秒后返回首页</div>"), Reason.SOFT_ERROR, "不存在"),
        (page("<title>404 Not Found</title><h1>404 Not Found</h1>"), Reason.SOFT_ERROR, "404"),
        (page("<div>系统繁忙，请稍后再试</div>"), Reason.SOFT_ERROR, "系统繁忙"),
        (page("<div>请先登录后查看</div><input type=password>"), Reason.LOGIN_WALL, "登录"),
        (page('<div id="app"></div><script src="/app.js"></script>'), Reason.NO_BODY, "shell"),
    ],
)
def test_refused(answer: Page, reason: Reason, detail: str) -> None:
    found = refusal_of(answer, expects="article")
    assert found is not None
    assert found[0] is reason
    assert detail in found[1]


def test_an_article_passes() -> None:
    assert refusal_of(page(LONG), expects="article") is None


def test_an_article_about_missing_pages_passes() -> None:
    text = "<h1>网站整改</h1>" + LONG + "<p>群众反映您访问的页面不存在的情况明显减少。</p>"
    assert refusal_of(page(text), expects="article") is None
    short = "<h1>页面不存在怎么办</h1><p>市政务服务中心近日开展专项整治，安排专人逐条核查失效内容并完成更新。</p>"
    assert refusal_of(page(short), expects="article") is None


def test_an_article_that_mentions_a_challenge_passes() -> None:
    assert refusal_of(page(LONG + "<script>var a='__jsluid_s'</script>"), expects="article") is None


def test_a_list_may_be_json_and_short() -> None:
    assert refusal_of(page('{"rows":[]}', content_type="application/json"), expects="list") is None
    assert refusal_of(page("<ul><li><a href=1>一</a></li></ul>"), expects="list") is None


def test_utf16_is_no_binary() -> None:
    body = LONG.encode("utf-16")
    assert refusal_of(page(body), expects="article") is None


@given(st.binary(max_size=400), st.sampled_from([200, 404, 412, 500]), st.sampled_from(["list", "article"]))
def test_never_raises(body: bytes, status: int, expects: Literal["list", "article"]) -> None:
    refusal_of(page(body, status), expects=expects)


def test_tags_that_never_end_cost_no_more_than_others() -> None:
    before = time.process_time()
    for tag in ("<a ", "<", "<!--", "<script>", "<head>", "<title>"):
        refusal_of(page(tag * (60_000 // len(tag))), expects="list")
    assert time.process_time() - before < 4  # 0.1 s, where the square of their number took 15
