"""A feed as RSS 2.0 and Atom 1.0, through feedgen.

What feedgen does of itself is set here to what the content says: it would date a feed by the clock, so that its
bytes never repeat; a description must be set before the content, or RSS has no content:encoded.
"""

from __future__ import annotations

from feedgen.feed import FeedGenerator

from feeds.feed import ATOM, ATOM_TYPE, RSS, RSS_TYPE, Feed
from feeds.item import FeedItem

# How long a reader may wait, in minutes: sources are polled hourly at most.
_TTL_MIN = 60

GENERATOR = "hrwatch"


def rss(feed: Feed) -> bytes:
    """The feed as RSS 2.0 with content:encoded and dc."""
    generator = _generator(feed)
    generator.link(href=feed.url(RSS), rel="self", type=RSS_TYPE)
    generator.link(href=feed.page, rel="alternate")
    generator.description(feed.description)
    generator.lastBuildDate(feed.updated)
    generator.docs("https://www.rssboard.org/rss-specification")
    generator.ttl(_TTL_MIN)
    for item in feed.items:
        _add(generator, feed, item, in_atom=False)
    return bytes(generator.rss_str())


def atom(feed: Feed) -> bytes:
    """The feed as Atom 1.0."""
    generator = _generator(feed)
    generator.link(href=feed.url(ATOM), rel="self", type=ATOM_TYPE)
    generator.link(href=feed.page, rel="alternate", type="text/html")
    generator.subtitle(feed.description)
    generator.author(name="hrwatch")
    for item in feed.items:
        _add(generator, feed, item, in_atom=True)
    return bytes(generator.atom_str())


def _generator(feed: Feed) -> FeedGenerator:
    generator = FeedGenerator()
    generator.load_extension("dc")
    generator.id(feed.url(ATOM))
    generator.title(feed.title)
    generator.updated(feed.updated)
    generator.language(feed.language)
    generator.generator(GENERATOR)
    return generator


def _add(generator: FeedGenerator, feed: Feed, item: FeedItem, *, in_atom: bool) -> None:
    entry = generator.add_entry(order="append")
    entry.guid(item.guid, permalink=False)
    entry.id(item.guid)
    entry.title(item.title)
    entry.link(href=item.url, rel="alternate")
    # Readers take RSS's description for HTML, whatever is in it: a "<" of the text must arrive as "&lt;".
    entry.summary(item.summary if in_atom else _as_html(item.summary), type="text")
    entry.content(item.content, type="html" if in_atom else "CDATA")
    entry.published(item.published)
    entry.updated(item.updated)
    entry.dc.dc_source(item.publisher)
    if in_atom:
        entry.author(name=item.publisher)
    else:
        entry.dc.dc_creator(item.publisher)
        entry.source(url=item.url, title=item.publisher)
    for category in item.categories:
        entry.category(term=category.term, scheme=feed.scheme(category.scheme), label=category.label)


def _as_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
