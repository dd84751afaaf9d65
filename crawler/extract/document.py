"""A page as a reader meets it: one parse, one walk, a flat run of text blocks and the boxes they stand in.

Everything else in this room works on that run; nothing walks the tree again but the cleaning of the chosen box.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

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
_BLOCK_NAMES = """
address article aside blockquote body caption center col dd details dialog dir div dl dt fieldset figcaption figure
footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody td
tfoot th thead time tr ul ucapcontent ucaptitle ucapsource founder-content founder-title
"""
_BLOCK = frozenset(_BLOCK_NAMES.split())
_SPACE = re.compile(r"\s+")
# style="display: none"
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
# WeChat: `var ct = "1649382788";`; others: `var publishTime = '2022-04-08 09:53'`
_SCRIPT_TIME = re.compile(
    r"""\bvar\s+(?:ct|publish_?time|pub_?time|pub_?date|createTime)\s*=\s*["'](\d{10}|\d{13}|20\d\d-\d\d[^"']{3,20})["']""",
    re.I,
)


@dataclass(slots=True)
class Block:
    """One line of visible text. `linked` counts its characters inside links; `box` is where it stands."""

    text: str
    linked: int
    box: int
    row: int  # number of the table row it stands in, 0 outside tables
    cell: int  # number of the table cell it stands in
    is_hidden: bool


@dataclass(slots=True)
class Box:
    """A block-level element with what was summed up beneath it: blocks `first` to `last` (exclusive)."""

    element: Element
    tag: str
    parent: int
    first: int
    last: int = 0
    hint: str = ""  # class and id, lower case
    value: float = 0.0
    is_hidden: bool = False


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
    numbers: dict[Element, int] = field(default_factory=dict)  # box number by element

    def text_of(self, box: Box) -> str:
        """The visible lines of a box."""
        return "\n".join(block.text for block in self.blocks[box.first : box.last])


def parse_document(text: str) -> Document | None:
    """The document of a page's text, or None where there is no markup at all."""
    data = text[:MAX_BYTES].replace("\x00", "").encode("utf-8", "replace")
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, recover=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None
    if root is None:
        return None
    json_ld = tuple(
        script.text for script in root.iter("script") if script.text and "ld+json" in (script.get("type") or "")
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
    _Walk(document).run(root if body is None else body)
    return document


class _Walk:
    """The one pass over the tree. State lives here so that each step stays small."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.buffer: list[str] = []
        self.linked = 0
        self.link_depth = 0
        self.rows: list[int] = [0]
        self.row_count = 0
        self.cell = 0
        self.stack: list[int] = []

    def run(self, top: Element) -> None:
        etree.strip_elements(top, *_SKIPPED, with_tail=False)
        self._open(top, "body")
        self._say(top.text)
        walk = etree.iterwalk(top, events=("start", "end"))
        next(walk)
        for event, element in walk:
            tag = element.tag
            if event == "start":
                self._start(element, tag)
                if len(self.document.blocks) > MAX_BLOCKS:
                    break
            elif element is not top:
                self._end(element, tag)
        self._flush()
        while self.stack:
            self._close()

    def _start(self, element: Element, tag: str) -> None:
        if tag in _BLOCK:
            self._flush()
            self._open(element, tag)
            if tag == "tr":
                self.row_count += 1
                self.rows.append(self.row_count)
            elif tag in ("td", "th"):
                self.cell = len(self.document.boxes)
        elif tag == "br":
            self._flush()
        elif tag == "a":
            self.link_depth += 1
        if element.text:
            self._say(element.text)

    def _end(self, element: Element, tag: str) -> None:
        if tag in _BLOCK:
            self._flush()
            self._close()
            if tag == "tr":
                self.rows.pop()
        elif tag == "a":
            self.link_depth -= 1
        if element.tail:
            self._say(element.tail)

    def _say(self, text: str | None) -> None:
        if not text:
            return
        self.buffer.append(text)
        if self.link_depth:
            self.linked += len(text.strip())

    def _flush(self) -> None:
        if not self.buffer:
            return
        text = _SPACE.sub(" ", "".join(self.buffer)).strip()
        self.buffer.clear()
        if text:
            box = self.stack[-1]
            self.document.blocks.append(
                Block(
                    text=text,
                    linked=min(self.linked, len(text)),
                    box=box,
                    row=self.rows[-1],
                    cell=self.cell,
                    is_hidden=self.document.boxes[box].is_hidden,
                )
            )
        self.linked = 0

    def _open(self, element: Element, tag: str) -> None:
        boxes = self.document.boxes
        parent = self.stack[-1] if self.stack else -1
        get = element.get
        hint = f"{get('class') or ''} {get('id') or ''}".lower() if element.attrib else ""
        style = get("style")
        hidden = (parent >= 0 and boxes[parent].is_hidden) or (
            style is not None and _HIDDEN_STYLE.search(style) is not None
        )
        self.stack.append(len(boxes))
        self.document.numbers[element] = len(boxes)
        boxes.append(
            Box(
                element=element,
                tag=tag,
                parent=parent,
                first=len(self.document.blocks),
                hint=hint,
                is_hidden=hidden,
            )
        )

    def _close(self) -> None:
        self.document.boxes[self.stack.pop()].last = len(self.document.blocks)
