"""Finds the items that are the same report as a new one: a text in, verified likenesses out.

Work is bounded: of a crowded print only the newest are looked at, and so many texts are compared and no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from archive.schema import items
from archive.storing import prints as prints_kept
from archive.storing.folding import fold_name
from crawler.text.likeness import Likeness, likeness, may_be_alike
from crawler.text.shingles import MAX_CHARS, Evidence, Prints, Text, bare_of, part_of, prints_of, text_of

_AT_ONCE = 8  # texts read by one statement: most items have no more that share prints with them
_MAX_UNLIKE = 24  # a form that was filled in a thousand times shares its prints with all of them

_TEXTS = select(
    items.c.id,
    items.c.story_id,
    items.c.folded_title,
    func.substr(items.c.folded_body, 1, 4 * MAX_CHARS).label("folded_body"),
    items.c.source_id,
    items.c.source_name,
    items.c.published_at,
    items.c.document_number,
)
_SOME_TEXTS = _TEXTS.where(items.c.id.in_([bindparam(f"id{place}") for place in range(_AT_ONCE)]))
_ONE_TEXT = _TEXTS.where(items.c.id == bindparam("of_item"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """An item that is the same report, and the story it belongs to."""

    item_id: int
    story_id: int
    likeness: Likeness


def prepare(folded_title: str, folded_body: str, known: Mapping[str, Any] | None = None) -> tuple[Text, Prints]:
    """A folded text made ready to be compared, and its prints; `known` has the columns of its item."""
    ready = text_of(folded_title, folded_body, None if known is None else _evidence(known))
    return ready, prints_of(ready)


def save_prints(connection: Connection, item_id: int, prints: Prints, *, is_new: bool = False) -> None:
    """Write the prints of an item, in place of those it had unless it is new."""
    prints_kept.save(connection, item_id, prints, is_new=is_new)


def find_likes(connection: Connection, item_id: int, ready: Text, prints: Prints) -> tuple[Like, ...]:
    """Items that are the same report as `item_id`: one a story, the best found of each first compared."""
    if prints.body_hash is None:
        return ()
    found: dict[int, Like] = {}
    unlike, is_part = 0, part_of(ready) is not None
    for candidate in _in_turn(connection, prints_kept.sharing(connection, item_id, prints)):
        if candidate.story_id in found:
            continue
        bare = bare_of(candidate.folded_body)
        if not is_part and not may_be_alike(ready.bare, bare):
            continue
        why = alike(ready, _ready(candidate, bare))
        if why is not None:
            found[candidate.story_id] = Like(item_id=candidate.id, story_id=candidate.story_id, likeness=why)
        elif (unlike := unlike + 1) >= _MAX_UNLIKE:
            break
    return tuple(sorted(found.values(), key=lambda like: (-like.likeness.score, like.item_id)))


def alike(one: Text, other: Text) -> Likeness | None:
    """Why two texts are one report, whichever of them came first: figures are matched in order, left to right."""
    first, second = sorted((one, other), key=lambda text: (text.bare, text.title))
    return likeness(first, second)


def load_text(connection: Connection, item_id: int) -> Text:
    """The folded text of an item, ready to be compared."""
    return _ready(connection.execute(_ONE_TEXT, {"of_item": item_id}).one())


def _in_turn(connection: Connection, candidates: Sequence[int]) -> Iterator[Any]:
    for start in range(0, len(candidates), _AT_ONCE):
        asked = candidates[start : start + _AT_ONCE]
        filled = [*asked, *[0] * (_AT_ONCE - len(asked))]  # no such item
        rows = connection.execute(_SOME_TEXTS, {f"id{place}": value for place, value in enumerate(filled)})
        by_id = {row.id: row for row in rows}
        yield from (by_id[candidate] for candidate in asked if candidate in by_id)


def _ready(row: Any, bare: str | None = None) -> Text:
    return text_of(row.folded_title, row.folded_body, _evidence(row._mapping), bare=bare)


def _evidence(known: Mapping[str, Any]) -> Evidence:
    named: str | None = known["source_name"]
    published: datetime | None = known["published_at"]
    return Evidence(
        site=known["source_id"],
        source_name=None if named is None else bare_of(fold_name(named)) or None,
        published=published,
        document_number=known["document_number"],
    )
