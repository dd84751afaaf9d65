"""The columns an article stands in, as its breadcrumbs have them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract_article
from crawler.model import Page

TITLE = "甲乙两市签署人力资源协作协议"
TEXT = "<p>两市人社部门围绕技能人才评价和公共就业服务开展协作，各项任务由双方共同承担（合成）。</p>"


def columns(trail: str, tags: str = "") -> tuple[str, ...]:
    html = (
        f"<html><!-- synthetic --><head>{tags}<title>{TITLE}</title></head><body>{trail}<h1>{TITLE}</h1>{TEXT}</body>"
    )
    page = Page(
        url="https://a.example/x/1.html",
        status=200,
        headers={"content-type": "text/html; charset=utf-8"},
        body=html.encode(),
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
    )
    article = extract_article(page)
    assert ("columns" in article.origins) is bool(article.columns)
    return article.columns


@pytest.mark.parametrize(
    ("trail", "expected"),
    [
        ("<div>当前位置：<a href='/'>首页</a> &gt; <a href='/a/'>公开</a> &gt; 公告 &gt; 正文</div>", ("公开", "公告")),
        ("<div>您所在的位置 ：<a href='/'>网站首页</a> » <a href='/a/'>新闻中心</a></div>", ("新闻中心",)),
        ("<p><a href='/'>首页</a>》<a href='/a/'>要闻动态</a></p>", ("要闻动态",)),
        (
            "<ul><li>当前位置：</li><li><a href='/'>首页</a></li><li><a href='/a/'>动态</a></li>"
            "<li><a href='/b/'>工作动态</a></li></ul>",
            ("动态", "工作动态"),
        ),
        (f"<div>位置：<a href='/'>首页</a> / <a href='/a/'>动态</a> / {TITLE}</div>", ("动态",)),
        ("<div><a href='/'>首页</a> | <a href='/a/'>新闻</a> | <a href='/b/'>体育</a></div>", ()),
        ("<div>该项目位置优越，首页有图。</div>", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_breadcrumbs(trail: str, expected: tuple[str, ...]) -> None:
    assert columns(trail) == expected


def test_the_tag_speaks_where_no_trail_does() -> None:
    tag = "<meta name='ColumnName' content='工作动态'>"
    assert columns("", tag) == ("工作动态",)
    assert columns("<div>当前位置：首页 &gt; 要闻</div>", tag) == ("要闻",)
