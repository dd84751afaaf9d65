"""One row of a list: its headline, address, date and marks, from the element that holds it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, takewhile
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from crawler.extract.dates import row_date
from crawler.extract.loose_dates import RELATIVE, relative_stamp
from crawler.model import Precision, RowDate
from crawler.text.urls import web_address


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
# "2023-04-19T10:20:00+08:00", "2020-8-2 13:11", at the start of an attribute
ATTRIBUTE_DATE = re.compile(r"(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}")
# Of a date with its clock, zone and day of the week.
MAX_DATE_CHARS = 40
HANZI = re.compile(r"[\u3400-\u9fff]")
# A headline of fewer hanzi is a menu item ("通知公告", "更多"); real headlines of the stored lists have 8 and more.
MIN_HEADLINE_HANZI = 6
# Text of one row; what is longer is a whole list or an article, not a row.
MAX_ROW_CHARS = 600
# Characters that two writings of one headline begin with alike.
TITLE_START = 8
# Elements after a headline that may hold its date.
MAX_AFTER = 6
# Elements of one row: the most decorated real row has about 30.
MAX_ROW_NODES = 200


def joined(base_url: str, href: str) -> str:
    """The address an href leads to; "" where it is none: "http://[" makes urljoin raise."""
    try:
        return urljoin(base_url, href.strip())
    except ValueError:
        return ""


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


def merged(row: Row, again: Row) -> Row:
    """One row of two sights: a carousel shows the headline cut and without its date, the list below shows all."""
    return replace(
        row,
        title=again.title if CUT.search(row.title) and not CUT.search(again.title) else row.title,
        date=row.date or again.date,
        is_pinned=row.is_pinned or again.is_pinned,
    )


def read_row(container: HtmlElement, base_url: str, pattern: re.Pattern[str] | None) -> Row | None:
    links = [container] if container.tag == "a" else list(container.iter("a"))
    titles = {link: title for link in links if link.get("href") is not None and (title := title_of(link))}
    if not titles:
        return None
    fitting = [link for link in titles if matches(pattern, joined(base_url, link.get("href", "")))]
    candidates = fitting or list(titles)
    link = candidates[0] if len(candidates) == 1 else max(candidates, key=headline_weight)
    href = link.get("href", "").strip()
    url = web_address(base_url, href)
    title = titles[link]
    if CUT.search(title):
        title = _whole_title(title, [other for other in titles if other.get("href", "").strip() == href])
    beside = text_beside(container, link)
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


def headline_weight(link: HtmlElement) -> tuple[bool, int]:
    """How likely a link is its row's headline: one that is read before one that is a picture with a title."""
    return len(HANZI.findall(_text(link))) >= MIN_HEADLINE_HANZI, len(HANZI.findall(title_of(link)))


def _whole_title(title: str, links: list[HtmlElement]) -> str:
    """A headline cut with "…" as another link to the same address has it: the picture beside it, in title= or alt=."""
    stem = CUT.sub("", title).strip()
    pictures = (node.get("alt") for link in links for node in link.iter("img"))
    for whole in (*(link.get("title") for link in links), *pictures):
        whole = SPACE.sub(" ", whole or "").strip()
        if len(whole) > len(stem) and whole.startswith(stem) and not CUT.search(whole):
            return whole
    return title


def _date_within(link: HtmlElement) -> str | None:
    """The date that stands in an element of its own within a link: `<a><div>11-11</div>标题</a>`."""
    for node in islice(link.iterdescendants(), MAX_ROW_NODES):
        if isinstance(node, HtmlElement) and DATE_ONLY.fullmatch(text := SPACE.sub(" ", _text(node)).strip()):
            return text
    return None


def title_of(link: HtmlElement) -> str:
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
    if not len(element):
        return element.text or ""
    parts: list[str] = [element.text or ""]
    for node in element.iterdescendants():
        if isinstance(node.tag, str) and node.tag not in ("script", "style"):
            parts.append(node.text or "")
        parts.append(node.tail or "")
    return "".join(parts)


def text_beside(container: HtmlElement, link: HtmlElement) -> str:
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
    return SPACE.sub(" ", beside).strip()[:MAX_ROW_CHARS]


def _attribute_dates(container: HtmlElement) -> str:
    """`<time datetime="2023-04-19">`, `<span title="2023-4-19">3 天前</span>`: where the text shown is no date."""
    for node in islice(container.iter("time", "span", "em", "i"), MAX_ROW_NODES):
        said = (node.get("datetime") or node.get("title") or "").strip()
        if ATTRIBUTE_DATE.match(said):
            return said[:MAX_DATE_CHARS]
    return ""


def relative_date(container: HtmlElement, seen_at: datetime, zone: str) -> RowDate | None:
    stamp = relative_stamp(relative_text(container) or "", zone, seen_at, "row")
    if stamp is None:
        return None
    is_exact = stamp.precision is Precision.MINUTE
    return RowDate(
        year=stamp.at.year,
        month=stamp.at.month,
        day=stamp.at.day,
        hour=stamp.at.hour if is_exact else None,
        minute=stamp.at.minute if is_exact else None,
    )


def relative_text(container: HtmlElement) -> str | None:
    """`<span class="time">3小时前</span>`, in an element of its own: in a summary it tells of something else."""
    for node in islice(container.iter(), MAX_ROW_NODES):
        if isinstance(node, HtmlElement) and not len(node) and node.text:
            text = SPACE.sub(" ", node.text).strip()
            if len(text) <= MAX_DATE_CHARS and RELATIVE.fullmatch(text):
                return text
    return None
