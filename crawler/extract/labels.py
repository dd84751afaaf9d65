"""What the lines around an article say of it: 发布时间, 来源, 作者, the 信息公开 block, the site's code.

Only lines near the title and the text are read, so that the dates of other articles' links are never met.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from crawler.extract.dates import FULL_DATE, stamp_of
from crawler.extract.document import Block
from crawler.extract.loose_dates import RELATIVE, chinese_day
from crawler.model import Stamp

_LINE = 300  # a line of labels is shorter; longer ones are sentences
# `发布时间：`, `发布日期 `, `发表于 `, `日期：`, `[ 发布日期 ] `, `发稿时间:`, `Posted on`; never 报名时间, 会议时间
_DATE_LABEL = (
    r"(?<![\u4e00-\u9fff])(?P<label>(?:信息|文章|稿件|新闻|网站|首次)?"
    r"(?:发布|发表|发稿|刊发|刊登|登载|录入|添加|加入|公开|上传|上网|创建|公布|印发|发文|更新|修改)?\s*(?:时\s*间|日\s*期)"
    r"|(?:发布|发表|发|刊登|刊发|posted|更新|修改|编辑)\s*(?:于|在|on|at))\s*[\]】]?\s*[:：∶]?\s*"
)
_LABELLED_DATE = re.compile(_DATE_LABEL + FULL_DATE.pattern.replace("(?<![\\d./-])", ""), re.I)
# `成文日期：2021-08-04`, `[ 成文日期 ] 2023-04-06`, `生成日期`
_WRITTEN = re.compile(
    r"(?:成文|生成|制发|签发)\s*(?:日期|时间)\s*[\]】]?\s*[:：∶]?\s*" + FULL_DATE.pattern.replace("(?<![\\d./-])", "")
)
# today's date in a banner, or when the page was made: `今天是2023年4月19日`, `页面生成时间：…`
_BANNER = re.compile(
    r"今天|今日是|现在是|当前时间|现在时间|北京时间|页面生成|截止|截至|报名|有效期|到期|会议时间|活动时间"
)
_UPDATE = re.compile(r"更新|修改|编辑")
_STOP = (
    r"(?=\s*(?:[|｜【\[\]】（(]|作者|编辑|责编|责任|记者|通讯员|发布|发表|时间|日期|字体|字号|浏览|阅读|点击|访问|打印|分享|我要"
    r"|评论|供稿|摄影|审核|文号|(?:19|20)\d\d[-年/.])|\s{2,}|\s*$|[\u3000\xa0]|\s(?=\S))"
)
# `来源：雅安市人社局`, `信息来源: 厅人力资源流动管理处`, `稿源：`, `文章来源：四川新闻网）`
_SOURCE = re.compile(
    r"(?:信息来源|稿件来源|文章来源|新闻来源|内容来源|来\s*源|稿\s*源|转载自|转自|摘自|原载)\s*[\]】]?\s*[:：∶]\s*[“《]?(?P<name>[^\s:：|｜]{1,40}?)[”》]?"
    + _STOP
)
# `发布机构：`, `公开责任部门`, `发文机关`
_ISSUER = re.compile(
    r"(?:发布机构|发文机关|公开责任部门|发布单位|供稿单位|供稿)\s*[\]】]?\s*[:：∶]?\s*(?P<name>[\u4e00-\u9fff、（）()]{2,40}?)"
    + _STOP
)
# `作者：张三`, `记者：李四`, `文/王五`
_AUTHOR = re.compile(r"(?:作\s*者|撰\s*文|撰\s*稿|文字|记\s*者)\s*[:：]\s*(?P<name>[^\s|｜:：]{2,20}?)" + _STOP)
# a medium's name alone in the line of the date: `四川日报  2020年04月22日`, `2022-02-13 07:48 新华网`
_MEDIUM = re.compile(
    r"^[\u4e00-\u9fffA-Za-z0-9·—-]{1,18}(?:日报|晚报|时报|商报|早报|晨报|都市报|周报|报|网|新闻|在线|通讯社|社|电视台|广播|台|客户端|杂志|周刊|频道|局|厅|委|办|中心|融媒)$"
)
_PLACEHOLDERS = frozenset(
    (
        "本站",
        "本网",
        "网络",
        "互联网",
        "原创",
        "未知",
        "转载",
        "本站原创",
        "佚名",
        "无",
        "不详",
        "admin",
        "转载文章",
        "其他",
    )
)
# `政府网站标识码5118000022`, `网站标识码：bm01000001`
_SITE_CODE = re.compile(r"网站(?:标识|识别)码\s*[:：]?\s*(bm\d{8}|[1-9]\d{9})", re.I)
SITE_CODE = re.compile(r"bm\d{8}|[1-9]\d{9}", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What labelled lines gave; each with the label it stood behind."""

    published: Stamp | None = None
    written: Stamp | None = None
    relative: str | None = None  # a line such as `3小时前  甲市融媒`
    source_name: tuple[str, str] | None = None
    author: tuple[str, str] | None = None


def read_labels(before: list[Block], after: list[Block], zone: str) -> Labels:
    """What the lines before the text (title included) and just after it say."""
    head = _lines(before)
    tail = _lines(after)
    joined = " \n".join(head)
    return Labels(
        published=_published(head, tail, zone),
        written=_first_written(joined, zone),
        relative=next((line for line in head if len(line) < 40 and _is_relative(line)), None),
        source_name=_named(_SOURCE, "来源", [*head, *tail]) or _medium(head) or _named(_ISSUER, "发布机构", head),
        author=_named(_AUTHOR, "作者", [*head, *tail]),
    )


def _is_relative(line: str) -> bool:
    """True for `3小时前` and `发布于昨天 14:05`, not for `今天是星期三` or a sentence."""
    return RELATIVE.search(line) is not None and "今天是" not in line and re.search("[，。！？]", line) is None


def _lines(blocks: list[Block]) -> list[str]:
    """Short lines, a label joined with the value in the next cell."""
    lines: list[str] = []
    for block in blocks:
        text = block.text
        if len(text) > _LINE:
            continue
        if lines and _YEAR_ALONE.fullmatch(lines[-1]) is not None and _MONTH_DAY.match(text) is not None:
            lines[-1] = f"{lines[-1]}-{text.replace('/', '-')}"
        elif lines and _is_begun(lines[-1], text):
            lines[-1] = f"{lines[-1]} {text}"
        elif block.linked * 2 <= len(text) or len(text) - block.linked >= 8 or FULL_DATE.search(text) is None:
            lines.append(text)
    return lines


_BARE_LABEL = re.compile(r"(?:时间|日期|来源|作者|机构|机关|文号|字号)\s*[\]】]?\s*[:：∶]?\s*$")


def _is_begun(line: str, text: str) -> bool:
    """True where `text` is the rest of `line`: the clock after a day, the value after a label."""
    if _DAY_ALONE.fullmatch(line) is not None:
        return _CLOCK_ALONE.fullmatch(text) is not None
    return len(line) < 30 and _BARE_LABEL.search(line) is not None


# a date broken over boxes: `2019` `09/07` `19:02:33`
_YEAR_ALONE = re.compile(r"(?:19|20)\d\d")
_MONTH_DAY = re.compile(r"(?:0?[1-9]|1[0-2])[-/](?:[0-2]?\d|3[01])(?:$|\s)")
_DAY_ALONE = re.compile(r"(?:19|20)\d\d[-/]\d{1,2}[-/]\d{1,2}")
_CLOCK_ALONE = re.compile(r"\d{1,2}:\d\d(?::\d\d)?")


def _published(head: list[str], tail: list[str], zone: str) -> Stamp | None:
    updated: Stamp | None = None
    for line in [*head, *tail]:
        for match in _LABELLED_DATE.finditer(line):
            if _BANNER.search(line[max(0, match.start() - 8) : match.end()]) is not None:
                continue
            label = "".join(match["label"].split())
            stamp = stamp_of(match, zone, f"label:{label}")
            if stamp is None:
                continue
            if _UPDATE.search(label) is None:
                return stamp
            updated = updated or stamp
    beside = _beside_title(head, zone)
    return beside or updated


def _beside_title(head: list[str], zone: str) -> Stamp | None:
    """A full date in a short line between title and text; the one nearest to the title that is no banner."""
    for line in head:
        if len(line) > 150 or _BANNER.search(line) is not None:
            continue
        match = FULL_DATE.search(line)
        if match is not None and (stamp := stamp_of(match, zone, "beside-title")) is not None:
            return stamp
    return None


def _first_written(text: str, zone: str) -> Stamp | None:
    for match in _WRITTEN.finditer(text):
        if text[max(0, match.start() - 2) : match.start()].endswith("页面"):
            continue
        return stamp_of(match, zone, "label:成文日期")
    return None


def _named(pattern: re.Pattern[str], label: str, lines: list[str]) -> tuple[str, str] | None:
    for line in lines:
        for match in pattern.finditer(line):
            name = match["name"].strip(" 　【】[]()（）“”《》.。,，;；")
            if len(name) >= 2 and name.lower() not in _PLACEHOLDERS and FULL_DATE.search(name) is None:
                return name, f"label:{label}"
    return None


def _medium(head: list[str]) -> tuple[str, str] | None:
    """A medium's name that shares the line of the date without a label."""
    for line in head:
        if len(line) > 80 or _BANNER.search(line) is not None:
            continue
        match = FULL_DATE.search(line)
        if match is None:
            continue
        for part in (line[: match.start()], line[match.end() :]):
            for word in part.split():
                if _MEDIUM.match(word) is not None and "：" not in word and word not in _PLACEHOLDERS:
                    return word, "beside-title"
    return None


def tidy_source(name: str) -> str | None:
    """A ContentSource or own selector's text as a name: without its label; None for 本站 and the like."""
    found = _SOURCE.search(name)
    if found is not None:
        name = found["name"]
    name = name.strip(" 　【】[]()（）“”《》.。,，;；:：")
    return name if len(name) >= 2 and name.lower() not in _PLACEHOLDERS and len(name) <= 60 else None


# what stands where an author's name should: `104363`, `L_104485`, `name, email@gmail.com`
_NO_AUTHOR = re.compile(r"^[A-Za-z_]*\d+$|@|^(?:admin|管理员|网易|责任|编辑|佚名|未知|本站)$", re.I)


def tidy_author(name: str) -> str | None:
    """An author's name, or None for an account number, an address or a placeholder."""
    name = name.strip(" 　【】[]()（）。.,，;；:：")
    return name if 2 <= len(name) <= 40 and _NO_AUTHOR.search(name) is None else None


def site_code(tag: str | None, blocks: list[Block]) -> tuple[str, str] | None:
    """The site's code from its tag, else from the footer."""
    if tag is not None and (match := SITE_CODE.fullmatch(tag.strip())) is not None:
        return match[0].lower(), "meta:SiteIDCode"
    for block in reversed(blocks[-40:]):
        if (match := _SITE_CODE.search(block.text)) is not None:
            return match[1].lower(), "label:网站标识码"
    return None


# a date alone on its line: `2021年8月4日`, `二〇二一年八月四日`
_SIGNED_DAY = re.compile(
    r"^\s*(?P<year>(?:19|20)\d\d)\s*年\s*(?P<month>1[0-2]|0?[1-9])\s*月\s*(?P<day>3[01]|[12]\d|0?[1-9])\s*日\s*$"
)
# who signs: `四川省商务厅`, `四川省人力资源和社会保障厅  四川省发展和改革委员会`
_SIGNER = re.compile(r"[厅局委会府部院办处所室社司校行组心队团]\s*$")


def signed_date(lines: list[str], zone: str) -> Stamp | None:
    """成文日期 as a document's signature gives it: a date alone on its line beneath the issuing organ's name."""
    for before, line in pairwise(lines):
        if len(line) > 30 or len(before) > 80 or _SIGNER.search(before) is None:
            continue
        chinese = chinese_day(line)
        text = line if chinese is None else "{}年{}月{}日".format(*chinese)
        if (match := _SIGNED_DAY.match(text)) is not None:
            return stamp_of(match, zone, "signature")
    return None
