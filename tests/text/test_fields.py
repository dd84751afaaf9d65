from __future__ import annotations

from datetime import date

import pytest

from crawler.text.fields import FIELD_OF, NAMES, days_of, kind_of, range_of


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023", date(2023, 1, 1), date(2023, 12, 31)),
        ("2023年", date(2023, 1, 1), date(2023, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023年6月", date(2023, 6, 1), date(2023, 6, 30)),
        ("2023/6/1", date(2023, 6, 1), date(2023, 6, 1)),
        ("20230601", date(2023, 6, 1), date(2023, 6, 1)),
        ("2023年6月1日", date(2023, 6, 1), date(2023, 6, 1)),
    ],
)
def test_days(text: str, first: date, last: date) -> None:
    assert days_of(text) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "2023-13", "2023-02-30", "0001", "1899", "3000", "soon", "2023-01-01x", "２０２３", "昨天"]
)
def test_no_days(text: str) -> None:
    assert days_of(text) is None


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2023", date(2023, 1, 1), date(2024, 1, 1)),
        ("2023-01..2023-06", date(2023, 1, 1), date(2023, 7, 1)),
        ("2023..", date(2023, 1, 1), None),
        ("..2023-06-30", None, date(2023, 7, 1)),
        ("2023至2024", date(2023, 1, 1), date(2025, 1, 1)),
        ("2023~2024", date(2023, 1, 1), date(2025, 1, 1)),
        ("2023.6..2023.7", date(2023, 6, 1), date(2023, 8, 1)),
    ],
)
def test_ranges(text: str, since: date | None, until: date | None) -> None:
    assert range_of(text) == (since, until)


@pytest.mark.parametrize("text", ["..", "", "a..b", "2023..b", "a..2023", "~"])
def test_no_range(text: str) -> None:
    assert range_of(text) is None


def test_every_name_means_one_field() -> None:
    assert len(FIELD_OF) == sum(map(len, NAMES.values()))
    assert kind_of("人社") == "gov-hrss"
    assert kind_of("GOV") == "gov"
    assert kind_of("x") is None
