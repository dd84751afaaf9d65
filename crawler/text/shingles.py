"""How alike two texts are: prints (signature, bands, anchors) that find candidates, and the comparison that decides.

Pure arithmetic on folded titles and bodies; it knows neither dates, sources nor where prints are kept.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

Hashes = npt.NDArray[np.uint64]

_VALUES = 128
_BANDS = 16
_ROWS = 4  # 16 bands of 4: reprints with 10 % edited are found at 0.998
_SEED = 42
_GRAM = 4  # needs no segmenter, and unrelated texts share none
_ANCHOR_GRAM = 12  # long enough that a set phrase rarely fills one, short enough to stand between two edits
_ANCHOR_EVERY = 32  # an excerpt of 150 characters has four or five
_MAX_ANCHORS = 96  # of a long text; every other one is dropped until they fit, so that what is kept stays comparable
ANCHOR_BAND = _BANDS

MAX_CHARS = 100_000  # the longest reports; the rest of a larger text says nothing about sameness
MIN_EXACT_CHARS = 40  # shorter bodies ("详见附件") are the same everywhere
MIN_TELLING_CHARS = 100
MIN_NEAR_GRAMS = 60  # below that a few words decide, and one repeated character is one gram
MIN_EXCERPT_CHARS = 150

SAME_JACCARD = 0.5  # 15 % edited is 0.61, last fifth cut 0.79, unrelated 0.00
DOUBTFUL_JACCARD = 0.65  # two state visits told in the same set phrases reach 0.56
SAME_CONTAINED = 0.87  # of an excerpt's grams in the longer text; a report quoting a speech has been seen at 0.83
SAME_ADDRESS_CONTAINED = 0.5
_LEAD = 0.2  # an excerpt is the beginning of a report; a digest holds other items further down

# what is neither letter, digit nor Chinese character: it changes with every reprint
_NOT_BARE = re.compile(r"[\W_]+")
# 1,234.5 or 2023 or 第三批, 第十二号: what differs between two bulletins of one template
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*|(?<=第)[一二三四五六七八九十百零〇两]+(?=[批期号次轮届场季])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prints:
    """What is kept of a text to find its likes: (band, hash) pairs, hashes signed 64 bit; empty for short texts."""

    body_hash: str | None  # SHA-256 of the bare body; None where it is too short to mean anything
    bands: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Why two texts are the same report, and how sure that is (0 to 1)."""

    reason: str  # same-body, near-body or excerpt
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A folded text made ready for comparison."""

    title: str
    bare: str
    grams: Hashes  # sorted, unique


def text_of(title: str, body: str) -> Text:
    """Make a folded title and body ready for comparison."""
    bare = bare_of(body)
    return Text(title=title, bare=bare, grams=np.unique(_gram_hashes(bare, _GRAM)))


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
    minhash.update([bare[i : i + _GRAM] for i in range(len(bare) - _GRAM + 1)])
    signature = np.asarray(minhash.digest()[: _BANDS * _ROWS], dtype=np.uint64).reshape(_BANDS, _ROWS)
    folded = _mix(signature @ _POWERS[:_ROWS]).view(np.int64)
    bands = [(band, int(value)) for band, value in enumerate(folded)]
    bands += [(ANCHOR_BAND, int(value)) for value in _anchors(bare).view(np.int64)]
    return Prints(body_hash=body_hash, bands=tuple(bands))


def likeness(one: Text, other: Text) -> Likeness | None:
    """Why the two are one report, or None where they are not. Symmetric; looks at the texts only."""
    if min(len(one.bare), len(other.bare)) < MIN_EXACT_CHARS or _titles_count_apart(one.title, other.title):
        return None
    if one.bare == other.bare:
        # two lines are often the site's own ("您的浏览器版本过低 …"), so that the titles must agree
        is_own = len(one.bare) >= MIN_TELLING_CHARS or one.title == other.title or titles_alike(one.title, other.title)
        return Likeness(reason="same-body", score=1.0) if is_own else None
    if min(len(one.grams), len(other.grams)) < MIN_NEAR_GRAMS:
        return None
    shared = len(np.intersect1d(one.grams, other.grams, assume_unique=True))
    jaccard = shared / (len(one.grams) + len(other.grams) - shared)
    contained = shared / min(len(one.grams), len(other.grams))
    if jaccard >= SAME_JACCARD:
        reason, score = "near-body", jaccard
    elif contained >= SAME_CONTAINED and _is_excerpt(one, other):
        reason, score = "excerpt", contained
    else:
        return None
    if _is_template(one.bare, other.bare, is_doubtful=reason == "near-body" and jaccard < DOUBTFUL_JACCARD):
        return None
    return Likeness(reason=reason, score=round(score, 4))


def same_address(one: Text, other: Text) -> Likeness | None:
    """Why two texts under one address are one report: they overlap by half of the shorter. Lists hold several."""
    shorter = min(len(one.grams), len(other.grams))
    shared = len(np.intersect1d(one.grams, other.grams, assume_unique=True))
    if shorter == 0 or shared < SAME_ADDRESS_CONTAINED * shorter or _titles_count_apart(one.title, other.title):
        return None
    return Likeness(reason="same-address", score=round(shared / shorter, 4))


def titles_alike(one: str, other: str) -> bool:
    """True where two folded titles share most of the shorter one's character pairs."""
    pairs = [{title[i : i + 2] for i in range(len(title) - 1)} for title in (bare_of(one), bare_of(other))]
    shorter = min(len(pair) for pair in pairs)
    return shorter >= 5 and len(pairs[0] & pairs[1]) >= 0.6 * shorter


def _is_excerpt(one: Text, other: Text) -> bool:
    short, long = sorted((one, other), key=lambda text: len(text.bare))
    if len(short.bare) < MIN_EXCERPT_CHARS:
        return False
    places = np.flatnonzero(np.isin(_gram_hashes(long.bare, _GRAM), short.grams))
    begins = float(np.quantile(places, 0.1)) / len(long.bare)  # the first places may be set phrases
    return begins <= _LEAD or titles_alike(one.title, other.title)


def _titles_count_apart(one: str, other: str) -> bool:
    """True for "… 第3号" and "… 第4号": titles that differ in their numbers only."""
    if one == other:
        return False
    masked = [_NUMBER.sub("0", bare_of(title)) for title in (one, other)]
    return masked[0] == masked[1] and _numbers(bare_of(one)) != _numbers(bare_of(other))


def _numbers(text: str) -> list[str]:
    return _NUMBER.findall(text)


def _is_template(one: str, other: str, *, is_doubtful: bool) -> bool:
    """True where the same words stand around other numbers: two issues of a bulletin, two rounds of a notice."""
    first, second = _numbers_in_place(one), _numbers_in_place(other)
    places = first.keys() & second.keys()
    same = differing = 0
    for place in places:
        matcher = SequenceMatcher(None, first[place], second[place], autojunk=False)
        equal = sum(block.size for block in matcher.get_matching_blocks())
        same += equal
        differing += min(len(first[place]), len(second[place])) - equal
    if differing == 0:
        return False
    share = differing / (same + differing)
    if (share >= 0.6 and differing >= 3) or (is_doubtful and share >= 0.4):
        return True  # nearly every figure is another one: no reprint, however edited
    masked = [np.unique(_gram_hashes(_NUMBER.sub("0", text), _GRAM)) for text in (one, other)]
    shared = len(np.intersect1d(masked[0], masked[1], assume_unique=True))
    words_alike = shared / (len(masked[0]) + len(masked[1]) - shared)
    # an edited reprint changes words as well as figures; a bulletin changes figures and keeps the words
    return share >= 0.2 and words_alike >= 0.9


def _numbers_in_place(text: str) -> dict[str, list[str]]:
    """Numbers by the words around them: {"新增确诊病例/例": ["12", "3"]}."""
    places: dict[str, list[str]] = defaultdict(list)
    for found in _NUMBER.finditer(text):
        before = _NUMBER.sub("0", text[max(0, found.start() - 6) : found.start()])
        after = _NUMBER.sub("0", text[found.end() : found.end() + 3])
        places[f"{before[-4:]}/{after[:2]}"].append(found.group())
    return {place: numbers[:200] for place, numbers in places.items()}  # a table repeats one place without end


_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # of the golden ratio: odd, its bits well spread
_POWERS: Hashes = np.cumprod(np.full(_ANCHOR_GRAM, 0xD6E8FEB86659FD93, dtype=np.uint64), dtype=np.uint64)


def _gram_hashes(text: str, size: int) -> Hashes:
    """A 64-bit hash of every run of `size` characters, in order."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    count = len(codes) - size + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    total = np.zeros(count, dtype=np.uint64)
    for offset in range(size):
        total += codes[offset : offset + count] * _POWERS[offset]
    return _mix(total)


def _mix(values: Hashes) -> Hashes:
    spread: Hashes = np.multiply(values ^ (values >> np.uint64(31)), _MULTIPLIER)
    mixed: Hashes = np.bitwise_xor(spread, spread >> np.uint64(29))
    return mixed


def _anchors(bare: str) -> Hashes:
    """Long runs of characters chosen by their own hash, so that an excerpt chooses the same as its report."""
    hashes = np.unique(_gram_hashes(bare, _ANCHOR_GRAM))
    every = np.uint64(_ANCHOR_EVERY)
    chosen: Hashes = hashes[hashes % every == 0]
    while len(chosen) > _MAX_ANCHORS:
        every *= np.uint64(2)
        chosen = hashes[hashes % every == 0]
    return chosen
