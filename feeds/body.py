"""A story's body as HTML that is safe to show anywhere: cleaned again at this edge, whatever the archive holds."""

from __future__ import annotations

import html
import ipaddress
import re
from urllib.parse import urlsplit

import lxml.html
import nh3
from lxml import etree

from archive.records import StoryRecord
from crawler.text.harmless import harmless
from feeds.text import web_url

_TAGS = {
    *("p", "div", "br", "hr", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code"),
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
    "button",
    "select",
    "textarea",
    "video",
    "audio",
    "canvas",
    "noscript",
    "template",
    "svg",
    "math",
    "title",
}

# An image no larger than this, in pixels, shows nothing; it counts readers.
_PIXEL = 3

# style="display: none", style="width:1px;height:1px": what CSS hides, and with the CSS gone would show.
_HIDING_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_TINY_STYLE = re.compile(rf"(?<![-\w])(?:width|height)\s*:\s*[0-{_PIXEL}](?:px)?\s*(?:;|!|$)", re.IGNORECASE)

# Worth taking the document apart for, which costs as much as the cleaning.
_HAS_HIDDEN = re.compile(r"<img|\bhidden\b|display\s*:", re.IGNORECASE)

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
    """`source` with nothing but harmless tags; links made absolute against `base`, what is not to be seen dropped."""
    text = harmless(source)
    if _HAS_HIDDEN.search(text):
        text = _without_hidden(text)
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
    return harmless(cleaned).strip()


def paragraphs(body: str) -> str:
    """A plain body, one paragraph a line, as escaped HTML; what is beyond BODY_LENGTH is left out, with "…"."""
    text = harmless(body[:BODY_LENGTH])
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


def _without_hidden(text: str) -> str:
    try:
        root = lxml.html.fragment_fromstring(text, create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return text
    for element in root.xpath(".//*[@hidden or @style]"):
        if element.get("hidden") is not None or _HIDING_STYLE.search(element.get("style", "")):
            element.drop_tree()
    for image in root.findall(".//img"):
        if not _is_shown(image.get("src"), image.get("width"), image.get("height"), image.get("style", "")):
            image.drop_tree()
    parts = (str(lxml.html.tostring(child, encoding="unicode")) for child in root)
    return html.escape(root.text or "", quote=False) + "".join(parts)


def _is_shown(src: str | None, width: str | None, height: str | None, style: str) -> bool:
    return (
        src is not None and _is_public(src) and not (_is_tiny(width) or _is_tiny(height) or _TINY_STYLE.search(style))
    )


def _is_public(src: str) -> bool:
    """False for an image that is no file on the web, or that would make readers ask their own network."""
    address = src.strip().replace("\\", "/")  # as browsers read it
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    if not address or parts.scheme.lower() not in ("", "http", "https"):
        return False
    if not host:
        return not parts.scheme and not address.startswith("//")  # http:/10.0.0.1/, ///10.0.0.1/
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:  # a name, not a number
        last = host.rpartition(".")[2].lower()
        # browsers take 2130706433 and 0x7f.1 for 127.0.0.1, and "router" is a neighbour
        return "." in host and not last[:1].isdigit() and last not in ("localhost", "local", "internal")


def _is_tiny(length: str | None) -> bool:
    number = (length or "").strip().removesuffix("px")
    return number.isdecimal() and int(number[:9]) <= _PIXEL
