"""The title of a PDF: its largest heading, the line that ends as titles do, or what the file tells of itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.extract.docnumber import find_document_number
from crawler.extract.pdf_lines import (
    BEGINS,
    ENDED,
    KIND,
    ORGAN,
    SAME_SIZE,
    Line,
    Measure,
    is_heading_rest,
    joined,
    tidy,
)
from crawler.extract.title import letters

_TITLE_LINES = 40  # of the first page; a title stands no further down
_LONGEST_TITLE = 200
_LONGEST_LINE = 60  # of a first line that nothing sets apart
# `Microsoft Word - 通知.doc`, `新建文档`, `无标题`, `幻灯片 1`, `1234.pdf`, `P0202401`
_NO_TITLE = re.compile(
    r"^(?:microsoft (?:word|powerpoint|excel)\b|无标题|未命名|新建|文档\s*\d*$|幻灯片|演示文稿"
    r"|untitled|document\s*\d*$|slide\s*\d)"
    r"|\.(?:docx?|wps|pdf|xlsx?|pptx?|et|dot|ofd|tif|jpg|html?|indd|cdr|s2d|s72|s92)$|[\\/]|^[!-~]*$",
    re.I,
)


def title_of(lines: Sequence[Line], measure: Measure) -> str | None:
    """The document's title: the largest heading of its first page, without the red head; None where none stands out."""
    page = [line for line in lines if line.page == lines[0].page][:_TITLE_LINES]
    head = _red_head(page)
    page = page[head:]
    groups: list[list[Line]] = []
    for line in page:
        if groups and is_heading_rest(groups[-1][-1], line, measure):
            groups[-1].append(line)
        elif line.size > measure.size * (1 + SAME_SIZE):
            groups.append([line])
    best: tuple[float, str] | None = None
    for group in groups:
        text = _one(group)
        if 4 <= len(letters(text)) <= _LONGEST_TITLE and (best is None or group[0].size > best[0] * 1.05):
            best = group[0].size, text
    if best is not None:
        return best[1]
    return _plain_title(page, measure)


def _red_head(page: Sequence[Line]) -> int:
    """How many lines the head of an official document takes: who issues it, and its number."""
    for place, line in enumerate(page[:10]):
        if find_document_number(line.text) is None:
            continue
        above = [found.text for found in page[:place]]
        return 0 if any(KIND.search(text) and not ORGAN.search(text) for text in above) else place + 1
    return 1 if page and page[0].text.endswith("文件") and len(page) > 1 else 0


def _plain_title(page: Sequence[Line], measure: Measure) -> str | None:
    """The title of a document in one size: up to four lines that end as titles do, above the first sentence."""
    for place, line in enumerate(page[:12]):
        if "。" in line.text or line.text.endswith(("：", ":")):
            return None
        if KIND.search(line.text) is None or BEGINS.match(line.text) is not None:
            continue
        start = place
        while start > 0 and place - start < 3 and _leads_to(page[start - 1], page[start], measure):
            start -= 1
        text = _one(page[start : place + 1])
        return text if 4 <= len(letters(text)) <= _LONGEST_TITLE else None
    return None


def _leads_to(line: Line, following: Line, measure: Measure) -> bool:
    """True where a title of one size may run from `line` to the next: close, unfinished, no head and no number."""
    text = line.text
    return (
        line.bottom - following.bottom <= 2.2 * line.size
        and ENDED.search(text) is None
        and KIND.search(text) is None
        and find_document_number(text) is None
        and (
            following.text.startswith("关于")  # above it stands who issues it
            or (
                ("关于" in text or ORGAN.search(text) is None)
                and (line.right - line.left) * 2 > measure.right - measure.left
            )
        )
    )


def title_told(told: str | None) -> str | None:
    """The title that a file tells of itself; None where it is a file's name or a program's."""
    text = tidy(told) if told else ""
    is_title = 4 <= len(letters(text)) <= _LONGEST_TITLE and "\ufffd" not in text and _NO_TITLE.search(text) is None
    return text if is_title else None


def first_line(lines: Sequence[Line]) -> str | None:
    """The first line, where it may be a heading: short, no sentence, no point of a list, no label."""
    text = lines[0].text.strip("\u3000 ") if lines else ""
    if not 4 <= len(letters(text)) <= _LONGEST_LINE or BEGINS.match(text) is not None or "：" in text:
        return None
    return text if ENDED.search(text) is None and find_document_number(text) is None else None


def _one(group: Sequence[Line]) -> str:
    text = ""
    for line in group:
        text = joined(text, line.text.strip("\u3000"))
    return text
