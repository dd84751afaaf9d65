"""A document's own number, in any brackets, and none that it cites."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.docnumber import find_document_number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("川人社函〔2021〕581号", "川人社函〔2021〕581号"),
        ("川人社函[2021]581号", "川人社函〔2021〕581号"),
        ("川人社函（2021）581号", "川人社函〔2021〕581号"),
        ("川人社函【2021】 581 号", "川人社函〔2021〕581号"),
        ("川发改地区〔2021〕424号", "川发改地区〔2021〕424号"),
        ("川人社函〔2021581", "川人社函〔2021〕581号"),
        ("万州府发〔202312", "万州府发〔2023〕12号"),
        ("渝北府办发〔202021号", "渝北府办发〔2020〕21号"),
        ("文号：国办发〔2017〕47号", "国办发〔2017〕47号"),
        ("发文字号 人社部发〔2025〕2号 成文日期 2025-01-02", "人社部发〔2025〕2号"),
        ("[ 索引号 ] 1/2023 [ 发文字号 ] 万州府发〔2023〕12号 [ 体裁分类 ] 公文", "万州府发〔2023〕12号"),
        ("关于印发方案的通知\n川人社函〔2021〕581号\n各市（州）人力资源社会保障局：", "川人社函〔2021〕581号"),
        ("各市（州）人力资源社会保障局：\n川人社函〔2021〕581号", None),
        ("按照川人社函〔2021〕581号要求，现通知如下", None),
        ("《关于协作的通知》（川人社发〔2020〕3号）精神", None),
        ("关于转发川人社发〔2020〕3号文件的通知", None),
        ("", None),
    ],
)
def test_find_document_number(text: str, expected: str | None) -> None:
    assert find_document_number(text) == expected


@given(st.text(max_size=300))
def test_never_raises(text: str) -> None:
    find_document_number(text)


@given(
    st.integers(1990, 2030),
    st.integers(1, 9999),
    st.sampled_from(["〔〕", "[]", "［］", "（）", "()", "【】", "﹝﹞", "〈〉"]),
)
def test_every_bracket(year: int, serial: int, brackets: str) -> None:
    text = f"标题\n甲人社办发{brackets[0]}{year}{brackets[1]}{serial}号\n正文。"
    assert find_document_number(text) == f"甲人社办发〔{year}〕{serial}号"


NUMBER_PIECES = (
    "川人社函",
    "〔",
    "[",
    "2021",
    "〕",
    "]",
    "581",
    "号",
    "第",
    " ",
    "\n",
    "根据",
    "《",
    "》",
    "（",
    "文号：",
    "各市：",
    "〔2021〕",
    "0",
)


@given(st.lists(st.sampled_from(NUMBER_PIECES), max_size=30).map("".join))
def test_what_is_found_has_the_form_of_the_standard(text: str) -> None:
    found = find_document_number(text)
    assert found is None or re.fullmatch(r"[\u4e00-\u9fff]{2,}〔(?:19|20)\d\d〕[1-9]\d{0,4}号", found)


def test_only_the_head_of_a_text_is_looked_at() -> None:
    number = "甲人社办发〔2021〕5号"
    assert find_document_number("\n" * 30 + number) == number.strip()
    assert find_document_number("\n" * 100 + number) is None
    assert find_document_number("甲" * 100_000 + "\n" + number) is None
    assert find_document_number("〔2021〕" * 100_000) is None
