"""The list of feeds stays usable with thousands of them: grouped, folded, found by readers."""

from __future__ import annotations

import json
import re

import lxml.html
import pytest

from feeds.index import group_feeds, index_files, index_json
from tests.feeds.test_formats import feed_of
from tests.feeds.valid import check_opml
from tests.feeds.world import World, shown, story

KINDS = (
    *(("all", "all"), ("custom", "社保川渝"), ("zone", "川渝"), ("zone", "川藏"), ("topic", "agreement")),
    *(("zone-topic", "川渝/agreement"), ("zone-topic", "川藏/agreement"), ("zone-topic", "川渝/other")),
    *(("region", "511802"), ("region", "511800"), ("region", "500105"), ("region", "500000")),
    *(("source", "synthetic-a"), ("source", "synthetic-b")),
)


def files(count: int = 0) -> dict[str, bytes]:
    feeds = [feed_of(story(1), kind=kind, key=key) for kind, key in KINDS]
    feeds += [feed_of(kind="source", key=f"synthetic-{number}") for number in range(count)]
    return {**index_files(feeds, World(), "https://hr.example/"), "index.json": index_json(shown(feeds))}


def test_groups_stand_in_order_and_hold_every_feed_once() -> None:
    feeds = [feed_of(story(1), kind=kind, key=key) for kind, key in KINDS]
    groups = group_feeds(feeds, World())
    assert [group.kind for group in groups] == [
        *("all", "custom", "zone", "topic", "zone-topic", "zone-topic", "region", "region", "source")
    ]
    assert sorted(one.feed.id for group in groups for one in group.all_feeds) == sorted(feed.id for feed in feeds)
    longer, shorter = (group for group in groups if group.kind == "zone-topic")
    assert ([one.name for one in longer.feeds], len(shorter.feeds)) == (["合作协议", "other"], 1)
    assert [(group.title, group.lead is None) for group in groups if group.kind == "region"] == [
        ("重庆市", False),
        ("四川省", True),
    ]


def test_no_story_changes_what_is_for_people_and_readers() -> None:
    few = [feed_of(story(1), kind=kind, key=key) for kind, key in KINDS]
    many = [feed_of(*map(story, range(1, 2 + at)), kind=kind, key=key) for at, (kind, key) in enumerate(KINDS)]
    assert index_files(few, World(), "https://hr.example") == index_files(many[::-1], World(), "https://hr.example")


def test_zones_and_topics_stand_as_in_the_taxonomy_and_what_it_dropped_behind_them() -> None:
    zones = [*World().zones]
    keys = ["甲地合作", *reversed(zones)]
    groups = group_feeds([feed_of(story(1), kind="zone", key=key) for key in keys], World())
    assert [one.feed.key for group in groups for one in group.feeds] == [*zones, "甲地合作"]


def test_every_feed_can_be_reached_in_every_format_and_form() -> None:
    found = files()
    rows = json.loads(found["index.json"])
    page = lxml.html.fromstring(found["index.html"])
    hrefs = {link.get("href") for link in page.iter("a")}
    outlines = {one.get("xmlUrl") for one in check_opml(found["index.opml"]).iter("outline") if one.get("type")}
    assert len(rows) == len(KINDS)
    for row in rows:
        assert {row["rss"], row["atom"], row["json"]} <= hrefs
    assert outlines == {f"https://hr.example/feeds/{row['rss']}" for row in rows}


def test_categories_lead_to_a_place_on_the_page() -> None:
    page = lxml.html.fromstring(files()["index.html"])
    for kind in ("zone", "region", "topic", "custom"):
        assert page.get_element_by_id(kind) is not None


def test_thousands_are_folded_without_a_script_and_not_announced() -> None:
    page = lxml.html.fromstring(files(5000)["index.html"])
    assert page.xpath("//script") == []
    (sources,) = page.xpath("//section[@id='source']/details")
    assert sources.get("open") is None
    assert len(sources.findall(".//li")) == 5002
    # what a reader is offered that is given the page's address
    announced = page.xpath("//link[@rel='alternate' and @type='application/rss+xml']/@href")
    assert len(announced) == 1 + 1 + 2 + 1 + 1  # all, custom, zones, topic, the province with a feed of its own


def test_nothing_on_the_page_but_the_stories_is_elsewhere() -> None:
    """The folder may be copied to any host: stylesheets, pictures and feeds are neighbours."""
    page = lxml.html.fromstring(files()["index.html"])
    names = {link.get("href") for link in page.iter("link")}
    assert all(re.fullmatch(r"[a-z0-9_-]+\.[a-z]+", name) for name in names), names
    assert {"index.css", "icon.svg", "index.opml"} <= names
    assert {name for name in names if name.split(".")[-1] in ("css", "svg")} <= files().keys()


@pytest.mark.parametrize("name", ["icon-144.png", "icon-512.png"])
def test_pictures_are_as_large_as_they_say(name: str) -> None:
    content = files()[name]
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(content[start : start + 4]) for start in (16, 20))
    assert width == height == int(re.findall(r"\d+", name)[0])


def test_the_face_needs_nothing_from_elsewhere() -> None:
    css = files()["feed.css"].decode()
    assert "@import" not in css
    assert re.findall(r"url\(([^)]*)\)", css) == ['"http://www.w3.org/1999/xhtml"']  # a namespace, never asked for


def test_an_empty_list_is_valid_too() -> None:
    check_opml(index_files((), World(), "https://hr.example")["index.opml"])
