"""Who published a story first, and which of its members' titles and texts are shown. Pure: knows no SQL.

The answer depends on the members alone, not on the order in which they came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.text.shingles import bare_of

_SELF = frozenset({"本站", "本网", "本报", "本台", "本刊", "本社"})  # the site that says so itself
# 本站原创, 本报讯, 原创: said of one's own report, and by careless sites of everything
_OWN_WORD = re.compile(r"(?:本[站网报台刊社])?(?:原创|讯|消息|综合|整理|编辑部?|记者|通讯员)*")
# 来源 that names nobody
_NOBODY = frozenset(
    {"网络", "互联网", "网络整理", "转载", "综合", "其他", "其它", "未知", "佚名", "无", "暂无", "不详"}
)
# 来源：四川日报
_LABEL = re.compile(r"^\s*(?:文章|信息|稿件|内容|新闻)?(?:来源|出处|来自|转自|摘自)(?:于|[:：])?\s*")
# what a page glues to the name: 四川日报 作者：张三, 新华社北京5月1日电, 省厅 川人社发〔2023〕12号
_GLUED = re.compile(
    r"(?:发布|发稿|更新|成文)?(?:日期|时间)\s*[:：]|(?:作者|记者|编辑|责编|责任编辑|撰稿|通讯员|审核|校对|摄影|供稿|文号|发文字号|索引号"
    r"|浏览|阅读|点击|访问|字号|字体|分享|打印)|(?:19|20)\d\d\s*[年/.-]|[\u4e00-\u9fff]{0,8}\s*[〔\[【(（]\s*(?:19|20)\d\d"
    r"|\d{1,2}月\d{1,2}日|[|｜丨]"
)
# 四川日报、重庆日报; 四川日报/川观新闻
_APART = re.compile(r"[、/／;；,，]|\s+")
_DATELINE = re.compile(
    r"^(新华社|中新社|中新网|人民网|新华网)[\u4e00-\u9fff]{2,6}(?:电|讯)?$"
)  # 新华社北京电, 中新网成都
_BRACKETS = "《》〈〉【】[]“”\"'「」()（） \t\u3000:：-—"
_MAX_CHARS = 200  # of a 来源: what is longer is a paragraph that a page put there
_MAX_NAMES = 4  # publishers that one 来源 names
# names of one publisher. A paper and the site of its group (人民日报, 人民网) are two: the site reprints the paper.
_SAME = (
    frozenset({"新华社", "新华通讯社", "新华网", "新华每日电讯客户端"}),
    frozenset({"中新社", "中国新闻社", "中新网", "中国新闻网"}),
    frozenset({"中国政府网", "中央政府门户网站", "中华人民共和国中央人民政府门户网站", "国务院网站"}),
)
# what a publisher adds to its own name: 四川日报数字版, 雅安市人民政府门户网站, 人民网四川频道
_OWN_TAIL = re.compile(
    r"(?:官方|门户|政府|政务|中文|手机)*(?:网站?|官网|网页|社|集团|报业|客户端|app|数字[版报]|电子[版报]|微信|微博|公众号|新闻"
    r"|[\u4e00-\u9fff]{2,4}[频站]道?|海外版|编辑部|办公[室厅]|融媒体中心?)*"
)
_MAX_TAIL = 12  # 门户网站四川频道; the pattern can take time without end over hundreds of characters
# 中华人民共和国人力资源和社会保障部
_STATE = re.compile(r"^(?:中华人民共和国|国家|中国)")
# 雅安市人社局, 厅办公室, 市委: offices, whose names are shortened by leaving characters out
_OFFICE = re.compile(r"[局厅委府部办院处会]$")
# www.scol.com.cn, http://news.scol.com: a site that is named by its address
_ADDRESS = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[:/].*)?", re.I)
# scol.com.cn and scol.com are one
_ENDING = re.compile(r"\.(?:com|net|org|gov|edu)?(?:\.?cn)?$")
_CUT = re.compile(r"(?:…|\.{3,})\s*$")  # 川渝携手共建人力资源…
_SHORT_TEXT = 0.7  # a first publisher's text below this share of the longest is an excerpt of its own report


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is known of a member when the first publisher is sought; `body_chars` of the folded body."""

    item_id: int
    url_key: str
    title: str
    site_name: str
    source_name: str | None
    published: datetime | None
    first_seen_at: datetime
    repairs: int
    body_chars: int
    is_link_only: bool


def in_order(members: Sequence[Candidate], fold: Callable[[str], str]) -> tuple[Candidate, ...]:
    """Members with the first publisher first, then by date.

    First is whose site a member names as 来源, be it that member itself; else who says that the report is its own
    (本网讯); else who published earliest; else who was seen first. Of equal dates the less damaged text comes first.
    """
    named = {name for member in members for name in _names(member.source_name, fold)}
    by_date = sorted(members, key=_by_date)
    first = min(
        by_date,
        key=lambda member: (
            member.is_link_only,
            not _is_named(member, named, fold),
            not _says_own(member.source_name, fold),
            _by_date(member),
        ),
    )
    return (first, *(member for member in by_date if member is not first))


def first_source(members: Sequence[Candidate], fold: Callable[[str], str]) -> str:
    """The name of who published first, `members` in order: as the first page says, or all agree, else its site's."""
    first = members[0]
    if first.source_name is not None and _names(first.source_name, fold):
        return _shown(first.source_name)
    if _says_own(first.source_name, fold):
        return first.site_name
    spoken = {
        names[0]: _shown(member.source_name)
        for member in reversed(members)
        if member.source_name is not None and (names := _names(member.source_name, fold))
    }
    if len(spoken) == 1:
        return next(iter(spoken.values()))
    return first.site_name


def best_title(members: Sequence[Candidate]) -> str:
    """The first publisher's title, or the whole of it where that is cut with "…" and another member has it."""
    title = members[0].title
    if _CUT.search(title):
        stem = bare_of(_CUT.sub("", title))
        whole = (member.title for member in members if not _CUT.search(member.title))
        return next((other for other in whole if bare_of(other).startswith(stem)), title)
    return title


def best_text(members: Sequence[Candidate]) -> Candidate:
    """The member whose text is shown: undamaged before damaged, whole before short, then in order."""
    longest = max(member.body_chars for member in members)
    return min(
        members,
        key=lambda member: (
            member.body_chars == 0,
            member.repairs > 0 or member.body_chars < _SHORT_TEXT * longest,
            member.body_chars < _SHORT_TEXT * longest,
        ),
    )


def _by_date(member: Candidate) -> tuple[bool, float, int, str]:
    if member.published is None:
        return True, member.first_seen_at.timestamp(), 0, member.url_key
    return False, member.published.timestamp(), member.repairs, member.url_key


def _bare(name: str, fold: Callable[[str], str]) -> str:
    return bare_of(fold(name))


def _shown(source_name: str) -> str:
    """The publisher that a 来源 names, as it is written there, without what the page has glued to it."""
    text = _LABEL.sub("", source_name[:_MAX_CHARS])
    glued = _GLUED.search(text)
    kept = text if glued is None or glued.start() == 0 else text[: glued.start()]
    dateline = _DATELINE.match(kept.strip(_BRACKETS))
    return (dateline[1] if dateline else kept).strip(_BRACKETS) or source_name.strip()


def _names(source_name: str | None, fold: Callable[[str], str]) -> tuple[str, ...]:
    """The publishers that a 来源 names, bare; none where it names nobody, or only says "our own"."""
    if source_name is None:
        return ()
    shown = _shown(source_name)
    if (address := _ADDRESS.fullmatch(shown)) is not None:
        return (_site(address[1]),)
    found = (_bare(part, fold) for part in (shown, *_APART.split(shown)))
    return tuple(dict.fromkeys(name for name in found if name and not _is_nobody(name)))[:_MAX_NAMES]


def _is_nobody(bare: str) -> bool:
    return bare in _NOBODY or bare in _SELF or _OWN_WORD.fullmatch(bare) is not None


def _says_own(source_name: str | None, fold: Callable[[str], str]) -> bool:
    bare = "" if source_name is None else _bare(_shown(source_name), fold)
    return bare[:2] in _SELF and _is_nobody(bare)


def _is_named(member: Candidate, named: set[str], fold: Callable[[str], str]) -> bool:
    site = _bare(member.site_name, fold)
    host = _site(member.url_key.partition("/")[0].partition(":")[0])
    return any(_is_same_name(site, name) or name == host for name in named)


def _site(host: str) -> str:
    """A host without www. and the ending in which a site's addresses differ: scol.com.cn → scol."""
    host = host.lower().removeprefix("www.")
    return f"{_ENDING.sub('', host)}." if "." in host else host  # the dot tells it from a name


def _is_same_name(site: str, name: str) -> bool:
    if not site or not name:
        return False
    if site == name or any(site in names and name in names for names in _SAME):
        return True
    site, name = _STATE.sub("", site), _STATE.sub("", name)
    short, long = sorted((site, name), key=len)
    if len(short) < 3:
        return short == long
    if long.startswith(short):
        # 四川日报 and 四川日报数字版; not 雅安市人社局 and 雅安市人社局雨城分局
        tail = long[len(short) :]
        return len(tail) <= _MAX_TAIL and _OWN_TAIL.fullmatch(tail) is not None
    if not _OFFICE.search(short):
        return False  # 经济日报 and 四川经济日报 are two papers
    if long.endswith(short):
        return True  # 市人社局 and 雅安市人社局
    # 雅安市人社局 and 雅安市人力资源和社会保障局
    return short[:2] == long[:2] and short[-1] == long[-1] and _is_within(short, long)


def _is_within(short: str, long: str) -> bool:
    rest = iter(long)
    return all(character in rest for character in short)
