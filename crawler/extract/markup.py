"""The article's HTML made safe to show, and the files it offers. Addresses are made absolute here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

import nh3
from lxml import etree

from crawler.extract.document import Block, Document, Element
from crawler.model import Attachment

MAX_HTML = 1_000_000  # longer cleaned HTML is left out: no feed reader would take it
MAX_ATTACHMENTS = 100

# a file offered for download, by its address
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|wps|et|ofd|ceb|rtf|zip|rar|7z|csv)$", re.I)
_TAGS = {
    "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "div", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption",
    "thead", "tbody", "tfoot", "tr", "th", "td", "blockquote", "pre", "strong", "b", "em", "i", "u", "sub", "sup", "a",
    "img", "figure", "figcaption", "section",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_SCHEMES = {"http", "https"}
_EMPTY = re.compile(r"<(p|div|section|li|h[1-6])>(?:\s|&nbsp;|<br>)*</\1>")
_ONE = re.compile(r"^\s*[01]\s*(?:px)?\s*$")
# counters and beacons: hm.gif?, /count.php, piwik
_TRACKER = re.compile(r"hm\.baidu|cnzz|piwik|matomo|google-analytics|/count(?:er)?\b|tongji|beacon|pixel", re.I)


def clean_html(document: Document, box: int, kept: Iterable[Block], base: str) -> str | None:
    """The box as HTML safe to show, without what is not among the `kept` blocks; None where it is too long or empty.

    Cuts into the document's tree: nothing may read the tree afterwards.
    """
    _drop_others(document, box, kept)
    element = document.boxes[box].element
    for link in element.iter("a", "img"):
        name = "href" if link.tag == "a" else "src"
        address = link.get(name)
        if link.tag == "img":
            address = _image_address(link)
        if address is None:
            continue
        absolute = absolute_url(base, address)
        if absolute is None:
            _forget(link, name)
        else:
            link.set(name, absolute)
    raw = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    if len(raw) > MAX_HTML * 4:
        return None
    html = nh3.clean(raw, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="nofollow noopener")
    html = re.sub(r"<img(?![^>]*\ssrc=)[^>]*>", "", html)
    html = _EMPTY.sub("", html).strip()
    return html if html and len(html) <= MAX_HTML else None


def _drop_others(document: Document, box: int, kept: Iterable[Block]) -> None:
    """Take out of the tree each outermost element none of whose lines is kept."""
    boxes, blocks = document.boxes, document.blocks
    top = boxes[box]
    keeping = {id(block) for block in kept}
    flags = [0]
    for block in blocks[top.first : top.last]:
        flags.append(flags[-1] + (id(block) in keeping))
    number = box + 1
    while number < len(boxes) and boxes[number].first < top.last:
        inner = boxes[number]
        if inner.last <= inner.first or flags[inner.last - top.first] > flags[inner.first - top.first]:
            number += 1
            continue
        _drop(inner.element)
        last = inner.last
        number += 1
        while number < len(boxes) and boxes[number].last <= last and boxes[number].first < last:
            number += 1


def _drop(element: Element) -> None:
    """Remove an element but not the text after it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        previous = element.getprevious()
        if previous is not None:
            previous.tail = (previous.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _forget(element: Element, name: str) -> None:
    if name in element.attrib:
        del element.attrib[name]


def _image_address(image: Element) -> str | None:
    """Where the picture is; None for one that shows nothing, which is left without an address."""
    if _ONE.match(image.get("width") or "2") or _ONE.match(image.get("height") or "2"):
        _forget(image, "src")
        return None
    address = image.get("src")
    if not address or address.lstrip().lower().startswith("data:"):
        address = image.get("data-src") or image.get("data-original") or image.get("original-src")
    if not address or _TRACKER.search(address):
        _forget(image, "src")
        return None
    return address


def absolute_url(base: str, address: str) -> str | None:
    """`address` as an absolute http(s) URL, or None where it is none."""
    try:
        url = urljoin(base, address.strip())
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in _SCHEMES and parts.netloc else None


def find_attachments(document: Document, first: int, last: int, base: str) -> tuple[Attachment, ...]:
    """Files offered between blocks `first` and `last`, and documents shown in frames, in order, each once."""
    found: dict[str, str] = {}
    for link in document.root.iter("a"):
        address = link.get("href")
        if not address or not _is_file(address):
            continue
        place = _place(document, link)
        if place is None or not first <= place <= last:
            continue
        url = absolute_url(base, address)
        if url is not None:
            name = " ".join("".join(map(str, link.itertext())).split()) or link.get("title") or _file_name(url)
            found.setdefault(url, name[:200])
    for address, title in document.frames:
        # /pdfjs/web/viewer.html?file=/upload/a.pdf
        inner = re.search(r"[?&]file=([^&]+)", address)
        if _is_file(address) or (inner is not None and _is_file(inner[1])):
            url = absolute_url(base, inner[1] if inner is not None else address)
            if url is not None:
                found.setdefault(url, title or _file_name(url))
    return tuple(Attachment(url=url, name=name) for url, name in list(found.items())[:MAX_ATTACHMENTS])


def _is_file(address: str) -> bool:
    return _FILE.search(address.split("?", 1)[0].split("#", 1)[0].strip()) is not None


def _file_name(url: str) -> str:
    return urlsplit(url).path.rsplit("/", 1)[-1]


def _place(document: Document, element: Element) -> int | None:
    """Number of the first block of the box that an element stands in."""
    node: Element | None = element
    while node is not None:
        number = document.numbers.get(node)
        if number is not None:
            return document.boxes[number].first
        node = node.getparent()
    return None
