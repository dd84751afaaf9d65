"""中国政府网: the real JSON of its lists and its search."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.errors import RefusedError
from crawler.model import RowDate
from tests.spiders.golden import family, list_of

LIST = "gov_lists_small/xinhua_govcn/govcn_yaowen_list.json"
SEARCH = "gov_lists_small/json_apis_excerpt/govcn_policy_search.excerpt.json"


def test_real_list_of_news(shared: Path) -> None:
    url = "https://www.gov.cn/yaowen/liebiao/YAOWENLIEBIAO.json"
    rows = family("govcn").read_rows(*list_of((shared / "pages" / LIST).read_bytes(), url, family="govcn"))
    assert [(row.url, row.date, row.is_article) for row in rows] == [
        (
            "https://www.gov.cn/yaowen/liebiao/202610/content_7082621.htm",
            RowDate(year=2026, month=10, day=3),
            True,
        ),
        ("https://www.gov.cn/lianbo/202610/content_7082619.htm", RowDate(year=2026, month=10, day=3), True),
    ]
    assert all(row.title for row in rows)


def test_real_answer_of_the_policy_search(shared: Path) -> None:
    url = "https://sousuo.www.gov.cn/search-gov/data?t=zhengcelibrary"
    rows = family("govcn").read_rows(*list_of((shared / "pages" / SEARCH).read_bytes(), url, family="govcn"))
    assert [row.date for row in rows] == [
        RowDate(year=2026, month=9, day=30),
        RowDate(year=2026, month=9, day=24),
        RowDate(year=2026, month=9, day=30),
    ]
    assert all(row.is_article for row in rows)
    assert not any("<" in row.title for row in rows)


@pytest.mark.parametrize("body", [b'{"code": 500}', b'{"searchVO": {"catMap": []}}', b"7", b'"text"', b"<html>", b""])
def test_other_answers_are_refused(body: bytes) -> None:
    with pytest.raises(RefusedError):
        family("govcn").read_rows(*list_of(body, "https://www.jia.example/YAOWENLIEBIAO.json", family="govcn"))
