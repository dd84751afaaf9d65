"""Tells by their names that two texts are one form filled in twice: a notice of one city, and the same of another.

A reprint changes words here and there; a form has one word replaced by one other wherever it stands.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from crawler.text.shingles import Hashes, Places, Text, bare_of, gram_hashes

_GRAM = 4
_MAX_NAME = 12  # characters between two places that agree; longer is rewriting
_MIN_LOST_GRAMS = 8  # one name of two characters, replaced in two places
_REPEATED = 3
# 我市 in the city's own paper is 雅安市 in another's: the same report
_OWN = frozenset("我本全该两此各")
_AFTER_PLACE = frozenset("省市区县州盟旗镇乡")


def names_apart(one: Text, other: Text, *, shared: int) -> bool:
    """True where one name stands throughout in place of another; `shared` counts the grams that both have."""
    if min(len(one.grams), len(other.grams)) - shared < _MIN_LOST_GRAMS:
        return False  # what was put in or left out, but not replaced
    swaps, followed_by_place = _swaps(one.bare, other.bare)
    if not swaps:
        return False
    (_names, most), total = swaps.most_common(1)[0], sum(swaps.values())
    if most >= _REPEATED and most * 2 >= total and _is_long(_names):
        return True
    titles = bare_of(one.title), bare_of(other.title)
    for (name, instead), count in swaps.items():
        is_named = count >= 2 or (name, instead) in followed_by_place
        if is_named and name in titles[0] and titles[0].replace(name, instead) == titles[1]:
            return True
    return False


def _is_long(names: tuple[str, str]) -> bool:
    """False for one character: a variant of writing that folding does not know would be found everywhere."""
    return min(map(len, names)) >= 2


def _swaps(one: str, other: str) -> tuple[Counter[tuple[str, str]], set[tuple[str, str]]]:
    """How often each name stands in place of which other, and the pairs seen before 市, 县 and the like."""
    first, second = _single(gram_hashes(one)), _single(gram_hashes(other))
    common, in_first, in_second = np.intersect1d(first[0], second[0], assume_unique=True, return_indices=True)
    swaps: Counter[tuple[str, str]] = Counter()
    followed_by_place: set[tuple[str, str]] = set()
    if len(common) < 2:
        return swaps, followed_by_place
    order = np.argsort(first[1][in_first])
    here, there = first[1][in_first][order], second[1][in_second][order]
    gaps = zip(np.diff(here).tolist(), np.diff(there).tolist(), here.tolist(), there.tolist(), strict=False)
    for gap_here, gap_there, at_here, at_there in gaps:
        if not (_GRAM < gap_here <= _GRAM + _MAX_NAME and _GRAM < gap_there <= _GRAM + _MAX_NAME):
            continue
        name, instead = one[at_here + _GRAM : at_here + gap_here], other[at_there + _GRAM : at_there + gap_there]
        if _is_name(name) and _is_name(instead) and name != instead and not _is_short_for(name, instead):
            swaps[name, instead] += 1
            if one[at_here + gap_here : at_here + gap_here + 1] in _AFTER_PLACE:
                followed_by_place.add((name, instead))
    return swaps, followed_by_place


def _single(hashes: Hashes) -> tuple[Hashes, Places]:
    """The grams that stand once in a text, sorted, and where."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    is_new = np.concatenate(([True], ordered[1:] != ordered[:-1], [True]))
    is_single = is_new[:-1] & is_new[1:]
    return ordered[is_single], order[is_single]


def _is_name(word: str) -> bool:
    return word.isalpha() and not _OWN & set(word)  # figures are compared for themselves


def _is_short_for(one: str, other: str) -> bool:
    """True for 社 and 力资源社会保障: one is the other with characters left out."""
    short, long = sorted((one, other), key=len)
    rest = iter(long)
    return all(character in rest for character in short)
