"""The columns that an article says it stands in: 当前位置：首页 > 政务公开 > 通知公告. Pure; reads lines only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from crawler.extract.document import Block
from crawler.extract.title import letters

# `当前位置：首页 > 新闻 > 要闻`, `您所在的位置 ：`, `您现在的位置是`; `位置` within a sentence is none
_LABEL = re.compile(r"^\W*(?:您|你)?(?:所在|当前|现在|目前)?的?(?:所在)?位置\s*(?:是|在)?\s*[:：]?")
# a trail without its label: `首页 > 政务公开 > 通知公告`; with bars or strokes between them, names are a menu
_HOME = re.compile(r"^\W*(?:网站|返回)?首\s*页\s*[>＞》»›→]")
_BETWEEN = re.compile(r"\s*(?:[>＞》»›→/|｜\\]|&gt;|::|--+|—+|\s-\s)+\s*")
_NO_COLUMN = frozenset(
    (
        "首页",
        "网站首页",
        "返回首页",
        "主页",
        "门户首页",
        "正文",
        "详情",
        "内容",
        "文章",
        "信息详情",
        "详细内容",
        "文章内容",
        "浏览文章",
    )
)
_MAX_COLUMNS = 8
_MAX_NAME = 30  # 全市人力资源和社会保障系统行风建设专项行动 has 20
_MAX_TRAIL = 200


def columns_of(blocks: Sequence[Block], title: str, column_name: str | None) -> tuple[tuple[str, ...], str] | None:
    """(names from the widest to the nearest, where they were read); None where the page says nothing.

    `blocks` are the lines above the text, `column_name` is the government tag of that name.
    """
    for number, block in enumerate(blocks):
        text = block.text
        if len(text) > _MAX_TRAIL or ("位置" not in text and "首页" not in text):
            continue
        label = _LABEL.match(text)
        if label is None and _HOME.match(text) is None:
            continue
        said = text[label.end() :] if label is not None else text
        names = _names(_BETWEEN.split(said), title)
        if not names and label is not None:
            # each name in a box of its own
            beside = takewhile(
                lambda other: len(other.text) <= _MAX_NAME, blocks[number + 1 : number + 1 + 2 * _MAX_COLUMNS]
            )
            names = _names([part for other in beside if other.linked for part in _BETWEEN.split(other.text)], title)
        if names:
            return names, "breadcrumbs"
    name = " ".join((column_name or "").split())
    return ((name,), "meta:ColumnName") if 0 < len(name) <= _MAX_NAME else None


def _names(parts: Sequence[str], title: str) -> tuple[str, ...]:
    bare = letters(title)
    found: dict[str, None] = {}
    for part in parts:
        name = part.strip(" \t\u3000\xa0:：>[]【】")
        same = letters(name)
        if not same or name in _NO_COLUMN or len(name) > _MAX_NAME or (len(same) >= 6 and bare.startswith(same)):
            continue
        found.setdefault(name)
    return tuple(found)[:_MAX_COLUMNS]
