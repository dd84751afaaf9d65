"""The article's HTML made safe to show, and the files it offers. Addresses are made absolute here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate
from urllib.parse import quote, urljoin, urlsplit

import nh3
from lxml import etree

from crawler.extract.document import BLOCK_TAGS, Block, Document, Element
from crawler.extract.files import framed_file, is_file, is_offered
from crawler.model import Attachment

MAX_HTML = 1_000_000  # longer cleaned HTML is left out: no feed reader would take it
MAX_ATTACHMENTS = 100

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
_ADDRESSES = {"a": "href", "img": "src"}
_VOID = frozenset(("br", "hr", "img"))
_MAX_DEPTH = 200  # tags nested deeper lose their markup, not their text; real articles stay under 40
_URL_MARKS = "\"#$%&+,/:;<=>?@[\\]^`{|}-_.!~*'()"  # what stands in an address as it is
_SCHEMES = {"http", "https"}
_EMPTY = re.compile(r"<(p|div|section|li|h[1-6])>(?:\s|&nbsp;|<br>)*</\1>")
_ONE = re.compile(r"^\s*[01]\s*(?:px)?\s*$")
# counters and beacons: hm.gif?, /count.php, piwik
_TRACKER = re.compile(r"hm\.baidu|cnzz|piwik|matomo|google-analytics|/count(?:er)?\b|tongji|beacon|pixel", re.I)


def clean_html(document: Document, box: int, kept: Iterable[Block], base: str) -> str | None:
    """The box as HTML safe to show, without what is not among the `kept` blocks; None where it is too long or empty."""
    raw = _markup(document, box, kept, base)
    if len(raw) > MAX_HTML * 2:
        return None
    html = nh3.clean(raw, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="nofollow noopener")
    html = _EMPTY.sub("", html).strip()
    return html if html and len(html) <= MAX_HTML else None


def _markup(document: Document, box: int, kept: Iterable[Block], base: str) -> str:
    """The box's markup with allowed tags only: a tenth of what word processors leave, and so a tenth of nh3's work.

    The tree stays whole: lxml frees what was cut out of one in quadratic time.
    """
    boxes = document.boxes
    dropped = _dropped(document, box, kept)
    number = box
    closing: list[str] = []
    pieces: list[str] = []
    walk = etree.iterwalk(boxes[box].element, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            pieces.append(closing.pop())
            text = element.tail if closing else None  # what follows the box itself is not its own
        else:
            tag = element.tag
            end = ""
            if tag in BLOCK_TAGS:
                here, number = number, number + 1
                if here >= len(boxes) or here in dropped:
                    while number < len(boxes) and boxes[number].parent >= here:
                        number += 1
                    closing.append("")
                    walk.skip_subtree()
                    continue
            if tag in _TAGS and len(closing) <= _MAX_DEPTH:
                end = "" if tag in _VOID else f"</{tag}>"
                pieces.append(_opening(element, tag, base) if tag in _ATTRIBUTES else f"<{tag}>")
            closing.append(end)
            text = element.text
        if text:
            pieces.append(_escaped(text))
    return "".join(pieces)


def _opening(element: Element, tag: str, base: str) -> str:
    """The opening tag with what may stand in it, addresses made absolute; nothing for a picture without address."""
    said = {name: value for name in sorted(_ATTRIBUTES[tag]) if (value := element.get(name)) is not None}
    if tag in _ADDRESSES:
        name = _ADDRESSES[tag]
        address = _image_address(element) if tag == "img" else said.get(name)
        address = absolute_url(base, address) if address is not None else None
        if address is not None:
            said[name] = _quoted(address)
        elif tag == "img":
            return ""
        else:
            said.pop(name, None)
    attributes = [f' {name}="{_escaped(value, is_quoted=True)}"' for name, value in said.items()]
    return f"<{tag}{''.join(attributes)}>"


def _escaped(text: str, *, is_quoted: bool = False) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;") if is_quoted else text


def _quoted(address: str) -> str:
    """`address` with blanks and Chinese characters as %20 and the like, which feed readers ask for."""
    return quote(address, safe=_URL_MARKS) if " " in address or not address.isascii() else address


def _dropped(document: Document, box: int, kept: Iterable[Block]) -> set[int]:
    """Numbers of the boxes within `box` that have lines, none of them kept."""
    boxes, top = document.boxes, document.boxes[box]
    keeping = {id(block) for block in kept}
    before = [0, *accumulate(id(block) in keeping for block in document.blocks[top.first : top.last])]
    dropped: set[int] = set()
    for number in range(box + 1, len(boxes)):
        inner = boxes[number]
        if inner.parent < box:
            break
        if inner.last > inner.first and before[inner.last - top.first] == before[inner.first - top.first]:
            dropped.add(number)
    return dropped


def _image_address(image: Element) -> str | None:
    """Where the picture is; None for one that shows nothing."""
    if _ONE.match(image.get("width") or "2") or _ONE.match(image.get("height") or "2"):
        return None
    address = image.get("src")
    if not address or address.lstrip()[:5].lower() == "data:":
        address = image.get("data-src") or image.get("data-original") or image.get("original-src")
    return None if not address or _TRACKER.search(address) else address


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
        if not address or not (is_file(address) or _says_file(link, address)):
            continue
        place = _place(document, link)
        if place is None or not first <= place <= last:
            continue
        url = absolute_url(base, address)
        if url is not None:
            found.setdefault(url, (_text_of(link) or link.get("title") or _file_name(url))[:200])
            if len(found) >= MAX_ATTACHMENTS:
                break
    for address, title in document.frames:
        shown = framed_file(base, address)
        if shown is not None:
            found.setdefault(shown, title or _file_name(shown))
    return tuple(Attachment(url=url, name=name) for url, name in list(found.items())[:MAX_ATTACHMENTS])


def _says_file(link: Element, address: str) -> bool:
    """True where the link's words offer a file: `附件1.xlsx`. Most links are done with at the first look."""
    said = link.text or ""
    if not said.strip():
        said = _text_of(link) if len(link) else ""
    return ("." in said or "附" in said) and is_offered(address, said.strip())


def _text_of(element: Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


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
