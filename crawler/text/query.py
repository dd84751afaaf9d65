"""What a reader asks of a text, as a tree: phrases, and what must hold of them together. Knows no index and no SQL."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens (see tokens.py) that must stand side by side in one field; `is_title` asks for them in the title."""

    tokens: tuple[str, ...]
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """All of the parts must hold. Without a part it holds of everything."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the parts must hold."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not hold."""

    part: Expression


Expression = Phrase | All | AnyOf | Not
