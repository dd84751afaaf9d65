"""The second of the two texts: folded for matching, comparing and searching, never shown.

Simplified characters, one width, no readings in brackets, no doubled punctuation, white space collapsed. Paragraphs
stay lines. Folding what is folded changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from crawler.text.repair import drop_glosses, undo_shift
from crawler.text.simplify import simplified

_ACCENTS = 30  # on one letter; more is vandalism
_MAX_PASSES = 8  # damage upon damage: real text settles in one or two


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text, and the names of the damages that were repaired on the way."""

    text: str
    repairs: tuple[str, ...] = ()


# zero-width, soft hyphen, direction marks, byte-order mark, variation selectors, private use, controls but \t \n \r
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffd"
    "\U000e0000-\U000e01ef\ud800-\udfff]"
)
_HAN = "\u3400-\u9fff\U00020000-\U0003134f"
# punctuation that comes in two widths; wide beside a Chinese character or quotation mark, narrow elsewhere
_WIDTHS = dict(zip(",;:!?()，；：！？（）", "，；：！？（）,;:!?()", strict=True))
_CHINESE = f"{_HAN}“”‘’《》〔〕【】"
_TOO_NARROW = re.compile(rf"[,;:!?()](?:(?=[{_CHINESE}])|(?<=[{_CHINESE}%].))")
_TOO_WIDE = re.compile(rf"[，；：！？（）](?![{_CHINESE}])(?<![{_CHINESE}%].)")
# `％`, `１２`, `…`, `Ⅱ`: all but what NFKC leaves alone and joins to nothing before it, which is most of any text
_ODD = re.compile("[^\n -~\u3400-\u9fff、。《》〔〕【】“”‘’—，；：！？（）]+")
# `，，` → `，`; `,。` → `。`; `，、` → `、`
_DOUBLED = re.compile("[,，、]+(?=[,，、。；：！？;])")
_ODD_MARKS = "「」『』﹁﹂﹃﹄∶〜"
_MARKS = dict(zip(_ODD_MARKS, "“”‘’“”‘’:~", strict=True))
_ODD_MARK = re.compile(f"[{_ODD_MARKS}]")
_BLANK = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n[ \n]+")


def fold(text: str) -> Folded:
    """`text` folded; never raises."""
    repairs: dict[str, None] = {}
    for _ in range(_MAX_PASSES):
        before, text = text, _once(text, repairs)
        if text == before:
            break
    return Folded(text, tuple(repairs))


def fold_text(text: str) -> str:
    """`text` folded, for those who do not ask what was repaired."""
    return fold(text).text


def _once(text: str, repairs: dict[str, None]) -> str:
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _noted(undo_shift(text), text, "gbk-shift", repairs)
    text = _noted(drop_glosses(text), text, "pinyin-gloss", repairs)
    text = _ODD_MARK.sub(lambda match: _MARKS[match[0]], text)
    text = simplified(one_form(text))
    text = _TOO_NARROW.sub(_other_width, text)
    text = _TOO_WIDE.sub(_other_width, text)
    text = _noted(_DOUBLED.sub("", text), text, "doubled-punctuation", repairs)
    return _LINES.sub("\n", _BLANK.sub(" ", text).replace(" \n", "\n")).strip()


def one_form(text: str) -> str:
    """`text` in NFKC but for the wide punctuation, which is judged by its neighbours: works on odd characters only."""
    pieces: list[str] = []
    done = 0
    for odd in _ODD.finditer(text):
        start = max(done, odd.start() - 1)  # with the letter before, which an accent may join
        pieces += (text[done:start], unicodedata.normalize("NFKC", _calm(text[start : odd.end()])))
        done = odd.end()
    return "".join((*pieces, text[done:])) if pieces else text


def _calm(run: str) -> str:
    """`run` with thirty accents on one letter at most (UAX #15, Stream-Safe): sorting them takes quadratic time."""
    return run if len(run) <= _ACCENTS else _accents().sub(lambda marks: marks[0][:_ACCENTS], run)


@lru_cache(maxsize=1)
def _accents() -> re.Pattern[str]:
    marks = "".join(chr(code) for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code)))
    return re.compile(f"[{marks}]{{{_ACCENTS + 1},}}")


def _other_width(mark: re.Match[str]) -> str:
    return _WIDTHS[mark[0]]


def _noted(after: str, before: str, name: str, repairs: dict[str, None]) -> str:
    if after != before:
        repairs[name] = None
    return after
