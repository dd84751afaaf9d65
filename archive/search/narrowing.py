"""What of an expression the search index can be asked: single tokens that an item must have, or must not have.

It knows more than texts: where the facts of a story stand in the index (facets.py), they are tokens as any other.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from archive.records import Question
from archive.search import facets
from crawler.text.query import All, AnyOf, Expression, Field, Not, Phrase, conjuncts, joined
from crawler.text.tokens import is_character

TITLE = "¶"  # before the tokens of a title
_NEVER = Phrase((facets.NEVER,))


@dataclass(frozen=True, slots=True)
class Words:
    """How a database is asked for tokens: what stands around one, and between several."""

    quote: str
    both: str
    either: str
    but_not: str  # what stands before it must be there


def with_facets(expression: Expression) -> Expression:
    """The same, with tokens for the fields that the index knows."""
    match expression:
        case Field("pair", values):
            return All(tuple(facets.of_keys("region", end.split(",")) for end in values))
        case Field("region" | "zone" | "topic", values):
            return facets.of_keys(expression.name, values)
        case All(parts) | AnyOf(parts):
            return type(expression)(tuple(map(with_facets, parts)))
        case Not(part):
            return Not(with_facets(part))
        case _:
            return expression


def facts_of(question: Question) -> tuple[Expression, ...]:
    """What a question asks of a story beside its own expression, as tokens."""
    query, relevant_only = question.query, question.relevant_only
    groups = (("zone", query.zones), ("region", query.adcodes), ("topic", query.topics))
    asked = [*groups, *(("region", adcodes) for adcodes in question.pair or ())]
    found = tuple(facets.of_keys(name, keys, relevant_only=relevant_only) for name, keys in asked if keys)
    return (Phrase((facets.RELEVANT,)),) if relevant_only and not found else found


def narrowed(expression: Expression) -> Expression | None:
    """What all that hold the expression have, each phrase of it one token of the index. None: it may be anything."""
    match expression:
        case Phrase(tokens, is_title):
            return _together([Phrase((f"{TITLE}{one}" if is_title else one,)) for one in _asked_for(tokens)])
        case All():
            return _all(conjuncts(expression))
        case AnyOf(()):
            return _NEVER
        case AnyOf(parts):
            found = [narrowed(part) for part in parts]
            return None if None in found else AnyOf(tuple(one for one in found if one is not None))
        case Not() | Field():
            return None


def is_exact(expression: Expression) -> bool:
    """True where all that is narrowed to holds the expression."""
    match expression:
        case Phrase(tokens):
            return len(tokens) < 2 or (len(tokens) == 2 and all(map(is_character, tokens)))
        case All():
            is_beside = narrowed(expression) is not None
            return all(is_told(part, is_beside=is_beside) for part in conjuncts(expression))
        case AnyOf(parts):
            return all(map(is_exact, parts))
        case Not() | Field():
            return False


def is_told(part: Expression, *, is_beside: bool) -> bool:
    """True for a part of an All of which the index tells everything; `is_beside` says that something must be there."""
    return is_beside and is_exact(part.part) if isinstance(part, Not) else is_exact(part)


def rendered(asked: Expression, words: Words) -> str:
    """An expression of tokens in the words of a database. Tokens hold no quotes."""
    match asked:
        case Phrase(tokens):
            return f"{words.quote}{tokens[0]}{words.quote}"
        case All(parts):
            held = words.both.join(rendered(part, words) for part in parts if not isinstance(part, Not))
            lacking = tuple(part.part for part in parts if isinstance(part, Not))
            return f"(({held}){words.but_not}{rendered(AnyOf(lacking), words)})" if lacking else f"({held})"
        case AnyOf(parts) if parts:
            return f"({words.either.join(rendered(part, words) for part in parts)})"
    return rendered(_NEVER, words)


def _all(parts: Sequence[Expression]) -> Expression | None:
    """A part that must not hold is asked for beside one that must: alone it would be nearly everything."""
    found = [one for part in parts if (one := narrowed(part)) is not None]
    lacking = [part.part for part in parts if isinstance(part, Not) and is_exact(part.part)]
    if found:
        without = [narrowed(part) for part in lacking]
        found += [_NEVER if one is None else Not(one) for one in without]
    return _together(found)


def _together(parts: Sequence[Expression]) -> Expression | None:
    return joined(tuple(parts)) if parts else None


def _asked_for(tokens: Sequence[str]) -> list[str]:
    """["双", "城", "经", "rcep"] as what it is indexed under: 双城, 城经, rcep."""
    pairs = [
        one + following
        for one, following in itertools.pairwise(tokens)
        if is_character(one) and is_character(following)
    ]
    single = [token for token in tokens if not any(token in pair for pair in pairs)]
    return list(dict.fromkeys(pairs + single))
