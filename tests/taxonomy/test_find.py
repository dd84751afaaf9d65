"""Places by the names that people type."""

from __future__ import annotations

import pytest

from crawler.taxonomy import load_taxonomy


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("雅安", ("511800",)),
        ("雅安市", ("511800",)),
        ("四川", ("510000",)),
        ("重庆", ("500000",)),
        ("甘孜", ("513300",)),
        ("城关区", ("540102", "620102")),
        ("射洪县", ("510922", "512836")),
        ("两江新区", ("500157",)),
        ("没有这个地方", ()),
        ("", ()),
    ],
)
def test_a_name_leads_to_its_codes(name: str, codes: tuple[str, ...]) -> None:
    assert load_taxonomy().divisions.find(name) == codes
