"""中国新闻网: how far its history is walked."""

from __future__ import annotations

import pytest

from tests.spiders.golden import family, list_of

ROW = '<div class="content_list"><ul><li><a href="/gn/2026/11-19/10490099.shtml">甲省与乙市互派干部</a></li></ul></div>'


@pytest.mark.parametrize(
    ("path", "following"),
    [
        ("/scroll-news/news1.html", "/scroll-news/news2.html"),
        ("/scroll-news/news9.html", "/scroll-news/news10.html"),
        # the rolling list's last day is read again, whole
        ("/scroll-news/news10.html", "/scroll-news/2026/1119/news.shtml"),
        ("/scroll-news/2026/0301/news.shtml", "/scroll-news/2026/0228/news.shtml"),
        ("/scroll-news/2009/0101/news.shtml", None),
        ("/scroll-news/2026/9999/news.shtml", None),
        ("/scroll-news/index.html", None),
    ],
)
def test_history(path: str, following: str | None) -> None:
    page, job, source = list_of(ROW.encode(), f"https://www.jia.example{path}", family="chinanews")
    job = family("chinanews").next_page(page, job, source)
    assert (job.url if job else None) == (f"https://www.jia.example{following}" if following else None)


def test_a_day_without_rows_is_the_end() -> None:
    page, job, source = list_of(
        b'<div class="content_list"></div>',
        "https://www.jia.example/scroll-news/2026/1101/news.shtml",
        family="chinanews",
    )
    assert family("chinanews").next_page(page, job, source) is None
