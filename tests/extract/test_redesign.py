"""A redesigned list: known rows are found again and a selector is made for them. Synthetic."""

from __future__ import annotations

import pytest

from crawler.extract.redesign import new_rows, selector_of, shared_rows
from crawler.extract.rows import Row, parse_list

URL = "https://rsj.jia.example/gzdt/"


def row(title: str, url: str | None = None) -> Row:
    return Row(href=url or "", url=url, title=title, date=None, is_pinned=False, is_article=True)


OLD = [row(f"合成新闻川渝人力资源协作第{n}条签约", f"http://rsj.jia.example/gzdt/20261{n}.html") for n in range(5)]


def page(rows: str, around: str = "") -> str:
    menu = "".join(f"<li><a href='/c{n}/'>栏目名称之{n}</a></li>" for n in range(8))
    return f"<html><body><ul class='menu'>{menu}</ul>{rows}{around}</body></html>"


def links(count: int = 5, *, first: int = 0, url: str = "/gzdt/20261{n}.html") -> list[str]:
    return [
        f"<a href='{url.format(n=n)}'>合成新闻川渝人力资源协作第{n}条签约</a><em>2026-11-1{n}</em>"
        for n in range(first, first + count)
    ]


@pytest.mark.parametrize(
    ("rows", "selector"),
    [
        ("<div class='box'>" + "".join(f"<p class='item'>{link}</p>" for link in links()) + "</div>", "p.item"),
        ("<ul id='news'>" + "".join(f"<li>{link}</li>" for link in links()) + "</ul>", "#news > li"),
        (
            "<ul class='l'>" + "".join(f"<li class='{n % 2 and 'odd'}'>{link}</li>" for n, link in enumerate(links()))
            + "</ul>",
            "ul.l > li",
        ),
        ("<table>" + "".join(f"<tr><td>{link}</td></tr>" for link in links()) + "</table>", "table > tr"),
    ],
)  # fmt: skip
def test_known_rows_give_a_selector(rows: str, selector: str) -> None:
    found = new_rows(parse_list(page(rows)), URL, OLD)
    assert found is not None
    assert (found.selector, found.shared, len(found.rows)) == (selector, 5, 5)
    assert found.rows[0].date is not None


def test_known_rows_win_over_a_longer_block() -> None:
    known = "<div class='a'>" + "".join(f"<p>{link}</p>" for link in links(3)) + "</div>"
    other = "".join(
        f"<li><a href='/b/{n}.html'>别处的一条很长的合成新闻标题之{n}</a><i>2026-11-10</i></li>" for n in range(20)
    )
    found = new_rows(parse_list(page(known, f"<ul class='b'>{other}</ul>")), URL, OLD)
    assert found is not None
    assert (found.selector, found.shared) == ("div.a > p", 3)


def test_moved_addresses_are_known_by_their_headlines() -> None:
    rows = "<dl>" + "".join(f"<dd class='n'>{link}</dd>" for link in links(url="/new/{n}.shtml")) + "</dl>"
    found = new_rows(parse_list(page(rows)), URL, OLD)
    assert found is not None
    assert found.shared == 5


def test_new_rows_beside_the_known_ones_belong_to_the_list() -> None:
    fresh = [link.replace("合成新闻", "今日要闻") for link in links(2, first=7, url="/gzdt/30{n}.html")]
    rows = "<ul class='x'>" + "".join(f"<li>{link}</li>" for link in [*fresh, *links(3)]) + "</ul>"
    found = new_rows(parse_list(page(rows)), URL, OLD)
    assert found is not None
    assert (len(found.rows), found.shared) == (5, 3)


def test_without_known_rows_the_dated_block_is_taken() -> None:
    rows = "<div class='w'>" + "".join(f"<p>{link}</p>" for link in links()) + "</div>"
    found = new_rows(parse_list(page(rows)), URL, [])
    assert found is not None
    assert (found.selector, found.shared) == ("div.w > p", 0)


@pytest.mark.parametrize("text", ["", "<html><body><p>合成</p></body></html>", page("")])
def test_pages_without_rows_give_none(text: str) -> None:
    assert new_rows(parse_list(text), URL, OLD) is None


def test_names_made_for_one_row_are_not_used() -> None:
    rows = "".join(f"<div id='post-2026{n}' class='item-99812{n} entry'>{link}</div>" for n, link in enumerate(links()))
    tree = parse_list(page(f"<section>{rows}</section>"))
    assert selector_of(tree, tree.cssselect("section > div")) == "div.entry"


def test_rows_are_shared_across_schemes_and_cut_headlines() -> None:
    new = [row("合成新闻川渝人力资源协作第3…"), row("别的", "https://www.rsj.jia.example/gzdt/202611.html?from=x")]
    assert shared_rows(new, OLD) >= 1
