"""A story's body as HTML that is safe to show anywhere: cleaned again at this edge, whatever the archive holds."""

from __future__ import annotations

import html
import re

import lxml.html
import nh3
from lxml import etree

from archive.records import StoryRecord
from feeds.text import web_url, xml_text

_TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code"),
    *("strong", "b", "em", "i", "u", "s", "sub", "sup", "ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "a", "img", "figure", "figcaption"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
# Tags whose text is not for reading: it goes with them.
_DROPPED_WHOLE = {
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "form",
    "noscript",
    "template",
    "svg",
    "math",
    "title",
}

# An image no larger than this, in pixels, shows nothing; it counts readers.
_PIXEL = 3

# Longer than any article: the largest notices with tables run to 150,000 characters. More is shown as bounded text.
HTML_LENGTH = 400_000
BODY_LENGTH = 60_000

# Deeper than any article's tables. Cleaning takes time in the square of the depth: 1 s at 20,000, 127 s at 200,000.
_DEPTH = 200

# "<div", "</table": tags that nest. Those that HTML closes by itself (p, li, td, …) or that hold nothing do not count.
_NESTING = re.compile(
    r"<(/?)(?!(?:p|li|td|th|tr|dd|dt|tbody|thead|tfoot|option|br|hr|img|input|meta|link|col|wbr)\b)[a-z]", re.IGNORECASE
)


def body_html(story: StoryRecord) -> str:
    """The body as cleaned HTML; paragraphs made of the plain body where there is none, "" where there is no body."""
    if story.body_html and len(story.body_html) <= HTML_LENGTH and not _is_too_deep(story.body_html):
        cleaned = clean_html(story.body_html, base=story.url)
        if cleaned:
            return cleaned
    return paragraphs(story.body)


def clean_html(source: str, *, base: str) -> str:
    """`source` with nothing but harmless tags; links made absolute against `base`, invisible images dropped."""
    text = xml_text(source)
    if "<img" in text.lower():
        text = _without_pixels(text)
    address = web_url(base)
    try:
        cleaned = nh3.clean(
            text,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            clean_content_tags=_DROPPED_WHOLE,
            url_schemes={"http", "https"},
            url_relative=("rewrite_with_base", address) if address else "deny",
            link_rel="noopener noreferrer nofollow",
        )
    except ValueError:  # the base is no URL to the parser's taste: the body is worth more than its relative links
        return clean_html(source, base="") if address else ""
    return xml_text(cleaned).strip()


def paragraphs(body: str) -> str:
    """A plain body, one paragraph a line, as escaped HTML; what is beyond BODY_LENGTH is left out, with "…"."""
    text = xml_text(body[:BODY_LENGTH])
    lines = [line.strip() for line in text.split("\n")]
    shown = [f"<p>{html.escape(line, quote=False)}</p>" for line in lines if line]
    if len(body) > BODY_LENGTH:
        shown.append("<p>…</p>")
    return "\n".join(shown)


def _is_too_deep(source: str) -> bool:
    depth = 0
    for tag in _NESTING.finditer(source):
        depth += -1 if tag[1] else 1
        if depth > _DEPTH:
            return True
        depth = max(depth, 0)
    return False


def _without_pixels(text: str) -> str:
    try:
        root = lxml.html.fragment_fromstring(text, create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return text
    for image in root.findall(".//img"):
        if not image.get("src") or _is_tiny(image.get("width")) or _is_tiny(image.get("height")):
            image.drop_tree()
    return str(lxml.html.tostring(root, encoding="unicode"))


def _is_tiny(length: str | None) -> bool:
    number = (length or "").strip().removesuffix("px")
    return number.isdecimal() and int(number[:9]) <= _PIXEL
