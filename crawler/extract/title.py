"""An article's title: ArticleTitle, the heading above the text, or <title> without the site's name."""

from __future__ import annotations

import re

from crawler.extract.boilerplate import is_furniture
from crawler.extract.document import Document
from crawler.extract.meta import Meta

_LETTERS = re.compile(r"\W+")
_HANZI = re.compile(r"[\u4e00-\u9fff]")
_LONGEST = 200  # the longest official titles run to about 150 characters
_BAD = re.compile(r"[\x00-\x08\x0b-\x1f\u200b-\u200f\ufeff]")

# `标题__上海市卫生健康委员会`, `标题-雅安市人社局`, `标题 | 川观新闻`, `标题--四川新闻网`
_CUT = re.compile(
    r"\s*(?:_+|--+|——+|\||｜|–|::|»|>>|﹣|－)\s*|\s+[-—·]\s+|(?<=[\u4e00-\u9fff）)”》])-(?=[\u4e00-\u9fff])"
)
_SURE_CUT = re.compile(r"\s*(?:_+|\||｜|::|»|>>|--+)\s*")
# the name of a site, an agency or a column at the end of <title>
_SITE = re.compile(
    r"(?:网|网站|在线|官网|门户|频道|日报|晚报|时报|商报|都市报|周刊|杂志|新闻|资讯|要闻|动态|公告|公示|通知|博客|论坛|社区|客户端|首页|中心"
    r"|政府|委员会|委|局|厅|部|院|办公室|协会|学会|大学|学院|公司|报|台|社|版|专栏|专题|专区|\.com|\.cn|\.net)$",
    re.I,
)


def letters(text: str) -> str:
    """`text` without white space and punctuation, for comparing titles."""
    return _LETTERS.sub("", text)


def find_title(document: Document, meta: Meta, body_first: int) -> tuple[str, str] | None:
    """(title, origin), or None where nothing names the article. `body_first` is the number of its first block."""
    names = {
        letters(value)
        for key in ("sitename", "columnname", "og:site_name", "lanmu")
        if (value := meta.tags.get(key)) is not None
    }
    tagged = meta.first("articletitle")
    if tagged is not None and _names_article(tagged[1], names):
        return _completed(document, tagged[1], body_first), "meta:ArticleTitle"
    page_title = cut_site_name(meta.title, names) if meta.title else None
    heading = _heading(document, meta, body_first, names)
    if heading is not None:
        return heading, "heading"
    line = _line_in_title(document, meta.title, body_first, names)
    if line is not None:
        return line, "line"
    social = meta.first("og:title", "twitter:title")
    if social is not None and _names_article(social[1], names):
        return cut_site_name(social[1], names), f"meta:{social[0]}"
    if headline := meta.linked.get("headline"):
        return headline, "json-ld"
    if page_title and _names_article(page_title, names):
        return page_title, "title"
    return None


def _names_article(text: str, site_names: set[str]) -> bool:
    bare = letters(text)
    return len(bare) >= 2 and len(text) <= _LONGEST * 2 and bare not in site_names


def _completed(document: Document, title: str, body_first: int) -> str:
    """A title cut with … as the page prints it in full."""
    stem = title.rstrip("….").strip()
    if stem == title or len(stem) < 8:
        return title
    for block in document.blocks[: body_first + 2]:
        if block.text.startswith(stem) and len(block.text) <= _LONGEST:
            return block.text
    return title


def _heading(document: Document, meta: Meta, body_first: int, names: set[str]) -> str | None:
    """The heading that <title> repeats, else the only first-level one, unless it is the site's own name."""
    page_title = letters(meta.title or "")
    only: list[str] = []
    for box in document.boxes:
        if box.tag not in ("h1", "h2", "h3", "founder-title", "ucaptitle") or box.is_hidden:
            continue
        blocks = document.blocks[box.first : box.last]
        if not blocks or box.first > body_first + 3:
            continue
        text = _tidy(" ".join(block.text for block in blocks))
        bare = letters(text)
        if len(bare) < 4 or len(text) > _LONGEST or bare in names or is_furniture(text):
            continue
        if _is_site_part(meta.title or "", bare):
            continue
        if page_title and bare in page_title and (len(bare) * 3 >= len(page_title) or box.tag == "h1"):
            return text
        if page_title and len(page_title) >= 6 and page_title in bare:
            return text
        if box.tag in ("h1", "founder-title", "ucaptitle") and sum(block.linked for block in blocks) * 2 < len(text):
            only.append(text)
    if len(set(only)) == 1 and _HANZI.search(only[0]) and not _SITE.search(only[0]):
        return only[0]
    return None


def _is_site_part(page_title: str, bare: str) -> bool:
    """True where <title> ends with this short name behind a longer one: `标题 :: 某站`, whose h1 is the site's."""
    parts = [part for raw in _SURE_CUT.split(page_title) if (part := letters(raw))]
    return len(bare) <= 12 and bare in parts[1:] and parts[-1] == bare and len("".join(parts[:-1])) >= len(bare) + 4


def is_column(title: str) -> bool:
    """True for what names a column or a site rather than an article: `新闻动态`, `某市人社局`."""
    return len(letters(title)) <= 10 and _SITE.search(title) is not None


def _line_in_title(document: Document, page_title: str | None, body_first: int, names: set[str]) -> str | None:
    """The line above the text with which <title> begins: the longest one."""
    bare_title = letters(page_title or "")
    best: str | None = None
    for block in document.blocks[max(0, body_first - 60) : body_first + 3]:
        bare = letters(block.text)
        if len(bare) < 5 or block.linked * 2 > len(block.text) or bare in names or len(block.text) > _LONGEST:
            continue
        at_end = len(bare) >= 6 and bare_title.endswith(bare)
        if (at_end or bare_title.startswith(bare)) and (best is None or len(bare) > len(letters(best))):
            best = _tidy(block.text)
    return best


def cut_site_name(title: str, names: set[str] | frozenset[str] = frozenset()) -> str:
    """<title> without the names of site and column that follow the article's own."""
    title = _tidy(title)
    while True:
        cuts = list(_CUT.finditer(title))
        if not cuts:
            return title
        last = cuts[-1]
        tail, head = title[last.end() :], title[: last.start()]
        if len(letters(head)) < 4:
            return title
        sure = _SURE_CUT.fullmatch(last[0]) is not None and len(tail) <= 30
        if not (sure or letters(tail) in names or (len(tail) <= 20 and _SITE.search(tail)) or not tail):
            return title
        title = head


def _tidy(text: str) -> str:
    return _BAD.sub("", text).strip(" \t\u3000\xa0")
