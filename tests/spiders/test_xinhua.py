"""新华网: real lists, and data files that are not what they should be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.errors import RefusedError
from crawler.model import Reason, RowDate
from tests.spiders.golden import family, list_of

INDEX = "misc_labelled/examdb__tests__fixtures__xinhua_politics_index.html"
ITEM = "gov_lists_small/xinhua_govcn/xinhua_list_item.html"
DATA = "https://www.jia.example/politics/ds_a6d618872de143bdafa2556915a7ae12.json"


def test_real_index_has_one_article_of_the_family_address(shared: Path) -> None:
    page, job, source = list_of(
        (shared / "pages" / INDEX).read_bytes(), "https://www.news.cn/politics/", family="xinhua"
    )
    rows = [row for row in family("xinhua").read_rows(page, job, source) if row.is_article]
    assert [(row.url, row.title) for row in rows] == [
        (
            "https://www.news.cn/politics/20260617/3cfa4154be374d9581b6815a24278e31/c.html",
            "全国铁路7月1日起实行新的列车运行图",
        )
    ]


def test_real_row_with_share_links_in_it(shared: Path) -> None:
    page, job, source = list_of(
        (shared / "pages" / ITEM).read_bytes(), "https://www.news.cn/politics/", family="xinhua"
    )
    (row,) = family("xinhua").read_rows(page, job, source)
    assert row.url == "https://www.news.cn/politics/20261003/f5929b2b5af84ab68821d519589d68ac/c.html"
    assert row.date == RowDate(year=2026, month=10, day=3)
    assert row.is_article


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>\xe9\xa6\x96\xe9\xa1\xb5</body></html>",
        b"[" * 100_000,
        b'{"datasource": 1' + b"0" * 5000 + b"}",
        b"{}",
        b"null",
        b'{"datasource": "x"}',
        b'{"datasource": [',
        b"\xff\xfe\x00",
    ],
)
def test_a_data_file_of_another_kind_is_refused(body: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        family("xinhua").read_rows(*list_of(body, DATA, family="xinhua"))
    assert refused.value.reason is Reason.WRONG_TYPE


def test_rows_of_wrong_types_cost_nobody_else() -> None:
    good = {"title": "甲乙两市签署劳务协作协议", "publishUrl": "20261119/" + "0" * 32 + "/c.html"}
    strange = [
        None,
        1,
        [],
        {"title": 1, "publishUrl": 2},
        {"linkUrls": {"a": 1}},
        {"title": "无", "linkUrls": [None, {}]},
    ]
    stamps = [
        {**good, "publishUrl": good["publishUrl"] + f"?{n}", "publishTime": stamp}
        for n, stamp in enumerate((True, 1.5, "昨天", "9" * 13, 10**30, "2026-02-30", {}))
    ]
    body = json.dumps({"datasource": [*strange, good, *stamps]}).encode()
    rows = family("xinhua").read_rows(*list_of(body, DATA, family="xinhua"))
    assert [row.title for row in rows] == ["1", *["甲乙两市签署劳务协作协议"] * 8]


def test_a_list_that_a_list_led_to_leads_nowhere() -> None:
    body = b'<div data="datasource:a6d618872de143bdafa2556915a7ae12"></div>'
    page, job, source = list_of(body, family="xinhua", number=2)
    assert not list(family("xinhua").more_lists(page, job, source))
