"""A page as a reader meets it: one parse, one walk, a flat run of text blocks and the boxes they stand in.

Everything else in this room works on that run; nothing walks the tree again but the cleaning of the chosen box.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from crawler.extract.boilerplate import is_furniture
from crawler.extract.written import write_out

Element = etree._Element

MAX_BYTES = 8_000_000  # a larger page is cut; the largest real article pages seen are under 1 MB
MAX_BLOCKS = 40_000  # text beyond this many lines is not read: bounds the work on hostile pages

_SKIPPED = (
    "script",
    "style",
    "noscript",
    "template",
    "select",
    "option",
    "textarea",
    "button",
    "input",
    "iframe",
    "object",
    "embed",
    "svg",
    "canvas",
    "map",
    "area",
    "audio",
    "video",
    "link",
    "base",
    "head",
)
_BLOCKS = """
address article aside blockquote body caption center col dd details dialog dir div dl dt fieldset figcaption figure
footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody td
tfoot th thead time tr ul ucapcontent ucaptitle ucapsource founder-content founder-title
"""
BLOCK_TAGS = frozenset(_BLOCKS.split())
_PARTING = BLOCK_TAGS | {"br"}  # what ends a line
_CELLS = frozenset(("td", "th"))
# style="display: none"
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
# WeChat: `var ct = "1649382788";`; others: `var publishTime = '2022-04-08 09:53'`
_SCRIPT_TIME = re.compile(
    r"""var\s+(?i:ct|publish_?time|pub_?time|pub_?date|createTime)\s*=\s*["'](\d{10}|\d{13}|20\d\d-\d\d[^"']{3,20})["']"""
)
# A tag with a thousand attributes: libxml2 takes quadratic time over them, minutes for 200,000. Real tags have under
# 60, but a script such as `for (i=0;i<n;i++) …` may look like one. Possessive, so that it never goes back.
_ENDLESS_TAG = re.compile(
    r"""<[A-Za-z][^\s<>/]{0,100}"""
    r"""(?:[\s/]++[^\s/>=]{1,200}+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']{0,300}+))?+){1000}"""
)
_SCRIPT_EDGE = re.compile(r"<(/?)(script|style)\b", re.I)


@dataclass(slots=True)
class Block:
    """One line of visible text. `linked` counts its characters inside links; `box` is where it stands."""

    text: str
    linked: int
    box: int
    row: int  # number of the table row it stands in, 0 outside tables
    cell: int  # number of the table cell it stands in
    is_hidden: bool
    value: float = 0.0  # what it says for its box being the article
    _is_furniture: bool | None = None

    @property
    def is_furniture(self) -> bool:
        """Whether the line stands around articles and belongs to none; judged once."""
        if self._is_furniture is None:
            self._is_furniture = is_furniture(self.text)
        return self._is_furniture


@dataclass(slots=True)
class Box:
    """A block-level element with what was summed up beneath it: blocks `first` to `last` (exclusive)."""

    element: Element
    tag: str
    parent: int
    first: int
    is_hidden: bool
    last: int = 0
    value: float = 0.0

    @property
    def hint(self) -> str:
        """Class and id, lower case."""
        get = self.element.get
        return f"{get('class') or ''} {get('id') or ''}".lower().strip()


@dataclass(slots=True)
class Document:
    """The parsed page: `root` for selectors and metadata, `blocks` and `boxes` for everything read from text."""

    root: Element
    blocks: list[Block] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    scripts: tuple[str, ...] = ()  # JSON-LD only
    frames: tuple[tuple[str, str], ...] = ()  # (address, title) of iframes and embedded objects
    base: str | None = None
    script_time: str | None = None  # the time of publication that a script holds
    has_password: bool = False
    _numbers: dict[Element, int] | None = None

    @property
    def numbers(self) -> dict[Element, int]:
        """Box number by element; made when first asked for, since most pages never do."""
        if self._numbers is None:
            self._numbers = {box.element: number for number, box in enumerate(self.boxes)}
        return self._numbers

    def text_of(self, box: Box) -> str:
        """The visible lines of a box."""
        return "\n".join(block.text for block in self.blocks[box.first : box.last])


def parse_document(text: str) -> Document | None:
    """The document of a page's text, or None where there is no markup at all."""
    data = parseable(write_out(text[:MAX_BYTES].replace("\x00", ""))).encode("utf-8", "replace")
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, recover=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None
    if root is None:
        return None
    json_ld = tuple(
        script.text for script in root.iter("script") if "ld+json" in (script.get("type") or "") and script.text
    )
    frames = tuple(
        (address, frame.get("title") or "")
        for frame in root.iter("iframe", "embed", "object")
        if (address := frame.get("src") or frame.get("data"))
    )
    base = next((element.get("href") for element in root.iter("base") if element.get("href")), None)
    has_password = any((field_.get("type") or "").lower() == "password" for field_ in root.iter("input"))
    document = Document(root=root, scripts=json_ld, frames=frames, base=base, has_password=has_password)
    script_time = _SCRIPT_TIME.search(text)
    document.script_time = script_time[1] if script_time is not None else None
    body = root.find("body")
    top = root if body is None else body
    etree.strip_elements(top, *_SKIPPED, with_tail=False)
    _walk(document, top)
    return document


def parseable(text: str) -> str:
    """`text` up to a tag that would keep the parser busy for minutes."""
    if _ENDLESS_TAG.search(text) is None:
        return text
    text = _without_scripts(text)
    endless = _ENDLESS_TAG.search(text)
    return text if endless is None else text[: endless.start()]


def _without_scripts(text: str) -> str:
    """`text` without scripts and styles, in one pass whatever is left open."""
    pieces: list[str] = []
    done, inside = 0, None
    for edge in _SCRIPT_EDGE.finditer(text):
        name = edge[2].lower()
        if inside is None and not edge[1]:
            pieces.append(text[done : edge.start()])
            inside = name
        elif inside == name and edge[1]:
            done, inside = edge.start(), None
    return "".join(pieces) + (text[done:] if inside is None else "")


def _walk(document: Document, top: Element) -> None:
    """The one pass over the tree, in one function: it visits each element twice and is most of what a page costs."""
    blocks, boxes = document.blocks, document.boxes
    stack = [0]
    rows = [0]
    row_count = cell = linked = link_depth = 0
    is_hidden = _is_hidden(top)
    boxes.append(Box(top, "body", -1, 0, is_hidden))
    buffer = [top.text or ""]
    walk = etree.iterwalk(top, events=("start", "end"))
    next(walk)
    for event, element in walk:
        tag = element.tag
        is_start = event == "start"
        if tag in _PARTING:
            if buffer and (is_start or tag != "br"):
                text = " ".join("".join(buffer).split())
                buffer.clear()
                if text:
                    blocks.append(Block(text, min(linked, len(text)), stack[-1], rows[-1], cell, is_hidden))
                    if len(blocks) > MAX_BLOCKS:
                        break
                linked = 0
            if tag == "br":
                pass
            elif is_start:
                is_hidden = is_hidden or _is_hidden(element)
                number = len(boxes)
                boxes.append(Box(element, tag, stack[-1], len(blocks), is_hidden))
                stack.append(number)
                if tag == "tr":
                    row_count += 1
                    rows.append(row_count)
                elif tag in _CELLS:
                    cell = number + 1
            else:
                boxes[stack.pop()].last = len(blocks)
                if not stack:
                    break  # the end of `top` itself
                is_hidden = boxes[stack[-1]].is_hidden
                if tag == "tr":
                    rows.pop()
        elif tag == "a":
            link_depth += 1 if is_start else -1
        said = element.text if is_start else element.tail
        if said:
            buffer.append(said)
            if link_depth:
                linked += len(said.strip())
    if stack and (text := " ".join("".join(buffer).split())):
        blocks.append(Block(text, min(linked, len(text)), stack[-1], rows[-1], cell, is_hidden))
    for number in stack:
        boxes[number].last = len(blocks)


def _is_hidden(element: Element) -> bool:
    style = element.get("style")
    if style is None:
        return False
    lowered = style.lower()  # word processors leave hundreds of characters here: look for the words first
    return ("none" in lowered or "hidden" in lowered) and _HIDDEN_STYLE.search(lowered) is not None
