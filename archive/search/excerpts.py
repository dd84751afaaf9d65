"""Where the words of a query stand in a text: the piece of it that shows most of them, and the places to mark."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from crawler.text.characters import alike
from crawler.text.query import Expression, Phrase, phrases
from crawler.text.tokens import LETTER, MAX_TOKEN_CHARS, is_character

BEFORE, WIDTH = 40, 160  # characters of an excerpt before the first word shown, and in all
_MAX_PLACES = 500  # of one word in one text; the best place is among them, or as good
_MAX_WORD_CHARS = 40  # to which an excerpt reaches beyond its width so as not to cut one

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A piece of a text on one line, and the places of the words in it: in order, apart."""

    text: str
    marks: tuple[Span, ...] = ()


class Marker:
    """Finds the words that a query asks for; those that it excludes are not marked."""

    def __init__(self, expression: Expression) -> None:
        asked = tuple(dict.fromkeys(phrases(expression)))
        self._of_title = tuple(map(_pattern, asked))
        self._of_body = tuple(_pattern(phrase) for phrase in asked if not phrase.is_title)

    def title_marks(self, title: str) -> tuple[Span, ...]:
        """The places of all words in a title."""
        return _marks(self._of_title, title)

    def excerpt(self, shown: str, folded: str) -> Excerpt:
        """Where most words stand together: of the text as shown, or of the folded one where only that has them all."""
        found, places = self._places(alike(shown))
        by_folding, others = self._places(folded) if found < len(self._of_body) else (0, [])
        text, chosen = (folded, others) if by_folding > found else (shown, places)
        start = max(0, _best(chosen) - BEFORE) if chosen else 0
        cut = _one_line(text[_left(text, start) : _right(text, start + WIDTH)])
        return Excerpt(text=cut, marks=_marks(self._of_body, cut))

    def counts(self, title: str, lead: str, rest: str) -> tuple[int, int, int]:
        """How many of the words stand in a folded title, in the lead and in what follows."""
        return (
            sum(pattern.search(title) is not None for pattern in self._of_title),
            sum(pattern.search(lead) is not None for pattern in self._of_body),
            sum(pattern.search(rest) is not None for pattern in self._of_body),
        )

    def _places(self, text: str) -> tuple[int, list[tuple[int, int, int]]]:
        """How many of the words are there, and where: start, end and which, in order."""
        places = [
            (*found.span(), which)
            for which, pattern in enumerate(self._of_body)
            for found in islice(pattern.finditer(text), _MAX_PLACES)
        ]
        return len({which for *_, which in places}), sorted(places)


def _pattern(phrase: Phrase) -> re.Pattern[str]:
    """The phrase as the index sees it, past whatever punctuation stands between: 川渝, 川-渝, 川 渝; but not RCEPs."""
    return re.compile(r"[\W_]*".join(map(_token, phrase.tokens)), re.IGNORECASE)


def _token(token: str) -> str:
    if is_character(token):
        return token
    end = "" if len(token) == MAX_TOKEN_CHARS else f"(?!{LETTER})"
    return f"(?<!{LETTER}){re.escape(token)}{end}"


def _best(places: list[tuple[int, int, int]]) -> int:
    """The start of the first piece, as wide as an excerpt, in which most different words stand."""
    best, most, end = places[0][0], 0, 0
    held: dict[int, int] = {}
    for start, _end, which in places:
        while end < len(places) and places[end][1] <= start + WIDTH - BEFORE:
            held[places[end][2]] = held.get(places[end][2], 0) + 1
            end += 1
        together = sum(count > 0 for count in held.values())
        if together > most:
            best, most = start, together
        if which in held:
            held[which] -= 1
    return best


def _marks(patterns: Iterable[re.Pattern[str]], text: str) -> tuple[Span, ...]:
    text = alike(text)
    merged: list[Span] = []
    for start, end in sorted(found.span() for pattern in patterns for found in pattern.finditer(text)):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


_IN_WORD = re.compile(f"{LETTER}{{2}}")


def _left(text: str, start: int) -> int:
    """`start`, or the beginning of the word that it would cut."""
    for at in range(start, max(0, start - _MAX_WORD_CHARS), -1):
        if not _IN_WORD.match(text, at - 1):
            return at
    return start if start > _MAX_WORD_CHARS else 0


def _right(text: str, end: int) -> int:
    for at in range(end, min(len(text), end + _MAX_WORD_CHARS)):
        if not _IN_WORD.match(text, at - 1):
            return at
    return end


def _one_line(text: str) -> str:
    return " ".join(text.split())
