"""The page of statistics: counts, links to the stories that are counted, and hostile or empty questions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import html

from archive import Archive
from crawler.config import Config
from crawler.taxonomy import load_taxonomy
from tests.web.archive_of import store
from tests.web.client import Client
from web.app import create_app

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def client(archive: Archive, tmp_path: Path) -> Client:
    return Client(create_app(archive, load_taxonomy(), Config(data=tmp_path)))


@pytest.fixture
def filled(archive: Archive, client: Client) -> Client:
    store(archive, 1, regions=("510000", "500000"), published=datetime(2025, 11, 30, 17, tzinfo=UTC))  # 1 December
    store(archive, 2, regions=("510100", "500112"), published=datetime(2026, 2, 1, tzinfo=UTC))
    store(archive, 3, regions=("510100", "511800"), zones=(), published=datetime(2026, 2, 2, tzinfo=UTC))
    # filters by day take an undated story by when it was first seen
    seen = datetime(2024, 5, 1, tzinfo=UTC)
    store(archive, 4, regions=("510000", "540000"), zones=("川藏",), published=None, now=seen)
    return client


def read(client: Client, path: str) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == 200
    return html.fromstring(answer.text)


def cells(page: html.HtmlElement, row: str) -> list[str]:
    (found,) = (one for one in page.cssselect("table tr") if one[0].text_content() == row)
    return [cell.text_content() for cell in found[1:]]


def test_months_pairs_regions_and_topics(filled: Client) -> None:
    page = read(filled, "/statistics")
    assert cells(page, "2026") == ["", "2", *[""] * 10, "2"]
    assert cells(page, "2025") == [*[""] * 11, "1", "1"]
    assert cells(page, "四川—重庆") == ["1", "1", "2"]
    assert cells(page, "within 四川省") == ["", "1", "1"]
    assert cells(page, "四川—西藏") == ["", "", "1"]
    assert cells(page, "四川")[-1] == "4"
    assert cells(page, "Agreements")[-1] == "4"
    assert "4 stories, 4 members in all · 1 without a date" in page.text_content()
    assert [title.text_content() for title in page.cssselect("svg.months title")] == [
        "2025-12: 1",
        "2026-01: 0",
        "2026-02: 2",
    ]
    assert not page.cssselect("script, [style], [onclick]")


@pytest.mark.parametrize(
    ("asked", "links"),
    [
        ("", 18),
        ("?region=四川&topic=agreement", 18),  # a region and a topic beside those asked for
        ("?q=川渝 OR 川藏 OR 协作", 18),  # all of these, and a pair
        ("?q=(川渝 OR 协作 OR &since=2024-05-02&until=2026-02-01", 33),  # days in the middle of months
        ("?q=" + "川渝 " * 32, 4),  # no search takes more words: regions and topics have parameters of their own
    ],
)
def test_counts_lead_to_the_stories_that_were_counted(filled: Client, asked: str, links: int) -> None:
    page = read(filled, f"/statistics{asked}")
    counted = [(link, link.text_content()) for link in page.cssselect("table.heat td a")]
    counted += [(link, link.getparent().getparent()[-1].text_content()) for link in page.cssselect("tbody th a")]
    counted += [(link, link.text_content().split(": ")[1]) for link in page.cssselect("svg.months a[href]")]
    counted += [(link, link.text_content().split()[0]) for link in page.cssselect("main > p a")]
    assert len(counted) == links
    for link, count in counted:
        assert len(read(filled, link.get("href")).cssselect(".card")) == int(count), link.get("href")


def test_a_question_narrows_the_page(filled: Client) -> None:
    page = read(filled, "/statistics?zone=川藏")
    assert "1 stories, 1 members" in page.text_content()
    assert cells(page, "四川—西藏") == ["1"]
    assert not page.cssselect("svg.months")  # its only story has no date


@pytest.mark.parametrize("path", ["/statistics", "/statistics?q=%22&since=2030-01-01", "/statistics?region=nowhere"])
def test_nothing_to_count(client: Client, path: str) -> None:
    assert read(client, path).cssselect(".empty")


def test_a_picture_without_a_january_names_its_first_year(filled: Client) -> None:
    for days, years in (
        ("until=2025", ["2025"]),
        ("since=2026-02", ["2026"]),
        ("since=2025-12&until=2026-02", ["2026"]),
        ("since=2025-10", ["2025", "2026"]),
    ):
        _most, _none, *told = read(filled, f"/statistics?{days}").cssselect("svg.months text")
        assert [text.text_content() for text in told] == years


def test_a_source_stays_when_other_filters_change(filled: Client) -> None:
    (kept,) = read(filled, "/statistics?source=synthetic-a").cssselect("form.filters input[name=source]")
    assert kept.get("value") == "synthetic-a"


def test_a_day_that_is_none_is_refused(client: Client) -> None:
    assert client.get("/statistics?since=yesterday").status_code == 400
