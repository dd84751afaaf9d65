"""The checks of valid.py find what is wrong: each fault that is planted here is refused."""

from __future__ import annotations

import pytest

from feeds.jsonfeed import json_feed
from feeds.opml import opml
from feeds.syndication import atom, rss
from tests.feeds.test_formats import feed_of
from tests.feeds.valid import check_atom, check_json, check_opml, check_rss
from tests.feeds.world import story

GUID = story(1).guid.encode()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<ttl>60</ttl>", b"<ttl>an hour</ttl>"),
        (b"<ttl>60</ttl>", b"<ttl>60</ttl><ttl>60</ttl>"),
        (b"<ttl>60</ttl>", b"<life>60</life>"),
        (b'rel="self"', b'rel="other"'),
        (b"icon-144.png", b"icon.svg"),
        (b' isPermaLink="false"', b""),
        (b"2026 00:00:00 +0800</pubDate>", b"</pubDate>"),
        (b"<link>https://news.example/1.html</link>", b"<link>/1.html</link>"),
        (b"<source url=", b"<source href="),
        (b"<title>\xe4\xb8\xa4\xe5\x9c\xb0", b"<title>&lt;b>"),
    ],
)
def test_faults_of_rss(old: bytes, new: bytes) -> None:
    content = rss(feed_of(story(1)))
    assert old in content
    with pytest.raises(AssertionError):
        check_rss(content.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'type="html"', b'type="CDATA"'),
        (b"00:00:00+08:00</published>", b"</published>"),
        (b"<id>" + GUID + b"</id>", b""),
        (b"<id>" + GUID, b"<id>1"),
        (b'rel="self"', b'rel="related"'),
        (b'term="510000" ', b""),
        (b"<name>", b"<nom>"),
        (b"<generator>", b"<x/><generator>"),
    ],
)
def test_faults_of_atom(old: bytes, new: bytes) -> None:
    content = atom(feed_of(story(1)))
    assert old in content
    planted = content.replace(old, new).replace(b"</name>", b"</nom>" if new == b"<nom>" else b"</name>")
    with pytest.raises(AssertionError):
        check_atom(planted)


def test_an_archive_page_without_its_feed_is_a_fault() -> None:
    with pytest.raises(AssertionError):
        check_atom(atom(feed_of(story(1), archive_page=1)).replace(b'rel="current"', b'rel="related"'))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"version/1.1", b"version/1"),
        (b'"id": ', b'"guid": '),
        (b'"content_html"', b'"content"'),
        (b"00:00:00+08:00", b"00:00"),
        (b'"summary"', b'"_hrwatch.summary"'),
    ],
)
def test_faults_of_json_feed(old: bytes, new: bytes) -> None:
    content = json_feed(feed_of(story(1)))
    assert old in content
    with pytest.raises(AssertionError):
        check_json(content.replace(old, new))


@pytest.mark.parametrize(("old", "new"), [(b"xmlUrl=", b"url="), (b"<head>", b"<header>"), (b" text=", b" name=")])
def test_faults_of_opml(old: bytes, new: bytes) -> None:
    content = opml([("Zones", [feed_of(story(1))])])
    check_opml(content)
    planted = content.replace(old, new).replace(b"</head>", b"</header>" if b"header" in new else b"</head>")
    with pytest.raises(AssertionError):
        check_opml(planted)
