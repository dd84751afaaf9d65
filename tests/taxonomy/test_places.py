"""How places are written in news: own places, visits, rows without a sign, bodies, and pairs of cities. Synthetic."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest

from crawler.model import Role
from crawler.taxonomy import Zone
from tests.taxonomy.cases import TAXONOMY, judge, roles

NOW = date(2024, 6, 1)


def code(name: str) -> str:
    (found,) = TAXONOMY.divisions.find(name)
    return found


@pytest.mark.parametrize(
    ("own", "text", "adcode"),
    [
        ("511800", "我市与渝中区签订人力资源合作协议", "511800"),
        ("511800", "本市人社局与渝中区人社局签订人力资源合作协议", "511800"),
        ("510981", "我市与渝中区签订劳务协作协议", "510981"),  # a city of county rank speaks of itself
        ("511802", "市人社局与渝中区人社局签订劳务协作协议", "511800"),
        ("500103", "市人力社保局与成都市人社局签订劳务协作协议", "500000"),
        ("500103", "我区与成都市武侯区签订劳务协作协议", "500103"),
        ("510824", "我县赴杭州市余杭区对接劳务协作并签订协议", "510824"),
        ("510000", "省人社厅与重庆市人社局签署合作协议", "510000"),
        ("510000", "我省与重庆市签署人社合作协议", "510000"),
        ("513300", "州人社局与昌都市人社局签订劳务协议", "513300"),
        ("152500", "盟人社局与北京市朝阳区人社局签订劳务协议", "152500"),
        ("152221", "旗人社局与北京市海淀区人社局签订劳务协议", "152221"),
    ],
)
def test_a_level_without_a_name_is_the_sources_own(own: str, text: str, adcode: str) -> None:
    found = judge(text, text + "。", adcode=own)
    assert adcode in found.parties
    assert found.relevant


def test_a_level_within_another_name_is_nobodys_own() -> None:
    assert "511802" not in judge("成都市与渝中区人社局签订协议", "全市人社局长会议。", adcode="511802").parties


@pytest.mark.parametrize(
    ("text", "adcode"),
    [
        ("湖北省人社厅来川对接劳务工作", "510000"),
        ("浙江省人社厅代表团赴川考察劳务协作", "510000"),
        ("重庆市人社局赴黔开展招聘活动,签订劳务协议", "520000"),
        ("河南省人社厅一行到苏学习技工教育经验", "320000"),
    ],
)
def test_one_character_between_travel_and_its_purpose_is_a_province(text: str, adcode: str) -> None:
    assert adcode in judge(text, text + "。").parties


@pytest.mark.parametrize(
    "text", ["游客入川大幅增加,人社部门合作", "人社干部到青年中心座谈合作", "车流川流不息,来新企业考察合作"]
)
def test_other_single_characters_are_no_places(text: str) -> None:
    assert not {"510000", "630000", "650000"} & set(judge(text, text + "。").parties)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("珠海中山江门三市签署人社合作协议", {"珠海市", "中山市", "江门市"}),
        ("保山衢州两地签订劳务合作协议", {"保山市", "衢州市"}),
        ("成都重庆两地签署人力资源合作协议", {"成都市", "重庆市"}),
        ("枣庄—丰都签订劳务协作协议", {"枣庄市", "丰都县"}),
        ("松江·西双版纳签署劳务协作计划", {"松江区", "西双版纳傣族自治州"}),
        ("青岛-陇南劳务协作签约", {"青岛市", "陇南市"}),
        ("天津河北签署劳动监察协作协议", {"天津市", "河北省"}),
        ("滨州伊川签署劳务合作协议", {"滨州市", "伊川县"}),
        ("新疆和田与天津签署劳务合作协议", {"和田地区", "天津市"}),
        ("湖南通道县、广西三江县、贵州黎平县人社局签署劳务协议", {"通道侗族自治县", "三江侗族自治县", "黎平县"}),
        ("海淀区与科右前旗签署劳务协议", {"海淀区", "科尔沁右翼前旗"}),
        ("新疆兵团与河南省签署劳务协议", {"新疆维吾尔自治区", "河南省"}),
        ("攀枝花市东区与西昌市签订劳务协议", {"东区", "西昌市"}),
        ("广元市朝天区与杭州市西湖区签订劳务协议", {"朝天区", "西湖区"}),
        ("泸州高新区与永川高新区签署人才合作协议", {"泸州市", "永川区"}),
        ("万盛经开区与桐梓县签订劳务协议", {"綦江区", "桐梓县"}),
        ("重庆市綦江区与贵州省桐梓县人社局签订劳务协议", {"綦江区", "桐梓县"}),
        ("锡盟与北京朝阳区签订劳务协议", {"锡林郭勒盟", "朝阳区"}),
    ],
)
def test_forms_of_two_places(text: str, names: set[str]) -> None:
    found = judge(text, text + "。", on=NOW)
    assert {TAXONOMY.divisions.name(adcode) for adcode in found.parties} == names
    assert found.relevant


def test_what_was_visited_on_the_way_is_no_party() -> None:
    body = "浙江省人社厅代表团在四川考察劳务协作,与四川省人社厅座谈,先后走访广元、巴中就业帮扶车间。"
    found = roles(judge("浙江省人社代表团赴四川考察劳务协作", body))
    assert {adcode for adcode, role in found.items() if role is Role.PARTY} == {"330000", "510000"}
    assert found["510800"] is Role.PLACE


def test_the_host_is_a_party_where_its_zone_acts() -> None:
    body = "明月山地区人力资源合作联席会议在垫江召开,梁平、长寿、达川、大竹、开江、邻水人社局负责人参会。"
    assert "500231" in judge("明月山七区县人社局共商合作", body).parties


def test_what_only_holds_the_acting_place_is_no_party() -> None:
    body = "泸州市人社局与重庆市永川区人社局签署劳务协议。"
    assert set(judge("泸州重庆签署劳务协议", body).parties) == {"510500", "500118"}


@pytest.mark.parametrize(
    ("one", "other", "pair"),
    [
        ("杭州市", "广元市", "浙川"),
        ("宁波市", "凉山彝族自治州", "浙川"),
        ("宁波市镇海区", "金阳县", "浙川"),
        ("余姚市", "昭觉县", "浙川"),
        ("慈溪市", "布拖县", "浙川"),
        ("乐清市", "理县", "浙川"),
        ("兰溪市", "通江县", "浙川"),
        ("杭州市余杭区", "苍溪县", "浙川"),
        ("三门县", "苍溪县", "浙川"),
        ("湖州市南浔区", "广安市广安区", "浙川"),
        ("金华市", "巴中市", "浙川"),
        ("义乌市", "巴中市巴州区", "浙川"),
        ("东阳市", "南江县", "浙川"),
        ("玉环市", "炉霍县", "浙川"),
        ("杭州市萧山区", "旺苍县", "浙川"),
        ("枣庄市", "丰都县", "鲁渝"),
        ("上海市松江区", "西双版纳州", "沪滇"),
        ("常州市", "平利县", "苏陕"),
        ("南京市", "西宁市", "苏青"),
        ("广州市", "毕节市", "粤黔"),
        ("深圳市", "百色市", "粤桂"),
        ("北京市海淀区", "赤峰市敖汉旗", "京蒙"),
        ("天津市和平区", "会宁县", "津甘"),
        ("青岛市", "定西市", "鲁甘"),
        ("福州市", "固原市", "闽宁"),
    ],
)
def test_cities_and_counties_of_a_pair_stand_for_it(one: str, other: str, pair: str) -> None:
    for left, right in ((one, other), (other, one)):
        found = judge(f"{left}与{right}签署人力资源合作协议", f"{left}人社局与{right}人社局签署协议。", on=NOW)
        assert found.relevant
        assert {pair, "东西部协作"} <= set(found.zones)
        assert len(found.parties) == 2


PAIRS = [zone for zone in TAXONOMY.zones.values() if zone.kind == "pair"]
FEW = [
    zone
    for zone in TAXONOMY.zones.values()
    if zone.kind in ("pair", "zone") and 2 <= len(zone.members) <= 5 and zone.stand_for == zone.members
]


@pytest.mark.parametrize("zone", PAIRS, ids=lambda zone: zone.name)
def test_both_sides_by_name_in_either_order_are_the_pair(zone: Zone) -> None:
    for left, right in permutations([TAXONOMY.divisions.short_name(adcode) for adcode in zone.stand_for], 2):
        found = judge(f"{left}与{right}签署人力资源合作协议", on=NOW)
        assert {zone.name, "东西部协作"} <= set(found.zones)
        assert set(found.parties) == set(zone.stand_for)
        assert found.relevant


@pytest.mark.parametrize("zone", FEW, ids=lambda zone: zone.name)
def test_members_named_one_by_one_are_the_parties(zone: Zone) -> None:
    names = [TAXONOMY.divisions.name(adcode) or "" for adcode in zone.members]
    for order in (names, names[::-1]):
        found = judge("、".join(order) + "签署人力资源合作协议", on=NOW)
        assert set(found.parties) == set(zone.members)


def test_a_circle_that_is_named_after_a_thing_cooperates() -> None:
    found = judge("首届京津冀职业技能竞赛启动")
    assert found.relevant
    assert set(found.parties) == {"110000", "120000", "130000"}
    assert not judge("服务京津冀职业技能竞赛的幕后").relevant


@pytest.mark.parametrize(
    "title",
    ["某县持续巩固东西部协作成果 群众就业有保障", "东西部协作帮扶车间见闻", "学习京津冀协同发展座谈会精神 抓好就业"],
)
def test_a_slogan_with_a_zone_is_no_cooperation(title: str) -> None:
    assert not judge(title, "县人社局介绍,今年新增就业500人。", adcode="511824").relevant


def test_bodies_of_two_provinces_cooperate_though_no_word_says_so() -> None:
    body = "舟山市人力社保局组织船舶企业到达州招工,达州市人社局现场开展职业指导。"
    assert judge("海岛与大山的“职”通车", body).relevant
    assert not judge("全省职业指导进村", "巴中市人社局组织招工,达州市人社局现场开展职业指导。").relevant
