"""What is measured of a list that was read; synthetic pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extract.decode import decode
from crawler.extract.recognise import families_of, shows_marks
from crawler.model import Entry, ListReport, Page, RowDate, WarcPosition
from spiders.measures import measured, waited

URL = "https://synthetic.example/col/col1/index.html"
TRS = '<html><body><ul><li><a href="./202611/t20261118_1.html">合成标题</a></li></ul></body></html>'
PAGE = Page(
    url=URL,
    status=200,
    headers={"content-type": "text/html; charset=gbk"},
    body=TRS.encode("gbk"),
    fetched_at=datetime(2026, 3, 2, tzinfo=UTC),
    warc=WarcPosition(file="a.warc.gz", offset=1, length=2),
)
ROWS = [
    Entry(
        source_id="s",
        list_url=URL,
        url="https://synthetic.example/1",
        title="甲",
        date=RowDate(year=2026, month=3, day=1),
    ),
    Entry(source_id="s", list_url=URL, url="javascript:void(0)", title="", date=None),
]
REPORT = ListReport(url=URL, status=200, rows=2)


def test_fields_size_charset_family_and_place_are_measured() -> None:
    decoded = decode(PAGE.body, headers=PAGE.headers)
    found = measured(REPORT, PAGE, ROWS, family="trs", decoded=decoded, meta={"download_latency": 1.2345})
    assert (found.rows, found.titled, found.dated, found.linked) == (2, 1, 1, 1)
    assert (found.bytes, found.charset, found.shows_family) == (len(PAGE.body), "gb18030", True)
    assert (found.wait_ms, found.warc) == (1234, PAGE.warc)


def test_what_cannot_be_measured_is_none() -> None:
    found = measured(REPORT, PAGE, ROWS, family="trs", decoded=None, meta={})
    assert (found.charset, found.shows_family, found.wait_ms) == (None, None, None)
    assert waited(REPORT, {}) is REPORT


@pytest.mark.parametrize(("family", "shows"), [("trs", True), ("jcms", False), ("generic", None)])
def test_a_family_is_shown_by_its_own_marks_alone(family: str, shows: bool | None) -> None:
    assert shows_marks(TRS, "", family) is shows


def test_the_address_of_a_page_says_nothing_of_its_redesign() -> None:
    """`/col/col1/` is a mark of jcms to whoever adds a source; it stays when the pages behind it change."""
    assert "jcms" not in families_of(TRS, "")
    decoded = decode(PAGE.body, headers=PAGE.headers)
    assert measured(REPORT, PAGE, ROWS, family="jcms", decoded=decoded, meta={}).shows_family is False
