"""Traditional to simplified characters by OpenCC, behind a guard that lets simplified texts through untouched."""

from __future__ import annotations

import re
from functools import lru_cache

import opencc


def simplified(text: str) -> str:
    """`text` in simplified characters; texts without a traditional one are handed back as they are."""
    if text.isascii() or _traditional().search(text) is None:
        return text
    return str(_converter().convert(text))


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=1)
def _traditional() -> re.Pattern[str]:
    """Any character that is traditional only: one that OpenCC changes and GB 2312, the simplified set, lacks."""
    every = [chr(code) for code in range(0x3400, 0xA000)]
    changed = zip(every, str(_converter().convert("\n".join(every))).split("\n"), strict=True)
    only = [one for one, other in changed if one != other and not _in_gb2312(one)]
    return re.compile(f"[{''.join(only)}]")


def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
