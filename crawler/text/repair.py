"""Undoes what careless copying machines do to Chinese text, where it can be undone for certain.

A GBK stream read one byte out of step turns `“六保”任務(wù)` into `“六?！比蝿?wù)`: each character is made of the
second byte of one and the first of the next, and the two at the ends are lost to a question mark. Machine-made
traditional text carries readings, `協(xié)同`. What is not certain stays as it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from crawler.text.simplify import simplified

GLOSS_LETTERS = "a-zāáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜüńňǹḿ"
_TONED = "āáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜńňǹḿ"
_HAN = "\u3400-\u9fff"

# `協(xié)`, `務（wù）`, `長(Cháng)`, `西安(Xī'ān)`: a reading of one to eight letters behind a character
_GLOSS = re.compile(rf"(?<=[{_HAN}])[(（]([{GLOSS_LETTERS}ɑɡ'’]{{1,8}})[)）]", re.I)
_HAS_TONE = re.compile(f"[{_TONED}]", re.I)
_GLOSSED = 3  # toned readings after which a text is taken for a glossed copy, and toneless ones count too

# `?！比蝿?wù)`, `?！?/p>`, `?。ㄊ校┬?`: begins where a second byte A1 or A3 met punctuation led by A1 or A3
_SHIFTED = re.compile(
    r"[?？]([！!。　＃][^?？\n]{0,60})[?？]"
    rf"(?:(?P<reading>[{GLOSS_LETTERS}]{{1,6}})(?P<shut>[)）])|(?P<tag>/[a-z][a-z0-9]{{0,9}}>))?"
)
# the marks that begin a shifted run when it is put right; any other sign there tells of a clean text
_MARKS = frozenset("”’“‘（）《》〈〉「」『』【】〔〕，。、；：！？…—·．－")
# `或?qū)m?xiàng)` = 或專(zhuān)項(xiàng): a reading was put between the bytes of a character
_SPLIT = re.compile(
    rf"(?<=([{_HAN}]))\?([{GLOSS_LETTERS}]{{1,6}})[)）]([^?？()（）\s]{{1,20}})\?([{GLOSS_LETTERS}]{{1,6}})[)）]"
)
_CERTAIN = 4  # the best candidate's words are at least 2**4 times as frequent as the next one's
_TRAILS = tuple(byte for byte in range(0x40, 0xFF) if byte != 0x7F)
_LEADS = tuple(range(0x81, 0xFF))
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_CLOSING = {"“": "”", "‘": "’", "《": "》", "（": "）", "【": "】", "〔": "〕"}
# words of official language newer than the dictionary behind the pair table
_NEWER = ("六保", "六稳", "三保", "双减", "双碳", "各省", "各市", "省市", "省区", "县市", "市州", "市区")


def drop_glosses(text: str) -> str:
    """`text` without readings in brackets: `協(xié)同發(fā)展` → `協同發展`."""
    if "(" not in text and "（" not in text:
        return text
    toned = 0

    def drop(match: re.Match[str]) -> str:
        nonlocal toned
        if _HAS_TONE.search(match[1]) is None:
            return match[0]
        toned += 1
        return ""

    text = _GLOSS.sub(drop, text)
    if toned < _GLOSSED:
        return text
    return _GLOSS.sub(lambda match: "" if match[1].lower() in _toneless_readings() else match[0], text)


def undo_shift(text: str) -> str:
    """`text` with runs of GBK read one byte out of step put right; a lost character that is not certain stays `?`."""
    if "?" not in text and "？" not in text:
        return text
    text = _SPLIT.sub(_undo_split, text)
    return _SHIFTED.sub(_undo_run, text)


def _undo_run(match: re.Match[str]) -> str:
    text = match.string
    try:
        raw = match[1].translate(_FULL_WIDTH).encode("gbk")
        middle = raw[1:-1].decode("gbk")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return match[0]
    if len(raw) > 2 and (raw[1] not in (0xA1, 0xA3) or middle[:1] not in _MARKS):
        return match[0]
    if len(raw) == 2 and not match["tag"]:
        return match[0]
    paragraph = text[max(0, text.rfind("\n", 0, match.start()) + 1, match.start() - 2000) : match.start()]
    after = text[match.end() : match.end() + 4]
    last = _last(raw[-1], middle, paragraph, after, match)
    first = _first(raw[0], paragraph, middle + last)
    end = f"({match['reading']})" if match["reading"] else ""  # a tag whose < was lost was never text
    right = first + middle + last
    if first == last == "?" or (middle and _naturalness(paragraph[-1:] + right) <= _naturalness(match[1])):
        return match[0]
    return right + end


def _naturalness(text: str) -> int:
    """How much of `text` is made of known words."""
    han = [char for char in text if _is_han(char)]
    return sum(_weight(one, other) for one, other in pairwise(han))


def _last(lead: int, middle: str, before: str, after: str, match: re.Match[str]) -> str:
    """The character whose first byte is `lead`; its second was lost."""
    candidates = _with_lead(lead)
    if match["reading"]:
        known = _characters_read(match["reading"])
        return _best(
            tuple(char for char in candidates if char in known),
            _neighbour(middle[-1:]),
            _neighbour(after[:1]),
            is_hinted=True,
        )
    if lead == 0xA1:  # punctuation: the mark that closes what is open
        opened: list[str] = []
        for mark in before + middle:
            if mark in _CLOSING:
                opened.append(_CLOSING[mark])
            elif opened and mark == opened[-1]:
                opened.pop()
        if match["tag"] and not opened:
            return "。"  # what ends a paragraph, of the marks with this byte
        return opened[-1] if opened and (match["tag"] or not after[:1].strip()) else "?"
    return _best(candidates, _neighbour(middle[-1:]), _neighbour(after[:1]))


def _first(trail: int, before: str, after: str) -> str:
    """The character whose second byte is `trail`; its first was lost."""
    if trail == 0xA3 and after in ("”", "’"):
        return "。"  # 。” ends a paragraph; nothing else with this byte does
    following = next((char for char in after[:3] if _is_han(char)), "")
    return _best(_with_trail(trail), _neighbour(before[-1:]), following)


def _undo_split(match: re.Match[str]) -> str:
    previous, reading, inner, last_reading = match[1], match[2], match[3], match[4]
    try:
        trail = previous.encode("gbk")[1]
        raw = inner.translate(_FULL_WIDTH).encode("gbk")
        middle = raw[1:-1].decode("gbk")
    except (UnicodeEncodeError, UnicodeDecodeError, IndexError):
        return match[0]
    misread = _characters_read(reading)
    firsts = []
    for lead in _LEADS:
        wrong, right = _decoded(bytes((trail, lead))), _decoded(bytes((lead, raw[0])))
        if wrong is not None and wrong in misread and right is not None and _is_han(right):
            firsts.append(right)
    known = _characters_read(last_reading)
    lasts = tuple(char for char in _with_lead(raw[-1]) if char in known)
    following = _neighbour(match.string[match.end() : match.end() + 1])
    last = lasts[0] if len(lasts) == 1 else _best(lasts, middle[-1:], following, is_hinted=True)
    first = firsts[0] if len(firsts) == 1 else _best(tuple(firsts), previous, (middle + last)[:1])
    return match[0] if "?" in (first, last) else f"{first}{middle}{last}({last_reading})"


@lru_cache(maxsize=4096)
def _best(candidates: tuple[str, ...], previous: str, following: str, *, is_hinted: bool = False) -> str:
    """The candidate that makes by far the commonest words with its neighbours; `?` where none stands out."""
    if is_hinted and len(candidates) == 1:
        return candidates[0]
    scored = sorted(((_weight(previous, char) + _weight(char, following), char) for char in candidates), reverse=True)
    if not scored or scored[0][0] == 0:
        return "?"
    if len(scored) > 1 and scored[0][0] - scored[1][0] < (1 if is_hinted else _CERTAIN):
        return "?"
    return scored[0][1]


def _weight(one: str, other: str) -> int:
    """How common the pair is inside words, log2; 0 where it is not known."""
    if not one or not other:
        return 0
    return _pairs().get(_simple(one) + _simple(other), 0)


@lru_cache(maxsize=4096)
def _simple(char: str) -> str:
    return simplified(char)


def _neighbour(char: str) -> str:
    return char if _is_han(char) else ""


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff"


def _readable(codes: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(char for code in codes if (char := _decoded(code)) is not None and _is_han(char))


@lru_cache(maxsize=256)
def _with_lead(lead: int) -> tuple[str, ...]:
    return _readable(bytes((lead, trail)) for trail in _TRAILS)


@lru_cache(maxsize=256)
def _with_trail(trail: int) -> tuple[str, ...]:
    return _readable(bytes((lead, trail)) for lead in _LEADS)


def _decoded(code: bytes) -> str | None:
    try:
        return code.decode("gbk")
    except UnicodeDecodeError:
        return None


@lru_cache(maxsize=1)
def _readings() -> dict[str, frozenset[str]]:
    lines = files("crawler.text").joinpath("data/pinyin.tsv").read_text("utf-8").splitlines()
    return {
        reading: frozenset(chars) for reading, _, chars in (line.partition("\t") for line in lines if line[0] != "#")
    }


def _characters_read(reading: str) -> frozenset[str]:
    """Characters with this reading, tone and all."""
    return _readings().get(reading, frozenset())


@lru_cache(maxsize=1)
def _toneless_readings() -> frozenset[str]:
    """Syllables that stand without a tone: `們(men)`, `的(de)`."""
    return frozenset(reading for reading in _readings() if _HAS_TONE.search(reading) is None)


@lru_cache(maxsize=1)
def _pairs() -> dict[str, int]:
    table: dict[str, int] = dict.fromkeys(_NEWER, 16)
    for line in files("crawler.text").joinpath("data/bigrams.tsv").read_text("utf-8").splitlines():
        if line[0] == "#":
            continue
        one, _, rest = line.partition("\t")
        for other, weight in zip(rest[::2], rest[1::2], strict=True):
            table.setdefault(one + other, int(weight, 36))
    return table
