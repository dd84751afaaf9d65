"""Which further addresses belong to one article: its pages 2 to n, or the PDF that is all it consists of. Pure.

An article's pages bear the article's own address with a number; whatever else a pager links (lists, 下一篇, 相关阅读)
does not, and is never taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml.html import HtmlElement

from crawler.extract.decode import decode
from crawler.extract.files import framed_file, lone_pdf
from crawler.extract.pager import pager_of
from crawler.extract.part_address import PAGE_NAMES, ArticleAddress
from crawler.extract.pdf import is_pdf, is_pdf_address
from crawler.extract.rows import parse_list
from crawler.extract.title import letters
from crawler.model import Article, Page

# The longest articles split over pages that were met have 12; what goes on beyond this has no end.
MAX_PARTS = 20
# Documents shown in one page's frames: a notice and its annexes.
MAX_FRAMES = 3
# Letters of its own with which a page is not yet the article but its covering line: 现将《…》印发给你们, a signature.
SCANT = 120
# The same where the page shows the document in a frame: footers and notes on how to read it may stand beside it.
SCANT_FRAMED = 400
_MAX_URL = 2000  # Scrapy asks for no longer address
_MAX_LINKS = 5000  # links of a page looked at

# `?page=2`, `&amp;p=2`; begins with what is looked for fastest
_PAGE_2 = re.compile(b"=2(?:" + b"|".join(rb"(?<=[?&;]%b=2)" % name.encode() for name in PAGE_NAMES) + b")")
# behind an article's own name: `t1_67430_1.html`, `t1_67430-2.html`, `46752/2`, `createPageHTML(3,0,"t1_67430","html")`
# and `"t1_67430"+"_" + nextPage`
_STEM_GOES_ON = re.compile(rb"[_-]\d{1,3}\b|(?:\.\w{2,5})?/\d{1,3}\b|[\"']\s*(?:,\s*[\"']s?html?|\+\s*[\"']_)")
_MAX_LOOKS = 50  # a name as short as `c` stands everywhere and tells nothing
# "下一页", "下一页>", "下页", "后一页"; never 下一篇
_NEXT = re.compile(r"\W*(?:下一?页|后一?页)\W*")
# "2", "[2]", "【2】", "第2页"
_NUMBER = re.compile(r"\W*第?\s*(\d{1,3})\s*页?\W*")
# a number of page that some sites put behind the title: `标题（2）`, `标题_2`, `标题(第2页)`
_TITLE_NUMBER = re.compile(r"\s*(?:[（(]\s*第?\s*\d{1,2}\s*页?\s*[)）]|_\d{1,2}|第\s*\d{1,2}\s*页)\s*$")
_LINK_CHARS = 20  # a pager's link says no more


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLink:
    """A further address of an article; `number` counts from 2, the article's own page is 1."""

    number: int
    url: str
    is_pdf: bool = False


def may_have_parts(page: Page) -> bool:
    """False where a look at the bytes is enough to know that the article stands on this page alone; most do."""
    if is_pdf(page):
        return False
    body = page.body.lower()
    if b".pdf" in body or b"viewer.html?" in body:
        return True
    if _PAGE_2.search(body) is not None:
        return True
    address = ArticleAddress.of(page.url)
    if address is None:
        return False
    stem = address.bare_stem.lower().encode()
    at = body.find(stem)
    for _ in range(_MAX_LOOKS):
        if at < 0:
            return False
        end = at + len(stem)
        if _STEM_GOES_ON.match(body, end, end + 20) is not None:
            return True
        at = body.find(stem, end)
    return True


def further_parts(page: Page, article: Article, *, charset: str | None = None) -> tuple[PartLink, ...]:
    """The further addresses of the article on `page`, in order, MAX_PARTS + 1 at most: the last tells of more."""
    tree = _tree(page, charset)
    pdfs = _pdfs(tree, page.url, article)
    if pdfs:
        return pdfs
    return _pages(tree, page, page.url, 1, charset)


def parts_after(page: Page, first_url: str, number: int, *, charset: str | None = None) -> tuple[PartLink, ...]:
    """The parts that part `number` tells of: those that follow it."""
    return _pages(_tree(page, charset), page, first_url, number, charset)


def is_same_article(first: str, other: str) -> bool:
    """True where two titles name one article, numbers of pages aside."""
    one, two = letters(_TITLE_NUMBER.sub("", first)), letters(_TITLE_NUMBER.sub("", other))
    return not one or not two or one in two or two in one


def own_letters(article: Article) -> int:
    """How many letters an article has beside the names of its attachments and their label."""
    text = letters(article.body)
    for attachment in article.attachments:
        text = text.replace(letters(attachment.name), "", 1)
    return len(re.sub(r"附件|点击下载|下载", "", text))


def _tree(page: Page, charset: str | None) -> HtmlElement:
    return parse_list(decode(page.body, headers=page.headers, charset=charset).text)


# PDF


def _pdfs(tree: HtmlElement, url: str, article: Article) -> tuple[PartLink, ...]:
    """The PDFs that are the article: shown in frames, or the one file under hardly any text."""
    own = own_letters(article)
    if own > SCANT_FRAMED:
        return ()
    base = _base(tree, url)
    framed: dict[str, None] = {}
    for frame in tree.iter("iframe", "embed", "object"):
        address = frame.get("src") or frame.get("data")
        shown = framed_file(base, address) if address else None
        if shown is not None and (is_pdf_address(shown) or "viewer.html" in address):
            framed.setdefault(shown)
    found = list(framed)
    if not found and own <= SCANT and (pdf := lone_pdf(article.attachments)) is not None:
        found = [pdf]
    return tuple(
        PartLink(number=number, url=address, is_pdf=True)
        for number, address in enumerate(found[:MAX_FRAMES], 2)
        if len(address) <= _MAX_URL
    )


def _base(tree: HtmlElement, url: str) -> str:
    for element in tree.iter("base"):
        if href := element.get("href"):
            try:
                return urljoin(url, str(href))
            except ValueError:
                break
    return url


# Pages


def _pages(tree: HtmlElement, page: Page, first_url: str, number: int, charset: str | None) -> tuple[PartLink, ...]:
    shape = ArticleAddress.of(first_url)
    if shape is None:
        return ()
    found: dict[int, str] = {}
    base = _base(tree, page.url)
    # files are counted from 1, or from 0 with page 1 bare: page 2 tells
    here = shape.number_of(page.url)
    offsets = (0, 1) if here is None else (number - here,)
    for shown, address in _pager_links(tree):
        at = number + 1 if shown is None else shown
        if at <= number or at in found:
            continue
        try:
            url = urljoin(base, address).partition("#")[0]
            counted = shape.number_of(url)
        except ValueError:
            continue
        if counted is not None and at - counted in offsets and len(url) <= _MAX_URL:
            found[at] = url
    if number == 1 and 2 not in found:
        found = _scripted(page, shape, charset)
    parts: list[PartLink] = []
    while (following := number + 1 + len(parts)) in found and following <= MAX_PARTS + 2:
        parts.append(PartLink(number=following, url=found[following]))
    return tuple(parts)


def _pager_links(tree: HtmlElement) -> Iterator[tuple[int | None, str]]:
    """(number shown or None for 下一页, address) of each link that a pager may consist of."""
    for count, link in enumerate(tree.iter("a")):
        if count > _MAX_LINKS:
            return
        href = (link.get("href") or "").strip()
        if not href or href.startswith("#") or href.lower().startswith("javascript:"):
            continue
        text = "".join(map(str, link.itertext())).strip()
        if len(text) > _LINK_CHARS:
            continue
        if _NEXT.fullmatch(text or link.get("title") or "") is not None:
            yield None, href
        elif (match := _NUMBER.fullmatch(text)) is not None:
            yield int(match[1]), href


def _scripted(page: Page, shape: ArticleAddress, charset: str | None) -> dict[int, str]:
    """The pages that a script's pager declares for this very file; a pager of any other name is a list's."""
    if b"createPage" not in page.body and b"countPage" not in page.body:
        return {}
    pager = pager_of(decode(page.body, headers=page.headers, charset=charset).text)
    if pager is None or pager.name is None or pager.total is None or pager.current > 1:
        return {}
    if pager.name != shape.stem or shape.is_list:
        return {}
    last = min(pager.total, MAX_PARTS + 2)
    # createPageHTML(3,0,…): the files are _1 and _2; createPageHTML(3,1,…): _2 and _3
    behind = 1 if pager.current == 0 else 0
    extension = f".{pager.extension}" if pager.extension else shape.extension
    return {
        number: urljoin(page.url.partition("?")[0], f"{shape.stem}_{number - behind}{extension}")
        for number in range(2, last + 1)
    }
