"""Dates as rows, URLs and labels write them, and which of them is believed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.dates import judge_published, read_stamp, row_date, url_date
from crawler.model import Precision, RowDate, Stamp

FETCHED = datetime(2026, 11, 1, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-04-19", RowDate(year=2023, month=4, day=19)),
        ("2023/4/19", RowDate(year=2023, month=4, day=19)),
        ("2023.04.19", RowDate(year=2023, month=4, day=19)),
        ("20230419", RowDate(year=2023, month=4, day=19)),
        ("2023年04月19日 09时31分", RowDate(year=2023, month=4, day=19, hour=9, minute=31)),
        ("2023-11-30  14:52", RowDate(year=2023, month=11, day=30, hour=14, minute=52)),
        ("2023-08-19 10∶08", RowDate(year=2023, month=8, day=19, hour=10, minute=8)),
        ("04-22", RowDate(month=4, day=22)),
        ("[04-22]", RowDate(month=4, day=22)),
        ("4月22日", RowDate(month=4, day=22)),
        ("04/22 10:20", RowDate(month=4, day=22, hour=10, minute=20)),
        ("关于开展劳务协作的通知2023-04-19", RowDate(year=2023, month=4, day=19)),
        ("关于开展劳务协作的通知04-22", RowDate(month=4, day=22)),
        ("2024年度考试公告[2023-04-19]", RowDate(year=2023, month=4, day=19)),
        ("2023年考试公告", None),
        ("学习贯彻3.15讲话精神", None),
        ("庆祝活动3.15", None),
        ("2021-13-40", None),
        ("2023-02-30", None),
        ("联系电话 028-86740101", None),
        ("", None),
    ],
)
def test_row_date(text: str, expected: RowDate | None) -> None:
    assert row_date(text) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/202308/t20230819_123.html", date(2023, 8, 19)),
        ("/art/2024/12/6/art_61_4814322.html", date(2024, 12, 6)),
        ("/rst/gsgg/2021/8/9/d115c638464f73f97933ad2d06ac2f90.shtml", date(2021, 8, 9)),
        ("/2024/09-10/215587.html", date(2024, 9, 10)),
        ("/n2/2024/1029/c367650-41023922.html", date(2024, 10, 29)),
        ("/html/2025-06/20/content_1.htm", date(2025, 6, 20)),
        ("/shtml/scrb/20200422/235471.shtml", date(2020, 4, 22)),
        ("/ggxw/202306/58914753.html", None),
        ("/html/xw/dzyw/58120.html", None),
        ("/a/20231341/x.html", None),
        ("/x.html?d=/2020/01/01/", None),
    ],
)
def test_url_date(path: str, expected: date | None) -> None:
    assert url_date(f"https://a.example{path}") == expected


def stamp(text: str, origin: str = "x") -> Stamp:
    found = read_stamp(text, "Asia/Shanghai", origin)
    assert found is not None
    return found


def test_midnight_to_the_second_is_a_day() -> None:
    assert stamp("2024-05-30 00:00:00").precision is Precision.DAY
    assert stamp("2024-05-30 09:12:33").precision is Precision.MINUTE
    assert stamp("2024-05-30T01:12:33Z").at == datetime(2024, 5, 30, 9, 12, tzinfo=SHANGHAI)


def day(found: Stamp | None) -> str | None:
    return None if found is None else found.at.strftime("%Y-%m-%d")


def test_labelled_date_comes_first() -> None:
    found = judge_published(
        labelled=stamp("2021-08-09 16:20", "label"),
        row=RowDate(year=2021, month=8, day=10),
        url="https://a.example/2021/8/8/0123456789abcdef0123456789abcdef.shtml",
        tagged=stamp("2024-04-15 14:53:51"),
        fetched_at=FETCHED,
    )
    assert found == stamp("2021-08-09 16:20", "label")


def test_row_date_is_taken_over_a_url_date_one_day_off() -> None:
    found = judge_published(
        row=RowDate(year=2026, month=9, day=8), url="https://a.example/t20260907_1.html", fetched_at=FETCHED
    )
    assert day(found) == "2026-09-08"


def test_page_generation_time_is_no_publication() -> None:
    tagged, generated = stamp("2024-04-15 14:53:51"), stamp("2024-04-15 14:53:51")
    assert judge_published(tagged=tagged, generated=generated, fetched_at=FETCHED) is None
    found = judge_published(tagged=tagged, generated=generated, row=RowDate(month=8, day=9), fetched_at=FETCHED)
    assert day(found) == "2026-08-09"


def test_a_row_without_year_is_the_latest_such_day_not_after_the_fetch() -> None:
    assert day(judge_published(row=RowDate(month=11, day=1), fetched_at=FETCHED)) == "2026-11-01"
    assert day(judge_published(row=RowDate(month=11, day=2), fetched_at=FETCHED)) == "2025-11-02"
    assert day(judge_published(row=RowDate(month=2, day=29), fetched_at=FETCHED)) == "2024-02-29"


def test_the_future_is_not_believed_beyond_a_day() -> None:
    assert judge_published(labelled=stamp("2026-12-24"), fetched_at=FETCHED) is None
    assert day(judge_published(labelled=stamp("2026-11-02"), fetched_at=FETCHED)) == "2026-11-02"
    found = judge_published(labelled=stamp("2030-01-01"), tagged=stamp("2026-10-01", "tag"), fetched_at=FETCHED)
    assert day(found) == "2026-10-01"


def test_a_day_gains_its_minute_from_a_lesser_witness_of_the_same_day() -> None:
    found = judge_published(
        labelled=stamp("2023-04-10", "label"), tagged=stamp("2023-04-10 10:00", "tag"), fetched_at=FETCHED
    )
    assert found is not None
    assert found.precision is Precision.MINUTE
    assert found.origin == "label+tag"


def test_nothing_said_is_nothing_known() -> None:
    assert judge_published(url="https://a.example/x.html", fetched_at=FETCHED) is None


@given(st.text(max_size=120))
def test_reading_never_raises(text: str) -> None:
    row_date(text)
    url_date(text)
    read_stamp(text, "Asia/Shanghai", "x")


@given(
    st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d"]),
)
def test_every_day_is_read_in_every_form(when: date, form: str) -> None:
    assert row_date(f"一条消息 {when.strftime(form)}") == RowDate(year=when.year, month=when.month, day=when.day)
