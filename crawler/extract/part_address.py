"""What an article's own address is made of, and which other addresses repeat it with a number. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlsplit

# the number of a page as a parameter: `?page=2`, `&p=2`, `?pageIndex=3`
_PAGE_NAMES = """
page p pn pg pageno page_no pagenum page_num pagenumber pageindex page_index curpage cur_page currentpage current_page
"""
PAGE_NAMES = frozenset(_PAGE_NAMES.split())
# `t20151009_67430.html`, `c.html`, `46752`
_NAME = re.compile(r"(?P<stem>[^/]+?)(?P<extension>\.(?:s?html?|jhtml|jspx?|php|aspx?|do))?")
# what a folder's own list is called: its numbered files are pages of the list
_LIST_NAME = re.compile(r"(?:index|default|list|main|node|more|channel|col(?:umn)?|category)[_-]?\d*", re.I)
_FIRST_NUMBER = re.compile(r"[_-][01]$")


@dataclass(frozen=True, slots=True)
class ArticleAddress:
    """What an article's address is made of, as far as its further pages repeat it."""

    parts: SplitResult
    folder: str
    stem: str
    extension: str

    @classmethod
    def of(cls, url: str) -> ArticleAddress | None:
        """None for an address that names no single article."""
        parts = urlsplit(url)
        folder, _, name = parts.path.rstrip("/").rpartition("/")
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        return cls(parts, folder, match["stem"], match["extension"] or "")

    @property
    def bare_stem(self) -> str:
        """The stem without the number that page 1 may have too: `c1` of `c1_1.html` and `c1_0.html`."""
        return _FIRST_NUMBER.sub("", self.stem)

    @property
    def is_list(self) -> bool:
        return _LIST_NAME.fullmatch(self.stem) is not None

    def number_of(self, url: str) -> int | None:
        """The number that `url` adds to the article's own address; None where it is another address."""
        there = urlsplit(url)
        if there.scheme not in ("http", "https") or there.hostname != self.parts.hostname:
            return None
        if there.path == self.parts.path:
            return None if self.is_list and not self.parts.query else self._in_query(there)
        return None if self.is_list or there.query != self.parts.query else self._in_path(there.path)

    def _in_query(self, there: SplitResult) -> int | None:
        own, other = dict(parse_qsl(self.parts.query)), dict(parse_qsl(there.query))
        name = next((name for name in other if name.lower() in PAGE_NAMES), None)
        if name is None or not other[name].isdecimal() or len(other[name]) > 3:
            return None
        number = int(other.pop(name))
        own.pop(name, None)
        return number if own == other else None

    def _in_path(self, path: str) -> int | None:
        """`<stem>_2.html`, `<stem>-2.html`, `<stem>/2`, `<stem>.html/2`; the stem of `<stem>_1.html` is without it."""
        if not path.startswith(self.folder + "/"):
            return None
        rest = path[len(self.folder) + 1 :].rstrip("/")
        for stem in {self.stem, self.bare_stem}:
            found = re.fullmatch(
                rf"{re.escape(stem)}(?:[_-](?P<file>\d{{1,3}}){re.escape(self.extension)}"
                rf"|(?:{re.escape(self.extension)})?/(?P<folder>\d{{1,3}}))",
                rest,
            )
            if found is not None:
                return int(found["file"] or found["folder"])
        return None
