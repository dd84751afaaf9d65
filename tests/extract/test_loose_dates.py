"""Chinese numerals and times told from the fetch."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.labels import signed_date
from crawler.extract.loose_dates import chinese_day, relative_stamp

FETCHED = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("二〇二一年八月四日", (2021, 8, 4)),
        ("二○二〇年十二月三十一日", (2020, 12, 31)),
        ("二零一九年十月二十日", (2019, 10, 20)),
        ("八月四日", None),
    ],
)
def test_chinese_day(text: str, expected: tuple[int, int, int] | None) -> None:
    assert chinese_day(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3小时前", "2026-11-01T07:00:00+08:00"),
        ("发布于 5 分钟前", "2026-11-01T09:55:00+08:00"),
        ("昨天 14:05", "2026-10-31T14:05:00+08:00"),
        ("2天前", "2026-10-30T00:00:00+08:00"),
        ("刚刚", "2026-11-01T10:00:00+08:00"),
        ("不久以前", None),
    ],
)
def test_relative_stamp(text: str, expected: str | None) -> None:
    found = relative_stamp(text, "Asia/Shanghai", FETCHED, "x")
    assert (found and found.at.isoformat()) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["正文。", "甲省商务厅", "2021年8月4日"], "2021-08-04"),
        (["正文。", "甲省商务厅", "二〇二一年八月四日"], "2021-08-04"),
        (["会议于2021年召开。", "2021年8月4日"], None),
        (["甲省商务厅", "2021年8月4日，会议召开。"], None),
        (["甲省商务厅", "二〇二一年十三月四日"], None),
    ],
)
def test_signed_date(lines: list[str], expected: str | None) -> None:
    found = signed_date(lines, "Asia/Shanghai")
    assert (found and found.at.date().isoformat()) == expected


@given(st.text(alphabet="一二三四五六七八九十〇年月日前天小时昨今 0123:", max_size=30))
def test_never_raises(text: str) -> None:
    chinese_day(text)
    relative_stamp(text, "Asia/Shanghai", FETCHED, "x")
    signed_date(["甲厅", text], "Asia/Shanghai")
