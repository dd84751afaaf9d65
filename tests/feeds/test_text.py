"""Any text at all gives feeds that parse: properties of the edge, and the hostile texts that are known by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from archive.records import FeedEntry, FeedRecord, StoryRecord
from crawler.text.harmless import harmless
from feeds.body import BODY_LENGTH, body_html
from feeds.feed import Feed, make_feed
from feeds.index import index_files
from feeds.jsonfeed import json_feed
from feeds.opml import opml
from feeds.syndication import atom, rss
from feeds.text import TITLE_LENGTH, title_text, web_url
from tests.feeds.valid import ATOM, check_atom, check_json, check_opml, check_rss, parsed
from tests.feeds.world import NOW, World, member, story

# All of Unicode, lone surrogates and controls included, with what XML and HTML trip over made likely.
TEXT = st.text(st.characters(codec=None), max_size=60) | st.lists(
    st.sampled_from(
        (
            *("]]>", "<![CDATA[", "&", "&#0;", "<script>x</script>", "\x00", "\ud800", "\udc00", "\ufffe", "\x1b"),
            *(
                "川渝",
                "\r\n",
                "<!--",
                "-->",
                "<a href='javascript:x'>",
                "</item>",
                "<?xml?>",
                "\u2028",
                "\x85",
                "\u202e",
            ),
        )
    ),
    max_size=12,
).map("".join)


def feed_of(*stories: StoryRecord) -> Feed:
    record = FeedRecord(id="all", kind="all", key="", title="", first_published_at=NOW, changed_at=NOW, items=1)
    entries = [FeedEntry(guid=one.guid, story=one, entered_at=NOW, position=one.id) for one in stories]
    return make_feed(record, entries, World(), "http://127.0.0.1:8080")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(title=TEXT, body=TEXT, markup=TEXT, source=TEXT, url=TEXT, number=TEXT, zone=TEXT)
def test_any_text_gives_valid_feeds(
    title: str, body: str, markup: str, source: str, url: str, number: str, zone: str
) -> None:
    hostile = story(
        title=title,
        body=body,
        body_html=markup or None,
        first_source=source,
        url=url,
        document_number=number or None,
        zones=(zone or "川渝",),
        members=(member(url, is_first=True), member("http://x.example/" + url, source_name=source, title=title)),
    )
    feed = feed_of(hostile, story(2))
    ids = [story(2).guid, story(1).guid]
    assert [item.findtext("guid") for item in check_rss(rss(feed)).findall("item")] == ids
    assert [entry.findtext(f"{ATOM}id") for entry in check_atom(atom(feed)).findall(f"{ATOM}entry")] == ids
    assert [item["id"] for item in check_json(json_feed(feed))["items"]] == ids
    check_opml(opml([(zone, [feed])]))
    for content in (rss(feed), atom(feed)):
        assert all(node.text for node in etree.fromstring(content).iter("{*}title"))


@settings(max_examples=40, deadline=None)
@given(TEXT)
def test_a_feed_of_any_name_is_valid(name: str) -> None:
    """Names of custom feeds and of sources are what operators write."""
    for kind in ("custom", "source"):
        record = FeedRecord(
            id=f"{kind}-x", kind=kind, key=name, title=name, first_published_at=NOW, changed_at=NOW, items=1
        )
        feed = make_feed(record, [], World(), "http://127.0.0.1:8080")
        check_rss(rss(feed))
        check_atom(atom(feed))
        check_json(json_feed(feed))
        check_opml(index_files([feed], World(), "http://127.0.0.1:8080")["index.opml"])


@given(TEXT)
def test_harmless_is_settled_after_once_and_xml_takes_it(text: str) -> None:
    clean = harmless(text)
    assert harmless(clean) == clean
    element = etree.Element("x")
    element.text = clean
    assert etree.fromstring(etree.tostring(element)).text == (clean or None)


@given(TEXT)
def test_a_web_url_is_a_web_url_for_good(text: str) -> None:
    for url in (text, "http://x.example/" + text):
        found = web_url(url)
        if found is not None:
            assert found.isascii()
            assert found.lower().startswith(("http://", "https://"))
            assert web_url(found) == found


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//x", "", "http://", "http://[", "ftp://x/"]
)
def test_other_urls_are_none(url: str) -> None:
    assert web_url(url) is None


def test_a_title_of_5000_characters_is_cut() -> None:
    title = title_text("川" * 5000)
    assert title is not None
    assert len(title) == TITLE_LENGTH
    assert title.endswith("…")


@pytest.mark.parametrize("title", ["", "  \n", "\x00\x07", "\u202e\u2066", "\u200f"])
def test_a_title_of_nothing_is_none_and_the_feed_still_stands(title: str) -> None:
    assert title_text(title) is None
    assert parsed(rss(feed_of(story(title=title)))).entries[0].title


def test_direction_overrides_do_not_reach_a_reader() -> None:
    assert title_text("川渝\u202e协议\u202c\u200f签署\u2069") == "川渝协议签署"


def test_markup_too_large_or_too_deep_gives_way_to_the_plain_body() -> None:
    for markup in ("<p>x</p>" * 700_000, "<div>" * 100_000 + "x"):
        assert body_html(story(body_html=markup)) == "<p>第一段，合成文字。</p>\n<p>第二段，合成文字。</p>"


def test_a_body_of_5_mb_is_bounded() -> None:
    html = body_html(story(body="字" * 5_000_000))
    assert len(html) < BODY_LENGTH + 100
    assert html.endswith("<p>…</p>")


def test_a_body_is_escaped_where_it_is_plain() -> None:
    assert body_html(story(body="<script>x</script> & 川渝")) == "<p>&lt;script&gt;x&lt;/script&gt; &amp; 川渝</p>"


def test_rss_description_is_html_and_atom_summary_is_text(tmp_path: Path) -> None:
    feed = feed_of(story(body="比值<5，两地签署"))
    assert b"<description>\xe6\xaf\x94\xe5\x80\xbc&amp;lt;5" in rss(feed)
    assert '<summary type="text">比值&lt;5，两地签署</summary>'.encode() in atom(feed)
