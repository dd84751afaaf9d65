"""Where the rows of a list are: the repeated elements that hold one headline each. Pure; reads no row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from lxml.html import HtmlElement

from crawler.extract.dates import row_date
from crawler.extract.row import (
    HANZI,
    MAX_ROW_CHARS,
    MAX_ROW_NODES,
    MIN_HEADLINE_HANZI,
    headline_weight,
    relative_text,
    text_beside,
    title_of,
)

# Containers that a row may be; the climb from a link stops below anything else of this kind.
ROW_TAGS = frozenset({"li", "tr", "dd", "dl", "div", "p", "td", "section", "article", "ul", "table", "h2", "h3", "h4"})
ITEM_TAGS = frozenset({"li", "tr", "dd"})
# How far a row's container may be above its link: real rows have at most six levels (li > div > h4 > a is three).
MAX_CLIMB = 6
# Blocks that are looked at more closely: a home page has dozens, and the list is among the heaviest.
MAX_BLOCKS = 12
# Elements around a row that hold nothing else: li > div.item > div.text > h3 is three.
MAX_WRAPS = 3
# Of a list whose rows are wrapped, so many are alone in their wrapping; others have a keyword or a topic linked beside.
ALONE = 0.8


class Measures:
    """Place, size and links of every element, summed up in one pass, so that climbing from a link costs nothing."""

    def __init__(self, tree: HtmlElement) -> None:
        # The list keeps lxml's proxies alive: their identity is what the dictionaries go by.
        self._elements = list(tree.iter())
        self.place = {element: n for n, element in enumerate(self._elements)}
        self.chars = dict.fromkeys(self._elements, 0)
        self.nodes = dict.fromkeys(self._elements, 1)
        self.links = dict.fromkeys(self._elements, 0)
        self._counted: set[HtmlElement] = set()
        for element in reversed(self._elements):
            self.chars[element] += _printed(element.text)
            parent = element.getparent()
            if parent is not None and parent in self.chars:
                self.chars[parent] += self.chars[element] + _printed(element.tail)
                self.nodes[parent] += self.nodes[element]

    def count(self, links: list[HtmlElement]) -> None:
        """Count these links, and no others, from now on."""
        self._counted = set(links)
        for element in reversed(self._elements):
            self.links[element] += element in self._counted
            parent = element.getparent()
            if parent is not None and parent in self.links:
                self.links[parent] += self.links[element]

    def addresses(self, element: HtmlElement) -> set[str]:
        """The different addresses of the counted links within."""
        return {link.get("href", "").strip() for link in element.iter("a") if link in self._counted}


def _printed(text: str | None) -> int:
    """Characters of a text without blanks: templates indent a row of 40 characters with a thousand."""
    return sum(map(len, text.split())) if text else 0


def links_of(tree: HtmlElement) -> list[HtmlElement]:
    return [link for link in tree.iter("a") if isinstance(link, HtmlElement) and link.get("href", "").strip()]


def headlines_in(tree: HtmlElement) -> list[HtmlElement]:
    return [link for link in links_of(tree) if len(HANZI.findall(title_of(link))) >= MIN_HEADLINE_HANZI]


def container_of(link: HtmlElement, measures: Measures) -> HtmlElement:
    """The highest ancestor that holds this link's address and no other row's."""
    best: HtmlElement = link
    node = link.getparent()
    for _ in range(MAX_CLIMB):
        if node is None or node.tag in ("body", "html"):
            break
        if measures.chars[node] > MAX_ROW_CHARS or measures.nodes[node] > MAX_ROW_NODES:
            break
        # a row may link its article two or three times: picture, headline, "详细"
        if measures.links[node] > 1 and len(measures.addresses(node)) > 1:
            break
        if node.tag in ROW_TAGS:
            best = node
        if node.tag in ITEM_TAGS:
            break
        node = node.getparent()
    return best


def with_siblings(containers: list[HtmlElement], measures: Measures) -> list[HtmlElement]:
    """Rows beside the matched ones belong to the list too: off-site rows and attachments have other addresses."""
    wanted = set(containers)
    for parent, tag, css_class in {
        (container.getparent(), container.tag, None if container.tag in ITEM_TAGS else container.get("class"))
        for container in containers
        # what else a parent holds are no rows, unless it is an item of a list or has the row's own class
        if container.getparent() is not None and (container.tag in ITEM_TAGS or container.get("class"))
    }:
        wanted.update(
            sibling
            for sibling in parent
            if isinstance(sibling, HtmlElement)
            and sibling.tag == tag
            and (css_class is None or sibling.get("class") == css_class)
        )
    return sorted(wanted, key=lambda element: measures.place[element])


def dated_block(tree: HtmlElement, measures: Measures) -> list[HtmlElement]:
    """The repeated block of dated headlines: most dated links whose containers stand under one parent shape."""
    links = headlines_in(tree)
    measures.count(links)
    blocks: dict[tuple[str, ...], dict[HtmlElement, None]] = {}
    weights: Counter[tuple[str, ...]] = Counter()
    for link in links:
        container = container_of(link, measures)
        # an item that holds further links, such as 相关解读, is known by the date behind its own headline
        held = container if container is not link else _item_above(link) if _is_dated(container, link) else None
        if held is not None:
            blocks.setdefault(shape := _shape(held), {})[container] = None
            weights[shape] += _worth(container, link)
    # rows that are wrapped show their dates, and that they are one list, only once they are unwrapped
    whole: dict[tuple[str, ...], dict[HtmlElement, None]] = {}
    for shape, _ in weights.most_common(MAX_BLOCKS):
        rows = _unwrapped(list(blocks[shape]), measures, blocks.keys())
        bare = rows[0].tag == "a"
        whole.setdefault(shape if bare else _shape(rows[0]), {}).update(dict.fromkeys(rows))
    if not whole:
        return []
    best = max(whole.values(), key=lambda rows: sum(_worth(row, _headline_of(row)) for row in rows))
    found = sorted(best, key=lambda element: measures.place[element])
    # a headline may be as short as a menu's item: beside the others its date tells it from one
    return [row for row in with_siblings(found, measures) if row in best or (links_of(row) and _has_date(row))]


def _has_date(row: HtmlElement) -> bool:
    return _is_dated(row, _headline_of(row))


def _are_parts(rows: list[HtmlElement]) -> bool:
    """True for parts of one row, such as a headline and its keywords; rows are of one class, or each has its date."""
    dated = sum(_is_dated(row, _headline_of(row)) for row in rows)
    return dated <= 1 and len({row.get("class") for row in rows}) == len(rows)


def _headline_of(row: HtmlElement) -> HtmlElement:
    return row if row.tag == "a" else max(links_of(row), key=headline_weight)


def _worth(row: HtmlElement, link: HtmlElement) -> int:
    """How much a row says for its block being the list: the length of its headline, and much more with a date."""
    return min(len(HANZI.findall(title_of(link))), 40) * (4 if _is_dated(row, link) else 1)


def _is_dated(row: HtmlElement, link: HtmlElement) -> bool:
    return row_date(text_beside(row, link)) is not None or (row is not link and relative_text(row) is not None)


def _item_above(link: HtmlElement) -> HtmlElement | None:
    parent = link.getparent()
    return parent if parent is not None and parent.tag in ITEM_TAGS else None


def _unwrapped(
    containers: list[HtmlElement], measures: Measures, shapes: Collection[tuple[str, ...]]
) -> list[HtmlElement]:
    """Where each row has an element to itself, that element is the row: its date stands there beside the headline.

    One row alone is unwrapped only to what has the shape of others.
    """
    found = containers
    for _ in range(MAX_WRAPS):
        around: dict[HtmlElement, list[HtmlElement]] = {}
        for container in containers:
            parent = container.getparent()
            if parent is None or parent.tag not in ROW_TAGS or container.tag in ITEM_TAGS:
                return found
            around.setdefault(parent, []).append(container)
        alone = sum(
            measures.addresses(parent) <= set().union(*(measures.addresses(row) for row in rows))
            for parent, rows in around.items()
        )
        is_wrapped = (
            len(around) >= len(containers) / 2
            and alone >= ALONE * len(around)
            and all(len(rows) == 1 or _are_parts(rows) for rows in around.values())
            and all(measures.chars[node] <= MAX_ROW_CHARS and measures.nodes[node] <= MAX_ROW_NODES for node in around)
        )
        if not is_wrapped:
            break
        containers = list(around)
        if len(around) > 1 or _shape(containers[0]) in shapes:
            found = containers
    return found


def _shape(element: HtmlElement) -> tuple[str, ...]:
    names: list[str] = []
    node: HtmlElement | None = element
    while node is not None and len(names) < 6:
        css_class = (node.get("class") or "").split()
        # A class on the row itself tells odd from even; on its parents it tells one list from another.
        names.append(str(node.tag) if node is element else f"{node.tag}.{css_class[0] if css_class else ''}")
        node = node.getparent()
    return tuple(names)
