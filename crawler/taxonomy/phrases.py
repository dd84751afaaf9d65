"""Runs of Chinese characters that may be words: those that many texts share, without the names of places. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind

from crawler.taxonomy.divisions import read_divisions
from crawler.taxonomy.names import read_names
from crawler.taxonomy.zones import Zone

SHORTEST, LONGEST = 2, 8  # characters: 社保 … 人力资源服务产业园 is longer, and made of words that are listed
READ_CHARS = 600  # of a text: what a news item is about stands in its first two paragraphs

_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
# Characters that join words and hardly begin or end one; 和 (和谐), 在 (在岗) and 年 (年金) do
_JOINTS = frozenset("的了与及等把被并而或又这那")


@dataclass(frozen=True)
class PlaceNames:
    """What a phrase of ours must not be: the name of a place, or a part of the text that one stands in."""

    names: frozenset[str]  # names that stand for a place wherever they stand
    loose: frozenset[str]  # names of places that are common words as well, or short
    characters: frozenset[str]  # 川, 渝: in a row they name a pair

    @cached_property
    def _automaton(self) -> AhoCorasick:
        return AhoCorasick(sorted(self.names), matchkind=MatchKind.LeftmostLongest)

    @cached_property
    def _row(self) -> re.Pattern[str]:
        return re.compile(f"[{re.escape(''.join(sorted(self.characters)))}]{{2,}}")

    def without(self, text: str) -> str:
        """The text with a line break for every name."""
        parts, at = [], 0
        for _index, start, end in self._automaton.find_matches_as_indexes(text):
            parts.append(text[at:start])
            at = end
        return self._row.sub("\n", "\n".join([*parts, text[at:]]))

    def in_phrase(self, phrase: str) -> bool:
        """True where the phrase is, or holds, what may be the name of a place."""
        if self.without(phrase) != phrase:
            return True
        pieces = (phrase[a:b] for a in range(len(phrase)) for b in range(a + 2, len(phrase) + 1))
        return any(piece in self.loose for piece in pieces)


def place_names(folder: Path, zones: Mapping[str, Zone]) -> PlaceNames:
    """All names of divisions and zones by the data files of `folder`, so that none is taken for a word."""
    names = read_names(read_divisions(folder), folder)
    wide = {name for name, codes in names.short.items() if any(code.endswith("00") for code in codes)} - names.common
    zone_names = {name for zone in zones.values() for name in (zone.name, *zone.aliases)}
    return PlaceNames(
        names=frozenset(name for name in (*names.full, *wide, *zone_names) if len(name) > 1),
        loose=frozenset(name for name in names.short if name not in wide),
        characters=frozenset(names.characters),
    )


def phrases_of(text: str) -> frozenset[str]:
    """All runs of two to eight characters that begin and end like words."""
    found: set[str] = set()
    for run in _HAN.findall(text[:READ_CHARS]):
        for start in range(len(run)):
            if run[start] in _JOINTS:
                continue
            for end in range(start + SHORTEST, min(start + LONGEST, len(run)) + 1):
                if run[end - 1] not in _JOINTS:
                    found.add(run[start:end])
    return frozenset(found)


def shared_phrases(texts: Sequence[frozenset[str]], least: int) -> dict[str, tuple[int, ...]]:
    """Phrases of at least so many texts with the texts that hold them; of those always seen together, the longest."""
    count = Counter(phrase for phrases in texts for phrase in phrases)
    wanted = {phrase for phrase, number in count.items() if number >= least}
    covered: set[str] = set()
    for phrase in wanted:
        for part in _parts(phrase):
            if count[part] == count[phrase]:
                covered.add(part)
    holders: Mapping[str, list[int]] = defaultdict(list)
    for number, phrases in enumerate(texts):
        for phrase in phrases & wanted:
            if phrase not in covered:
                holders[phrase].append(number)
    return {phrase: tuple(holders[phrase]) for phrase in sorted(holders)}


def _parts(phrase: str) -> Iterable[str]:
    """All shorter phrases within."""
    return (
        phrase[a:b] for a in range(len(phrase)) for b in range(a + SHORTEST, len(phrase) + 1) if b - a < len(phrase)
    )
