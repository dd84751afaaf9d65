"""What a reader asks of a text, as a tree: phrases, fields, and what must hold of them. Knows no index and no SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens (see tokens.py) that must stand side by side in one field; `is_title` asks for them in the title."""

    tokens: tuple[str, ...]
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A fact of a story that is one of `values`; names as in fields.py. The search index never gets one."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class All:
    """All of the parts must hold. Without a part it holds of everything."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the parts must hold. Without a part it holds of nothing."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not hold."""

    part: Expression


Expression = Phrase | Field | All | AnyOf | Not

NOTHING = AnyOf(())
EVERYTHING = All(())


def leaves(expression: Expression) -> Iterator[Phrase | Field]:
    """All phrases and fields, in the order in which they were written."""
    match expression:
        case Phrase() | Field():
            yield expression
        case Not(part):
            yield from leaves(part)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from leaves(part)


def phrases(expression: Expression, *, is_asked: bool = True) -> Iterator[Phrase]:
    """The phrases that a text may be found by: none of those that it must not hold."""
    match expression:
        case Phrase():
            if is_asked:
                yield expression
        case Not(part):
            yield from phrases(part, is_asked=not is_asked)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from phrases(part, is_asked=is_asked)
        case Field():
            pass


def has_fields(expression: Expression) -> bool:
    """True where a field stands anywhere in it."""
    return any(isinstance(leaf, Field) for leaf in leaves(expression))


def conjuncts(expression: Expression) -> tuple[Expression, ...]:
    """The parts that must all hold."""
    if isinstance(expression, All):
        return tuple(one for part in expression.parts for one in conjuncts(part))
    return (expression,)


def joined(parts: tuple[Expression, ...]) -> Expression:
    """All of the parts, as simply as can be said; a part that was said twice is said once."""
    once = tuple(dict.fromkeys(one for part in parts for one in conjuncts(part)))
    return once[0] if len(once) == 1 else All(once)
