"""人民网: real lists, and what its pager must not do."""

from __future__ import annotations

from pathlib import Path

from tests.spiders.golden import family, list_of

INDEX = "misc_labelled/examdb__tests__fixtures__people_commentary_index.html"


def test_real_index_without_a_list_box(shared: Path) -> None:
    page, job, source = list_of(
        (shared / "pages" / INDEX).read_bytes(), "http://opinion.people.com.cn/GB/index.html", family="people"
    )
    rows = family("people").read_rows(page, job, source)
    assert [row.url for row in rows if row.is_article] == [
        "http://opinion.people.com.cn/n1/2026/0617/c1003-12345678.html",
        "http://opinion.people.com.cn/n1/2024/0101/c1003-11111111.html",
        "http://politics.people.com.cn/n1/2026/0617/c1001-22222222.html",
    ]


def test_a_pager_to_another_host_is_not_followed() -> None:
    page, job, source = list_of('<a href="http://yi.example/GB/1/index2.html">下一页</a>'.encode(), family="people")
    assert family("people").next_page(page, job, source) is None


def test_next_page_is_told_by_its_number_where_no_link_says_so() -> None:
    body = b'<p class="page_n"><a href="index1.html">1</a><a href="index2.html">2</a><a href="index3.html">3</a></p>'
    page, job, source = list_of(body, family="people", number=2, first="http://www.jia.example/list/")
    following = family("people").next_page(page, job, source)
    assert following is not None
    assert (following.url, following.number) == ("http://www.jia.example/list/index3.html", 3)


def test_the_article_after_this_one_is_no_page() -> None:
    page, job, source = list_of('<a href="c345458-2.html">下一篇</a>'.encode(), family="people")
    assert family("people").next_page(page, job, source) is None
