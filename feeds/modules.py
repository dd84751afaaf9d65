"""What RSS and Atom take from other vocabularies and feedgen does not write: RFC 5005's pages, a hub, the date of a
change in RSS, and a word to a person who opens the feed in a browser.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from crawler.language import _
from feeds.feed import ATOM_TYPE, INDEX_HTML, RSS, RSS_TYPE, Feed

ATOM_NAMESPACE = "http://www.w3.org/2005/Atom"
HISTORY_NAMESPACE = "http://purl.org/syndication/history/1.0"
XHTML_NAMESPACE = "http://www.w3.org/1999/xhtml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What a document says of itself beside its items. Links are (rel, href, media type)."""

    links: tuple[tuple[str, str, str | None], ...]
    is_archive: bool
    page: str  # the web page with the same stories


def announced(feed: Feed, ending: str) -> Announced:
    """The announcements of `feed` in the format of `ending`. Only the document that is subscribed to has a hub."""
    kind = RSS_TYPE if ending == RSS else ATOM_TYPE
    links: list[tuple[str, str, str | None]] = []
    if feed.hub is not None and not feed.is_archive:
        links.append(("hub", feed.hub, None))
    if feed.is_archive:
        links.append(("current", feed.current_url(ending), kind))
    for rel, page in (("prev-archive", feed.prev_archive), ("next-archive", feed.next_archive)):
        if page is not None:
            links.append((rel, feed.archive_url(page, ending), kind))
    return Announced(links=tuple(links), is_archive=feed.is_archive, page=feed.page)


class FeedModules(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """The elements of a feed's head."""

    def __init__(self) -> None:
        self._said: Announced | None = None

    def announce(self, said: Announced) -> None:
        """Set what is written."""
        self._said = said

    def extend_ns(self) -> dict[str, str]:
        """The prefix of RFC 5005, where it is used."""
        return {"fh": HISTORY_NAMESPACE} if self._said is not None and self._said.is_archive else {}

    def extend_atom(self, feed: Any) -> Any:
        """Add to <feed>."""
        # feedgen's elements are in no namespace; it writes xmlns as an attribute
        self._extend(feed, "link")
        return feed

    def extend_rss(self, feed: Any) -> Any:
        """Add to <channel>."""
        self._extend(feed[0], f"{{{ATOM_NAMESPACE}}}link")
        return feed

    def _extend(self, head: Any, link: str) -> None:
        if self._said is None:
            return
        for rel, href, kind in self._said.links:
            element = etree.SubElement(head, link, rel=rel, href=href)
            if kind is not None:
                element.set("type", kind)
        if self._said.is_archive:
            etree.SubElement(head, f"{{{HISTORY_NAMESPACE}}}archive")
        head.append(_greeting(self._said.page))


class EntryModules(BaseEntryExtension):  # type: ignore[misc]
    """The elements of an item."""

    def __init__(self) -> None:
        self._changed: datetime | None = None

    def date_change(self, moment: datetime) -> None:
        """Set when the item last changed, which RSS has no element for."""
        self._changed = moment

    def extend_rss(self, entry: Any) -> Any:
        """Add to <item>."""
        if self._changed is not None:
            etree.SubElement(entry, f"{{{ATOM_NAMESPACE}}}updated").text = self._changed.isoformat()
        return entry


def _greeting(page: str) -> Any:
    """Links that a browser shows even where it knows only CSS: elements of XHTML, which readers of feeds pass by."""
    box = etree.Element(f"{{{XHTML_NAMESPACE}}}div", nsmap={None: XHTML_NAMESPACE})  # type: ignore[dict-item]
    for href, text in ((page, _("Read the stories here")), (INDEX_HTML, _("All feeds"))):
        line = etree.SubElement(box, f"{{{XHTML_NAMESPACE}}}p")
        etree.SubElement(line, f"{{{XHTML_NAMESPACE}}}a", href=href).text = text
    return box
