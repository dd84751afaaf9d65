"""政府网站标识码: whose place a code names, through the changes of divisions."""

from __future__ import annotations

import pytest

from crawler.model import ListPage, Role, Source
from crawler.taxonomy import load_taxonomy
from crawler.taxonomy.site_code import division_of_site


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("5118000022", "511800"),
        ("5100000062", "510000"),
        ("5109030018", "510903"),
        ("5109220007", "510981"),  # 射洪县 became a city in 2019; its site kept the code
        ("5109990054", "510900"),  # no division has this code: the city above it
        ("5199990001", "510000"),
        ("bm01000001", None),
        ("9900000001", None),
        ("51180000", None),
        ("", None),
    ],
)
def test_the_first_six_digits_are_the_place(code: str, expected: str | None) -> None:
    assert division_of_site(code, load_taxonomy().divisions) == expected


def issuers(adcode: str, site_code: str | None) -> set[str]:
    source = Source(
        id="synthetic",
        name="合成",
        kind="media",
        level="national",
        adcode=adcode,
        home="https://synthetic.example/",
        hosts=("synthetic.example",),
        family="generic",
        lists=(ListPage(url="https://synthetic.example/"),),
    )
    found = load_taxonomy().judge(title="就业服务进社区", body="合成。", source=source, site_code=site_code)
    return {region.adcode for region in found.regions if region.role is Role.ISSUER}


def test_the_code_speaks_only_where_the_source_has_no_place() -> None:
    assert issuers("100000", "5118000022") == {"511800"}
    assert issuers("100000", None) == set()
    assert issuers("500000", "5118000022") == {"500000"}
