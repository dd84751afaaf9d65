"""Each format by its standard, and what every format says: where a story came from, when, and what it is about."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest

from archive.records import FeedEntry, FeedRecord, StoryRecord
from feeds.feed import Feed, make_feed, page_name
from feeds.jsonfeed import json_feed
from feeds.syndication import atom, rss
from feeds.wanted import feed_id
from tests.feeds.valid import ATOM, CONTENT, HISTORY, check_atom, check_json, check_rss
from tests.feeds.world import NOW, World, member, story

BASE = "https://hr.example"
DC = "{http://purl.org/dc/elements/1.1/}"


def feed_of(*stories: StoryRecord, kind: str = "zone", key: str = "川渝", **given: Any) -> Feed:
    record = FeedRecord(
        id=feed_id(kind, key), kind=kind, key=key, title="", first_published_at=NOW, changed_at=NOW, items=len(stories)
    )
    entries = [FeedEntry(guid=one.guid, story=one, entered_at=NOW, position=one.id) for one in stories]
    return make_feed(record, entries, World(), BASE + "/", **given)


REPRINTED = story(
    1,
    body_html="<p>合成 &amp; 正文</p><script>x</script>",
    document_number="合成发〔2026〕1号",
    members=(
        member("https://news.example/1.html", item_id=1, source_id="synthetic-a", is_first=True),
        member(
            "https://copy.example/1?a=1&b=2",
            item_id=2,
            source_id="synthetic-b",
            source_name="合成网",
            published=datetime(2026, 3, 1, 1, 30, tzinfo=UTC),
        ),
    ),
)


@pytest.mark.parametrize("stories", [(), (story(1),), (REPRINTED, story(2), story(3, is_link_only=True, body=""))])
@pytest.mark.parametrize(
    "given",
    [{}, {"hub": "https://hub.example/"}, {"prev_archive": 2}, {"archive_page": 1, "next_archive": 2}],
    ids=["plain", "hub", "with an archive", "archive page"],
)
def test_every_format_keeps_to_its_standard(stories: tuple[StoryRecord, ...], given: dict[str, Any]) -> None:
    feed = feed_of(*stories, **given)
    check_rss(rss(feed))
    check_atom(atom(feed))
    check_json(json_feed(feed))


def test_rss_says_all_that_readers_look_for() -> None:
    channel = check_rss(rss(feed_of(REPRINTED, hub="https://hub.example/")))
    name = feed_id("zone", "川渝")
    assert channel.findtext("link") == f"{BASE}/stories?zone=%E5%B7%9D%E6%B8%9D"
    assert channel.findtext("language") == "zh-CN"
    assert channel.findtext("ttl") == "60"
    assert channel.findtext("lastBuildDate") == "Mon, 02 Mar 2026 12:00:00 +0800"
    assert channel.findtext("image/url") == f"{BASE}/feeds/icon-144.png"
    links = {link.get("rel"): link.get("href") for link in channel.findall(f"{ATOM}link")}
    assert links == {"self": f"{BASE}/feeds/{name}.rss", "hub": "https://hub.example/"}
    (item,) = channel.findall("item")
    assert item.findtext("guid") == REPRINTED.guid
    assert item.findtext(f"{DC}source") == item.findtext("source") == "合成日报"
    assert {(one.get("domain"), one.text) for one in item.findall("category")} == {
        (f"{BASE}/feeds/#zone", "川渝"),
        (f"{BASE}/feeds/#region", "四川省"),
        (f"{BASE}/feeds/#region", "江北区"),
        (f"{BASE}/feeds/#topic", "合作协议"),
    }
    content = item.findtext(CONTENT)
    assert "<p>合成 &amp; 正文</p>" in content
    assert "合成发〔2026〕1号" in content
    assert '<a href="https://copy.example/1?a=1&amp;b=2">合成网</a>' in content
    assert f'<a href="{BASE}/stories/1">' in content


def test_atom_and_json_say_the_same() -> None:
    feed = feed_of(REPRINTED, hub="https://hub.example/")
    root, document = check_atom(atom(feed)), check_json(json_feed(feed))
    assert root.findtext(f"{ATOM}icon") == document["icon"] == f"{BASE}/feeds/icon-512.png"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == document["language"] == "zh-CN"
    assert document["hubs"] == [{"type": "WebSub", "url": "https://hub.example/"}]
    entry, (item,) = root.find(f"{ATOM}entry"), document["items"]
    assert entry.findtext(f"{ATOM}id") == item["id"] == REPRINTED.guid
    assert entry.findtext(f"{ATOM}content") == item["content_html"]
    assert entry.findtext(f"{ATOM}updated") == item["date_modified"]
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == item["authors"][0]["name"] == "合成日报"
    categories = [(one.get("term"), one.get("label")) for one in entry.findall(f"{ATOM}category")]
    assert [label for _term, label in categories] == item["tags"]
    assert ("510000", "四川省") in categories


def test_an_edit_or_a_reprint_changes_updated_and_never_published() -> None:
    later = replace(REPRINTED, title="改过的合成标题", updated_at=NOW + timedelta(hours=5))
    before, after = feed_of(replace(REPRINTED, members=REPRINTED.members[:1])), feed_of(later)
    for render in (rss, atom):
        old, new = (feedparser.parse(render(feed)).entries[0] for feed in (before, after))
        assert (old.id, old.published) == (new.id, new.published)
        assert old.updated_parsed < new.updated_parsed


def test_pages_of_an_archive_are_chained_in_each_format() -> None:
    newest = feed_of(story(301), prev_archive=3)
    page = feed_of(story(201), archive_page=2, prev_archive=1, next_archive=3)
    name = feed_id("zone", "川渝")
    for render, check, ending in ((rss, check_rss, "rss"), (atom, check_atom, "atom")):
        head, archive = check(render(newest)), check(render(page))
        rels = {link.get("rel"): link.get("href") for link in archive.findall(f"{ATOM}link")}
        assert archive.find(f"{HISTORY}archive") is not None
        assert head.find(f"{HISTORY}archive") is None
        assert rels["current"] == f"{BASE}/feeds/{name}.{ending}"
        assert rels["self"] == f"{BASE}/feeds/{name}_p2.{ending}"
        assert rels["prev-archive"] == f"{BASE}/feeds/{name}_p1.{ending}"
        assert rels["next-archive"] == f"{BASE}/feeds/{name}_p3.{ending}"
        links = {link.get("rel"): link.get("href") for link in head.findall(f"{ATOM}link")}
        assert links["prev-archive"] == f"{BASE}/feeds/{name}_p3.{ending}"
    assert check_json(json_feed(newest))["next_url"] == f"{BASE}/feeds/{name}_p3.json"
    assert check_json(json_feed(page))["next_url"] == f"{BASE}/feeds/{name}_p1.json"
    # one feed, whose pages it says these are
    assert check_atom(atom(newest)).findtext(f"{ATOM}id") == check_atom(atom(page)).findtext(f"{ATOM}id")


def test_only_the_document_that_is_subscribed_to_names_the_hub() -> None:
    page = feed_of(story(1), hub="https://hub.example/", archive_page=1)
    assert b"hub.example" not in rss(page) + atom(page) + json_feed(page)


def test_no_id_is_the_name_of_another_feeds_archive_page() -> None:
    keys = ("川渝", "川渝_p1", "a_p1", "A", "p1")
    ids = {feed_id("zone", key) for key in keys} | {feed_id("topic", key) for key in keys}
    pages = {page_name(one, number) for one in ids for number in (1, 2, 30)}
    assert not ids & pages


@pytest.mark.parametrize("text_item_id", [1, 2, None])
@pytest.mark.parametrize(("excerpts", "is_whole"), [(set(), True), ({"synthetic-a"}, False), ({"elsewhere"}, True)])
def test_a_source_of_excerpts_is_never_shown_whole(
    excerpts: set[str], is_whole: bool, text_item_id: int | None
) -> None:
    long = replace(REPRINTED, body="字" * 3000, body_html=f"<p>{'字' * 3000}</p>", text_item_id=text_item_id)
    for content in (one(feed_of(long, excerpts=excerpts)).decode() for one in (rss, atom, json_feed)):
        assert ("字" * 3000 in content) is is_whole
        assert ("字" * 390 in content) is True
        assert "copy.example" in content  # the members are said all the same


def test_a_reprint_of_a_source_of_excerpts_counts_where_its_text_is_shown() -> None:
    long = replace(REPRINTED, body="字" * 3000, body_html=None)
    shown, other = (
        rss(feed_of(replace(long, text_item_id=item), excerpts={"synthetic-b"})).decode() for item in (2, 1)
    )
    assert "字" * 3000 not in shown
    assert "字" * 3000 in other


@pytest.mark.parametrize(
    ("kind", "key", "page"),
    [
        ("all", "all", "/stories"),
        ("region", "510000", "/stories?region=510000"),
        ("source", "rsj-sc-yaan", "/stories?source=rsj-sc-yaan"),
        ("zone-topic", "川渝/agreement", "/stories?zone=%E5%B7%9D%E6%B8%9D&topic=agreement"),
        ("custom", "社保川渝", "/feeds/#custom"),
    ],
)
def test_a_feed_leads_to_the_page_with_the_same_stories(kind: str, key: str, page: str) -> None:
    assert feed_of(story(1), kind=kind, key=key).page == BASE + page


def test_titles_that_look_like_html_are_harmless_in_rss_and_exact_elsewhere() -> None:
    title = "比值<5，<script>x</script> &lt;b&gt; A&B </item>"
    feed = feed_of(story(1, title=title))
    (item,) = check_rss(rss(feed)).findall("item")
    assert item.findtext("title") == "比值<5，＜script>x＜/script> ＆lt;b＆gt; A&B ＜/item>"
    assert check_atom(atom(feed)).findtext(f"{ATOM}entry/{ATOM}title") == title
    assert check_json(json_feed(feed))["items"][0]["title"] == title


def test_feeds_name_their_face_as_a_neighbour() -> None:
    for content in (rss(feed_of(story(1))), atom(feed_of(story(1)))):
        lines = content.decode().split("\n")
        assert re.fullmatch(r"<\?xml version='1\.0' encoding='UTF-8'\?>", lines[0])
        assert lines[1] == '<?xml-stylesheet type="text/css" href="feed.css"?>'


def test_the_words_to_a_person_are_no_story_and_no_title() -> None:
    for content in (rss(feed_of(story(1))), atom(feed_of(story(1)))):
        found = feedparser.parse(content)
        assert found.feed.title == feed_of().title
        assert len(found.entries) == 1
        assert found.feed.link == feed_of().page
