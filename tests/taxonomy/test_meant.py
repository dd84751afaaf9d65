"""What readers call places, zones and topics. Codes are facts of GB/T 2260."""

from __future__ import annotations

import pytest

from crawler.taxonomy import Taxonomy, load_taxonomy
from crawler.taxonomy.meant import places_meant, topic_meant, zone_meant


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy(None)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("510000", ("510000",)),
        ("四川", ("510000",)),
        ("四川省", ("510000",)),
        ("川", ("510000",)),
        ("雅安", ("511800",)),
        ("凉山州", ("513400",)),
        ("襄樊", ("420600",)),  # 襄阳 since 2010
        ("莱芜", ("370116",)),
        ("四川省雅安市", ("511800",)),
        ("四川雅安雨城区", ("511802",)),
        ("重庆江北区", ("500105",)),  # until 2025; 江北区 alone is Ningbo's too
        ("南京鼓楼区", ("320106",)),
        ("吉林", ("220000",)),
        ("吉林市", ("220200",)),
        ("川渝", ()),
        ("某地", ()),
        ("", ()),
        ("599999", ()),
        ("四川" * 100, ()),
        ("\ud800", ()),
    ],
)
def test_places(taxonomy: Taxonomy, name: str, codes: tuple[str, ...]) -> None:
    assert places_meant(name, taxonomy) == codes


def test_of_places_with_one_name_all_are_meant(taxonomy: Taxonomy) -> None:
    assert {"320106", "320302", "350102", "410204"} <= {*places_meant("鼓楼区", taxonomy)}
    assert {"330205", "500105"} <= {*places_meant("江北区", taxonomy)}


def test_a_region_reaches_what_it_was_and_what_became_of_it(taxonomy: Taxonomy) -> None:
    reach = taxonomy.divisions.reach
    assert reach("510000") == ("510000",)
    assert {"500105", "500112"} <= {*reach("500157")}  # 两江新区, of 江北区 and 渝北区
    assert "500157" in reach("500105")
    assert "371200" in reach("370100")  # 莱芜市 is within 济南 since 2019
    assert {"511721", "513021"} <= {*reach("511703")}  # 达县, now 达川区


def test_zones_and_topics(taxonomy: Taxonomy) -> None:
    assert zone_meant("川渝", taxonomy) == "川渝"
    assert zone_meant("成渝", taxonomy) == "川渝"
    assert zone_meant("Sichuan–Chongqing", taxonomy) == "川渝"
    assert zone_meant("五省(区)涉藏", taxonomy) == zone_meant("五省（区）涉藏", taxonomy) == "西藏和四省涉藏州县"
    assert zone_meant("某区域", taxonomy) is None
    assert topic_meant("合作协议", taxonomy) == "agreement"
    assert topic_meant("Agreement", taxonomy) == "agreement"
    assert topic_meant("x", taxonomy) is None
