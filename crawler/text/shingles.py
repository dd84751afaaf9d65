"""The prints of a text: signature, bands and anchors, by which the archive finds the texts that may be alike.

Pure arithmetic on folded titles and bodies. What decides whether two texts are one report is in likeness.py.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

_VALUES = 128
_BANDS = 16
_ROWS = 4  # 16 bands of 4: reprints with 10 % edited are found at 0.998
_SEED = 42
_GRAM = 4  # needs no segmenter, and unrelated texts share none
_ANCHOR_GRAM = 12  # long enough that a set phrase rarely fills one, short enough to stand between two edits
_ANCHOR_EVERY = 32  # an excerpt of 150 characters has four or five
_MAX_ANCHORS = 96  # of a long text; every other one is dropped until they fit, so that what is kept stays comparable
ANCHOR_BAND = _BANDS
PART_BAND = _BANDS + 1  # the title that the parts of one article share

MAX_CHARS = 100_000  # the longest reports; the rest of a larger text says nothing about sameness
MIN_EXACT_CHARS = 40  # shorter bodies ("详见附件") are the same everywhere
MIN_NEAR_GRAMS = 60  # below that a few words decide, and one repeated character is one gram
_MIN_STEM_CHARS = 8  # of a title that stands for an article: 时评（上） is a column

# what is neither letter, digit nor Chinese character: it changes with every reprint
_NOT_BARE = re.compile(r"[\W_]+")
# 川渝人才协同发展观察（上）, …（下篇）, …（上接第一版）
_PART_TITLE = re.compile(r"[（(]\s*(?:([上中下])篇?|([上下])[接转]第?.{1,4}版)\s*[)）]\s*$")
# （上接第一版）at the head of a text, （下转第二版）at its end
_CONTINUED = re.compile(r"[（(【]\s*([上下])[接转]第?\s*[0-9a-z一二三四五六七八九十]{1,4}\s*版\s*[)）】]", re.I)
_MARK_CHARS = 120  # of the head and the end in which such a mark stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Prints:
    """What is kept of a text to find its likes: (band, hash) pairs, hashes signed 64 bit; empty for short texts."""

    body_hash: str | None  # SHA-256 of the bare body; None where it is too short to mean anything
    bands: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What else is known of a report; it moves the bars of a comparison and joins nothing by itself."""

    site: str | None = None
    source_name: str | None = None  # 来源
    published: datetime | None = None
    document_number: str | None = None  # 发文字号


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A folded text made ready for comparison."""

    title: str
    body: str
    bare: str
    grams: Hashes  # sorted, unique
    evidence: Evidence


def text_of(title: str, body: str, evidence: Evidence | None = None, *, bare: str | None = None) -> Text:
    """Make a folded title and body ready for comparison; `bare` where the caller has it already."""
    bare = bare_of(body) if bare is None else bare
    grams = distinct(np.sort(gram_hashes(bare)))
    return Text(title=title, body=body[: 4 * MAX_CHARS], bare=bare, grams=grams, evidence=evidence or Evidence())


def bare_of(text: str) -> str:
    """`text` without punctuation and spaces, lower-case, at most MAX_CHARS long."""
    return _NOT_BARE.sub("", text[: 4 * MAX_CHARS])[:MAX_CHARS].lower()


def prints_of(text: Text) -> Prints:
    """The prints of a text."""
    bare = text.bare
    if len(bare) < MIN_EXACT_CHARS:
        return Prints(body_hash=None, bands=())
    body_hash = hashlib.sha256(bare.encode("utf-8", "surrogatepass")).hexdigest()
    if len(text.grams) < MIN_NEAR_GRAMS:
        return Prints(body_hash=body_hash, bands=())
    minhash = RMinHash(num_perm=_VALUES, seed=_SEED)
    minhash.update([bare[at : at + _GRAM] for at in range(len(bare) - _GRAM + 1)])
    signature = np.asarray(minhash.digest()[: _BANDS * _ROWS], dtype=np.uint64).reshape(_BANDS, _ROWS)
    folded = _mix(signature @ _POWERS[:_ROWS]).view(np.int64)
    bands = list(enumerate(folded.tolist()))
    bands += [(ANCHOR_BAND, value) for value in _anchors(bare).view(np.int64).tolist()]
    if part_of(text) is not None:
        stem = hashlib.sha256(stem_of(text.title).encode("utf-8", "surrogatepass")).digest()
        bands.append((PART_BAND, int.from_bytes(stem[:8], "big", signed=True)))
    return Prints(body_hash=body_hash, bands=tuple(bands))


def part_of(text: Text) -> str | None:
    """Which part of a longer article a text says it is: 上, 中 or 下; None for a whole, and under a general title."""
    titled = _PART_TITLE.search(text.title)
    # 上接第一版 is the later part, and 下转第二版 the earlier
    part = _continued(text) if titled is None else titled[1] or {"上": "下", "下": "上"}[titled[2]]
    return part if part is not None and len(stem_of(text.title)) >= _MIN_STEM_CHARS else None


def is_continued(text: Text) -> bool:
    """True where the body itself says that it goes on, or began, on another page of the newspaper."""
    return _continued(text) is not None


def stem_of(title: str) -> str:
    """A title without the word for its part, bare: what all parts have in common."""
    return bare_of(_PART_TITLE.sub("", title))


def gram_hashes(bare: str) -> Hashes:
    """A 64-bit hash of every run of four characters, in order."""
    return _mix(_sums(bare))


def distinct(values: Hashes) -> Hashes:
    """Sorted values, each once. (np.unique hashes them first, which takes forty times as long for a thousand.)"""
    if len(values) < 2:
        return values
    is_first = np.empty(len(values), dtype=bool)
    is_first[0] = True
    np.not_equal(values[1:], values[:-1], out=is_first[1:])
    return values[is_first]


def _continued(text: Text) -> str | None:
    if "版" not in text.body:  # most say nothing, and this is soon told
        return None
    if (begun := _CONTINUED.search(text.body[:_MARK_CHARS])) is not None and begun[1] == "上":
        return "下"
    if (ended := _CONTINUED.search(text.body[-_MARK_CHARS:])) is not None and ended[1] == "下":
        return "上"
    return None


_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # of the golden ratio: odd, its bits well spread
_POWERS: Hashes = np.cumprod(np.full(_ANCHOR_GRAM, 0xD6E8FEB86659FD93, dtype=np.uint64), dtype=np.uint64)


def _sums(text: str) -> Hashes:
    """For every run of four characters, in order: the sum of its codes times the powers, before it is mixed."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    count = len(codes) - _GRAM + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    total: Hashes = codes[:count] * _POWERS[0]
    for offset in range(1, _GRAM):
        total += codes[offset : offset + count] * _POWERS[offset]
    return total


def _mix(values: Hashes) -> Hashes:
    spread: Hashes = np.multiply(values ^ (values >> np.uint64(31)), _MULTIPLIER)
    mixed: Hashes = np.bitwise_xor(spread, spread >> np.uint64(29))
    return mixed


def _anchors(bare: str) -> Hashes:
    """Long runs of characters chosen by their own hash, so that an excerpt chooses the same as its report."""
    sums = _sums(bare)
    count = max(0, len(sums) - _ANCHOR_GRAM + _GRAM)
    # the sum of twelve characters from those of three times four: the powers go on where the last run ended
    long = sums[:count] + sums[_GRAM : _GRAM + count] * _POWERS[_GRAM - 1]
    hashes = _mix(long + sums[2 * _GRAM : 2 * _GRAM + count] * _POWERS[2 * _GRAM - 1])
    every = np.uint64(_ANCHOR_EVERY)
    chosen = distinct(np.sort(hashes[hashes & (every - np.uint64(1)) == 0]))
    while len(chosen) > _MAX_ANCHORS:
        every *= np.uint64(2)
        chosen = chosen[chosen & (every - np.uint64(1)) == 0]
    return chosen
