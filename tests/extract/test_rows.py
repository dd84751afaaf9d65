"""Rows of lists: every shape that synthetic pages can give them, hostile ones in bounded time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import rows as rows_module
from crawler.extract.rows import Row, cut, parse_list, rows_of
from crawler.model import RowDate

BASE = "http://www.synthetic.example/news/list/"
ARTICLE = r"/a/\d+\.html$"


def rows(markup: str, *, selector: str | None = None, article: str | None = None) -> tuple[Row, ...]:
    return rows_of(parse_list(f"<html><body>{markup}</body></html>"), BASE, selector=selector, article=article)


def one(markup: str, *, selector: str | None = "li", article: str | None = None) -> Row:
    (row,) = rows(f"<ul>{markup}</ul>", selector=selector, article=article)
    return row


def test_what_stands_behind_so_many_links_is_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "LEAST_ROWS", 1)
    items = "".join(f"<li><a href='/a/{n}.html'>{headline(n)}</a><span>2026-03-0{n}</span></li>" for n in range(1, 8))
    tree = parse_list(f"<html><body><div><ul>{items}</ul></div><p><a href='/next'>下一页</a></p></body></html>")
    assert cut(tree, max_rows=2) == 0
    monkeypatch.setattr(rows_module, "LINKS_OF_A_ROW", 2)
    assert cut(tree, max_rows=2) == 4
    assert [row.href for row in rows_of(tree, BASE)] == [f"/a/{n}.html" for n in range(1, 5)]
    assert cut(tree, max_rows=2) == 0
    monkeypatch.setattr(rows_module, "ELEMENTS_OF_A_ROW", 9)  # html, body, div, ul and two rows less a date
    assert cut(tree, max_rows=1) == 2
    assert len(tree.findall(".//*")) == 8


def headline(n: int) -> str:
    return f"合成标题：两地人社部门会商第{n}号"


@pytest.mark.parametrize(
    ("beside", "date"),
    [
        ("<span>2023-04-19</span>", RowDate(year=2023, month=4, day=19)),
        ("<span>[04-22]</span>", RowDate(month=4, day=22)),
        ("<em>2023年4月9日</em>", RowDate(year=2023, month=4, day=9)),
        ("<span>2023/4/9 10:20</span>", RowDate(year=2023, month=4, day=9, hour=10, minute=20)),
        ("<span>雅安人社</span>", None),
        ("<time datetime='2023-04-19'>今天</time>", RowDate(year=2023, month=4, day=19)),
    ],
)
def test_date_beside_the_title(beside: str, date: RowDate | None) -> None:
    row = one(f"<li><a href='/a/1.html'>{headline(1)}</a>{beside}</li>")
    assert (row.title, row.date) == (headline(1), date)


def test_date_in_the_node_that_follows_the_row() -> None:
    markup = "".join(f"<li><a href='/a/{n}.html'>{headline(n)}</a></li><span>2023-04-1{n}</span>" for n in (1, 2))
    found = rows(f"<ul>{markup}</ul>", article=ARTICLE)
    assert [row.date and row.date.day for row in found] == [11, 12]


@pytest.mark.parametrize(
    ("shown", "title", "date"),
    [
        ("合成标题会商2022-03-22", "合成标题会商", RowDate(year=2022, month=3, day=22)),
        ("合成标题会商 [04-22]", "合成标题会商", RowDate(month=4, day=22)),
        ("合成标题会商（2023年4月1日）", "合成标题会商", RowDate(year=2023, month=4, day=1)),
    ],
)
def test_date_glued_to_the_title(shown: str, title: str, date: RowDate) -> None:
    row = one(f"<li><a href='/a/1.html'>{shown}</a></li>")
    assert (row.title, row.date) == (title, date)


def test_a_figure_at_the_end_of_a_title_is_no_date_beside_a_date() -> None:
    row = one("<li><a href='/a/1.html'>合成标题：就业人数同比增长1.5</a><span>2023-04-19</span></li>")
    assert (row.title, row.date) == ("合成标题：就业人数同比增长1.5", RowDate(year=2023, month=4, day=19))


@pytest.mark.parametrize(
    ("text", "whole", "title"),
    [
        ("合成标题：两地人社部门…", "合成标题：两地人社部门签署协议", "合成标题：两地人社部门签署协议"),
        ("合成标题：两地人社部门...", "合成标题：两地人社部门签署协议", "合成标题：两地人社部门签署协议"),
        ("合成标题：两地人社部门", "合成标题：两地人社部门签署协议", "合成标题：两地人社部门签署协议"),
        ("合成标题：两地…", "标题：合成标题：两地签署协议 作者：某人 更新时间：2012-01-01", "合成标题：两地签署协议"),
        ("合成标题：两地人社", "点击查看详细内容请进入", "合成标题：两地人社"),
        ("", "合成标题：两地人社", "合成标题：两地人社"),
    ],
)
def test_the_whole_title_stands_in_its_attribute(text: str, whole: str, title: str) -> None:
    assert one(f"<li><a href='/a/1.html' title='{whole}'>{text}<img src='x.gif'></a></li>").title == title


@pytest.mark.parametrize("mark", ["[置顶]", "置顶 ", "【置顶】", "[固顶] ", "[TOP] "])
@pytest.mark.parametrize("is_inside", [True, False])
def test_pinned_rows_are_told(mark: str, is_inside: bool) -> None:
    title = f"{mark}{headline(1)}" if is_inside else headline(1)
    row = one(f"<li>{'' if is_inside else f'<b>{mark}</b>'}<a href='/a/1.html'>{title}</a></li>")
    assert (row.is_pinned, row.title) == (True, headline(1))


@pytest.mark.parametrize(
    "href", ["javascript:void(0)", "mailto:a@b.example", "#", "#top", "tel:12345", "http://[x", ""]
)
def test_links_that_lead_nowhere_are_rows_without_an_address(href: str) -> None:
    good = f"<li><a href='/a/1.html'>{headline(1)}</a></li>"
    for found in (
        rows(f"<ul>{good}<li><a href='{href}'>{headline(2)}</a></li></ul>", selector="li"),
        rows(f"<ul>{good}<li><a href='{href}'>{headline(2)}</a></li></ul>", article=ARTICLE),
    ):
        assert [(row.url is not None, row.title) for row in found] == [(True, headline(1)), (False, headline(2))]


def test_addresses_are_made_whole() -> None:
    hrefs = [
        "a/1.html",
        "/a/2.html",
        "//other.example/a/3.html",
        "../a/4.html#top",
        " /a/5.html\n",
        "http://X.example/a/6.html",
    ]
    found = rows("".join(f"<li><A HREF='{href}'>{headline(n)}</A></li>" for n, href in enumerate(hrefs)), selector="li")
    assert [row.url for row in found] == [
        "http://www.synthetic.example/news/list/a/1.html",
        "http://www.synthetic.example/a/2.html",
        "http://other.example/a/3.html",
        "http://www.synthetic.example/news/a/4.html",
        "http://www.synthetic.example/a/5.html",
        "http://X.example/a/6.html",
    ]


@pytest.mark.parametrize(
    ("base", "url"), [("/x/", "http://www.synthetic.example/x/1.html"), ("http://[", BASE + "1.html")]
)
def test_base(base: str, url: str) -> None:
    page = parse_list(
        f"<html><head><base href='{base}'></head><body><li><a href='1.html'>{headline(1)}</a></li></body>"
    )
    (row,) = rows_of(page, BASE, selector="li")
    assert row.url == url


def test_templates_are_no_rows() -> None:
    assert (
        rows(
            "<li><a href='{{item.url}}'>{{item.title}}</a></li><li><a href='/a/1.html'>{{title}}</a></li>",
            selector="li",
        )
        == ()
    )


def test_a_row_shown_twice_is_one_with_all_that_either_says() -> None:
    (row,) = rows(
        "<ul><li><a href='/a/1.html'>合成标题：两地人社…</a></li></ul>"
        "<ul><li><b>[置顶]</b><a href='/a/1.html#x'>合成标题：两地人社会商</a><i>2023-04-19</i></li></ul>",
        selector="li",
    )
    assert (row.title, row.date, row.is_pinned) == ("合成标题：两地人社会商", RowDate(year=2023, month=4, day=19), True)


def test_nested_items_are_their_innermost() -> None:
    inner = "".join(f"<li><a href='/a/{n}.html'>{headline(n)}</a></li>" for n in (1, 2))
    found = rows(f"<li><ul>{inner}</ul></li>", selector="li")
    assert [row.title for row in found] == [headline(1), headline(2)]


def test_rows_of_a_table() -> None:
    body = "".join(
        f"<tr><td>·</td><td><a href='/a/{n}.html'>{headline(n)}</a></td><td>2023-04-1{n}</td></tr>" for n in range(3)
    )
    found = rows(f"<table><tr><th>标题</th><th>日期</th></tr>{body}</table>", article=ARTICLE)
    assert [(row.title, row.date and row.date.day) for row in found] == [(headline(n), 10 + n) for n in range(3)]


@pytest.mark.parametrize("tag", ["li", "div class='item'"])
def test_offsite_rows_beside_the_matched_ones_belong_to_the_list(tag: str) -> None:
    links = [f"/a/{n}.html" for n in range(3)] + ["https://mp.weixin.qq.com/s/x", "/download/1.pdf"]
    body = "".join(f"<{tag}><a href='{href}'>{headline(n)}</a></{tag.split()[0]}>" for n, href in enumerate(links))
    found = rows(f"<div>{body}<div><a href='/about/'>关于我们网站声明</a></div></div>", article=ARTICLE)
    assert [row.title for row in found] == [headline(n) for n in range(5)]
    assert [row.is_article for row in found] == [True] * 3 + [False] * 2


def test_the_heuristic_takes_the_dated_block_and_not_the_menu() -> None:
    menu = "".join(f"<li><a href='/m/{n}/'>网站导航栏目第{n}个入口</a></li>" for n in range(12))
    news = "".join(f"<li><a href='/x/{n}'>{headline(n)}</a><span>2023-04-1{n}</span></li>" for n in range(6))
    found = rows(f"<ul class='menu'>{menu}</ul><div><ul class='news'>{news}</ul></div>")
    assert [row.title for row in found] == [headline(n) for n in range(6)]


@given(st.text(max_size=300), st.sampled_from([None, "li", "a"]), st.sampled_from([None, ARTICLE]))
@settings(max_examples=150, deadline=None)
def test_nothing_makes_it_raise(junk: str, selector: str | None, article: str | None) -> None:
    for markup in (junk, f"<li><a href='{junk}' title='{junk}'>{junk}</a>{junk}</li>"):
        rows_of(parse_list(markup), BASE, selector=selector, article=article)


def plain_rows(n: int) -> str:
    return "".join(f"<li><a href='/a/{k}.html'>{headline(k)}</a><span>2023-04-19</span></li>" for k in range(n))


def junk(n: int) -> str:
    """Nested and unclosed tags, anchors within anchors, blanks: what costs a careless reader most."""
    rng = random.Random(n)
    pieces = ["<div>", "<ul><li>", "<a href='/a/1.html'>", "<a href='http://['>", "<span>", "</div>", " " * 40]
    pieces += ["合成标题会商", "<table><tr><td>", "2023-", "[[[", "</li>", "<p>", "<b title='"]
    return "".join(rng.choice(pieces) for _ in range(n))


def deep(n: int) -> str:
    return "<div><a href='/a/1.html'>合成标题会商" * n


@pytest.mark.parametrize("how", [{"selector": "li"}, {"selector": "a"}, {"article": ARTICLE}, {}], ids=str)
@pytest.mark.parametrize(
    ("make", "size"), [(plain_rows, 6_000), (junk, 6_000), (deep, 3_000)], ids=["rows", "junk", "deep"]
)
def test_four_times_the_page_costs_not_much_more_than_four_times(
    make: Callable[[int], str], size: int, how: dict[str, str]
) -> None:
    def cost(n: int) -> float:
        markup = make(n)
        began = time.process_time()
        rows(markup, **how)
        return time.process_time() - began

    small = max(min(cost(size) for _ in range(2)), 0.02)
    # linear is 4; a square would be 16
    assert cost(4 * size) < 10 * small + 0.5


def test_fifty_thousand_rows_are_all_there() -> None:
    assert len(rows(f"<ul>{plain_rows(50_000)}</ul>", article=ARTICLE)) == 50_000
