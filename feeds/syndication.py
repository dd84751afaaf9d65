"""A feed as RSS 2.0 and Atom 1.0, through feedgen.

What feedgen does of itself is set here to what the content says: it would date a feed by the clock, so that its
bytes never repeat; a description must be set before the content, or RSS has no content:encoded.
"""

from __future__ import annotations

import re

from feedgen.feed import FeedGenerator

from feeds.face import with_stylesheet
from feeds.feed import ATOM, ATOM_TYPE, ICON, LARGE_ICON, RSS, RSS_TYPE, Feed
from feeds.item import FeedItem
from feeds.modules import EntryModules, FeedModules, announced

# How long a reader may wait, in minutes: sources are polled hourly at most.
_TTL_MIN = 60

GENERATOR = "hrwatch"

# "<b>", "</b>", "<!--"; "&lt;", "&#60;": what a reader that takes RSS's titles for HTML, as many do, would obey. A sign
# of comparison (比值<5) is none.
_TAG_LIKE = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY_LIKE = re.compile(r"&(?=#?[A-Za-z0-9]+;)")


def rss(feed: Feed) -> bytes:
    """The feed as RSS 2.0 with content:encoded, dc, atom:link and the marks of RFC 5005."""
    generator = _generator(feed, RSS)
    generator.link(href=feed.url(RSS), rel="self", type=RSS_TYPE)
    generator.link(href=feed.page, rel="alternate")
    generator.description(feed.description)
    generator.lastBuildDate(feed.updated)
    generator.docs("https://www.rssboard.org/rss-specification")
    generator.ttl(_TTL_MIN)
    generator.image(url=feed.file_url(ICON), title=feed.title, link=feed.page)
    for item in feed.items:
        _add(generator, feed, item, in_atom=False)
    return with_stylesheet(bytes(generator.rss_str()))


def atom(feed: Feed) -> bytes:
    """The feed as Atom 1.0 with the marks of RFC 5005."""
    generator = _generator(feed, ATOM)
    generator.link(href=feed.url(ATOM), rel="self", type=ATOM_TYPE)
    generator.link(href=feed.page, rel="alternate", type="text/html")
    generator.subtitle(feed.description)
    generator.author(name="hrwatch")
    generator.icon(feed.file_url(LARGE_ICON))
    for item in feed.items:
        _add(generator, feed, item, in_atom=True)
    return with_stylesheet(bytes(generator.atom_str()))


def _generator(feed: Feed, ending: str) -> FeedGenerator:
    generator = FeedGenerator()
    generator.load_extension("dc")
    generator.register_extension("modules", FeedModules, EntryModules)
    generator.modules.announce(announced(feed, ending))
    generator.id(feed.current_url(ATOM))  # RFC 5005: all pages are of one feed
    generator.title(feed.title)
    generator.updated(feed.updated)
    generator.language(feed.language)
    generator.generator(GENERATOR)
    return generator


def _add(generator: FeedGenerator, feed: Feed, item: FeedItem, *, in_atom: bool) -> None:
    entry = generator.add_entry(order="append")
    entry.guid(item.guid, permalink=False)
    entry.id(item.guid)
    entry.title(item.title if in_atom else _without_markup(item.title))
    entry.link(href=item.url, rel="alternate")
    # Readers take RSS's description for HTML, whatever is in it: a "<" of the text must arrive as "&lt;".
    entry.summary(item.summary if in_atom else _as_html(item.summary), type="text")
    entry.content(item.content, type="html" if in_atom else "CDATA")
    entry.published(item.published)
    entry.updated(item.updated)
    entry.dc.dc_source(item.publisher)
    if in_atom:
        # No atom:source: that is for entries copied from another Atom feed.
        entry.author(name=item.publisher)
    else:
        entry.dc.dc_creator(item.publisher)
        entry.source(url=item.url, title=item.publisher)
        entry.modules.date_change(item.updated)
    for category in item.categories:
        entry.category(term=category.term, scheme=feed.scheme(category.scheme), label=category.label)


def _without_markup(title: str) -> str:
    """A title that reads the same as text and as HTML: RSS does not say which it is."""
    return _ENTITY_LIKE.sub("＆", _TAG_LIKE.sub("＜", title))


def _as_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
