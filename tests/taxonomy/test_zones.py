"""Zones and pairs: each by its name and every alias, in either order, and what makes a pair of two characters."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.taxonomy import Zone
from tests.taxonomy.cases import TAXONOMY, judge

ALIASES = [
    (zone.name, alias)
    for zone in TAXONOMY.zones.values()
    if zone.kind not in ("group", "context")
    for alias in (zone.name, *zone.aliases)
]


@pytest.mark.parametrize(("name", "alias"), ALIASES)
def test_every_alias_names_its_zone(name: str, alias: str) -> None:
    judgement = judge(f"{alias}人社部门签署劳务合作协议")
    assert name in judgement.zones
    assert judgement.relevant


@pytest.mark.parametrize("zone", TAXONOMY.zones.values(), ids=lambda zone: zone.name)
def test_members_are_known_places(zone: Zone) -> None:
    assert zone.english
    assert all(TAXONOMY.divisions.is_known(adcode) for adcode in (*zone.members, *zone.stand_for))


@pytest.mark.parametrize(
    "pair", ["浙川", "川浙", "鲁渝", "渝鲁", "鲁甘", "闽宁", "沪滇", "苏陕", "苏青", "粤桂", "粤黔", "京蒙", "津甘"]
)
def test_a_pair_is_east_west_cooperation_in_either_order(pair: str) -> None:
    assert "东西部协作" in judge(f"{pair}劳务协作座谈会召开", "两省人社部门座谈。").zones


def test_two_sides_that_cooperate_make_the_pair_unnamed() -> None:
    body = "杭州市人社局与广元市人社局签订劳务协作协议。"
    judgement = judge("杭州广元签订劳务协作协议", body, on=date(2023, 5, 1))
    assert set(judgement.zones) == {"浙川", "东西部协作"}
    assert set(judgement.parties) == {"330100", "510800"}


def test_a_pair_is_not_inferred_before_its_years() -> None:
    body = "济南市人社局与临夏州人社局签订劳务协作协议。"
    assert "鲁甘" in judge("济南临夏劳务协作", body, on=date(2022, 5, 1)).zones
    assert "鲁甘" not in judge("济南临夏劳务协作", body, on=date(2015, 5, 1)).zones


def test_sichuan_and_chongqing_together_are_chuanyu_but_the_economic_circle_must_be_named() -> None:
    body = "泸州市人社局与永川区人社局签署合作协议。"
    assert judge("泸州永川人社合作", body).zones == ("川渝",)
    named = judge("泸州永川人社合作", body + "双方将推动成渝地区双城经济圈建设。")
    assert set(named.zones) == {"川渝", "成渝地区双城经济圈"}


def test_provincial_characters_need_the_company_of_cooperation() -> None:
    together = judge("湘桂劳务协作对接会举行", "两省区人社部门座谈。")
    assert set(together.parties) == {"430000", "450000"}
    assert judge("湘桂米粉店招聘员工", "本店招聘服务员,人社部门指导就业。").parties == ()


def test_three_characters_in_a_row() -> None:
    assert set(judge("川滇藏三省区人社合作协议签署").parties) == {"510000", "530000", "540000"}


def test_a_zone_that_is_only_served_does_not_cooperate() -> None:
    judgement = judge("某园区人力资源服务机构签约入驻", "2月25日,园区开园,将辐射长三角,首批人力资源机构签约。")
    assert not judgement.relevant


def test_a_zone_without_a_code_hangs_on_a_parent() -> None:
    assert TAXONOMY.zones["川渝高竹新区"].parent == "511623"
