"""Who stands behind an article, from the lines around it: 来源 (who published first) and 作者, apart from the editor.

本站, 原创 and the like name nobody else: they leave 来源 empty, which means that the site itself published first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.extract.boilerplate import is_furniture
from crawler.extract.dates import FULL_DATE
from crawler.extract.document import Block, Document

# today's date in a banner, or when the page was made: `今天是2023年4月19日`, `页面生成时间：…`
BANNER = re.compile(
    r"今天|今日是|现在是|当前时间|现在时间|北京时间|页面生成|截止|截至|报名|有效期|到期|会议时间|活动时间"
)
_LONGEST = 40
_STOP = (
    r"(?=\s*(?:[|｜丨【\[\]】（(]|作\s*者|编辑|责编|责任|记者|通讯员|发[布表][于时日:：]|時間|时间|日期|字体|字号|浏览|阅读|点击|访问|打印|分享|我要"
    r"|评论|供稿|摄影|审核|文号|校对|来源|(?:19|20)\d\d[-年/.])|\s{2,}|\s*$|[\u3000\xa0]|\s(?=\S))"
)
# `来源：雅安市人社局`, `信息来源: 厅人力资源流动管理处`, `稿源：`, `文章来源：四川新闻网）`, `來源∶`, `来源于：`
_SOURCE = re.compile(
    r"(?:(?:信息|稿件|文章|新闻|内容|资讯|本文|图文|资料)?[来來]\s*源(?:于|自|地)?|稿\s*源|转载自|转载于|转自|摘自|原载|出\s*处)"
    rf"\s*[\]】]?\s*[:：∶﹕]\s*[“《]?(?P<name>[^\s:：|｜丨]{{1,{_LONGEST}}}?)[”》]?" + _STOP
)
# `| 来源某某网 |`
_SOURCE_UNPARTED = re.compile(r"(?:^|[|｜丨]\s*)来\s*源\s*(?P<name>[^\s:：|｜丨，。于自]{2,20})\s*(?=[|｜丨]|$)")
# `发布机构：`, `公开责任部门`, `发文机关`, `[ 发布机构 ]`
_ISSUER = re.compile(
    r"(?:发布机构|发文机关|发文单位|制发机关|公开责任部门|责任部门|发布单位|信息提供|供稿单位|供\s*稿)\s*[\]】]?\s*[:：∶]?\s*"
    rf"(?P<name>[\u4e00-\u9fff、（）()]{{2,{_LONGEST}}}?)" + _STOP
)
# `作者：张三`, `记者：李四`, `撰稿：王五`, `| 作者魏星`
_AUTHOR = re.compile(
    r"(?:作\s*者|撰\s*文|撰\s*稿|文字|(?<!责任)记\s*者|通讯员|执\s*笔)\s*[:：∶]\s*(?P<name>[^\s|｜丨:：]{2,20}?)"
    + _STOP
)
# the hundred commonest, nine in ten people: `（记者节将至）` names nobody
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱"
    "秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文欧肖闫尤章施陶洪翟颜倪严牛温芦季俞葛殷庞耿岳单齐申左柳"
)
_NAMES = r"(?P<names>[\u4e00-\u9fff·]{2,4}(?:[\s、]{1,2}[\u4e00-\u9fff·]{2,4}){0,4})"
_PRESS = r"[\u4e00-\u9fff]{0,8}?(?:见习|实习)?记者(?:[\s:：]{1,2}|(?=[" + _SURNAMES + "]))"
# `某某网3月5日讯（记者 张三）`
_REPORTER = re.compile(rf"[（(]{_PRESS}{_NAMES}[)）]")
# `本报记者 张三 李四` in a line of its own
_REPORTER_LINE = re.compile(
    rf"\W{{0,2}}(?:本报|本网|本刊|[\u4e00-\u9fff]{{2,8}})(?:见习|实习)?记者[\s:：]{{1,2}}{_NAMES}$"
)
# `| 作者张三 |`
_AUTHOR_UNPARTED = re.compile(r"(?:^|[|｜丨]\s*)作\s*者\s*(?P<name>[\u4e00-\u9fff·]{2,8})\s*(?=[|｜丨]|$)")
# a medium's name alone in the line of the date: `四川日报  2020年04月22日`, `2022-02-13 07:48 新华网`
_MEDIUM = re.compile(
    r"^[\u4e00-\u9fffA-Za-z0-9·—-]{1,18}(?:日报|晚报|时报|商报|早报|晨报|都市报|周报|报|网|新闻|在线|通讯社|社|电视台|广播|台|客户端"
    r"|杂志|周刊|频道|传媒|融媒体?|发布|局|厅|委|办|中心)$"
)
# a medium's name that may stand in a line of its own above or below the date's
_OWN_LINE = re.compile(
    r"^[\u4e00-\u9fffA-Za-z·]{1,12}(?:日报|晚报|时报|商报|早报|晨报|都市报|网|通讯社|华社|电视台|客户端)$"
)
# `时政新闻`, `国内频道`: columns that end like media
_COLUMN = re.compile(
    r"^(?:时政|国内|国际|社会|财经|体育|娱乐|综合|本地|图片|热点|教育|科技|最新|今日|媒体|头条|部门|基层|区县|市县|工作|行业|民生|公司|军事|其他)"
    r"(?:新闻|频道|报|发布|要闻)$"
)
_NOBODY = """
本站 本网 本网站 网络 互联网 原创 未知 转载 本站原创 本网原创 佚名 无 不详 暂无 admin administrator 转载文章 其他 其它
网络整理 网络转载 综合整理 本站整理 网友投稿 管理员 系统管理员 null none undefined 来源 作者 编辑 本报 未填写 互联网络
"""
_PLACEHOLDERS = frozenset(_NOBODY.split())
_EDGES = " \t\u3000\xa0【】[]()（）“”《》.。,，;；:：|｜/"
# what stands where an author's name should: `104363`, `L_104485`, `name, email@gmail.com`, `CSDN.NET`
_NO_AUTHOR = re.compile(
    r"^[A-Za-z_]*\d+$|@|^(?:admin|管理员|网易|责任|编辑|大汉网络|拓尔思|开普)$|\.(?:com|cn|net|org)(?:$|\W)", re.I
)
_BARE_SOURCE = re.compile(r"(?:来\s*源|稿\s*源)\s*[:：∶]\s*(?:$|[|｜\s])")


def read_source(head: Sequence[str], tail: Sequence[str], issuing: Sequence[str]) -> tuple[str, str] | None:
    """(来源, where it stood): a label's value, a medium beside the date, or who issued the document."""
    lines = (*head, *tail)
    return (
        _named(_SOURCE, "来源", lines)
        or _named(_SOURCE_UNPARTED, "来源", head)
        or _medium(head)
        or _named(_ISSUER, "发布机构", (*head, *issuing))
    )


def read_author(head: Sequence[str], tail: Sequence[str]) -> tuple[str, str] | None:
    """(作者, where it stood)."""
    return _named(_AUTHOR, "作者", (*head, *tail)) or _named(_AUTHOR_UNPARTED, "作者", head)


def author_in_text(lines: Sequence[str]) -> str | None:
    """The reporter whom the text itself names at its beginning: `本报记者 张三`, `…讯（记者 张三 李四）`."""
    for line in lines[:3]:
        match = (_REPORTER_LINE.match(line) if len(line) <= 40 else None) or _REPORTER.search(line[:120])
        if match is not None:
            return " ".join(match["names"].replace("、", " ").split())
    return None


def pictured_source(document: Document, around: Sequence[Block]) -> tuple[str, str] | None:
    """来源 given by a picture: the words for it, `来源：<img alt="甲省日报">`."""
    for block in around:
        if _BARE_SOURCE.search(block.text) is None:
            continue
        for image in document.boxes[block.box].element.iter("img"):
            name = tidy_source(image.get("alt") or image.get("title") or "")
            if name is not None and len(name) <= 20:
                return name, "label:来源"
    return None


def tidy_source(name: str) -> str | None:
    """A ContentSource or own selector's text as a name: without its label; None for 本站 and the like."""
    found = _SOURCE.search(name)
    if found is not None:
        name = found["name"]
    name = " ".join(name.split()).strip(_EDGES)
    return name if len(name) >= 2 and name.lower() not in _PLACEHOLDERS and len(name) <= 60 else None


def tidy_author(name: str) -> str | None:
    """An author's name, or None for an account number, an address or a placeholder."""
    name = re.sub(r"^(?:本[报网站台])?(?:记者|作者|通讯员)\s*[:：]?\s*(?=\S{2})", "", name.strip(_EDGES)).strip(_EDGES)
    is_name = 2 <= len(name) <= _LONGEST and name.lower() not in _PLACEHOLDERS
    return name if is_name and _NO_AUTHOR.search(name) is None else None


def _named(pattern: re.Pattern[str], label: str, lines: Sequence[str]) -> tuple[str, str] | None:
    for line in lines:
        for match in pattern.finditer(line):
            name = match["name"].strip(_EDGES)
            if "”" in name and "“" not in name:
                name = f"“{name}"  # `“甲省发布”微信公众号`
            if len(name) < 2 or name.lower() in _PLACEHOLDERS or is_furniture(name):
                continue
            if FULL_DATE.search(name) is None:
                return name, f"label:{label}"
    return None


def _medium(head: Sequence[str]) -> tuple[str, str] | None:
    """A medium's name without a label: in the line of the date, or in a line of its own next to that."""
    for number, line in enumerate(head):
        if len(line) > 80 or BANNER.search(line) is not None:
            continue
        match = FULL_DATE.search(line)
        if match is None:
            continue
        for part in (line[: match.start()], line[match.end() :]):
            for word in part.split():
                if _MEDIUM.match(word) is not None and _is_medium(word):
                    return word, "beside-title"
        for other in head[max(0, number - 3) : number + 3]:
            if _OWN_LINE.match(other) is not None and _is_medium(other):
                return other, "beside-title"
    return None


def _is_medium(word: str) -> bool:
    return word not in _PLACEHOLDERS and _COLUMN.match(word) is None
