"""What copying machines do to a text: traditional characters, pinyin glosses, doubled punctuation."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

# Readings as such copies print them behind a character: 協(xié)同
GLOSSES = {
    "協": "xié",
    "發": "fā",
    "務": "wù",
    "業": "yè",
    "會": "huì",
    "動": "dòng",
    "區": "qū",
    "簽": "qiān",
    "與": "yǔ",
    "實": "shí",
    "產": "chǎn",
    "園": "yuán",
    "機": "jī",
    "資": "zī",
    "設": "shè",
}
# Real copies gloss some occurrences and double some commas; every third and every second stand for "some".
GLOSS_EVERY = 3
DOUBLE_EVERY = 2
GLOSSED = re.compile("|".join(GLOSSES))


def traditional(text: str) -> str:
    """The text in traditional characters."""
    converted: str = _converter().convert(text)
    return converted


def mangled(text: str) -> str:
    """The text as a machine-made mirror prints it: 協(xié)同,, 發(fā)展."""
    glossed = 0
    commas = 0

    def gloss(found: re.Match[str]) -> str:
        nonlocal glossed
        glossed += 1
        character = found.group()
        return character if glossed % GLOSS_EVERY else f"{character}({GLOSSES[character]})"

    def double(found: re.Match[str]) -> str:
        nonlocal commas
        commas += 1
        return ",," if commas % DOUBLE_EVERY else "，,"

    return re.sub("，", double, GLOSSED.sub(gloss, traditional(text)))


@cache
def _converter() -> Any:
    import opencc  # its dictionaries take a moment to load

    return opencc.OpenCC("s2t")
