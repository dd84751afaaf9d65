"""What the standards ask of a feed: RSS 2.0, Atom 1.0, JSON Feed 1.1 and OPML 2.0, as checks that name each fault."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import jsonschema
from lxml import etree

_SCHEMAS = Path(__file__).parent / "schemas"
_ATOM_GRAMMAR = etree.RelaxNG(etree.parse(_SCHEMAS / "atom.rng"))
_JSON_SCHEMA = jsonschema.Draft202012Validator(json.loads((_SCHEMAS / "jsonfeed.json").read_text("utf-8")))

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
HISTORY = "{http://purl.org/syndication/history/1.0}"

# RFC 3986 without what it forbids; "tag:hrwatch.example,2026:story/1" too
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#$%&'()*+,/0-9:;=?@A-Z\[\]_a-z~.-]+")
# "Mon, 02 Mar 2026 12:00:00 +0800"
_RFC822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")

# What may stand in a channel and an item, by the specification at rssboard.org; at most one each but for categories.
_CHANNEL = {
    *("title", "link", "description", "language", "copyright", "managingEditor", "webMaster", "pubDate"),
    *("lastBuildDate", "category", "generator", "docs", "cloud", "ttl", "image", "rating", "textInput"),
    *("skipHours", "skipDays", "item"),
}
_ITEM = {
    *("title", "link", "description", "author", "category", "comments", "enclosure", "guid", "pubDate", "source"),
}


def parsed(content: bytes) -> Any:
    """What feedparser makes of a document without a complaint."""
    found = feedparser.parse(content)
    assert not found.bozo, found.get("bozo_exception")
    return found


def check_atom(content: bytes) -> Any:
    """Assert that it is Atom by RFC 4287 and, where it is a page of an archive, by RFC 5005; return the root."""
    root = etree.fromstring(content)
    assert _ATOM_GRAMMAR.validate(root), _ATOM_GRAMMAR.error_log.last_error
    assert list(_atom_faults(root)) == []
    assert parsed(content).version == "atom10"
    return root


def check_rss(content: bytes) -> Any:
    """Assert that it is RSS 2.0; return the channel."""
    root = etree.fromstring(content)
    assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1)
    assert list(_rss_faults(root[0])) == []
    assert parsed(content).version == "rss20"
    return root[0]


def check_json(content: bytes) -> Any:
    """Assert that it is a JSON Feed; return the document."""
    document = json.loads(content)
    assert [fault.message for fault in _JSON_SCHEMA.iter_errors(document)] == []
    ids = Counter(item["id"] for item in document["items"])
    assert [key for key, count in ids.items() if count > 1] == []
    assert document.get("next_url") != document["feed_url"]
    return document


def check_opml(content: bytes) -> Any:
    """Assert that it is a subscription list of OPML 2.0; return the root."""
    root = etree.fromstring(content)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert [child.tag for child in root] == ["head", "body"]
    assert len(root[1]), "a body has at least one outline"
    for outline in root[1].iter():
        assert outline is root[1] or outline.tag == "outline"
        assert outline is root[1] or outline.get("text"), "every outline has a text"
        if outline.get("type") == "rss":
            assert _URI.fullmatch(outline.get("xmlUrl", "")), outline.get("xmlUrl")
            assert len(outline) == 0
    return root


def _atom_faults(root: Any) -> Iterator[str]:
    rels = Counter((link.get("rel"), link.get("type")) for link in root.findall(f"{ATOM}link"))
    if rels["self", "application/atom+xml"] != 1:
        yield "a feed has one link to itself"
    for person in (root, *root.iter(f"{ATOM}entry")):
        if person.find(f"{ATOM}author") is None and root.find(f"{ATOM}author") is None:
            yield "an entry has an author, or its feed has"
        alternates = [
            (link.get("type"), link.get("hreflang"))
            for link in person.findall(f"{ATOM}link")
            if link.get("rel", "alternate") == "alternate"
        ]
        if len(set(alternates)) != len(alternates):
            yield "two alternates of one type and language"
    for name in ("id", "icon", "logo"):
        for element in root.iter(ATOM + name):
            if not _URI.fullmatch(element.text or ""):
                yield f"{name} is no URI: {element.text!r}"
    for link in root.iter(f"{ATOM}link"):
        if not _URI.fullmatch(link.get("href")):
            yield f"a link is no URI: {link.get('href')!r}"
    for category in root.iter(f"{ATOM}category"):
        if not _URI.fullmatch(category.get("scheme", "x:y")):
            yield f"a scheme is no URI: {category.get('scheme')!r}"
    ids = Counter(entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry"))
    yield from (f"an id twice: {key}" for key, count in ids.items() if count > 1)
    links = {link.get("rel") for link in root.findall(f"{ATOM}link")}
    if root.find(f"{HISTORY}archive") is not None and "current" not in links:
        yield "a page of an archive leads to the feed"


def _rss_faults(channel: Any) -> Iterator[str]:
    yield from _counted(channel, _CHANNEL, required=("title", "link", "description"), many=("item", "category"))
    selves = [link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if len(selves) != 1:
        yield "a channel has one link to itself"
    image = channel.find("image")
    if image is not None:
        yield from _counted(
            image, {"url", "title", "link", "width", "height", "description"}, required=("url", "title", "link")
        )
        if not re.search(r"\.(png|gif|jpe?g)$", image.findtext("url")):
            yield "an image is a PNG, GIF or JPEG"
        if (image.findtext("title"), image.findtext("link")) != (channel.findtext("title"), channel.findtext("link")):
            yield "an image's title and link are the channel's"
    if channel.find("ttl") is not None and not channel.findtext("ttl").isdecimal():
        yield "ttl is a number of minutes"
    dates = [channel.find("lastBuildDate"), channel.find("pubDate"), *channel.iterfind("item/pubDate")]
    for date in dates:
        if date is not None and not (_RFC822.fullmatch(date.text) and parsedate_to_datetime(date.text)):
            yield f"no date of RFC 822: {date.text!r}"
    guids = Counter(item.findtext("guid") for item in channel.iterfind("item"))
    yield from (f"a guid twice: {key}" for key, count in guids.items() if count > 1)
    for item in channel.iterfind("item"):
        yield from _item_faults(item)


def _item_faults(item: Any) -> Iterator[str]:
    yield from _counted(item, _ITEM, required=("guid",), many=("category",))
    if not item.findtext("title") and not item.findtext("description"):
        yield "an item has a title or a description"
    names = [child.tag for child in item]
    if CONTENT in names and ("description" not in names or names.index(CONTENT) < names.index("description")):
        yield "content:encoded stands after a description"
    guid = item.find("guid")
    if guid is not None and guid.get("isPermaLink") != "false" and urlsplit(guid.text).scheme not in ("http", "https"):
        yield "a guid that is no web address says so"
    for element, url in ((item.find("link"), item.findtext("link")), (item.find("source"), None)):
        address = url if url is not None or element is None else element.get("url")
        if element is not None and not _URI.fullmatch(address or ""):
            yield f"{element.tag} is no URI: {address!r}"
    if re.search(r"<[A-Za-z/!?]|&#?\w+;", item.findtext("title", "")):
        yield "a title that readers may take for HTML"


def _counted(parent: Any, known: set[str], *, required: tuple[str, ...], many: tuple[str, ...] = ()) -> Iterator[str]:
    names = Counter(child.tag for child in parent if not child.tag.startswith("{"))
    yield from (f"{name} is missing in {parent.tag}" for name in required if not names[name])
    yield from (f"{name} twice in {parent.tag}" for name, count in names.items() if count > 1 and name not in many)
    yield from (f"{name} is nothing in {parent.tag}" for name in names if name not in known)
