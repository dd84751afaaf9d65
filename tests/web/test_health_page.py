"""The page of health: verdicts, pictures without scripts, freshness, and hostile or empty archives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from lxml import html

from archive import Archive
from archive.periods import CHINA
from archive.records import FeedQuery, Pause, PollDay
from crawler.config import Config
from crawler.model import ListReport, PollReport, Precision, Reason, Source, Stamp, Status
from crawler.taxonomy import load_taxonomy
from tests.archive.making import enter_feed, judged, prose
from tests.web.archive_of import source
from tests.web.client import Client
from web import healthpage
from web.app import create_app
from web.healthview import PICTURED, picture_of

pytestmark = pytest.mark.usefixtures("english")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCES = (
    source("fine", "合成日报"),
    source("walled", "合成<b>晚报"),
    source("never", "合成网"),
    replace(source("retired", "合成旧报"), status=Status.RETIRED),
)


@pytest.fixture
def client(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(healthpage, "_KEPT_S", -1.0)
    return Client(create_app(archive, load_taxonomy(), Config(data=tmp_path), sources=SOURCES))


def poll(archive: Archive, of: Source, at: datetime, reason: Reason | None = None, new: int = 1) -> None:
    listed = ListReport(url=of.home, status=200, rows=20, new=new, newest=at.date(), reason=reason)
    archive.record_poll(
        PollReport(source_id=of.id, started_at=at, ended_at=at, lists=(listed,), reason=reason, detail="<i>412")
    )


@pytest.fixture
def filled(archive: Archive, client: Client) -> Client:
    """Ten days of polls: one source is well, the other behind a wall for the last three."""
    fine, walled = SOURCES[:2]
    now = datetime.now(UTC)
    for day in range(10, 0, -1):
        for hour in (0, 6):
            at = now - day * DAY + hour * HOUR
            poll(archive, fine, at, new=day)
            poll(archive, walled, at, Reason.BLOCKED if day <= 3 else None)
    archive.judge_health({}, now=now)
    archive.plan("fine", now - 3 * HOUR)
    enter_feed(archive, "all", "all", "", "全部", FeedQuery(), now=now - 40 * DAY)
    for number, minutes in enumerate((10, 20, 60)):
        item = judged(f"https://fine.example/{number}", prose(number), of=fine)
        stamp = Stamp(at=now - DAY - timedelta(minutes=minutes), precision=Precision.MINUTE, origin="label")
        archive.store(replace(item, article=replace(item.article, published=stamp)), now=now - DAY)
    return client


def read(client: Client) -> html.HtmlElement:
    answer = client.get("/health")
    assert answer.status_code == 200
    return html.fromstring(answer.text)


def row(page: html.HtmlElement, source_id: str) -> html.HtmlElement:
    (found,) = page.cssselect(f"tr[id='{source_id}']")
    return found


def test_an_empty_archive_names_who_is_awaited(client: Client) -> None:
    page = read(client)
    assert [one.get("id") for one in page.cssselect("tr[id]")] == ["fine", "never", "walled"]
    assert "not polled yet 3" in " ".join(page.cssselect(".tallies")[0].text_content().split())
    assert not page.cssselect("svg.spark")


def test_an_archive_without_a_registry_shows_what_was_polled(archive: Archive, tmp_path: Path) -> None:
    client = Client(create_app(archive, load_taxonomy(), Config(data=tmp_path)))
    assert read(client).cssselect(".empty")


def test_those_in_trouble_come_first_with_since_and_why(filled: Client) -> None:
    page = read(filled)
    assert [one.get("id") for one in page.cssselect("tr[id]")] == ["walled", "never", "fine"]
    assert row(page, "walled").get("class") == "bad"
    text = row(page, "walled").text_content()
    for shown in ("合成<b>晚报", "blocked", "since", "<i>412", "last well"):
        assert shown in text, shown
    assert row(page, "fine").get("class") == "ok"
    assert "late" in row(page, "fine").text_content()
    assert [one.text_content() for one in page.cssselect("h2")] == [
        "In trouble",
        "How fresh the news is",
        "All others",
    ]
    assert not page.cssselect("script, [style], [onclick]")


def test_what_is_not_confirmed_is_said(filled: Client, archive: Archive) -> None:
    now = datetime.now(UTC)
    poll(archive, SOURCES[0], now, Reason.TIMEOUT)
    archive.judge_health({}, now=now)
    found = row(read(filled), "fine")
    assert found.get("class") == "wait"
    assert "unreachable, not confirmed yet" in found.text_content()


def test_pictures_show_each_day(filled: Client) -> None:
    page = read(filled)
    fine, walled = (row(page, name).cssselect("svg.spark")[0] for name in ("fine", "walled"))
    assert "28 days: 110 new rows" in fine.get("aria-label")
    assert not fine.cssselect("path.failed")
    days = fine.cssselect("path.column")[0].get("d").count("M")
    assert days in (10, 11)  # by where midnight in China falls
    assert "a poll failed" in walled.get("aria-label")
    assert walled.cssselect("path.failed")[0].get("d").count("M") in (3, 4)


def test_how_fresh_the_news_is(filled: Client) -> None:
    page = read(filled)
    (leg,) = page.cssselect("table.legs tbody tr")
    assert [cell.text_content() for cell in leg] == ["published → seen", "20 min", "60 min", "3"]
    assert "20 min" in row(page, "fine").text_content()


def test_a_pause_is_said_and_nothing_is_late(filled: Client, archive: Archive) -> None:
    archive.pause(["fine"], Pause(since=datetime.now(UTC), why="合成"))
    text = row(read(filled), "fine").text_content()
    assert "paused since" in text
    assert "合成" in text
    assert "late" not in text


def test_a_paused_source_is_not_called_what_it_was_before(filled: Client, archive: Archive) -> None:
    until = datetime.now(UTC) + 3 * DAY
    archive.pause(["walled"], Pause(since=datetime.now(UTC), until=until, why="<i>moving"))
    page = read(filled)
    shown = row(page, "walled")
    assert shown.get("class") == "none"
    text = " ".join(shown.text_content().split())
    assert f"paused until {until.astimezone(CHINA):%Y-%m-%d %H:%M}<i>movingbefore that: blocked" in text
    assert text.endswith(f"{until.astimezone(CHINA):%Y-%m-%d %H:%M}")  # its next poll
    assert "In trouble" not in page.text_content()
    archive.pause(["walled"], Pause(since=until - 5 * DAY, until=datetime.now(UTC) - HOUR))  # has run out
    assert row(read(filled), "walled").get("class") == "bad"


def test_many_visitors_cost_one_look(filled: Client, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(healthpage, "_KEPT_S", 3600.0)
    looks = []
    asked = Archive.poll_days
    monkeypatch.setattr(Archive, "poll_days", lambda self, **given: looks.append(given) or asked(self, **given))
    for _visit in range(3):
        read(filled)
    assert len(looks) == 1


def test_a_picture_holds_its_days_and_nothing_beyond() -> None:
    today = date(2026, 3, 2)
    assert picture_of((), today) is None
    assert picture_of((PollDay(day=today - PICTURED * DAY, polls=1, failed=0, new=1),), today) is None
    days = [PollDay(day=today - back * DAY, polls=1, failed=0, new=new) for back, new in ((2, 0), (1, 4), (0, 400))]
    found = picture_of(days, today)
    assert found is not None
    assert found.failed == ""
    assert found.none == "M75 16v-1h2v1z"
    assert found.new == "M78 16v-2h2v2zM81 16v-16h2v16z"
