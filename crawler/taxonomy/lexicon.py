"""One automaton over all names and words: a text in, the longest terms from left to right out.

A longer term carries what the shorter ones inside it say (职称互认: 职称 and 互认), unless a mask hides them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from crawler.taxonomy.names import Names
from crawler.taxonomy.vocabulary import Vocabulary, Word
from crawler.taxonomy.zones import Zone

# As much as a word of joint action: who names a contest after two places holds it for both.
ZONE_CALLS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What a matched string stands for. `codes` are the divisions it may name."""

    text: str
    is_mask: bool = False
    codes: tuple[str, ...] = ()
    is_full: bool = False  # a full name, 雅安市; else a short one, 雅安
    zone: str | None = None
    is_loose: bool = False
    subject: float = 0.0
    cooperation: float = 0.0
    rival: float = 0.0
    acts: tuple[str, ...] = ()
    topics: tuple[tuple[str, float], ...] = ()
    title_topics: tuple[tuple[str, float], ...] = ()


class Hit(NamedTuple):
    term: Term
    start: int
    end: int


class Lexicon:
    """The compiled names and words. County short names have an automaton of their own, asked only when needed."""

    def __init__(self, names: Names, zones: Mapping[str, Zone], vocabulary: Vocabulary) -> None:
        plain = _with_inherited(vocabulary, [word for zone in zones.values() for word in (zone.name, *zone.aliases)])
        terms: dict[str, Term] = {}
        for text, word in plain.items():
            terms[text] = _term(text, word)
        for text in vocabulary.masks:
            terms[text] = Term(text=text, is_mask=True)
        wide = {text: codes for text, codes in names.short.items() if any(code.endswith("00") for code in codes)}
        for is_full, group in ((False, wide), (True, names.full)):
            for text, codes in group.items():
                if text not in vocabulary.masks:
                    terms[text] = Term(text=text, codes=codes, is_full=is_full)
        for zone in zones.values():
            for text in (zone.name, *zone.aliases, *zone.loose):
                word = plain.get(text, Word())
                terms[text] = _term(text, word, zone=zone.name, is_loose=text in zone.loose)
        self.terms = tuple(terms.values())
        # 京津冀 in 京津冀职业技能竞赛: a zone that a thing of the subject is called by
        self._calling = {
            text: replace(term, cooperation=max(term.cooperation, ZONE_CALLS))
            for text, term in terms.items()
            if term.zone is not None and not term.is_loose and zones[term.zone].kind in ("zone", "pair", "group")
        }
        self._automaton = AhoCorasick(list(terms), matchkind=MatchKind.LeftmostLongest)
        narrow = {text: codes for text, codes in names.short.items() if text not in terms}
        self._narrow_terms = tuple(Term(text=text, codes=codes) for text, codes in narrow.items())
        self._narrow = AhoCorasick(list(narrow), matchkind=MatchKind.LeftmostLongest)
        # every name and word of the data files that is looked for; not what is made where two of them overlap
        self.words = frozenset({*terms, *narrow} - (_overlapping(vocabulary.words) - set(vocabulary.words)))

    def find(self, text: str) -> list[Hit]:
        """Terms in `text`, from left to right, none overlapping."""
        terms, new = self.terms, tuple.__new__  # a third of the cost of Hit(…), a hundred times a text
        return [
            new(Hit, (terms[index], start, end)) for index, start, end in self._automaton.find_matches_as_indexes(text)
        ]

    def calling(self, term: Term) -> Term | None:
        """The zone's term as one that cooperates; None for what is no acting zone."""
        return self._calling.get(term.text)

    def find_counties(self, text: str) -> list[Hit]:
        """Short names of counties, which may overlap what `find` found."""
        terms, new = self._narrow_terms, tuple.__new__
        return [
            new(Hit, (terms[index], start, end)) for index, start, end in self._narrow.find_matches_as_indexes(text)
        ]


def _term(text: str, word: Word, *, zone: str | None = None, is_loose: bool = False) -> Term:
    return Term(
        text=text,
        zone=zone,
        is_loose=is_loose,
        subject=word.subject,
        cooperation=word.cooperation,
        rival=word.rival,
        acts=word.acts,
        topics=tuple(word.topics.items()),
        title_topics=tuple(word.title_topics.items()),
    )


def _overlapping(words: Iterable[str]) -> set[str]:
    """Of words that run into each other, the whole: 联合招聘 and 招聘会 meet in 联合招聘会; neither may hide the other.

    The longest match from the left would take the first and lose the second.
    """
    found = set(words)
    beginning = defaultdict(list)
    for word in found:
        for length in range(2, len(word)):
            beginning[word[:length]].append(word)
    joined = found
    for _ in range(2):  # 失业保险关系 + 关系转移 + 转移接续
        joined = {
            word + other[length:]
            for word in joined
            for length in range(2, len(word))
            for other in beginning.get(word[-length:], ())
        } - found
        found = found | joined
    return found


def _with_inherited(vocabulary: Vocabulary, zone_names: Iterable[str]) -> dict[str, Word]:
    """The words, where they overlap, and zone names, each with the greatest weights of what stands inside it."""
    listed = list(vocabulary.words)
    automaton = AhoCorasick([*listed, *vocabulary.masks]) if listed or vocabulary.masks else None
    found: dict[str, Word] = {}
    for text in sorted({*_overlapping(listed), *zone_names} - vocabulary.masks):
        if text in vocabulary.words and vocabulary.words[text].is_plain:
            found[text] = vocabulary.words[text]
            continue
        inside = automaton.find_matches_as_indexes(text, overlapping=True) if automaton else []
        masked = [(start, end) for index, start, end in inside if index >= len(listed)]
        parts = [
            (vocabulary.words[listed[index]], start, end)
            for index, start, end in inside
            if index < len(listed) and not any(a <= start and end <= b for a, b in masked)
        ]
        found[text] = _merge(parts)
    return found


def _merge(parts: list[tuple[Word, int, int]]) -> Word:
    merged = Word()
    hidden: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for word, start, end in parts:
        for topic in word.not_topics:
            hidden[topic].append((start, end))
    for word, start, end in sorted(parts, key=lambda part: part[1] - part[2]):
        merged.subject = max(merged.subject, word.subject)
        merged.cooperation = max(merged.cooperation, word.cooperation)
        merged.rival = max(merged.rival, word.rival)
        merged.acts = tuple(dict.fromkeys((*merged.acts, *word.acts)))
        for ours, theirs in ((merged.topics, word.topics), (merged.title_topics, word.title_topics)):
            for topic, weight in theirs.items():
                if not any(a <= start and end <= b for a, b in hidden[topic]):
                    ours[topic] = max(weight, ours.get(topic, 0.0))
    return merged
