"""What an item is filed under in the search index beside its text: facts of its story, as tokens that no text holds.

They let the index itself answer "川渝, in Sichuan, of these days"; `refile` keeps them up with the story. What holds of
a relevant story stands there twice, once for relevant stories alone: nearly every question is about those, and
one short list is soon read where two long ones are not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from archive.reading import MAX_KEYS
from archive.schema import storable
from crawler.text.query import AnyOf, Expression, Phrase

_MARK = "·"  # no letter, and so in no text's tokens
RELEVANT = f"{_MARK}y"
NEVER = _MARK  # under which nothing is filed
LAST_DAY = date.max.toordinal() - 1
_FIRST = datetime(1, 1, 1, tzinfo=UTC)  # ordinal 1
_LAST = datetime.max.replace(tzinfo=UTC)
# Days come one by one, by sixteen, by 256 and by 4096, so that a span of any length is some dozen tokens.
_SPANS = (("d", 0), ("e", 4), ("f", 8), ("g", 12))


def facets(
    sorted_at: datetime, is_relevant: bool, adcodes: Iterable[str], zones: Iterable[str], topics: Iterable[str]
) -> str:
    """The tokens of a story's facts, separated by blanks, in one order whatever the order of the facts."""
    day = day_of(sorted_at)
    found = {f"{_MARK}{letter}{day >> shift}" for letter, shift in _SPANS}
    # GB/T 2260: a county is of its prefecture and of its province
    found |= {f"{_MARK}a{code[:digits]}" for code in adcodes for digits in (2, 4, 6)}
    found |= {_named("z", zone) for zone in zones} | {_named("t", topic) for topic in topics}
    if is_relevant:
        found |= {RELEVANT, *map(_of_relevant, found)}
    return " ".join(sorted(found))


def of_keys(kind: str, keys: Sequence[str], *, relevant_only: bool = False) -> Expression:
    """Any of these keys of a kind: a "region", which takes in what lies below it, a "zone" or a "topic"."""
    keys = [storable(key) for key in keys[:MAX_KEYS]]
    if kind == "region":
        stems = (code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code for code in keys)
        found = (f"{_MARK}a{stem}" for stem in stems if stem.isascii() and stem.isdigit())
    else:
        found = (_named(kind[0], key) for key in keys)
    return _any(found, relevant_only=relevant_only)


def of_days(first: int, last: int, *, relevant_only: bool = False) -> Expression:
    """Any day from `first` to `last`, both as date.toordinal() counts them."""
    found: list[str] = []
    while first <= last:
        letter, shift = next(
            (letter, shift)
            for letter, shift in reversed(_SPANS)
            if first % (1 << shift) == 0 and first + (1 << shift) - 1 <= last
        )
        found.append(f"{_MARK}{letter}{first >> shift}")
        first += 1 << shift
    return _any(found, relevant_only=relevant_only)


def block_start(day: int) -> int:
    """The first day of the shortest span that is one token and has the day in it."""
    return day & -1 << _SPANS[1][1]


def block_end(day: int) -> int:
    """The last day of the shortest span that is one token and has the day in it."""
    return day | (1 << _SPANS[1][1]) - 1


def day_of(moment: datetime) -> int:
    """The day of a time, in UTC as it is kept; the last of all days is taken for the one before, which has a next."""
    return min(moment.astimezone(UTC).toordinal(), LAST_DAY)


def start_of(day: int) -> datetime:
    """When a day begins."""
    return _FIRST + timedelta(days=day - 1)


def end_of(day: int) -> datetime:
    """The last moment of a day."""
    return _LAST if day >= LAST_DAY else start_of(day + 1) - datetime.resolution


def _any(tokens: Iterable[str], *, relevant_only: bool) -> Expression:
    if relevant_only:
        tokens = map(_of_relevant, tokens)
    found: Sequence[Expression] = [Phrase((token,)) for token in sorted(set(tokens))]
    return found[0] if len(found) == 1 else AnyOf(tuple(found))


def _of_relevant(token: str) -> str:
    return RELEVANT + token.removeprefix(_MARK)


def _named(letter: str, name: str) -> str:
    # names hold blanks and marks, at which the index would cut them
    return f"{_MARK}{letter}{hashlib.blake2b(name.encode(), digest_size=8).hexdigest()}"
