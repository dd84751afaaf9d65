"""A reader that is given the address of a page finds the feed that holds what the page shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html

from archive import open_archive
from crawler.config import Config
from crawler.taxonomy import load_taxonomy
from feeds.publish import publish
from feeds.wanted import feed_id
from tests.web.archive_of import NOW, poll, source, store
from tests.web.client import Client
from web.app import create_app

TYPES = {"application/rss+xml": "rss", "application/atom+xml": "atom", "application/feed+json": "json"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    config = Config(data=tmp_path_factory.mktemp("discovery"))
    taxonomy = load_taxonomy()
    with open_archive(config) as archive:
        for number in range(3):
            store(archive, number)
        poll(archive, source())
        publish(archive, taxonomy, config, now=NOW)
        yield Client(create_app(archive, taxonomy, config, sources=(source(),)))


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("/", "all"),
        ("/stories", "all"),
        ("/stories?zone=川渝", feed_id("zone", "川渝")),
        ("/stories?region=510000", "region-510000"),
        ("/stories?source=synthetic-a", "source-synthetic-a"),
        ("/search?q=社保", "all"),  # no feed holds just that
        ("/stories?zone=川渝&region=510000", "all"),
        ("/stories/1", "all"),
        ("/sources", "all"),
    ],
)
def test_pages_lead_to_their_feed(client: Client, page: str, feed: str) -> None:
    links = html.fromstring(client.get(page).text).xpath("//head/link[@rel='alternate']")
    assert {link.get("type"): link.get("href") for link in links} == {
        kind: f"/feeds/{feed}.{ending}" for kind, ending in TYPES.items()
    }
    for link in links:
        answer = client.get(link.get("href"), headers={"accept": "*/*"})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(link.get("type"))


def test_the_list_of_feeds_leads_to_feeds_that_are_there(client: Client) -> None:
    links = html.fromstring(client.get("/feeds/").text).xpath("//head/link[@rel='alternate']/@href")
    assert {"all.rss", "all.atom", "region-510000.rss"} <= {*links}
    for href in links:
        assert client.get(f"/feeds/{href}").status_code == 200


def test_all_that_a_feed_is_shown_with_is_served(client: Client) -> None:
    wanted = {"feed.css": "text/css", "index.css": "text/css", "icon.svg": "image/svg+xml"}
    wanted |= {"icon-144.png": "image/png", "icon-512.png": "image/png"}
    for name, kind in wanted.items():
        answer = client.get(f"/feeds/{name}")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    assert "style-src 'self'" in answer.headers["content-security-policy"]


def test_the_pictures_of_pages_and_feeds_are_one() -> None:
    root = Path(__file__).parents[2]
    assert (root / "web/static/icon.svg").read_bytes() == (root / "feeds/static/icon.svg").read_bytes()


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (BROWSER, "application/xml"),
        ("*/*", "application/rss+xml"),
        ("application/rss+xml, text/html;q=0.5", "application/rss+xml"),
        (None, "application/rss+xml"),
    ],
)
def test_a_browser_is_given_xml_that_it_shows(client: Client, accept: str | None, kind: str) -> None:
    """Chromium shows application/rss+xml as bare text, whatever its style sheet says."""
    answer = client.get("/feeds/all.rss", headers={"accept": accept} if accept else {"accept": ""})
    assert answer.headers["content-type"].startswith(kind)
    assert "accept" in [one.strip().lower() for one in answer.headers["vary"].split(",")]
