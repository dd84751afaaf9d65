"""CSS selectors on a document, compiled once. A selector that is no CSS is a fault of the source file."""

from __future__ import annotations

import re
from functools import lru_cache

from cssselect import HTMLTranslator, SelectorError
from lxml import etree

from crawler.errors import DataFileError
from crawler.extract.document import Document, Element

_SPACE = re.compile(r"\s+")
_MAX_TEXT = 500  # a title, date or 来源 is shorter


@lru_cache(maxsize=2048)
def _compiled(selector: str) -> etree.XPath:
    try:
        return etree.XPath(HTMLTranslator().css_to_xpath(selector))
    except (SelectorError, etree.XPathSyntaxError) as error:
        raise DataFileError(f"{selector!r} is not a CSS selector: {error}") from error


def select(document: Document, selector: str) -> list[Element]:
    """The elements that `selector` matches, in document order."""
    found = _compiled(selector)(document.root)
    return [element for element in found if isinstance(element, etree._Element)] if isinstance(found, list) else []


def select_text(document: Document, selector: str | None) -> str | None:
    """The text of the first match that has any, white space collapsed; None without one."""
    if selector is None:
        return None
    for element in select(document, selector):
        text = element.get("content") or "" if element.tag == "meta" else "".join(map(str, element.itertext()))
        text = _SPACE.sub(" ", text[: _MAX_TEXT * 4]).strip()[:_MAX_TEXT]
        if text:
            return text
    return None
