"""All feeds as one OPML 2.0 file, which readers import: one outline a group."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from crawler.language import _
from feeds.feed import RSS, Feed
from feeds.text import xml_text


def opml(groups: Sequence[tuple[str, Sequence[Feed]]]) -> bytes:
    """The groups as (title, feeds), in their order; a group without feeds is left out."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = _("Human-resources cooperation between regions")
    body = etree.SubElement(root, "body")
    for title, feeds in groups:
        if not feeds:
            continue
        outline = etree.SubElement(body, "outline", text=xml_text(title), title=xml_text(title))
        for feed in feeds:
            name = xml_text(feed.title)
            etree.SubElement(
                outline, "outline", type="rss", text=name, title=name, xmlUrl=feed.url(RSS), htmlUrl=feed.page
            )
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))
