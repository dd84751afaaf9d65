"""Lines of a PDF → paragraphs: running heads and page numbers out, broken lines joined.

Reads nothing but the lines and where they stand; knows no PDF.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, pairwise
from statistics import median

from crawler.extract.docnumber import find_document_number

_EDGE_LINES = 2  # running heads and page numbers are among the outermost lines of a page
_EDGE_CHARS = 120
_NUMBER_CHARS = 40
_LONGEST_PARAGRAPH = 20_000  # characters; what is longer is no prose, and joining it line by line would cost its square
_COLUMN_EMS = 16  # a narrower type area is no column of text: A4 in 16 points takes 26
SAME_SIZE = 0.12  # mixed fonts in one line measure this much apart
# Radicals that fonts give for whole characters, beside those that Unicode itself maps (NFKC): ⻓⻅⻋⻔⻚⻛⻢ …
_RADICALS = dict(
    zip(
        map(ord, "⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳⺟"),
        "民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟母",
        strict=True,
    )
)
_AS_RADICALS = _RADICALS | {
    code: unicodedata.normalize("NFKC", chr(code))
    # Kangxi radicals, compatibility ideographs, Latin ligatures ﬁ ﬂ
    for code in (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFADA), *range(0xFB00, 0xFB07))
}
_NO_TEXT = re.compile("[\x00-\x01\x03-\x08\x0b-\x1f\x7f\xad\u200b-\u200f\u2028\u2029\ufeff]")
_BROKEN_WORD = ("\x02", "\ufffe")  # what PDFium puts for a hyphen at the end of a line
_SPACES = re.compile(r"[ \t\xa0]+")
# `通 知`, `关 于 开 展`: a line set wide
_WIDE = re.compile(r"[\u4e00-\u9fff](?: [\u4e00-\u9fff])+")
_HANZI = r"[\u2e80-\uffe6]"
_NUMBER = re.compile(r"[0-9]{1,6}")
# `— 3 —`, `-3-`, `3`, `第 3 页`, `第3页 共12页`, `3/12`, `·3·`, `Page 3 of 12`
_PAGE_NUMBER = re.compile(
    r"[\s—–―－﹣·•~～-]*(?:第|page)?\s*(?P<number>\d{1,4}|[ivxlc]{1,6})\s*(?:页)?"
    r"(?:\s*(?:[/／,，]|共|of)?\s*共?\s*\d{1,4}\s*页?)?[\s—–―－﹣·•~～-]*",
    re.I,
)
_PAGE_MARK = re.compile(r"[—–―－﹣·•~～页/／-]|page", re.I)
# The end of a sentence, or of what is no sentence and goes no further: `：`, `；`
ENDED = re.compile(r"[。！？!?；;：:…][”’」』》）)\]】]*$")
_SENTENCE = re.compile(r"[。！？][”’」』》）)]*$")
# `，` cannot end a paragraph
_OPEN_END = re.compile(r"[，、,（(《〈“‘「『〔【\[—–－\-]$")
# Begins a paragraph: `一、`, `（一）`, `(1)`, `1.`, `1、`, `第一条`, `附件`, `—— `, `●`
BEGINS = re.compile(
    r"[\u3000]|[一二三四五六七八九十百]{1,4}[、．.]|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}(?:[、．]|\.(?!\d))"
    r"|第[一二三四五六七八九十百\d]{1,4}[章节条款编部]|附\s*[件表录]\s*\d*\s*[:：.\s]?|——|[●○■□◆▪•·★※①-⑳]"
)
# What a document is by its title: `…的通知`, `…实施方案（试行）`
KIND = re.compile(
    r"(?:通知|通告|公告|公报|意见|决定|决议|命令|请示|批复|报告|函|复函|纪要|方案|办法|规定|规划|计划|细则|条例|协议|协议书|备忘录"
    r"|要点|措施|清单|简报|倡议书?|说明|解读|指南|名单|一览表|的通报|通报|工作规则|总结)(?:[（(][^（）()]{1,20}[）)])?$"
)


# The red head of an official document names who issues it: `四川省人力资源和社会保障厅文件`
ORGAN = re.compile(r"(?:文件|函件|[厅局部委院府会办组署司处]|办公室)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as it stands: places in points from the page's lower left, `size` the height of its characters."""

    page: int
    text: str
    left: float
    right: float
    bottom: float
    size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """The type area: where its lines begin and end, the size of most characters, whether paragraphs are indented."""

    left: float
    right: float
    size: float
    is_indented: bool


def tidy(text: str) -> str:
    """A line's text as it is read: radicals as characters, no control characters, blanks single, wide setting closed.

    Full-width forms stay, and so does an indent of ideographic blanks.
    """
    text = _SPACES.sub(" ", _NO_TEXT.sub("", text.translate(_AS_RADICALS))).strip(" ")
    if _WIDE.fullmatch(text) is not None:
        text = text.replace(" ", "")
    return text.rstrip("\u3000")


def without_furniture(lines: Sequence[Line]) -> list[Line]:
    """`lines` without the page numbers and the heads and feet that run from page to page."""
    by_page = [list(found) for _page, found in groupby(lines, key=lambda line: line.page)]
    edges = [_edges(found) for found in by_page]
    seen = Counter(key for found in edges for key in {key for edge in found for key in _edge_keys(edge)})
    pages = len(by_page)
    dropped: set[int] = set()
    for found in edges:
        for edge in found:
            runs = max((seen[key] for key in _edge_keys(edge)), default=1)
            if (runs >= 2 and runs * 2 >= pages - 1) or _is_page_number(edge.line.text, runs):
                dropped.add(id(edge.line))
    return [line for line in lines if id(line) not in dropped]


@dataclass(frozen=True, slots=True)
class _Edge:
    """An outermost line of a page; `is_apart` where a gap or its size sets it apart from the text."""

    line: Line
    is_apart: bool
    is_alone: bool = False


def _edges(page: Sequence[Line]) -> list[_Edge]:
    """The outermost lines, by where they stand: a foot may be written before the text."""
    order = sorted(page, key=lambda line: -line.bottom)
    if len(order) == 1:
        return [_Edge(order[0], is_apart=False, is_alone=True)]
    gaps = [above.bottom - below.bottom for above, below in pairwise(order)]
    usual, size = median(gaps), median(line.size for line in order)
    found: list[_Edge] = []
    for numbers in (range(len(order)), range(len(order) - 1, -1, -1)):
        is_upper = numbers.step > 0
        for number in numbers[:_EDGE_LINES]:
            line = order[number]
            inward = number if is_upper else number - 1
            wide = 0 <= inward < len(gaps) and gaps[inward] > 1.4 * usual
            found.append(_Edge(line, wide or abs(line.size - size) > SAME_SIZE * size))
    return found


def _edge_keys(edge: _Edge) -> list[tuple[str, int]]:
    """What a running line has in common on all pages: its text, or its text but for one number that counts them."""
    line = edge.line
    text, place = line.text.replace(" ", "")[:_EDGE_CHARS], round(line.bottom / 12)
    if edge.is_alone or _SENTENCE.search(text) is not None:
        return []  # the only line of a page is its text; the same sentence on every page is a form's
    counted = [
        f"{text[: found.start()]}<{int(found[0]) - line.page}>{text[found.end() :]}"
        for found in islice(_NUMBER.finditer(text), 4)
        if edge.is_apart or _is_page_number(text, 2)
    ]
    return [(key, place) for key in (text, *counted)]


def _is_page_number(text: str, runs: int) -> bool:
    found = _PAGE_NUMBER.fullmatch(text) if len(text) <= _NUMBER_CHARS else None
    return found is not None and (runs >= 2 or _PAGE_MARK.search(text) is not None)


def measure_of(lines: Sequence[Line]) -> Measure:
    """The type area of these lines, taken from those of the commonest size."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    size = sizes.most_common(1)[0][0]
    body = [line for line in lines if abs(line.size - size) <= size * SAME_SIZE and len(line.text) >= 8] or lines
    lefts = sorted(line.left for line in body)
    # the outermost line may stick out (a list's bullet): the margin is where a tenth of the lines has begun
    left = lefts[len(lefts) // 10]
    rights = sorted(line.right for line in body)
    right = rights[-1 - len(rights) // 10]
    indented = sum(1.2 * size <= line.left - left <= 3.5 * size or line.text[:1] == "\u3000" for line in body)
    flush = sum(line.left - left < 1.2 * size and line.text[:1] != "\u3000" for line in body)
    return Measure(left=left, right=right, size=size, is_indented=indented >= 2 and flush >= 2)


def goes_on(line: Line, following: Line, measure: Measure) -> bool:
    """True where `following` is the rest of the paragraph that `line` is a part of."""
    if abs(line.size - following.size) > SAME_SIZE * max(line.size, following.size):
        return False
    em = measure.size
    if min(line.size, following.size) > em * (1 + SAME_SIZE):
        return False  # lines of headings: `is_heading_rest` knows
    if line.text.endswith(_BROKEN_WORD):
        return True
    # an indent begins a paragraph; further in stand headings and signatures
    if following.left - measure.left >= 1.2 * em or following.text[:1] == "\u3000":
        return False
    is_ended = ENDED.search(line.text) is not None
    # after `，`, or after a sentence on the same line: no heading
    is_open = _OPEN_END.search(line.text) is not None or ("。" in line.text and not is_ended)
    if line.page == following.page and line.bottom - following.bottom > 3.2 * max(line.size, following.size):
        return False  # a gap of a blank line or more
    if line.page != following.page and measure.right - measure.left < _COLUMN_EMS * em and not is_open:
        return False  # slides and notices of a line or two a page
    is_full = line.right >= measure.right - 2 * em
    begins = BEGINS.match(following.text) is not None
    if is_ended:
        return is_full and measure.is_indented and not begins
    if is_full or is_open:
        return True
    # set ragged: a line that is nearly full and no heading
    width = measure.right - measure.left
    return not begins and BEGINS.match(line.text) is None and line.right - measure.left >= 0.8 * width


def joined(first: str, second: str) -> str:
    """Two lines as one: nothing between Chinese characters, a blank between words of Latin letters."""
    if first.endswith(_BROKEN_WORD):
        return first[:-1] + second
    first, second = first.rstrip(), second.lstrip(" ")
    if not first or not second or re.search(_HANZI, first[-1]) or re.match(_HANZI, second):
        return first + second
    return f"{first} {second}"


def paragraphs_of(lines: Sequence[Line], measure: Measure) -> list[str]:
    """The paragraphs, in order; the lines of one heading are one paragraph."""
    found: list[str] = []
    last: Line | None = None
    for line in lines:
        is_short = bool(found) and len(found[-1]) < _LONGEST_PARAGRAPH
        if last is not None and is_short and (goes_on(last, line, measure) or is_heading_rest(last, line, measure)):
            found[-1] = joined(found[-1], line.text)
        else:
            found.append(line.text)
        last = line
    return [text for paragraph in found if (text := paragraph.rstrip("".join(_BROKEN_WORD)).strip(" \u3000"))]


def is_heading_rest(line: Line, following: Line, measure: Measure) -> bool:
    """True for the second line of a heading: both larger than the text, of one size, close to each other."""
    return (
        min(line.size, following.size) > measure.size * (1 + SAME_SIZE)
        and abs(line.size - following.size) <= 0.05 * line.size
        and line.page == following.page
        and 0 <= line.bottom - following.bottom <= 2.2 * line.size
        and ENDED.search(line.text) is None
        and KIND.search(line.text) is None
        and not (ORGAN.search(line.text) and ORGAN.search(following.text))  # two that issue it together
        and find_document_number(line.text) is None
    )


def tidied(lines: Sequence[Line]) -> list[Line]:
    """`lines` with their text tidied, the empty ones out."""
    found = (replace(line, text=tidy(line.text)) for line in lines)
    return [line for line in found if line.text.strip("\u3000")]
