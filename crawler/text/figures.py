"""Tells by their figures that two texts are issues of one form: a bulletin's days, a notice's rounds, numbered lists.

Compares two texts that are alike already; decides nothing about texts that are not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from difflib import SequenceMatcher

import numpy as np

from crawler.text.shingles import bare_of, distinct, gram_hashes

# 1,234.5 or 2023 or 第三批, 第十二号: what differs between two bulletins of one template
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*|(?<=第)[一二三四五六七八九十百零〇两]+(?=[批期号次轮届场季])")
# 发布时间202403051730, 浏览次数3102: when and how often this copy was shown
_OF_THE_PAGE = re.compile(r"(?:发布|更新|发表|录入)(?:时间|日期)$|(?:阅读|浏览|点击|访问)(?:数|量|次数|人次)?$")
_PER_PLACE = 200  # a table repeats one place without end
_WORDS_ALIKE = 0.9  # an edited reprint changes words as well as figures; a bulletin changes figures, keeps the words


def titles_count_apart(one: str, other: str) -> bool:
    """True for "… 第3号" and "… 第4号": titles that differ in their numbers only."""
    if one == other:
        return False
    first, second = bare_of(one), bare_of(other)
    return _NUMBER.sub("0", first) == _NUMBER.sub("0", second) and _NUMBER.findall(first) != _NUMBER.findall(second)


def figures_apart(one: str, other: str, *, is_doubtful: bool) -> bool:
    """True where the same words stand around other numbers, given two bare texts that are alike."""
    if _NUMBER.findall(one) == _NUMBER.findall(other):
        return False
    first, second = _numbers_in_place(one), _numbers_in_place(other)
    places = first.keys() & second.keys()
    same = differing = 0
    for place in places:
        if first[place] == second[place]:
            same += len(first[place])
            continue
        matcher = SequenceMatcher(None, first[place], second[place], autojunk=False)
        equal = sum(block.size for block in matcher.get_matching_blocks())
        same += equal
        differing += min(len(first[place]), len(second[place])) - equal
    if differing == 0:
        return False
    share = differing / (same + differing)
    if (share >= 0.6 and differing >= 3) or (is_doubtful and share >= 0.4):
        return True  # nearly every figure is another one: no reprint, however edited
    if share < 0.2:
        return False
    masked = [distinct(np.sort(gram_hashes(_NUMBER.sub("0", text)))) for text in (one, other)]
    shared = len(np.intersect1d(masked[0], masked[1], assume_unique=True))
    return shared / (len(masked[0]) + len(masked[1]) - shared) >= _WORDS_ALIKE


def _numbers_in_place(text: str) -> dict[str, list[str]]:
    """Numbers by the words around them: {"新增确诊病例/例": ["12", "3"]}."""
    places: dict[str, list[str]] = defaultdict(list)
    between = _NUMBER.split(text)
    masked = "0".join(between)
    at = 0
    for words, number in zip(between, _NUMBER.findall(text), strict=False):
        at += len(words)
        if _OF_THE_PAGE.search(words[-8:]):
            at += 1
            continue
        numbers = places[f"{masked[max(0, at - 4) : at]}/{masked[at + 1 : at + 3]}"]
        if len(numbers) < _PER_PLACE:
            numbers.append(number)
        at += 1
    return places
