"""What the lines around an article say of it: 发布时间, 成文日期, the site's code. Who stands behind it: `credits`.

Only lines near the title and the text are read, so that the dates of other articles' links are never met.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from crawler.extract.credits import BANNER, read_author, read_source
from crawler.extract.dates import FULL_DATE, read_stamp, row_date, stamp_of
from crawler.extract.document import Block
from crawler.extract.loose_dates import RELATIVE, chinese_day
from crawler.model import RowDate, Stamp

_LINE = 300  # a line of labels is shorter; longer ones are sentences
# `发布时间：`, `发布日期 `, `发表于 `, `日期：`, `[ 发布日期 ] `, `发稿时间:`, `Posted on`; never 报名时间, 会议时间
_DATE_LABEL = (
    r"(?<![\u4e00-\u9fff])(?P<label>(?:信息|文章|稿件|新闻|网站|首次|最后|上次)?"
    r"(?:发\s*布|發[布佈]|发表|發表|发稿|刊发|刊登|登载|录入|添加|加入|公开|上传|上网|创建|公布|印发|发文|更新|修改)?\s*(?:[时時]\s*[间間]|日\s*期)"
    r"|(?:发布|發[布佈]|发表|发|刊登|刊发|posted|更新|修改|编辑)\s*(?:于|在|on|at))\s*[\]】]?\s*[:：∶]?\s*"
)
_LABELLED_DATE = re.compile(_DATE_LABEL + FULL_DATE.pattern.replace("(?<![\\d./-])", ""), re.I)
# `成文日期：2021-08-04`, `[ 成文日期 ] 2023-04-06`, `生成日期`
_WRITTEN = re.compile(
    r"(?:成文|生成|制发|签发)\s*(?:日期|时间)\s*[\]】]?\s*[:：∶]?\s*" + FULL_DATE.pattern.replace("(?<![\\d./-])", "")
)
_UPDATE = re.compile(r"更新|修改|编辑")
# `政府网站标识码5118000022`, `网站标识码：bm01000001`
_SITE_CODE = re.compile(r"网站(?:标识|识别)码\s*[:：]?\s*(bm\d{8}|[1-9]\d{9})", re.I)
SITE_CODE = re.compile(r"bm\d{8}|[1-9]\d{9}", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What labelled lines gave; each with the label it stood behind."""

    published: Stamp | None = None
    written: Stamp | None = None
    relative: str | None = None  # a line such as `3小时前  甲市融媒`
    yearless: RowDate | None = None  # `发布时间：10-08 12:00`
    source_name: tuple[str, str] | None = None
    author: tuple[str, str] | None = None


def read_labels(
    before: list[Block],
    after: list[Block],
    zone: str,
    *,
    above: list[Block] | None = None,
    latest: datetime | None = None,
) -> Labels:
    """What the lines before the text and just after it say; dates beyond `latest` are passed over.

    `above` is further up, where a 信息公开 block may stand.
    """
    head = _lines(before)
    tail = _lines(after)
    issuing = [] if above is None else _lines([block for block in above if block.linked == 0])
    joined = " \n".join([*head, *issuing])
    return Labels(
        published=_published(head, tail, zone, latest),
        written=_first_written(joined, zone),
        relative=next((line for line in head if len(line) < 40 and _is_relative(line)), None),
        yearless=_yearless(head),
        source_name=read_source(head, tail, issuing),
        author=read_author(head, tail),
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
        text = _RUN_TOGETHER.sub(r"\g<year>-\g<month>-\g<day>", text)
        if lines and _YEAR_ALONE.fullmatch(lines[-1]) is not None and _MONTH_DAY.match(text) is not None:
            lines[-1] = f"{lines[-1]}-{text.replace('/', '-')}"
        elif lines and _is_begun(lines[-1], text):
            parted = _DAY_ALONE.fullmatch(lines[-1]) is not None or lines[-1][-1] in ":：∶]】"
            lines[-1] = f"{lines[-1]}{' ' if parted else '：'}{text}"
        elif block.linked * 2 <= len(text) or len(text) - block.linked >= 8 or _is_no_row(text):
            lines.append(text)
    return lines


# `202606/17`, `2023 11/ 17 20:52:15`: year, month and day in boxes of their own
_RUN_TOGETHER = re.compile(r"^(?P<year>20\d\d)\s*(?P<month>0[1-9]|1[0-2])\s*/\s*(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")


def _is_no_row(text: str) -> bool:
    """True for linked words that are no row of a list: without a date, or hardly more than one."""
    match = FULL_DATE.search(text)
    return match is None or len(text) - (match.end() - match.start()) <= 8


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


def _published(head: list[str], tail: list[str], zone: str, latest: datetime | None) -> Stamp | None:
    updated: Stamp | None = None
    for line in [*head, *tail]:
        for match in _LABELLED_DATE.finditer(line):
            if BANNER.search(line[max(0, match.start() - 8) : match.end()]) is not None:
                continue
            label = "".join(match["label"].split())
            stamp = stamp_of(match, zone, f"label:{label}")
            if stamp is None or (latest is not None and stamp.at > latest):
                continue
            if _UPDATE.search(label) is None:
                return stamp
            updated = updated or stamp
    return _beside_title(head, zone) or _in_numerals(head, zone) or updated or _beneath(tail, zone)


def _in_numerals(head: list[str], zone: str) -> Stamp | None:
    """`发布日期：二〇二四年三月五日`, `发布日期：20240305`."""
    for line in head:
        label = _LABEL.search(line)
        if label is None or BANNER.search(line[max(0, label.start() - 8) : label.end()]) is not None:
            continue
        value = line[label.end() : label.end() + 20]
        day = chinese_day(value)
        text = value if day is None else "{}-{}-{}".format(*day)
        if (stamp := read_stamp(text, zone, f"label:{''.join(label['label'].split())}")) is not None:
            return stamp
    return None


def _beneath(tail: list[str], zone: str) -> Stamp | None:
    """Day and clock alone in a line just below the text; a day alone may be a signature's."""
    for line in tail[:4]:
        match = FULL_DATE.fullmatch(line)
        if match is not None and match["hour"] is not None:
            return stamp_of(match, zone, "below-text")
    return None


def _yearless(head: list[str]) -> RowDate | None:
    """`发布时间：10-08 12:00`, `发布时间：18-03-08 23:16`; clock and day may be run together."""
    for line in head:
        match = _LABELLED_YEARLESS.search(line)
        if match is not None:
            year = f"20{match['year']}-" if match["year"] else ""
            return row_date(f"{year}{match['month']}-{match['day']} {match['clock'] or ''}")
    return None


_LABEL = re.compile(_DATE_LABEL, re.I)
_LABELLED_YEARLESS = re.compile(
    _DATE_LABEL + r"(?:(?P<year>[12]\d)[-/.年])?(?P<month>1[0-2]|0?[1-9])[-/.月](?P<day>3[01]|[12]\d|0[1-9]|[1-9])日?"
    r"(?![-/.\d]*年)\s*(?P<clock>[0-2]?\d:[0-5]\d)?",
    re.I,
)


def _beside_title(head: list[str], zone: str) -> Stamp | None:
    """A full date in a short line between title and text; the one nearest to the title that is no banner."""
    for line in head:
        if len(line) > 150 or BANNER.search(line) is not None:
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
