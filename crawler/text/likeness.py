"""Decides whether two texts are one report, and how sure that is: by their bodies, with all else as evidence.

Symmetric arithmetic on two texts made ready; knows nothing of how they were found or where they are kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from crawler.text.figures import figures_apart, titles_count_apart
from crawler.text.shingles import (
    MIN_EXACT_CHARS,
    MIN_NEAR_GRAMS,
    Text,
    bare_of,
    gram_hashes,
    is_continued,
    part_of,
    stem_of,
)
from crawler.text.swaps import names_apart

MIN_TELLING_CHARS = 100
MIN_EXCERPT_CHARS = 150

SAME_JACCARD = 0.5  # 15 % edited is 0.61, last fifth cut 0.79, unrelated 0.00
DOUBTFUL_JACCARD = 0.65  # two state visits told in the same set phrases reach 0.56
SUPPORTED_JACCARD = 0.4  # with a title alike, and the same 来源 within days or the same document number
SURE_JACCARD = 0.8  # asked where something speaks against it: another document number, years between
SAME_CONTAINED = 0.87  # of an excerpt's grams in the longer text; a report quoting a speech has been seen at 0.83
SAME_TITLED_CONTAINED = 0.75  # where one title holds the other: the words of an agency shortened by a newscast
SAME_ADDRESS_CONTAINED = 0.5
_PROBES = 16
_MIN_FOUND = 3  # one or two may be set phrases at the head or the end
_PROBE_CHARS = 6
_LEAD = 0.2  # an excerpt is the beginning of a report; a digest holds other items further down
_MIN_TITLE_CHARS = 8  # of a title that is told in another or in a text; 通知公告 stands in many
_REPRINTED_WITHIN = timedelta(days=3)
_CONTINUED_WITHIN = timedelta(days=10)  # 上 and 下 of a series
_YEARS_APART = timedelta(
    days=180
)  # last year's notice; a site that moved dates its old pages anew, and keeps the words

# 《…办法》解读, 一图读懂…, 政策问答: what explains a policy and quotes it at length
_EXPLAINS = re.compile(r"解读|图解|读懂|(?:政策|热点)问答|(?:起草|编制|修订|政策)(?:的)?说明|《.*》.*答记者问")
# 国内联播快讯, 一周要闻, 早报: what holds several reports
_COLLECTS = re.compile(r"快讯$|要闻|简讯|速览|一览|早报|晚报$|汇总|集锦|盘点|周报|导读|联播|摘编|动态$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Why two texts are the same report, and how sure that is (0 to 1)."""

    reason: str  # same-body, near-body, excerpt, part or same-address
    score: float


def may_be_alike(one: str, other: str) -> bool:
    """False where two bare texts can hardly be: a look at a few runs of the shorter, at a tenth of the cost.

    Of two texts at the bar for near ones the look misses one pair in a thousand.
    """
    short, long = sorted((one, other), key=len)
    if len(short) < _PROBES * _PROBE_CHARS:
        return True
    step = (len(short) - _PROBE_CHARS) // (_PROBES - 1)
    found = 0
    for probe in range(_PROBES):
        found += short[probe * step : probe * step + _PROBE_CHARS] in long
        if found == _MIN_FOUND:
            return True
    return False


def likeness(one: Text, other: Text) -> Likeness | None:
    """Why the two are one report, or None where they are not. Titles alone never make them one."""
    if min(len(one.bare), len(other.bare)) < MIN_EXACT_CHARS:
        return None
    found = _of_bodies(one, other)
    return None if found is None or titles_count_apart(one.title, other.title) else found


def same_address(one: Text, other: Text) -> Likeness | None:
    """Why two texts under one address are one report: they overlap by half of the shorter. Lists hold several."""
    shorter = min(len(one.grams), len(other.grams))
    shared = _shared(one, other)
    if shorter == 0 or shared < SAME_ADDRESS_CONTAINED * shorter or titles_count_apart(one.title, other.title):
        return None
    return Likeness(reason="same-address", score=round(shared / shorter, 4))


def titles_alike(one: str, other: str) -> bool:
    """True where two folded titles share most of the shorter one's character pairs."""
    pairs = [{title[i : i + 2] for i in range(len(title) - 1)} for title in (bare_of(one), bare_of(other))]
    shorter = min(len(pair) for pair in pairs)
    return shorter >= 5 and len(pairs[0] & pairs[1]) >= 0.6 * shorter


def _of_bodies(one: Text, other: Text) -> Likeness | None:
    if one.bare == other.bare:
        # two lines are often the site's own ("您的浏览器版本过低 …"), so that the titles must agree
        is_own = len(one.bare) >= MIN_TELLING_CHARS or one.title == other.title or titles_alike(one.title, other.title)
        return Likeness(reason="same-body", score=1.0) if is_own else None
    shorter = min(len(one.grams), len(other.grams))
    if shorter < MIN_NEAR_GRAMS:
        return None
    shared = _shared(one, other)
    jaccard, contained = shared / (len(one.grams) + len(other.grams) - shared), shared / shorter
    if jaccard >= SUPPORTED_JACCARD and (score := _near(one, other, jaccard, shared)) is not None:
        return Likeness(reason="near-body", score=round(score, 4))
    if jaccard < SAME_JACCARD and contained >= SAME_TITLED_CONTAINED and _is_excerpt(one, other, contained):
        return Likeness(reason="excerpt", score=round(contained, 4))
    return _parts(one, other)


def _near(one: Text, other: Text, jaccard: float, shared: int) -> float | None:
    """The score of two bodies that are nearly the same; None where they only look so."""
    if jaccard < DOUBTFUL_JACCARD and _is_supported(one, other):
        bar, doubtful = SUPPORTED_JACCARD, SAME_JACCARD
    else:
        bar, doubtful = SAME_JACCARD, DOUBTFUL_JACCARD
    if jaccard < bar or (jaccard < SURE_JACCARD and (_is_opposed(one, other) or _is_other_kind(one, other))):
        return None
    if figures_apart(one.bare, other.bare, is_doubtful=jaccard < doubtful) or names_apart(one, other, shared=shared):
        return None
    return jaccard


def _is_excerpt(one: Text, other: Text, contained: float) -> bool:
    short, long = sorted((one, other), key=lambda text: (len(text.bare), text.bare))
    if len(short.bare) < MIN_EXCERPT_CHARS or _is_opposed(one, other) or _is_other_kind(one, other):
        return False
    if contained < SAME_CONTAINED and not _holds_title(one.title, other.title):
        return False
    is_titled = titles_alike(one.title, other.title)
    if not is_titled:
        places = np.flatnonzero(np.isin(gram_hashes(long.bare), short.grams))
        if float(np.quantile(places, 0.1)) > _LEAD * len(long.bare):  # the first places may be set phrases
            return False
    return not figures_apart(one.bare, other.bare, is_doubtful=False)


def _parts(one: Text, other: Text) -> Likeness | None:
    """Two parts of one article: they say so, under one title, and the newspaper or its site and day agree."""
    first_part = part_of(one)
    if first_part is None or part_of(other) in (None, first_part) or stem_of(one.title) != stem_of(other.title):
        return None
    first, second = one.evidence, other.evidence
    days = _days_between(one, other)
    is_one_house = (first.site is not None and first.site == second.site) or _same_source(one, other)
    if is_continued(one) and is_continued(other) and (days is None or days <= _REPRINTED_WITHIN):
        return Likeness(reason="part", score=1.0)
    if is_one_house and days is not None and days <= _CONTINUED_WITHIN:
        return Likeness(reason="part", score=0.9)
    return None


def _is_supported(one: Text, other: Text) -> bool:
    """True where a title alike, and 来源 or document number, say that what differs was edited."""
    number = one.evidence.document_number
    days = _days_between(one, other)
    is_near = _same_source(one, other) and days is not None and days <= _REPRINTED_WITHIN
    is_numbered = number is not None and number == other.evidence.document_number
    return (is_near or is_numbered) and titles_alike(one.title, other.title)


def _is_opposed(one: Text, other: Text) -> bool:
    """True where document numbers or years say that the same words were published twice, as two documents."""
    first, second = one.evidence.document_number, other.evidence.document_number
    if first is not None and second is not None and first != second:
        return True
    days = _days_between(one, other)
    return days is not None and days > _YEARS_APART


def _is_other_kind(one: Text, other: Text) -> bool:
    """True for a policy and what explains it, for a report and the collection that holds it."""
    if bool(_EXPLAINS.search(one.title)) != bool(_EXPLAINS.search(other.title)):
        return True
    short, long = sorted((one, other), key=lambda text: (len(text.bare), text.bare))
    if titles_alike(short.title, long.title):
        return False
    if _COLLECTS.search(long.title) and not _COLLECTS.search(short.title):
        return True
    return _heads_a_paragraph(bare_of(short.title), long)


def _heads_a_paragraph(title: str, long: Text) -> bool:
    """True where a text has the other's title as a heading of its own; a portal's 原标题：… is no heading."""
    if len(title) < _MIN_TITLE_CHARS or title not in long.bare:
        return False
    lines = (bare_of(line) for line in long.body.split("\n") if len(line) <= 2 * len(title) + 10)
    return any(line.endswith(title) and len(line) <= len(title) + 4 and "原标题" not in line for line in lines)


def _holds_title(one: str, other: str) -> bool:
    short, long = sorted((bare_of(one), bare_of(other)), key=len)
    return len(short) >= _MIN_TITLE_CHARS and short in long


def _same_source(one: Text, other: Text) -> bool:
    return one.evidence.source_name is not None and one.evidence.source_name == other.evidence.source_name


def _days_between(one: Text, other: Text) -> timedelta | None:
    first, second = one.evidence.published, other.evidence.published
    return None if first is None or second is None else abs(first - second)


def _shared(one: Text, other: Text) -> int:
    return len(np.intersect1d(one.grams, other.grams, assume_unique=True))
