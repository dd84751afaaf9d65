"""What a site's navigation says: which kind of column a list is, and where the site's columns of news are. Pure.

Reads the column tags of the government standard (国办发〔2017〕47号), the trail of breadcrumbs and the names of links.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from crawler.extract.dates import url_date
from crawler.extract.document import parse_document
from crawler.extract.meta import read_meta
from crawler.extract.rows import parse_list
from crawler.text.urls import web_address, web_host

_SPACE = re.compile(r"\s+")
# "[ 工作动态 ]", "工作动态 >>", "· 工作动态", "工作动态更多"
_AROUND = re.compile(r"^[\s\[【·•>»|/\-]+|(?:更多|more)?[\s\]】>»+|/…\-]*$", re.IGNORECASE)
_MORE = re.compile(r"^[\s\[【(]*(?:更多|查看更多|more|>>|»|\+)[\s>»+…\])】]*$", re.IGNORECASE)
# A column's name is short: "全市人力资源和社会保障工作动态" has 15; what is longer is a headline.
MAX_NAME = 15

_NEWS = re.compile(r"新闻|动态|要闻|快讯|资讯|时政|简讯")
_NOTICES = re.compile(r"公告|公示|通知|通告|考试|招考|招聘|录用|遴选|成绩|招标|采购")
_POLICY = re.compile(r"政策|文件|法规|规章|解读|规划|依据|标准")
_KINDS = (("news", _NEWS), ("notices", _NOTICES), ("policy", _POLICY))
# ColumnType of the standard, where it is one of its own words
_TYPES = {
    "工作动态": "news",
    "政策文件": "policy",
    "政策解读": "policy",
    "信息公开目录": "policy",
    "通知公告": "notices",
}

# How well a name promises news of the site's own doings, the best first. "省人社厅工作动态" counts as 工作动态.
_PROMISES: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"(?:工作|人社|政务|部门|机关|业务|就业|行业|最新|新闻|活动|重要)动态$|^动态(?:信息|要闻|新闻)$"), 10),
    (
        re.compile(
            r"(?:市县|地方|区县|县区|市州|州市|区市县|基层|各地|盟市|地市|街镇|乡镇|镇街)(?:工作)?(?:动态|新闻|要闻|资讯)$"
        ),
        9,
    ),
    (re.compile(r"(?:人社|工作|部门|本地|本局|我局|本市|全市|全省|全县|全区|市内|县内)(?:新闻|要闻|快讯|资讯)$"), 9),
    (re.compile(r"^(?:新闻动态|新闻资讯|新闻中心|新闻发布|新闻快讯|要闻动态|动态要闻|新闻|要闻|动态|资讯|快讯)$"), 8),
    (re.compile(r"(?:新闻|要闻|动态|快讯|简讯)$"), 7),
    (re.compile(r"(?:新闻|要闻|动态|资讯)"), 5),
)
# Pictures and films of the news, other people's news, and news of one thing only
_LESSER = re.compile(
    r"图片|视频|图说|中央|国务院|中国政府网|国内|国际|时政|党建|党务|媒体|专题|廉政|数据|监测|价格|政府网|部里|上级"
)
# Never, whatever else the name says
_NEVER = re.compile(
    r"通知|公告|公示|通告|政策|法规|文件|规章|解读|考试|招考|招聘|录用|遴选|成绩|招标|采购|指南|年报|依申请|目录|信箱|访谈"
    r"|调查|征集|举报|投诉|下载|查询|预告|预警|失信|处罚|发布会|客户端|公众号|微博|微信|动态管理|动态调整|机构|邮箱|地图"
)
# Boxes that hold the way to a page, from the front door down
_TRAIL = re.compile(r"position|crumb|location|\bdqwz\b|\bwzdh\b|\bplace\b|\bpath\b|curr?ent|weizhi|\blj\b", re.I)
_TRAIL_TEXT = re.compile(r"(?:当前|现在|您的?|所在)(?:的)?(?:所在)?(?:位置|在)|首页\s*(?:>|》|»|→|-|/)")
# "/2026-11/20/node_1.htm", "/20261120/v01.html", "/2026/1120/": lists of a day
_EDITION = re.compile(r"/(?:node|index|v\d)\w*\.\w+$|/$")
# "/202611/", "/2026-11/20/", "/2026/11/": folders of a month or a day are no column
_DAY_FOLDERS = re.compile(r"(?:20\d{2}(?:-?\d{1,2}){0,2}/|\d{1,2}(?:-\d{1,2})?/)+$")
# Links of one page that are looked at, and boxes that may be a trail: real pages have 1,500 and 30.
MAX_LINKS = 5000
MAX_BOXES = 4000
# A trail has at most so many characters.
MAX_TRAIL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A link of the navigation that may lead to a column of news. `promise` grows with the name."""

    url: str
    name: str
    promise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageColumn:
    """What a page says of the column it is. `kind` is news, notices, policy or mixed; None where it says nothing."""

    name: str | None
    kind: str | None


def kind_of(text: str) -> str | None:
    """What a column of this name holds: news, notices or policy; mixed for several of them, None where it is unsaid."""
    found = [kind for kind, words in _KINDS if words.search(text)]
    if not found:
        return None
    return found[0] if len(found) == 1 else "mixed"


def page_column(text: str, url: str) -> PageColumn:
    """The column a list page says it is: by ColumnType where that is a word of the standard, else by its name."""
    document = parse_document(text)
    if document is None:
        return PageColumn(name=None, kind=None)
    tags = read_meta(document, url).tags
    trail = trail_of(text, url)
    name = tags.get("columnname") or next((place.name for place in trail[-1:] if place.name[-2:] != "首页"), None)
    told = _TYPES.get(tags.get("columntype", ""))
    # "通知公告" filed under 工作动态 is a list of notices: the name is nearer to the rows than the type
    by_name = kind_of(name or "")
    if by_name in ("notices", "policy"):
        return PageColumn(name=name, kind=by_name)
    kind = told or by_name or kind_of(tags.get("columndescription", "")[:60])
    return PageColumn(name=name, kind=kind)


def columns_of(text: str, url: str, hosts: Collection[str]) -> tuple[Column, ...]:
    """Links on a page, to these hosts, whose names promise news; the best first, each address once."""
    tree = parse_list(text)
    base = _base_of(tree, url)
    found: dict[str, Column] = {}
    for link in islice(tree.iter("a"), MAX_LINKS):
        address = _address(link, base, hosts)
        if address is None or _same(address, url):
            continue
        name = _name_of(link)
        promise = promise_of(name) if name is not None else 0
        if name is None or promise == 0:
            continue
        known = found.get(address)
        if known is None or known.promise < promise:
            found[address] = Column(url=address, name=name, promise=promise)
    # sorted() is stable: what the page names first stays first
    return tuple(sorted(found.values(), key=lambda column: -column.promise))


def promise_of(name: str) -> int:
    """How well a column's name promises news, 0 for one that does not."""
    if not name or len(name) > MAX_NAME or _NEVER.search(name):
        return 0
    for pattern, promise in _PROMISES:
        if pattern.search(name):
            return max(1, promise - 4) if _LESSER.search(name) else promise
    return 0


def trail_of(text: str, url: str) -> tuple[Column, ...]:
    """The trail of breadcrumbs, from the front door down to the page's column; empty where there is none."""
    tree = parse_list(text)
    base = _base_of(tree, url)
    hosts = {(urlsplit(url).hostname or "").lower()}
    for box in islice(tree.iter("div", "p", "ul", "ol", "nav", "span", "td", "h3"), MAX_BOXES):
        said = _SPACE.sub(" ", "".join(map(str, islice(box.itertext(), 60)))).strip()
        hint = f"{box.get('class') or ''} {box.get('id') or ''}"
        if len(said) > MAX_TRAIL or not (_TRAIL_TEXT.search(said) or _TRAIL.search(hint)):
            continue
        if "首页" not in said and "主页" not in said:
            continue
        links = [link for link in islice(box.iter("a"), 12) if isinstance(link, HtmlElement)]
        if not 2 <= len(links) <= 8:
            continue
        places = [(link, _address(link, base, hosts)) for link in links]
        return tuple(
            Column(url=address, name=_clean(_text(link)), promise=promise_of(_clean(_text(link))))
            for link, address in places
            if address is not None and _clean(_text(link))
        )
    return ()


def says_article(text: str, url: str) -> bool:
    """True for a page whose head says that it is an article."""
    document = parse_document(text)
    if document is None:
        return False
    tags = read_meta(document, url).tags
    return bool(tags.get("articletitle")) or tags.get("og:type", "").lower() == "article"


def is_dated_address(url: str) -> bool:
    """True for an address with the day of an article in it; pages of an edition and folders of a day have one too."""
    return url_date(url) is not None and _EDITION.search(urlsplit(url).path) is None


def columns_above(text: str, url: str) -> tuple[str, ...]:
    """Addresses of the lists that an article may stand on, the likeliest first: its trail's last link, its folder."""
    own = urlsplit(url).path
    trail = [column.url for column in reversed(trail_of(text, url)) if urlsplit(column.url).path not in ("", "/", own)]
    # "/gzdt/202611/t20261105_1.html" → "/gzdt/"
    folder = _DAY_FOLDERS.sub("", own.rpartition("/")[0] + "/")
    above = [urljoin(url, folder)] if folder not in ("", "/") else []
    return tuple(dict.fromkeys([*trail[:1], *above]))


def _name_of(link: HtmlElement) -> str | None:
    """What a link is called; for 更多 the heading it stands beside."""
    said = _SPACE.sub(" ", _text(link)).strip()
    if said and not _MORE.match(said):
        return _clean(said)
    titled = _clean(link.get("title") or "")
    if titled and not _MORE.match(titled):
        return titled
    if not said and link.find(".//img") is not None:
        return _clean(link.find(".//img").get("alt") or "") or None
    return _heading_beside(link)


def _heading_beside(link: HtmlElement) -> str | None:
    node = link.getparent()
    for _ in range(3):
        if node is None:
            return None
        text = _clean(_SPACE.sub(" ", "".join(map(str, islice(node.itertext(), 20)))).replace(_text(link), " ").strip())
        if text:
            return text if len(text) <= MAX_NAME else None
        node = node.getparent()
    return None


def _text(link: HtmlElement) -> str:
    return "".join(map(str, islice(link.itertext(), 20)))[:200]


def _clean(text: str) -> str:
    return _AROUND.sub("", _SPACE.sub("", text[:200]))


def _base_of(tree: HtmlElement, url: str) -> str:
    for base in islice(_bases(tree), 1):
        try:
            return urljoin(url, base)
        except ValueError:
            return url
    return url


def _bases(tree: HtmlElement) -> Iterator[str]:
    for base in tree.iter("base"):
        if base.get("href"):
            yield base.get("href", "")


def _address(link: HtmlElement, base: str, hosts: Collection[str]) -> str | None:
    """Where a link leads on these hosts; None for anywhere else, for scripts and for articles."""
    url = web_address(base, link.get("href") or "")
    if url is None or web_host(url) not in hosts or url_date(url) is not None:
        return None
    return url


def _same(url: str, other: str) -> bool:
    """True for two addresses of one page: "/gzdt/" and "/gzdt/index.html"."""
    return _bare(url) == _bare(other)


def _bare(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.netloc.lower(), re.sub(r"(?:index|default)\.\w+$", "", parts.path).rstrip("/"), parts.query
