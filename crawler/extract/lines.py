"""What single lines of a page are: the title again, a line of labels, a row of a list."""

from __future__ import annotations

import re

from crawler.extract.boilerplate import is_end, is_furniture
from crawler.extract.dates import FULL_DATE
from crawler.extract.document import Block, Document
from crawler.extract.title import letters
from crawler.text.fold import fold_text

# `2022-02-13 07:48 来源：新华网 字体：大 中 小`
_LABEL_WORDS = re.compile(
    r"来\s*源|作\s*者|编\s*辑|字\s*[体号]|浏览|阅读|点击|时间|日期|稿源|发布|发表|分享|打印|责编"
    r"|索\s*引\s*号|(?:主题|体裁|信息|内容|公文)分类|发文机关|公开(?:方式|范围|责任)|文\s*号|有效性|主题词|信息名称|公文名称|组配分类"
)
# `2023-04-19`, `04-19`, `[04/19]` at the end of a row
_ROW_DATE = re.compile(r"(?<!\d)(?:0?[1-9]|1[0-2])(?:[-/.]|月)(?:[0-2]?\d|3[01])日?[\])）]?$")
# `来源：无锡交警`, `（来源：某某日报）`, `发布日期：2019-09-23 所属分类：头条`, `标签：就业 社保` below the text
_TAIL_LABEL = re.compile(
    r"^\W{0,2}(?:(?:本文|文章|信息|稿件|新闻|内容)?来\s*源|稿\s*源|发布(?:时间|日期)|更新(?:时间|日期)|标\s*签|关键[字词]|所属分类|供稿)\s*[:：]"
)
# `石佳/某某报`, then `2019-09-24 09:10`
_CLOCK = re.compile(r"\d\s*[:：∶]\s*\d\d")
_SHORT_BODY = 300  # a page with more text than this is not taken for a list, however many links stand around it


_HEAD_LINES = 20  # a 信息公开 block has up to fifteen rows


def is_title(text: str, bare: str) -> bool:
    """True for a line that is the title, whole or nearly; `bare` is the title's letters."""
    found = letters(text)
    if not bare or not found:
        return False
    return found == bare or (bare in found and len(found) < len(bare) + 12) or (len(found) >= 8 and found in bare)


def is_label_line(text: str) -> bool:
    """True for a short line of date, 来源, 作者 and the like."""
    if len(text) > 120 or "。" in text:
        return False
    words = len(_LABEL_WORDS.findall(text))
    date = FULL_DATE.search(text)
    if date is not None and (words > 0 or len(text) - (date.end() - date.start()) <= 20):
        return True
    return words > 0 and len(text) < 60 and re.search("[:：]", text) is not None


def without_head(kept: list[Block], title: str) -> list[Block]:
    """`kept` without the title and the labels above the text, where they stand in the same box."""
    bare = letters(title)
    start = _printed_title(kept, bare)
    for number, block in enumerate(kept[:_HEAD_LINES]):
        if number < start:
            continue
        if "。" in block.text:
            break  # the text has begun
        same = letters(block.text)
        again = bool(same) and number <= start + 5 and (same == bare or (len(same) >= 8 and bare.startswith(same)))
        label = number == start and (is_label_line(block.text) or _YEAR_OR_DAY.fullmatch(block.text) is not None)
        if again or label or (_is_timed(block.text) and all(_is_byline(above.text) for above in kept[start:number])):
            start = number + 1
    return kept[start:]


# `附件：`, whose links are listed apart
_NO_FILES = re.compile(r"(?:相关)?附\s*件\s*[:：]?")


def _printed_title(kept: list[Block], bare: str) -> int:
    """How many lines at the beginning are together the title: a long one is printed in several."""
    together = ""
    for number, block in enumerate(kept[:8]):
        together += letters(block.text)
        if together == bare:
            return number + 1
        if not bare.startswith(together):
            return 0
    return 0


# a date broken over lines: `2019`, `09/07`, `19:02`
_YEAR_OR_DAY = re.compile(r"(?:19|20)\d\d|\d{1,2}[-/]\d{1,2}|\d{1,2}:\d\d(?::\d\d)?")


def _is_timed(text: str) -> bool:
    """True for a line of day and clock, with 来源 perhaps: `2020-06-06 10:08 来源：某某新闻`."""
    return len(text) <= 60 and _CLOCK.search(text) is not None and is_label_line(text)


def _is_byline(text: str) -> bool:
    return len(text) <= 30 and re.search("[，。；！？：:]", text) is None


def without_tail(kept: list[Block], title: str) -> list[Block]:
    """`kept` without the furniture at its end; that of a copied page may be in traditional characters with readings.

    The title there is that of a second copy.
    """
    bare = letters(title)
    last = len(kept)
    while last > 1 and len(text := kept[last - 1].text) <= 600:
        if not _is_left_over(fold_text(text)) and letters(text) != bare:
            break
        last -= 1
    return kept[:last]


def _is_left_over(text: str) -> bool:
    if is_furniture(text) or is_end(text) or _NO_FILES.fullmatch(text) is not None:
        return True
    return len(text) <= 60 and _TAIL_LABEL.match(text) is not None


def list_page(document: Document, body_length: int) -> str | None:
    """What makes the page a list and no article, in words; None where it may be an article."""
    if body_length >= _SHORT_BODY:
        return None
    rows = dated = 0
    for block in document.blocks:
        if len(block.text) >= 8 and block.linked * 2 > len(block.text) and not block.is_furniture:
            rows += 1
        if len(block.text) < 200 and _ROW_DATE.search(block.text) is not None:
            dated += 1
    bare = rows >= 3 and body_length < 10
    crowded = rows >= 8 and dated >= 6 and rows * 10 > body_length
    portal = rows >= 30 and body_length < 80
    return f"{rows} linked rows, {body_length} characters of text" if bare or crowded or portal else None
