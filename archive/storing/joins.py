"""Why each member is in its story, told from the members alone: likeness to the first publisher, else to another.

Which items are one story is decided elsewhere (likes.py, stories.py). The order in which they came leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, update

from archive.schema import items
from archive.storing.likes import alike, load_text
from crawler.text.shingles import Text

# A story of chains (an excerpt of an excerpt) has two or three members that are not like its first publisher; a
# template's misfire has hundreds, and comparing all with all would hold up the writer for minutes.
_MAX_INDIRECT = 24
_MAX_OTHERS = 24

_TELL = (
    update(items)
    .where(items.c.id == bindparam("of_item"))
    .values(join_reason=bindparam("reason"), join_score=bindparam("score"), joined_to=bindparam("other"))
)
_FORGET = (
    update(items)
    .where(
        items.c.story_id == bindparam("of_story"),
        or_(items.c.id == bindparam("of_item"), items.c.joined_to == bindparam("of_item")),
    )
    .values(join_reason=None, join_score=None, joined_to=None)
)

_Why = tuple[str | None, float | None, int | None]
_NO_REASON: _Why = (None, None, None)


def tell_joins(connection: Connection, members: Sequence[Row[Any]]) -> None:
    """Give each of a story's members, in order, why it is there: reason, score and the item it is alike to.

    The first publisher has no reason. Another has its likeness to the first; where there is none, the greatest likeness
    to one of the others; where its text has since become another, none.
    """
    first, *others = members
    text_of = _loader(connection)
    told: dict[int, _Why] = {first.id: _NO_REASON}
    indirect: list[Row[Any]] = []
    for member in others:
        told[member.id] = _likeness_to(first, member, text_of)
        if told[member.id] is _NO_REASON and not member.is_link_only:
            indirect.append(member)
    for member in indirect[:_MAX_INDIRECT]:
        told[member.id] = _best_likeness(member, others, text_of)
    changed = [
        dict(zip(("of_item", "reason", "score", "other"), (member.id, *told[member.id]), strict=True))
        for member in members
        if (member.join_reason, member.join_score, member.joined_to) != told[member.id]
    ]
    if changed:
        connection.execute(_TELL, changed)


def forget_joins(connection: Connection, item_id: int, story_id: int) -> None:
    """What was told of an item's likenesses no longer holds: its text has changed."""
    connection.execute(_FORGET, {"of_item": item_id, "of_story": story_id})


def _likeness_to(first: Row[Any], member: Row[Any], text_of: Callable[[int], Text]) -> _Why:
    if member.joined_to == first.id and member.join_reason is not None:
        return member.join_reason, member.join_score, member.joined_to  # neither text has changed since
    if member.is_link_only or first.is_link_only:
        return _NO_REASON
    why = alike(text_of(member.id), text_of(first.id))
    return _NO_REASON if why is None else (why.reason, why.score, first.id)


def _best_likeness(member: Row[Any], others: Sequence[Row[Any]], text_of: Callable[[int], Text]) -> _Why:
    best = _NO_REASON
    candidates = (other for other in others if other.id != member.id and not other.is_link_only)
    for other in islice(candidates, _MAX_OTHERS):
        why = alike(text_of(member.id), text_of(other.id))
        if why is not None and why.score > (best[1] or 0.0):  # of equals, the first in order
            best = (why.reason, why.score, other.id)
    return best


def _loader(connection: Connection) -> Callable[[int], Text]:
    held: dict[int, Text] = {}

    def text_of(item_id: int) -> Text:
        if item_id not in held:
            held[item_id] = load_text(connection, item_id)
        return held[item_id]

    return text_of
