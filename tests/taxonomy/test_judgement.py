"""Roles of regions, agreements, days and evidence. All texts are synthetic."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model import Role
from tests.taxonomy.cases import TAXONOMY, judge, roles


def test_a_place_of_the_event_is_no_party() -> None:
    found = roles(judge("川渝劳动保障监察合作协议签署仪式在泸州举行", "6月16日,川渝人社部门在泸州签署协议。"))
    assert found["510500"] is Role.PLACE
    assert {code for code, role in found.items() if role is Role.PARTY} == {"510000", "500000"}


def test_a_body_without_its_place_is_the_sources_own() -> None:
    judgement = judge("省人社厅与西藏自治区人社厅签署合作协议", "省人社厅与西藏自治区人社厅签署。", adcode="510000")
    assert set(judgement.parties) == {"510000", "540000"}
    assert judgement.zones == ("川藏",)


def test_the_issuer_is_kept_apart() -> None:
    found = roles(judge("鄂鲁签署劳务协作协议", "湖北省人社厅与山东省人社厅签署劳务协作协议。", adcode="511800"))
    assert found["511800"] is Role.ISSUER


def test_the_nearest_division_acts_not_its_parents() -> None:
    judgement = judge("贵州江口县与广东江门鹤山市劳务协作", "贵州江口县人社局与广东江门鹤山市人社局签订劳务协议。")
    assert set(judgement.parties) == {"520621", "440784"}


def test_newspapers_and_universities_are_no_parties() -> None:
    found = judge("杭州广元劳务协作", "贵州日报讯:杭州市与广元市人社局签订协议,重庆大学教授出席。").parties
    assert set(found) == {"330100", "510800"}


def test_a_long_text_has_the_parties_that_sign_not_all_places() -> None:
    filler = "会议回顾了历史。" * 60
    body = (
        f"川藏两省区人社部门召开人力资源协作座谈会。{filler}成都市、雅安市、拉萨市、山南市签署《川藏人力资源协同发展合作协议》,"
        f"推进就业合作。{filler}与会者谈到昆明、贵阳的风光。"
    )
    judgement = judge("川藏人力资源协作座谈会召开", body)
    assert {"510100", "511800", "540100", "540500"} <= set(judgement.parties)
    assert not {"530100", "520100"} & set(judgement.parties)
    assert judgement.agreements == ("川藏人力资源协同发展合作协议",)


def test_agreements_that_are_no_names_of_ours() -> None:
    body = "川渝人社部门签署《川渝劳动保障监察合作协议》(以下简称《协议》),规范《三方协议》签订。"
    assert judge("川渝人社合作", body).agreements == ("川渝劳动保障监察合作协议",)


@pytest.mark.parametrize(
    ("body", "on", "day"),
    [
        ("11月27日,川渝人社论坛举行,签署合作协议。", date(2020, 12, 1), date(2020, 11, 27)),
        ("12月30日,川渝人社论坛举行,签署合作协议。", date(2021, 1, 4), date(2020, 12, 30)),
        ("2019年3月2日,川渝人社论坛举行,签署合作协议。", None, date(2019, 3, 2)),
        ("11月27日,川渝人社论坛举行,签署合作协议。", None, None),
        ("2月30日,川渝人社论坛举行,签署合作协议。", date(2020, 12, 1), None),
        ("川渝人社论坛举行,签署合作协议。", date(2020, 12, 1), None),
    ],
)
def test_the_day_of_the_event(body: str, on: date | None, day: date | None) -> None:
    assert judge("川渝人社论坛", body, on=on).event_date == day


def test_evidence_points_into_the_texts_as_given() -> None:
    title, body = "川渝人社合作(第一批)", "四川省人社厅、重庆市人社局签署合作协议；共建产业园。"
    judgement = judge(title, body)
    assert {"subject", "cooperation", "act", "zone", "region", "topic"} <= {one.part for one in judgement.evidence}
    for one in judgement.evidence:
        text = title if one.where == "title" else body
        assert text[one.start : one.end] == one.text


def test_full_width_and_narrow_punctuation_are_one() -> None:
    wide = "四川省人社厅，重庆市人社局签署《合作备忘录（试行）协议》；共建。"
    narrow = "四川省人社厅,重庆市人社局签署《合作备忘录(试行)协议》;共建。"
    one, other = judge("川渝", wide), judge("川渝", narrow)
    assert (one.regions, one.zones, one.topics) == (other.regions, other.zones, other.topics)


def test_version_is_that_of_the_data_files(tmp_path: Path) -> None:
    assert judge("川渝").version == TAXONOMY.version
    assert len(TAXONOMY.version) == 16


@given(st.text(max_size=400), st.text(max_size=2000))
@settings(max_examples=60, deadline=None)
def test_any_text_is_judged_and_always_alike(title: str, body: str) -> None:
    assert judge(title, body) == judge(title, body)


PIECES = [
    "川渝",
    "四川省",
    "重庆",
    "人社局",
    "签署",
    "《",
    "合作协议",
    "》",
    "、",
    "，",
    "。",
    "\n",
    "11月31日",
    "江北区",
    "省人社厅",
    "通江",
]


@given(st.lists(st.sampled_from(PIECES), max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_heap_of_our_own_words_is_judged(pieces: list[str]) -> None:
    text = "".join(pieces)
    judgement = judge(text[:30], text, adcode="500000", on=date(2024, 1, 1))
    assert 0.0 <= judgement.score <= 1.0
    assert all(TAXONOMY.divisions.is_known(region.adcode) for region in judgement.regions)


@pytest.mark.parametrize(
    "piece", ["四川省人社厅与重庆市人社局签署合作协议", "成都、", "川渝", "《", "实体经济", "1月1日", "省人社厅"]
)
def test_two_megabytes_are_bounded_work(piece: str) -> None:
    judge("川渝人社合作", piece * (2_000_000 // len(piece)), adcode="510000", on=date(2024, 1, 1))
