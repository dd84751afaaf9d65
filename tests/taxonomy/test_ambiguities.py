"""The ambiguous names of the domain, each by itself: what they must not be taken for, and when they are places."""

from __future__ import annotations

from datetime import date

import pytest

from tests.taxonomy.cases import judge, roles

SIGN = "人社局签订劳务协作协议"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("车辆川流不息,招聘会现场签约合作热烈", "510000"),
        ("新渝水公司招聘,就业合作对接", "500000"),
        ("借港通江达海,深化劳务合作", "511921"),
        ("招聘会在万达广场举行,劳务协作签约", "500101"),
        ("泸州两江新城组团招聘,劳务合作签约", "500157"),
        ("深化劳务合作,务工人员签订合作协议", "623001"),
        ("推进安居工程,促进就业合作", "510904"),
        ("平昌冬奥会志愿者就业合作", "511923"),
        ("从南部地区到北部,深化就业合作协议签订", "511321"),
        ("青年前锋岗位招聘,签订就业合作协议", "511603"),
        ("大同小异的人社合作协议", "140200"),
        ("中山路人才市场签订就业合作协议", "442000"),
        ("与会来宾见证就业合作签约", "451300"),
        ("阿里巴巴签订人才合作协议", "542500"),
        ("创建劳务转移就业示范县,签订合作协议", "410926"),
        ("省市和县人社部门签订就业合作协议", "340523"),
        ("平昌县平梁镇与开江县签订劳务协议", "500155"),
        ("开江县与大竹县签订劳务协议", "500154"),
        ("泸州两江新城组团人社局签订劳务协议", "500157"),
        ("东区西区联动,签订就业合作协议", "510402"),
        ("专业合作让就业更稳,签订劳务协议", "623001"),
    ],
)
def test_everyday_words_are_no_places(text: str, wrong: str) -> None:
    assert wrong not in roles(judge(text, text + "。"))


@pytest.mark.parametrize(
    ("title", "right", "wrong"),
    [
        (f"重庆市江北区与广安市{SIGN}", "500105", "330205"),
        (f"宁波市江北区与广元市{SIGN}", "330205", "500105"),
        (f"四川通江县与兰溪市{SIGN}", "511921", "999999"),
        (f"甘南州合作市与津南区{SIGN}", "623001", "999999"),
        (f"益阳市资阳区与东莞市{SIGN}", "430902", "512000"),
        (f"资阳市与大足区{SIGN}", "512000", "430902"),
        (f"阿坝州金川县与杭州市{SIGN}", "513226", "620302"),
        (f"甘肃金川区与临夏县{SIGN}", "620302", "513226"),
        (f"宜宾市长宁县与重庆市永川区{SIGN}", "511524", "310105"),
        (f"上海市长宁区与云南省红河州{SIGN}", "310105", "511524"),
        (f"自贡市大安区与重庆市大足区{SIGN}", "510304", "220882"),
        (f"吉林省大安市与浙江省宁波市{SIGN}", "220882", "510304"),
        (f"内江市东兴区与荣昌区{SIGN}", "511011", "450681"),
        (f"广西东兴市与广东省湛江市{SIGN}", "450681", "511011"),
        (f"乐山市沙湾区与越城区{SIGN}", "511111", "654203"),
        (f"新疆沙湾市与辽宁省鞍山市{SIGN}", "654203", "511111"),
        (f"拉萨市城关区与北京市朝阳区{SIGN}", "540102", "620102"),
        (f"兰州市城关区与天津市河西区{SIGN}", "620102", "540102"),
        (f"乐山市市中区与绍兴市越城区{SIGN}", "511102", "511002"),
        (f"内江市市中区与荣昌区{SIGN}", "511002", "511102"),
        (f"济南市市中区与湘西州{SIGN}", "370103", "370402"),
        (f"广安与渝北{SIGN}", "511600", "511602"),
        (f"甘孜与昌都{SIGN}", "513300", "513328"),
        (f"阿坝与杭州{SIGN}", "513200", "513231"),
        (f"南充市南部县与温州市{SIGN}", "511321", "999999"),
        (f"遂宁市安居区与潼南区{SIGN}", "510904", "999999"),
        (f"重庆市忠县与枣庄市{SIGN}", "500233", "999999"),
        (f"开州区与达州市开江县{SIGN}", "511723", "999999"),
        (f"大竹县与大足区{SIGN}", "511724", "999999"),
        (f"海南省与广东省{SIGN}", "460000", "632500"),
        (f"海南藏族自治州与常州市{SIGN}", "632500", "460000"),
        (f"青海海南州与江苏常州{SIGN}", "632500", "460000"),
        (f"新余市渝水区与广州市{SIGN}", "360502", "500000"),
        (f"滨州市与伊川县{SIGN}", "410329", "510000"),
    ],
)
def test_the_parent_decides(title: str, right: str, wrong: str) -> None:
    found = roles(judge(title, title + "。"))
    assert right in found
    assert wrong not in found


def test_jiangbei_subdistrict_is_no_district() -> None:
    found = roles(judge("巴州区江北街道联合开展招聘会", "巴中市巴州区江北街道与企业签订就业合作协议。"))
    assert not {"500105", "330205"} & set(found)


def test_functional_zones_are_filed_under_their_parent() -> None:
    assert "500110" in roles(judge(f"万盛经开区与泸州市{SIGN}", f"万盛经开区与泸州市{SIGN}。"))


def test_a_list_vouches_for_its_items() -> None:
    body = "遂宁、内江与合川、潼南、铜梁、大足人社部门签署劳务协作协议。"
    assert {"500117", "500152", "500151", "500111"} <= set(judge("川渝六地人社合作", body).parties)


@pytest.mark.parametrize(
    ("name", "day", "adcode"),
    [
        ("射洪县", date(2017, 5, 1), "510922"),
        ("射洪市", date(2021, 5, 1), "510981"),
        ("射洪县", date(2023, 5, 1), "510981"),  # an old name in a new text is today's place
        ("重庆市渝北区", date(2023, 5, 1), "500112"),
        ("重庆市两江新区", date(2026, 5, 1), "500157"),
        ("会理县", date(2019, 5, 1), "513425"),
        ("会理市", date(2022, 5, 1), "513402"),
    ],
)
def test_names_are_read_by_the_date_of_the_article(name: str, day: date, adcode: str) -> None:
    title = f"{name}与杭州市{SIGN}"
    assert adcode in judge(title, title + "。", on=day).parties
