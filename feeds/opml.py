"""All feeds as one OPML 2.0 file, which readers import: one outline a group."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from crawler.language import _
from crawler.text.harmless import harmless
from feeds.feed import RSS, Feed


def opml(groups: Sequence[tuple[str, Sequence[Feed]]]) -> bytes:
    """The groups as (title, feeds), in their order; a group without feeds is left out."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = _("Human-resources cooperation between regions")
    body = etree.SubElement(root, "body")
    for title, feeds in groups:
        if not feeds:
            continue
        outline = _outline(body, title)
        for feed in feeds:
            of_feed = _outline(outline, feed.title)
            of_feed.attrib.update({"type": "rss", "xmlUrl": feed.url(RSS), "htmlUrl": feed.page})
    if not len(body):  # the standard asks for one outline at least
        _outline(body, _("Nothing has been published yet"))
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _outline(parent: etree._Element, text: str) -> etree._Element:
    name = harmless(text).strip() or "-"
    return etree.SubElement(parent, "outline", text=name, title=name)
