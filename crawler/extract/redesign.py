"""A list that was redesigned: where its known rows stand on the new page, and the CSS selector that reads them there.

Pure. Where no known row is left on the page, the repeated block of dated headlines is taken instead.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin

from lxml.html import HtmlElement

from crawler.extract.rows import CUT, Row, dated_rows, rows_around, rows_of
from crawler.text.urls import url_key

# Punctuation, spaces and marks that a redesign adds to a headline or takes away
_NOT_WORD = re.compile(r"\W+")
# "news-list", "tab_item": names a stylesheet uses; "li-20261105", "post:12" are made by a program for one row
_NAME = re.compile(r"[A-Za-z_][A-Za-z_-]*\d{0,2}(?:[A-Za-z_-]+\d{0,2})*")
# Classes that say how an element is shown at this moment
_STATE = re.compile(r"^(?:odd|even|first|last|active|on|cur\w*|now|hover|selected|show|hide|hidden|in|fade)$", re.I)
# Headlines that begin alike for so many characters are one: lists cut them.
SAME_START = 12
# A shorter headline is as likely a menu item.
SHORTEST = 6
# How far the selector may climb: ul > li under div#id > div.class is four, real pages need up to six.
MAX_STEPS = 7
# Of what a selector matches, so much must be the rows it was made for.
MIN_PRECISION = 0.8
# Links and elements looked at: a list of 50,000 rows is not read to its end.
MAX_LINKS = 5000
# One or two rows are no list.
MIN_ROWS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRows:
    """A row selector for a new page, the rows it gives, and how many of them were known from the old one."""

    selector: str
    rows: tuple[Row, ...]
    shared: int


def new_rows(tree: HtmlElement, base_url: str, known: Sequence[Row]) -> NewRows | None:
    """The selector that gives the known rows back, or at least a block of dated headlines; None where there is none."""
    for elements in (_known_block(tree, base_url, known), dated_rows(tree)):
        if len(elements) < MIN_ROWS:
            continue
        selector = selector_of(tree, elements)
        if selector is None:
            continue
        rows = rows_of(tree, base_url, selector=selector)
        if len(rows) >= MIN_ROWS:
            return NewRows(selector=selector, rows=rows, shared=shared_rows(rows, known))
    return None


def shared_rows(rows: Sequence[Row], known: Sequence[Row]) -> int:
    """How many rows were known, by address or by headline."""
    known_rows = _Known(known)
    return sum(known_rows.has(row.url, row.title) for row in rows)


class _Known:
    """Rows by what survives a redesign: their addresses, and how their headlines begin."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._urls = {url_key(row.url) for row in rows if row.url is not None}
        self._titles = {start for row in rows if (start := _start(row.title)) is not None}

    def has(self, url: str | None, title: str) -> bool:
        if url is not None and url_key(url) in self._urls:
            return True
        start = _start(title)
        return start is not None and start in self._titles


def _start(title: str) -> str | None:
    words = _NOT_WORD.sub("", CUT.sub("", title))
    return words[:SAME_START] if len(words) >= SHORTEST else None


def _known_block(tree: HtmlElement, base_url: str, known: Sequence[Row]) -> list[HtmlElement]:
    """The rows around known links: of several places that hold them (a carousel, the list) the one that holds most."""
    known_rows = _Known(known)
    links = [link for link in islice(tree.iter("a"), MAX_LINKS) if known_rows.has(*_address_and_title(link, base_url))]
    if not links:
        return []
    blocks: defaultdict[HtmlElement | None, list[HtmlElement]] = defaultdict(list)
    for element in rows_around(tree, links):
        blocks[element.getparent()].append(element)
    wanted = set(links)

    def worth(elements: list[HtmlElement]) -> tuple[int, int]:
        held = sum(any(link in wanted for link in element.iter("a")) for element in elements)
        return held, len(elements)

    best = max(blocks.values(), key=worth)
    # lists are often cut into boxes of five: their like beside them belong to the list
    like = {_step(element) for element in best}
    parent = best[0].getparent()
    if parent is None or parent.getparent() is None:
        return best
    return [
        element
        for box in parent.getparent()
        if isinstance(box, HtmlElement) and _step(box) == _step(parent)
        for element in box
        if isinstance(element, HtmlElement) and _step(element) in like
    ]


def _address_and_title(link: HtmlElement, base_url: str) -> tuple[str | None, str]:
    href = (link.get("href") or "").strip()
    try:
        url = urljoin(base_url, href) if href and not href.startswith(("#", "javascript:")) else None
    except ValueError:
        url = None
    text = "".join(map(str, islice(link.itertext(), 20)))
    title = link.get("title") or ""
    return url, title if len(title) > len(text.strip()) else text


def selector_of(tree: HtmlElement, elements: Sequence[HtmlElement]) -> str | None:
    """The shortest chain of names that selects these elements and next to nothing else; None where none does."""
    wanted = set(elements)
    steps: list[str] = []
    level = list(dict.fromkeys(elements))
    best: tuple[float, str] | None = None
    for _ in range(MAX_STEPS):
        if not level or any(element.tag in ("html",) for element in level):
            break
        step = _common_step(level)
        steps.insert(0, step)
        selector = " > ".join(steps)
        found = set(tree.cssselect(selector))
        precision = len(found & wanted) / len(found) if found else 0.0
        is_named = "." in selector or "#" in selector
        if found == wanted and (is_named or len(steps) >= 2):
            return selector
        if precision >= MIN_PRECISION and wanted <= found and (best is None or precision > best[0]):
            best = (precision, selector)
        if step.startswith("#"):
            break
        parents = (element.getparent() for element in level)
        level = list(dict.fromkeys(parent for parent in parents if isinstance(parent, HtmlElement)))
    return best[1] if best is not None else None


def _common_step(level: Sequence[HtmlElement]) -> str:
    """What the elements of one level have in common: an id, else a tag with the classes that all of them have."""
    if len(level) == 1 and (name := level[0].get("id")) and _NAME.fullmatch(name):
        return f"#{name}"
    tags = {str(element.tag) for element in level}
    classes = [name for name in _classes(level[0]) if all(name in _classes(element) for element in level)]
    tag = tags.pop() if len(tags) == 1 else "*"
    return tag + "".join(f".{name}" for name in classes)


def _classes(element: HtmlElement) -> list[str]:
    names = dict.fromkeys((element.get("class") or "").split())
    return [name for name in names if _NAME.fullmatch(name) and not _STATE.match(name)]


def _step(element: HtmlElement) -> str:
    """An element by its tag and lasting classes; rows of one list are alike."""
    return ".".join([str(element.tag), *_classes(element)])
