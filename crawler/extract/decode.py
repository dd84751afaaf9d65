"""Bytes to text: BOM, the source's own fact, HTTP, meta, then detection over the whole text.

A declaration is believed only while it fits: pages that say gb2312 and are UTF-8, and the reverse, are common.
The bytes themselves stay in WARC, so nothing here needs to be reversible.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from crawler.extract.mojibake import undo_mojibake

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Text, the charset it was read in, who named it, and how many stray places became U+FFFD."""

    text: str
    charset: str
    origin: str  # "bom", "source", "http", "meta" or "detected"
    replaced: int


_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16-LE, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)

# What is said → what is meant. gb2312 and gbk pages carry gb18030 characters; big5 pages carry Hong Kong's.
_MEANT = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "gb2312": "gb18030",
    "gb-2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gb_2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "windows-936": "gb18030",
    "chinese": "gb18030",
    "euc-cn": "gb18030",
    "gb18030": "gb18030",
    "gb-18030": "gb18030",
    "big5": "big5hkscs",
    "big-5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "cp950": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "big5hkscs": "big5hkscs",
    "hz-gb-2312": "hz",
    "utf-16": "utf-16-le",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
}

# `charset=gb2312`, `charset="utf-8"`, `encoding='GBK'`
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z][\w.:-]{1,30})""", re.I)
_HTTP_CHARSET = re.compile(r"""charset\s*+=\s*+["']?\s*+([\w.:-]{1,30})""", re.I)
# the first 4 KB hold the declaration on all but freak pages; browsers look at 1 KB
_META_BYTES = 4096
_META_TAG = re.compile(rb"<(?:meta\b|\?xml\b)[^>]{0,400}", re.I)

# the commonest characters of running Chinese, simplified and traditional: about a quarter of any real text
_COMMON = re.compile(
    "["
    "的一是不了在有人这上中大为来我到个国地以和要他时出就说们会可生对子自得着下年过发后作里用方成多家学经而能好都同"
    "现于动进工部行所法日本天分前样开从理实定主起新市政全业公民事加高关与务区会议记者"
    "這為來個國時說們會對著過發後裡經現於動進樣開從實業關與務區議記者學"
    "]"
)
_HANZI = re.compile(r"[\u3400-\u9fff]+")
# private use, half-width katakana and controls, which a misread text is full of
_RARE = re.compile("[\x80-\x9f\ue000-\uf8ff\uff61-\uff9f]")
# What is behind a hundred blanks is not seen; millions of them would keep a pattern such as `\s*\(?\s*` busy for hours.
_BLANKS = re.compile(r"(?<!\s)(\s{100})\s++")
_MANY = 20_000  # characters looked at when texts are compared: enough for any page, bounded for huge ones


def decode(body: bytes, *, headers: Mapping[str, str] = _NO_HEADERS, charset: str | None = None) -> Decoded:
    """The text of `body`; never raises. `charset` is what the source file says of its site."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            text, replaced = _read(body[len(mark) :], name)
            return _decoded(text, name, "bom", replaced)
    utf8 = _as_utf8(body)
    for origin, said in _declarations(body, headers, charset):
        meant = _MEANT.get(said.strip().lower())
        if meant is None or (utf8 is not None and meant in ("gb18030", "big5hkscs", "utf-16-le", "utf-16-be")):
            continue  # a non-ASCII text in another charset is practically never valid UTF-8
        text, replaced = (utf8, 0) if utf8 is not None and meant == "utf-8" else _read(body, meant)
        if _fits(text, replaced, body, meant):
            return _decoded(text, meant, origin, replaced)
    if utf8 is not None:
        return _decoded(utf8, "utf-8", "detected", 0)
    name = "utf-8" if body.isascii() else _detect(body)
    text, replaced = _read(body, name)
    return _decoded(text, name, "detected", replaced)


def _declarations(body: bytes, headers: Mapping[str, str], charset: str | None) -> Iterator[tuple[str, str]]:
    if charset:
        yield "source", charset
    if (http := _HTTP_CHARSET.search(headers.get("content-type", ""))) is not None:
        yield "http", http[1]
    for tag in _META_TAG.finditer(body[:_META_BYTES]):
        if (said := _CHARSET.search(tag[0])) is not None:
            yield "meta", said[1].decode("ascii")


def _decoded(text: str, charset: str, origin: str, replaced: int) -> Decoded:
    text, misread = undo_mojibake(text)
    text = _BLANKS.sub(r"\1", text.removeprefix("\ufeff"))
    return Decoded(text=text, charset=misread or charset, origin=origin, replaced=replaced)


def _as_utf8(body: bytes) -> str | None:
    """The text where it is valid UTF-8 and not mere ASCII; a sequence cut off at the very end is forgiven."""
    if body.isascii():
        return None
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        is_cut = error.start > 64 and error.start >= len(body) - 3 and error.reason == "unexpected end of data"
        return body[: error.start].decode("utf-8") if is_cut else None


def _read(body: bytes, name: str) -> tuple[str, int]:
    """Text and the number of places that could not be read; a character cut off at the end is dropped."""
    try:
        return body.decode(name), 0
    except UnicodeDecodeError as error:
        if error.start >= len(body) - 3:
            return body[: error.start].decode(name, "replace"), 0
    text = body.decode(name, "replace")
    return text, text.count("\ufffd")


def _fits(text: str, replaced: int, body: bytes, name: str) -> bool:
    """True where a declaration may stand: few stray places, and for the old double-byte sets, Chinese that reads."""
    if body.isascii():
        return not name.startswith("utf-16")
    sample = text[:_MANY]
    if replaced and replaced * 50 > max(_hanzi(sample), 50):  # more than 2 in 100
        return False
    if name == "utf-8":
        return True
    common = _commonness(sample)
    return common is None or common > 0.05


def _hanzi(sample: str) -> int:
    return sum(map(len, _HANZI.findall(sample)))


def _commonness(sample: str) -> float | None:
    """Share of the commonest characters among hanzi; None where there are too few to tell."""
    hanzi = "".join(_HANZI.findall(sample))
    return len(_COMMON.findall(hanzi)) / len(hanzi) if len(hanzi) >= 12 else None


def _detect(body: bytes) -> str:
    """The charset in which the whole text reads best as Chinese."""
    head = body[:_MANY]
    if (zeros := head.count(0)) > len(head) // 50:
        even = head[::2].count(0)
        return "utf-16-be" if even * 2 > zeros else "utf-16-le"
    best, best_score = "gb18030", float("-inf")
    for name in ("gb18030", "big5hkscs", "utf-8", "utf-16-le", "utf-16-be"):
        if name.startswith("utf-16") and (len(body) % 2 or b"<" in head):
            continue  # markup in UTF-16 has zero bytes; only bare Chinese text comes without
        text, replaced = _read(body, name)
        readable = max(len(text), 1)
        common = _commonness(text[:_MANY]) or 0.0
        if name.startswith("utf-16") and common < 0.08:
            continue  # any even number of bytes reads as UTF-16
        score = common - 4.0 * replaced / readable
        score -= len(_RARE.findall(text, 0, _MANY)) / min(readable, _MANY)
        if score > best_score + 0.01:
            best, best_score = name, score
    return best
