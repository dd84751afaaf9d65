"""A text as the judgement reads it: terms, masks, and sentences with what they say of subject and cooperation."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import pairwise

from crawler.taxonomy.lexicon import Hit, Lexicon
from crawler.taxonomy.rules import Rules
from crawler.taxonomy.vocabulary import Vocabulary

_SENTENCE_END = re.compile(r"[。!?;\n]+")

# Folding leaves either width, by what stands beside; the data files know the narrow one. Positions stay.
_WIDTHS = tuple(zip("，；：！？（）", ",;:!?()", strict=True))

# 长三角青年技能大赛: two characters between a zone and the thing called by it; words that say the subject alone
CALLED_WITHIN, CALLED_SUBJECT = 2, 3.0


@dataclass(slots=True)
class Sentence:
    """A title or a sentence: [start, end) in the text read, and its greatest weights."""

    start: int
    end: int
    subject: float = 0.0
    cooperation: float = 0.0
    acts: set[str] = field(default_factory=set)
    zones: list[Hit] = field(default_factory=list)


@dataclass(slots=True)
class Mask:
    name: str
    start: int
    end: int


class Read:
    """Title and body as one text, title first. `hits` are free of masks; `lead_end` is where the opening ends."""

    def __init__(self, title: str, body: str, lexicon: Lexicon, vocabulary: Vocabulary, rules: Rules) -> None:
        reading = rules.reading
        title = title[: reading.max_chars].replace("\n", " ")
        self.title_end = len(title)
        self.body_start = self.title_end + 1
        self.original = f"{title}\n{body[: reading.max_chars]}"
        self.text = self.original
        for wide, narrow in _WIDTHS:  # ten times as fast as str.translate
            self.text = self.text.replace(wide, narrow)
        self.lead_end = self.body_start + reading.lead_chars
        self.masks = [
            Mask(pattern.name, match.start(), match.end())
            for pattern in vocabulary.mask_patterns
            if pattern.hint in self.text
            for match in pattern.regex.finditer(self.text)
        ]
        spans = tuple(self.masks)  # a masked word, unlike a phrase, overlaps no hit
        hits = lexicon.find(self.text)
        self.hits: list[Hit] = []
        for hit in hits:
            if hit[0].is_mask:
                self.masks.append(Mask(hit[0].text, hit[1], hit[2]))
            else:
                self.hits.append(hit)
        if spans:
            self.hits = [
                hit for hit in self.hits if not any(mask.start < hit.end and hit.start < mask.end for mask in spans)
            ]

        self._call_zones(lexicon, rules)
        self._acting: set[int] | None = None
        self._all_hits = hits
        self._phrases = spans
        self._begins: list[int] = []
        self._ends: list[int] | None = None

    def _call_zones(self, lexicon: Lexicon, rules: Rules) -> None:
        """Let zones cooperate that a thing of the subject is called by (京津冀职业技能竞赛), unless they are served."""
        for position, (hit, after) in enumerate(pairwise(self.hits)):
            if hit[0].zone is None or after.start - hit.end > CALLED_WITHIN or after.term.subject < CALLED_SUBJECT:
                continue
            called = lexicon.calling(hit.term)
            is_served = rules.places.is_backdrop(self.text, hit.start, hit.end)
            if called is not None and not is_served and rules.places.called.match(self.text, hit.end):
                self.hits[position] = Hit(called, hit.start, hit.end)

    def sentences(self) -> list[Sentence]:
        """Sentences in order, the title first."""
        bounds = [match.end() for match in _SENTENCE_END.finditer(self.text)]
        if not bounds or bounds[-1] < len(self.text):
            bounds.append(len(self.text))
        found = [Sentence(start, end) for start, end in pairwise((0, *bounds))]
        self._starts = [sentence.start for sentence in found]
        self._sentences = found
        self.sentence_of_hit: list[Sentence] = []  # beside `hits`
        waiting = iter(found)
        sentence = next(waiting)
        for hit in self.hits:
            term, begins, _ = hit
            while begins >= sentence.end:
                sentence = next(waiting)
            if term.subject > sentence.subject:
                sentence.subject = term.subject
            if term.cooperation:
                if term.cooperation > sentence.cooperation:
                    sentence.cooperation = term.cooperation
                sentence.acts.update(term.acts)
            if term.zone is not None:
                sentence.zones.append(hit)
            self.sentence_of_hit.append(sentence)
        return found

    def may_name_bodies(self) -> bool:
        """True where title or opening names two places by full name or short, so that looking at them may pay."""
        return sum(1 for hit in self.hits if hit.term.codes and self.in_head(hit.start)) > 1

    def cooperates_beside_zones(self) -> bool:
        """True where title or opening has a word of cooperation that is no part of a zone's name."""
        return any(hit.term.cooperation >= 2 and not hit.term.zone for hit in self.hits if self.in_head(hit.start))

    def is_free(self, start: int, end: int) -> bool:
        """True where no hit and no mask stands in [start, end)."""
        if self._ends is None:
            self._begins, self._ends = [hit[1] for hit in self._all_hits], [hit[2] for hit in self._all_hits]
        before = bisect_left(self._begins, end)
        if before and self._ends[before - 1] > start:
            return False
        return not any(mask.start < end and start < mask.end for mask in self._phrases)

    def acts_at(self, position: int) -> bool:
        """True where a word that says the subject alone, or cooperation, begins right there."""
        if self._acting is None:
            self._acting = {
                hit.start for hit in self.hits if hit.term.subject >= CALLED_SUBJECT or hit.term.cooperation >= 2
            }
        return position in self._acting

    def sentences_with_zones(self) -> list[Sentence]:
        return [sentence for sentence in self._sentences if sentence.zones]

    def sentence_at(self, position: int) -> Sentence:
        return self._sentences[bisect_right(self._starts, position) - 1]

    def in_title(self, position: int) -> bool:
        return position < self.title_end

    def in_head(self, position: int) -> bool:
        """True in the title and the opening."""
        return position < self.lead_end

    def where(self, start: int, end: int) -> tuple[str, int, int]:
        """("title" or "body", start, end) in that text's own positions."""
        if start < self.title_end:
            return "title", start, min(end, self.title_end)
        return "body", start - self.body_start, end - self.body_start
