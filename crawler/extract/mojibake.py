"""Text that went through a wrong charset once too often, undone run by run where the result is certainly Chinese.

UTF-8 read as Windows-1252 (`æµ‹è¯•`), UTF-8 read as GBK (`娴嬭瘯`), GBK read as Windows-1252 (`²âÊÔ`). A run that does
not decode to the last byte stays as it is: a page may be damaged in its text only, and its frame be sound.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

_LOOK = 20_000  # characters looked at to see whether there is anything to undo

# what Windows-1252 makes of the bytes 80 to 9F; the five bytes it leaves out pass as controls
_DEFINED = bytes(code for code in range(0x80, 0xA0) if code not in b"\x81\x8d\x8f\x90\x9d")
_CP1252 = dict(zip(map(ord, _DEFINED.decode("cp1252")), _DEFINED, strict=True))
_LATIN = "[\u0080-\u00ff\u0152-\u0192\u02c6\u02dc\u2013-\u2122]"
_LATIN_RUN = re.compile(f"{_LATIN}{{3,}}")
# `锛`, `銆`, `鐨`, `浜` …: halves of ，。的人 in UTF-8 read as GBK; rare in real text
_GBK_SIGN = re.compile("[锛銆鐨浜鍦鏄涓骞绗鍜璁鏈敓]")
_GBK_RUN = re.compile("[^\x00-\x7f\ufffd]{3,}")
_FEW = 4  # signs that make a look at each run worth while
_MUCH = 24  # characters put right that make it certain: no French page holds eight words that read as Chinese
# Chinese characters and what stands between them
_CHINESE = re.compile("[\u3400-\u9fff\u3000-\u303f\uff00-\uffef\u2010-\u2026\u00b7\u00d7]+")
_HANZI = re.compile("[\u4e00-\u9fff]")


def undo_mojibake(text: str) -> tuple[str, str | None]:
    """`text` with its misread runs put right, and what they were; (text, None) where there are none."""
    head = text[:_LOOK]
    latin = sum(map(len, _LATIN_RUN.findall(head)))
    if latin >= _MUCH:
        # any two bytes are a character in gb18030 (`“……”` would be 搮厰): only for pages that have no Chinese yet
        for name in ("utf-8",) if len(_HANZI.findall(head)) * 8 > latin else ("utf-8", "gb18030"):
            undone, length = _undone(text, _LATIN_RUN, partial(_through_latin, name=name))
            if length >= _MUCH:
                return undone, f"{name} through cp1252"
    if len(_GBK_SIGN.findall(head)) >= _FEW:
        undone, length = _undone(text, _GBK_RUN, _through_gbk)
        if length:
            return undone, "utf-8 through gb18030"
    return text, None


def _undone(text: str, runs: re.Pattern[str], put_right: Callable[[str], str | None]) -> tuple[str, int]:
    """The text, and how many of its characters were put right."""
    length = 0

    def undo(run: re.Match[str]) -> str:
        nonlocal length
        right = put_right(run[0])
        if right is None:
            return run[0]
        length += len(run[0])
        return right

    return runs.sub(undo, text), length


def _through_latin(run: str, name: str) -> str | None:
    try:
        right = run.translate(_CP1252).encode("latin-1").decode(name)
    except UnicodeError:
        return None
    return right if _is_chinese(right) else None


def _through_gbk(run: str) -> str | None:
    """A byte that had no partner was lost to a mark, `锛?`, and the characters beside the mark with it."""
    if _GBK_SIGN.search(run) is None:
        return None
    try:
        right = run.encode("gb18030").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return None
    lost = right.count("\ufffd")
    return right if _is_chinese(right.replace("\ufffd", "")) and len(right) >= 5 * lost else None


def _is_chinese(text: str) -> bool:
    return _CHINESE.fullmatch(text) is not None and (len(text) < 3 or _HANZI.search(text) is not None)
