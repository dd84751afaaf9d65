"""Rows of a list page: which links are news, with title and date. Pure; families say where to look.

Does not decide what becomes of a row, nor fetch anything.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from urllib.parse import urljoin, urlsplit

from lxml.etree import ParserError, XMLSyntaxError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from crawler.extract.dates import row_date
from crawler.model import RowDate


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A link on a list. `url` is absolute, or None where the href leads nowhere (javascript:, mailto:, #)."""

    href: str
    url: str | None
    title: str
    date: RowDate | None
    is_pinned: bool
    is_article: bool  # its address matches the article pattern, where there is one


# "[置顶]", "置顶", "【固顶】", "[TOP]" in front of a title
PINNED = re.compile(r"^\s*(?:[\[【(（]?\s*(?:置顶|固顶|头条推荐)\s*[\]】)）]?|\[top\])\s*", re.IGNORECASE)
# "· ", "NEW " and "[NEW!] " likewise
MARKS = re.compile(r"^(?:[·•●▪■◆>»\-\s]+|\[?NEW!?\]?\s+)+", re.IGNORECASE)
# "标题2022-03-22", "标题 [04-22]", "标题（2023年4月1日）": a date glued to the end of a title
GLUED_DATE = re.compile(
    r"\s*[\[【(（]?\s*(?:(?:19|20)\d\d\s*[-/.年]\s*)?\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s+\d{1,2}:\d\d(?::\d\d)?)?\s*[\]】)）]?\s*$"
)
# "2026-11-11", "[11-11]", "11/11", "11月11日", and nothing else; "3.15" is no date but the name of a day
DATE_ONLY = re.compile(
    r"[\[【(（]?\s*(?:(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?|\d{1,2}\s*[-/]\s*\d{1,2}|\d{1,2}\s*月\s*\d{1,2}\s*日)\s*[\]】)）]?"
)
CUT = re.compile(r"(?:…+|\.{3,})\s*$")
# " 作者：张三 更新时间：2012-01-01 点击数：3" behind a headline in title=
ABOUT = re.compile(r"\s*(?:作者|更新时间|发布时间|发布日期|点击数|点击次数|来源)\s*[:：]")
SPACE = re.compile(r"\s+")
HANZI = re.compile(r"[\u3400-\u9fff]")
# Unrendered templates (Avalon, Vue) are no rows: "{{item.title}}"
TEMPLATE = re.compile(r"\{\{|\}\}|<%")

# A headline of fewer hanzi is a menu item ("通知公告", "更多"); real headlines of the stored lists have 8 and more.
MIN_HEADLINE_HANZI = 6
# Containers that a row may be; the climb from a link stops below anything else of this kind.
ROW_TAGS = frozenset({"li", "tr", "dd", "dl", "div", "p", "td", "section", "article", "ul", "table", "h2", "h3", "h4"})
ITEM_TAGS = frozenset({"li", "tr", "dd"})
# How far a row's container may be above its link: real rows have at most six levels (li > div > h4 > a is three).
MAX_CLIMB = 6
# Text of one row; what is longer is a whole list or an article, not a row.
MAX_ROW_CHARS = 600
# Characters that two writings of one headline begin with alike.
TITLE_START = 8
# Elements after a headline that may hold its date.
MAX_AFTER = 6
# Elements of one row: the most decorated real row has about 30.
MAX_ROW_NODES = 200


def parse_list(text: str) -> HtmlElement:
    """A list page as a tree; an empty or hopeless one is an empty tree. Nesting and size are bounded by libxml2."""
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (ParserError, XMLSyntaxError):
        tree = document_fromstring(b"<html><body></body></html>")
    return tree if isinstance(tree, HtmlElement) else document_fromstring(b"<html><body></body></html>")


def rows_of(
    tree: HtmlElement, base_url: str, *, selector: str | None = None, article: str | None = None
) -> tuple[Row, ...]:
    """Rows in page order: those of `selector`, else those around links that match `article`, else the heuristic's."""
    base_url = _base(tree, base_url)
    pattern = re.compile(article) if article else None
    if selector is not None:
        containers = [element for element in tree.cssselect(selector) if isinstance(element, HtmlElement)]
        return tuple(_rows_in(containers, base_url, pattern))
    measures = _Measures(tree)
    if pattern is not None:
        links = [link for link in _links(tree) if matches(pattern, _joined(base_url, link.get("href", "")))]
        measures.count(links)
        containers = [_container(link, measures) for link in links]
        return tuple(_rows_in(_with_siblings(containers, measures), base_url, pattern))
    return tuple(_rows_in(_dated_block(tree, measures), base_url, None))


class _Measures:
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
            self.chars[element] += len(element.text or "")
            parent = element.getparent()
            if parent is not None and parent in self.chars:
                self.chars[parent] += self.chars[element] + len(element.tail or "")
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


def _base(tree: HtmlElement, base_url: str) -> str:
    base = tree.find(".//base[@href]")
    return (_joined(base_url, base.get("href", "")) or base_url) if base is not None else base_url


def _joined(base_url: str, href: str) -> str:
    """The address an href leads to; "" where it is none: "http://[" makes urljoin raise."""
    try:
        return urljoin(base_url, href.strip())
    except ValueError:
        return ""


def _links(tree: HtmlElement) -> list[HtmlElement]:
    return [link for link in tree.iter("a") if isinstance(link, HtmlElement) and link.get("href", "").strip()]


def matches(pattern: re.Pattern[str] | None, url: str) -> bool:
    """True where an absolute address has the shape of an article: its path with query does, or all of it."""
    if pattern is None:
        return True
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return bool(pattern.search(path) or pattern.search(url))


def _container(link: HtmlElement, measures: _Measures) -> HtmlElement:
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


def _with_siblings(containers: list[HtmlElement], measures: _Measures) -> list[HtmlElement]:
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


def _dated_block(tree: HtmlElement, measures: _Measures) -> list[HtmlElement]:
    """The repeated block of dated headlines: most dated links whose containers stand under one parent shape."""
    links = [link for link in _links(tree) if len(HANZI.findall(_title(link))) >= MIN_HEADLINE_HANZI]
    measures.count(links)
    blocks: dict[tuple[str, ...], dict[HtmlElement, None]] = {}
    weights: Counter[tuple[str, ...]] = Counter()
    for link in links:
        container = _container(link, measures)
        if container is link:
            continue
        shape = _shape(container)
        blocks.setdefault(shape, {})[container] = None
        headline = min(len(HANZI.findall(_title(link))), 40)
        weights[shape] += headline * (4 if row_date(_text_beside(container, link)) is not None else 1)
    if not blocks:
        return []
    return list(blocks[max(blocks, key=lambda shape: weights[shape])])


def _shape(element: HtmlElement) -> tuple[str, ...]:
    names: list[str] = []
    node: HtmlElement | None = element
    while node is not None and len(names) < 6:
        css_class = (node.get("class") or "").split()
        # A class on the row itself tells odd from even; on its parents it tells one list from another.
        names.append(str(node.tag) if node is element else f"{node.tag}.{css_class[0] if css_class else ''}")
        node = node.getparent()
    return tuple(names)


def _rows_in(containers: list[HtmlElement], base_url: str, pattern: re.Pattern[str] | None) -> list[Row]:
    rows: dict[str, Row] = {}
    # nested li: the outer one repeats what the inner ones say
    outer = {ancestor for container in containers for ancestor in container.iterancestors()}
    for container in containers:
        if container in outer:
            continue
        row = _row(container, base_url, pattern)
        if row is None or TEMPLATE.search(row.title) or TEMPLATE.search(row.href):
            continue
        # a row without an address is known by its words: javascript:void(0) is many rows
        key = row.url or f"{row.href} {row.title}"
        rows[key] = _merged(rows[key], row) if key in rows else row
    return list(rows.values())


def _merged(row: Row, again: Row) -> Row:
    """One row of two sights: a carousel shows the headline cut and without its date, the list below shows all."""
    return replace(
        row,
        title=again.title if CUT.search(row.title) and not CUT.search(again.title) else row.title,
        date=row.date or again.date,
        is_pinned=row.is_pinned or again.is_pinned,
    )


def _row(container: HtmlElement, base_url: str, pattern: re.Pattern[str] | None) -> Row | None:
    links = [container] if container.tag == "a" else list(container.iter("a"))
    links = [link for link in links if link.get("href") is not None and _title(link)]
    if not links:
        return None
    fitting = [link for link in links if matches(pattern, _joined(base_url, link.get("href", "")))]
    link = max(fitting or links, key=lambda link: len(HANZI.findall(_title(link))))
    href = link.get("href", "").strip()
    url = _absolute(base_url, href)
    title = _title(link)
    beside = _text_beside(container, link)
    glued = GLUED_DATE.search(title)
    shown = row_date(beside)
    in_title = row_date(glued.group()) if glued else None
    within = _date_within(link)
    if within is not None:
        title = title.replace(within, "", 1).strip()
    date = shown or in_title or row_date(within or "") or row_date(_attribute_dates(container))
    # "…同比增长1.5" beside 2023-04-19 ends with a figure, not with a date
    is_date = in_title is not None and (shown is None or (in_title.month, in_title.day) == (shown.month, shown.day))
    if glued and glued.start() > 0 and is_date:
        title = title[: glued.start()].rstrip()
    is_pinned = bool(PINNED.match(_text(container).strip()) or PINNED.match(title))
    title = MARKS.sub("", PINNED.sub("", title)).strip()
    if not title:
        return None
    return Row(
        href=href,
        url=url,
        title=title,
        date=date,
        is_pinned=is_pinned,
        is_article=url is not None and pattern is not None and bool(fitting),
    )


def _date_within(link: HtmlElement) -> str | None:
    """The date that stands in an element of its own within a link: `<a><div>11-11</div>标题</a>`."""
    for node in islice(link.iterdescendants(), MAX_ROW_NODES):
        if isinstance(node, HtmlElement) and DATE_ONLY.fullmatch(text := SPACE.sub(" ", _text(node)).strip()):
            return text
    return None


def _absolute(base_url: str, href: str) -> str | None:
    if not href or href.startswith("#"):
        return None
    try:
        url = urljoin(base_url, href)
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return None
    return url.partition("#")[0]


def _title(link: HtmlElement) -> str:
    text = SPACE.sub(" ", _text(link)).strip()
    whole = SPACE.sub(" ", link.get("title") or "").strip()
    if not whole or not text:
        return whole or text
    stem = CUT.sub("", text).strip()
    if CUT.search(text) or len(whole) > len(text):
        # "标题：… 作者：… 更新时间：…": some systems put all they know there
        start = whole.find(stem[:TITLE_START])
        if start >= 0:
            return ABOUT.split(whole[start:], maxsplit=1)[0].strip() if start else whole
    return text


def _text(element: HtmlElement) -> str:
    """Text of an element without scripts, styles and comments."""
    parts: list[str] = [element.text or ""]
    for node in element.iterdescendants():
        if isinstance(node.tag, str) and node.tag not in ("script", "style"):
            parts.append(node.text or "")
        parts.append(node.tail or "")
    return "".join(parts)


def _text_beside(container: HtmlElement, link: HtmlElement) -> str:
    """Text of a row without its headline; where the row has none, of the element that follows it.

    Dates often stand in a sibling node: `<li><a>…</a></li><span>2023-04-19</span>`.
    """
    if container is link:
        # a box of related articles may hang between the two: `<a>…</a><div><ul>…</ul></div><span>2023-04-19</span>`
        after = list(takewhile(lambda node: node.tag != "a", islice(link.itersiblings(), MAX_AFTER)))
        own = [_text(node) for node in after if isinstance(node, HtmlElement) and node.find(".//a") is None]
        beside = " ".join([link.tail or "", *own])
    else:
        beside = _text(container).replace(_text(link), " ", 1)
        if not beside.strip():
            sibling = container.getnext()
            if isinstance(sibling, HtmlElement) and sibling.tag in ("span", "em", "i", "time", "dd"):
                beside = _text(sibling)
    return beside[:MAX_ROW_CHARS]


def _attribute_dates(container: HtmlElement) -> str:
    """`<time datetime="2023-04-19">`: where the visible text says only 今天 or nothing."""
    times = container.iter("time")
    return " ".join(node.get("datetime") or "" for node in times)
