"""A text with each character in the form in which it is searched, of the same length: places in both are the same.

What folding does beyond single characters (words of several, readings, repairs) is left as it is; see fold.py.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import opencc

_HAN = range(0x3400, 0xA000)
_OTHER_FORMS = (*range(0xF900, 0xFB00), *range(0xFF00, 0xFFF0))  # compatibility ideographs; full and half width


def alike(text: str) -> str:
    """`text` in simplified characters of one width, character for character: "臺灣ＨＲ" is "台湾HR"."""
    return text if text.isascii() else text.translate(_forms())


def written_forms(name: str) -> tuple[str, ...]:
    """`name` as it is, in simplified and in traditional characters, for what is kept as it was published."""
    return tuple(dict.fromkeys((name, str(_converter("t2s").convert(name)), str(_converter("s2t").convert(name)))))


@lru_cache(maxsize=2)
def _converter(way: str) -> opencc.OpenCC:
    return opencc.OpenCC(way)


@lru_cache(maxsize=1)
def _forms() -> dict[int, str]:
    every = [chr(code) for code in _HAN]
    simple = str(_converter("t2s").convert("\n".join(every))).split("\n")
    forms = {ord(one): other for one, other in zip(every, simple, strict=True) if one != other and len(other) == 1}
    for code in _OTHER_FORMS:
        form = unicodedata.normalize("NFKC", chr(code))
        if len(form) == 1 and form != chr(code):
            forms[code] = forms.get(ord(form), form)
    return forms
