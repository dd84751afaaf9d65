"""Where a list says it goes on: calls that scripts write pagers with, and the link 下一页. Pure; fetches nothing.

What a pager declares is a claim: counts lie, and pages beyond the first repeat it. Callers compare it with what they
asked for.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

# The longest history met has 322 pages; a pager that goes on beyond this is a trap.
MAX_PAGES = 2000

# `createPageHTML(16, 0, "index", "htm")`, `createPageHTML('page_div', 100, 1, 'zfxxgkpage', 'shtml', 1000)`,
# `createPageHTML('paging',25,2,'index','html',500)`, `createPage(7,0,"common_list","html")`
_CALL = re.compile(
    r"createPage(?:HTML)?\w{0,8}\s*\(\s*(?:['\"][\w#.-]*['\"]\s*,\s*)?"
    r"(?P<total>\d{1,6})\s*,\s*(?P<current>\d{1,6})\s*,\s*"
    r"['\"](?P<name>\w[\w-]{0,80})['\"]\s*,\s*['\"](?P<extension>s?html?)['\"]"
)
# Shanghai: `$(".pagination").pagination("setPage", 1, 322)`
_SET_PAGE = re.compile(r"pagination\(\s*['\"]setPage['\"]\s*,\s*(?P<current>\d{1,6})\s*,\s*(?P<total>\d{1,6})")
# `var currentPage = 0;//所在页从0开始`, `var countPage = 16`
_CURRENT = re.compile(r"\bcurrentPage\s*=\s*(\d{1,6})")
_COUNT = re.compile(r"\bcountPage\s*=\s*(\d{1,6})")
# `"index"+"_" + nextPage + "."+"htm"`
_PIECES = re.compile(
    r"['\"](?P<name>\w[\w-]{0,80})['\"]\s*\+\s*['\"]_['\"]\s*\+\s*\w{1,30}\s*\+\s*['\"]\.['\"]?\s*\+?\s*['\"]?(?P<extension>s?html?)\b"
)
# Anhui: `Ls.pagination("#page_1", function(pageIndex){ … },{currPage: (0+1),pageCount:66})`
_LS_CURRENT = re.compile(r"\bcurrPage\s*:\s*\(?\s*(\d{1,6})(?:\s*\+\s*(\d))?")
_LS_TOTAL = re.compile(r"\bpageCount\s*:\s*(\d{1,6})")
# `//createPageHTML(…)`, but not the `//` of an address
_LINE_COMMENT = re.compile(r"(?<![:\w'\"/])//")
_MAX_CALLS = 20  # a page has one pager, or one above and one below the list
# A quoted base64 text long enough to hold a call; a picture is longer.
_BASE64 = re.compile(r"['\"]([A-Za-z0-9+/]{32,8000}={0,2})['\"]")
_MAX_BASE64 = 20
# `index_3.shtml`, `zfxxgkpage_2.shtml`: the number of a page in its file name
_NUMBERED = re.compile(r"_(\d{1,6})\.s?html?$")

# "下一页", "下一页>", "下页", "后一页"; never "下一篇", which leads from article to article
_NEXT = re.compile(r"^\W*(?:下一?页|后一?页)\W*$")
# "2", "[2]", "【2】"
_NUMBER = re.compile(r"^\W*(\d{1,5})\W*$")
_LINK_CHARS = 20  # a pager's link says no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """What a page says of its place. `current` counts as the page does, from 0 or from 1; files are name_N.extension.

    `name` is None where the page's own file name is meant.
    """

    current: int
    total: int | None
    name: str | None
    extension: str | None


def pager_of(text: str) -> Pager | None:
    """The pager that a page's scripts write; one in force before one that is commented out; None without any."""
    for part in (text, *_decoded(text)):
        if (match := _live(_CALL, part)) is not None:
            return _named(match)
        if (match := _live(_SET_PAGE, part)) is not None:
            return Pager(current=int(match["current"]), total=int(match["total"]), name=None, extension=None)
    current, count = _CURRENT.search(text), _COUNT.search(text)
    # the call is commented out, and what it stood for is written out below it
    call = _PIECES.search(text) or _CALL.search(text)
    if current is None or call is None:
        return None
    return Pager(
        current=int(current[1]),
        total=int(count[1]) if count is not None else None,
        name=call["name"],
        extension=call["extension"],
    )


def ls_pager_of(text: str) -> tuple[int, int] | None:
    """The current page, from 1, and the count of pages that `Ls.pagination` is given."""
    current, total = _LS_CURRENT.search(text), _LS_TOTAL.search(text)
    if "Ls.pagination" not in text or current is None or total is None:
        return None
    return int(current[1]) + int(current[2] or 0), int(total[1])


def next_file(pager: Pager, url: str, number: int, *, beyond: bool = False) -> str | None:
    """The address of the page after `url`, which was asked for as page `number` of the list; None at the end.

    `beyond` goes past the count of pages, which may be too small.

    Page 2 decides how files are numbered: where `name_1` shows page 1 once more, it is `name_2`.
    """
    asked = _NUMBERED.search(urlsplit(url).path)
    at = int(asked[1]) if asked is not None else None
    if number == 2 and at == 1 and pager.current == 0:
        return _file(pager, url, 2)
    if at is not None and pager.current not in (at, at - 1):
        return None  # another page than asked for: the pager begins again
    if pager.total is not None and not beyond and _is_last(pager, number):
        return None
    return _file(pager, url, (at if at is not None else pager.current) + 1)


def next_link(tree: HtmlElement, url: str, number: int = 0) -> str | None:
    """Where the link 下一页 leads, else the link with the number after `number`; None where it leads nowhere.

    Never to another host or to the page itself, which pagers link at their end.
    """
    numbered: str | None = None
    for link in tree.iter("a"):
        href = (link.get("href") or "").strip()
        text = "".join(map(str, link.itertext())).strip()[:_LINK_CHARS]
        if not href or href.startswith("#"):
            continue
        is_next = _NEXT.match(text or link.get("title") or "") is not None
        shown = _NUMBER.match(text) if number and numbered is None else None
        if not is_next and (shown is None or int(shown[1]) != number + 1):
            continue
        address = same_host(url, href)
        if address is None or address == url.partition("#")[0]:
            continue
        if is_next:
            return address
        numbered = address
    return numbered


def same_host(url: str, href: str) -> str | None:
    """`href` as an absolute address without fragment, where it stays on the host of `url`; None elsewhere."""
    try:
        address = urljoin(url, href).partition("#")[0]
        here, there = urlsplit(url), urlsplit(address)
        return address if there.scheme in ("http", "https") and there.netloc == here.netloc else None
    except ValueError:
        return None


def _live(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The pattern's first match that is not commented out."""
    for _, match in zip(range(_MAX_CALLS), pattern.finditer(text), strict=False):
        if not _is_commented(text, match.start()):
            return match
    return None


def _is_commented(text: str, at: int) -> bool:
    """True within `//`, `/* */` of the same script, or `<!-- -->` around it.

    `<!--` within a script is no comment: it hid the script from browsers that knew none.
    """
    script = max(text.rfind("<script", 0, at), text.rfind("<SCRIPT", 0, at), 0)
    line = text[max(text.rfind("\n", 0, at) + 1, script) : at]
    if _LINE_COMMENT.search(line) is not None:
        return True
    if text.rfind("/*", script, at) > text.rfind("*/", script, at):
        return True
    return text.rfind("<!--", 0, script) > text.rfind("-->", 0, script)


def _named(match: re.Match[str]) -> Pager:
    return Pager(
        current=int(match["current"]), total=int(match["total"]), name=match["name"], extension=match["extension"]
    )


def _is_last(pager: Pager, number: int) -> bool:
    """True where the page is the last by its own count: pages counted from 0 end at total - 1."""
    counts_from_0 = pager.current == number - 1
    return pager.total is not None and pager.current + counts_from_0 >= pager.total


def _file(pager: Pager, url: str, number: int) -> str | None:
    own = re.search(r"([\w-]+?)(?:_\d+)?\.(s?html?)$", urlsplit(url).path)
    name = pager.name or (own[1] if own is not None else "index")
    extension = pager.extension or (own[2] if own is not None else "html")
    return same_host(url.partition("?")[0], f"{name}_{number}.{extension}")


def _decoded(text: str) -> Iterator[str]:
    for _, match in zip(range(_MAX_BASE64), _BASE64.finditer(text), strict=False):
        try:
            yield base64.b64decode(match[1], validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            continue
