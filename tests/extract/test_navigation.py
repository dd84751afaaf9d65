"""What navigation says: kinds of columns, links that promise news, trails, articles taken for lists. Synthetic."""

from __future__ import annotations

import pytest

from crawler.extract.navigation import (
    columns_above,
    columns_of,
    is_dated_address,
    kind_of,
    page_column,
    promise_of,
    says_article,
    trail_of,
)

URL = "https://rsj.jia.example/tzgg/index.html"
HOSTS = {"rsj.jia.example"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("工作动态", "news"),
        ("通知公告", "notices"),
        ("政策法规", "policy"),
        ("新闻公告", "mixed"),
        ("招聘考试", "notices"),
        ("关于我们", None),
    ],
)
def test_kind_of_a_column(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    "name",
    ["通知公告", "政策动态解读", "考试动态", "招聘资讯", "新闻发布会", "我市召开人力资源工作动态会议的消息"],
)
def test_names_that_promise_no_news(name: str) -> None:
    assert promise_of(name) == 0


def test_names_that_promise_more() -> None:
    names = ["工作动态", "市县动态", "新闻中心", "本地新鲜新闻", "图片新闻"]
    promises = [promise_of(name) for name in names]
    assert promises == sorted(promises, reverse=True)
    assert min(promises) > 0
    assert promise_of("国务院要闻") < promise_of("部门动态")


def test_columns_of_a_page() -> None:
    page = f"""<html><body>
    <div class="nav"><a href="/">首页</a><a href="{URL}">通知公告</a><a href="/xwzx/">新闻中心</a></div>
    <div><h2>基层动态</h2><span><a href="/jcdt/">更多&gt;&gt;</a></span></div>
    <a href="/gzdt/index.html" title="工作动态">[ 工作动态 ]</a><a href="/gzdt/index.html">工作动态</a>
    <a href="https://www.other.example/gzdt/">人社动态</a><a href="javascript:;">工作动态</a>
    <a href="/gzdt/202611/t20261119_1.html">工作动态</a><a href="http://[">工作动态</a>
    <a href="/sp/"><img alt="视频新闻" src="x.png"></a></body></html>"""
    assert [(column.name, column.url.partition(".example")[2]) for column in columns_of(page, URL, HOSTS)] == [
        ("工作动态", "/gzdt/index.html"),
        ("基层动态", "/jcdt/"),
        ("新闻中心", "/xwzx/"),
        ("视频新闻", "/sp/"),
    ]


@pytest.mark.parametrize(
    ("metas", "name", "kind"),
    [
        ({"ColumnName": "人社资讯", "ColumnType": "工作动态"}, "人社资讯", "news"),
        ({"columnname": "通知公告", "columntype": "工作动态"}, "通知公告", "notices"),
        ({"ColumnName": "厅内", "ColumnType": "政策文件"}, "厅内", "policy"),
        ({"ColumnName": "栏目", "ColumnType": "10"}, "栏目", None),
        ({}, None, None),
    ],
)
def test_the_column_a_page_says_it_is(metas: dict[str, str], name: str | None, kind: str | None) -> None:
    head = "".join(f'<meta name="{key}" content="{value}">' for key, value in metas.items())
    column = page_column(f"<html><head>{head}</head><body><p>合成</p></body></html>", URL)
    assert (column.name, column.kind) == (name, kind)


def test_a_trail_leads_to_the_column_of_an_article() -> None:
    page = """<html><head><meta name="ArticleTitle" content="合成"></head><body>
    <div class="position">当前位置：<a href="/">首页</a> &gt;
    <a href="/xwzx/">新闻中心</a> &gt; <a href="../">工作动态</a></div>
    <p>正文</p></body></html>"""
    url = "https://rsj.jia.example/xwzx/gzdt/202611/t20261119_1.html"
    assert [place.name for place in trail_of(page, url)] == ["首页", "新闻中心", "工作动态"]
    assert columns_above(page, url) == ("https://rsj.jia.example/xwzx/gzdt/",)
    assert says_article(page, url)
    assert page_column(page, url).name == "工作动态"


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("https://h.example/a/gzdt/202611/t20261119_1.html", ("https://h.example/a/gzdt/",)),
        ("https://h.example/cjbd/2026-11-19/215587.html", ("https://h.example/cjbd/",)),
        ("https://h.example/rst/gzdt/2026/9/3/0123.shtml", ("https://h.example/rst/gzdt/",)),
        ("https://h.example/20261119/1.html", ()),
    ],
)
def test_the_folder_above_an_article(url: str, folder: tuple[str, ...]) -> None:
    assert columns_above("<html><body></body></html>", url) == folder


def test_dated_addresses() -> None:
    assert is_dated_address("https://h.example/gzdt/202611/t20261119_1.html")
    assert not is_dated_address("https://h.example/html/2026-11/19/node_1.htm")
    assert not is_dated_address("https://h.example/gzdt/")


def test_hostile_pages_cost_little() -> None:
    deep = "<div class='position'>" * 200 + "首页" + "<a href='/gzdt/'>工作动态</a>" * 2000
    assert [column.name for column in columns_of(deep, URL, HOSTS)] == ["工作动态"]
    trail_of(deep, URL)
    assert columns_of("", URL, HOSTS) == ()
