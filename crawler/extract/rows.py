"""Rows of a list page: which links are news, with title and date. Pure; families say where to look.

Does not decide what becomes of a row, nor fetch anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from lxml.etree import ParserError, XMLSyntaxError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from crawler.extract.document import parseable
from crawler.extract.row import CUT, MARKS, PINNED, Row, joined, matches, merged, read_row, relative_date
from crawler.extract.row_block import Measures, container_of, dated_block, headlines_in, links_of, with_siblings

__all__ = [
    "CUT",
    "MARKS",
    "PINNED",
    "TEMPLATE",
    "Row",
    "cut",
    "dated_rows",
    "matches",
    "parse_list",
    "rows_around",
    "rows_of",
]

# Of a list page so many links and elements are looked at for each row that is kept: a row has a picture, its headline,
# 详细 and a keyword linked, the most decorated real one about 30 elements. 60,000 rows would hold up all other sites.
LINKS_OF_A_ROW = 5
ELEMENTS_OF_A_ROW = 50
LEAST_ROWS = 2000  # a page has menus, too, where few rows are kept
# Unrendered templates (Avalon, Vue) are no rows: "{{item.title}}"
TEMPLATE = re.compile(r"\{\{|\}\}|<%")


def parse_list(text: str) -> HtmlElement:
    """A list page as a tree; an empty or hopeless one is an empty tree. Nesting and size are bounded by libxml2."""
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = document_fromstring(parseable(text).encode("utf-8", "replace"), parser=parser)
    except (ParserError, XMLSyntaxError):
        tree = document_fromstring(b"<html><body></body></html>")
    return tree if isinstance(tree, HtmlElement) else document_fromstring(b"<html><body></body></html>")


def cut(tree: HtmlElement, *, max_rows: int) -> int:
    """Drop what stands behind the links and elements that `max_rows` rows may have; return how many links went."""
    links = len(tree.findall(".//a"))
    most = max(max_rows, LEAST_ROWS)
    for tags, count in (((), most * ELEMENTS_OF_A_ROW), (("a",), most * LINKS_OF_A_ROW)):
        node = first = next(islice(tree.iter(*tags), count, None), None)
        while node is not None and (parent := node.getparent()) is not None:
            del parent[parent.index(node) + (node is not first) :]
            node = parent
    return links - len(tree.findall(".//a"))


def rows_of(
    tree: HtmlElement,
    base_url: str,
    *,
    selector: str | None = None,
    article: str | None = None,
    seen_at: datetime | None = None,
    zone: str = "Asia/Shanghai",
) -> tuple[Row, ...]:
    """Rows in page order: those of `selector`, else those around links that match `article`, else the heuristic's.

    Dates told from the moment of the fetch (`3小时前`) are read where `seen_at` says when that was.
    """
    rows = _rows_of(tree, _base(tree, base_url), selector, re.compile(article) if article else None)
    if seen_at is None:
        return tuple(row for row, _ in rows)
    return tuple(
        row if row.date is not None else replace(row, date=relative_date(container, seen_at, zone))
        for row, container in rows
    )


def _rows_of(
    tree: HtmlElement, base_url: str, selector: str | None, pattern: re.Pattern[str] | None
) -> list[tuple[Row, HtmlElement]]:
    if selector is not None:
        containers = [element for element in tree.cssselect(selector) if isinstance(element, HtmlElement)]
        return _rows_in(containers, base_url, pattern)
    measures = Measures(tree)
    if pattern is not None:
        links = [link for link in links_of(tree) if matches(pattern, joined(base_url, link.get("href", "")))]
        measures.count(links)
        containers = [container_of(link, measures) for link in links]
        return _rows_in(with_siblings(containers, measures), base_url, pattern)
    return _rows_in(dated_block(tree, measures), base_url, None)


def rows_around(tree: HtmlElement, links: Sequence[HtmlElement]) -> list[HtmlElement]:
    """The elements that hold these links as rows, and the rows beside them, in page order."""
    measures = Measures(tree)
    measures.count([*headlines_in(tree), *links])
    return with_siblings([container_of(link, measures) for link in links], measures)


def dated_rows(tree: HtmlElement) -> list[HtmlElement]:
    """The elements of the repeated block of dated headlines."""
    return dated_block(tree, Measures(tree))


def _base(tree: HtmlElement, base_url: str) -> str:
    base = tree.find(".//base[@href]")
    return (joined(base_url, base.get("href", "")) or base_url) if base is not None else base_url


def _rows_in(
    containers: list[HtmlElement], base_url: str, pattern: re.Pattern[str] | None
) -> list[tuple[Row, HtmlElement]]:
    """The rows, each with the element that was read."""
    rows: dict[str, tuple[Row, HtmlElement]] = {}
    # nested li: the outer one repeats what the inner ones say
    outer = {ancestor for container in containers for ancestor in container.iterancestors()}
    for container in containers:
        if container in outer:
            continue
        row = read_row(container, base_url, pattern)
        if row is None or TEMPLATE.search(row.title) or TEMPLATE.search(row.href):
            continue
        # a row without an address is known by its words: javascript:void(0) is many rows
        key = row.url or f"{row.href} {row.title}"
        rows[key] = (merged(rows[key][0], row), container) if key in rows else (row, container)
    return list(rows.values())
