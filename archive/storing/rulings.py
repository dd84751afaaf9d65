"""What operators have ruled: stories joined, members split off. Kept for good; the machine asks before it joins.

A ruling names items, not stories: so it holds for whatever those items later are in. Carrying one out is in decide.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from archive.records import Ruling, RulingPart
from archive.schema import items, ruling_items, rulings

JOIN = "join"
SPLIT = "split"
REASON = "ruling"  # why a member is in its story, where nothing but a ruling says so
_CERTAIN = 1.0  # the score of such a join: a person has looked at it
_CHUNK = 500  # bound values of one statement
_MOST = 1000  # rulings handed out at once; a person makes a few a week


def kept_apart(connection: Connection, story_ids: Collection[int]) -> dict[frozenset[int], int]:
    """Pairs of these stories that must not become one, each with the number of the ruling that says so."""
    if len(story_ids) < 2:
        return {}
    found: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    asked = (
        select(ruling_items.c.ruling_id, ruling_items.c.part, items.c.story_id)
        .join_from(ruling_items, rulings, rulings.c.id == ruling_items.c.ruling_id)
        .join(items, items.c.id == ruling_items.c.item_id)
        .where(rulings.c.kind == SPLIT, rulings.c.undone_at.is_(None), items.c.story_id.in_(story_ids))
        .distinct()
        .order_by(ruling_items.c.ruling_id)
    )
    for row in connection.execute(asked):
        found[row.ruling_id][row.part].add(row.story_id)
    apart: dict[frozenset[int], int] = {}
    for ruling_id, parts in found.items():
        for one in parts.get(0, ()):
            for other in parts.get(1, ()):
                apart.setdefault(frozenset((one, other)), ruling_id)
    return apart


def without_apart(connection: Connection, own: int | None, others: Sequence[int]) -> list[int]:
    """Those of `others` that may become one story with `own` and with each other; the first of them go first."""
    apart = kept_apart(connection, {*others} | (set() if own is None else {own}))
    chosen = [] if own is None else [own]
    for other in others:
        if other not in chosen and not any(frozenset((other, held)) in apart for held in chosen):
            chosen.append(other)
    return [story_id for story_id in chosen if story_id != own]


def tell_rulings(connection: Connection, story_id: int, members: Sequence[Row[Any]]) -> None:
    """Say "ruling" where a member, or a group that is alike in itself, is in the story for no other reason.

    Likeness comes first: of each group without a tie to the first publisher, its earliest member is told so.
    """
    pinned = {
        row.item_id
        for row in connection.execute(
            select(ruling_items.c.item_id)
            .join_from(ruling_items, rulings, rulings.c.id == ruling_items.c.ruling_id)
            .join(items, items.c.id == ruling_items.c.item_id)
            .where(rulings.c.kind == JOIN, rulings.c.undone_at.is_(None), items.c.story_id == story_id)
        )
    }
    if not pinned:
        return
    order = [member.id for member in members]
    ties = connection.execute(select(items.c.id, items.c.joined_to).where(items.c.story_id == story_id))
    group = _groups(order, ((row.id, row.joined_to) for row in ties if row.joined_to is not None))
    told = {group[order[0]]}
    for item_id in order:
        if group[item_id] in told or item_id not in pinned:
            continue
        told.add(group[item_id])
        values = {"join_reason": REASON, "join_score": _CERTAIN, "joined_to": order[0]}
        connection.execute(update(items).where(items.c.id == item_id).values(**values))


def forget_reasons(connection: Connection, story_ids: Sequence[int]) -> None:
    """Why the members of these stories are there is to be told anew, where a ruling was the reason."""
    connection.execute(
        update(items)
        .where(items.c.story_id.in_(story_ids), items.c.join_reason == REASON)
        .values(join_reason=None, join_score=None, joined_to=None)
    )


def save_ruling(
    connection: Connection, kind: str, parts: Sequence[RulingPart], *, by: str, note: str, now: datetime
) -> Ruling:
    """Keep a ruling; the first part is what stays, or what the others become."""
    named = [[part.story_id, part.guid] for part in parts]
    values = {"kind": kind, "made_at": now, "made_by": by, "note": note, "stories": named}
    number: int = connection.execute(insert(rulings).values(**values).returning(rulings.c.id)).scalar_one()
    rows = [
        {"ruling_id": number, "item_id": item_id, "part": place}
        for place, part in enumerate(parts)
        for item_id in part.item_ids
    ]
    connection.execute(insert(ruling_items), rows)
    (ruling,) = load_rulings(connection, rulings.c.id == number)
    return ruling


def load_rulings(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Ruling, ...]:
    """Rulings, newest first."""
    rows = connection.execute(select(rulings).where(*conditions).order_by(rulings.c.id.desc()).limit(_MOST)).all()
    parts: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    numbers = [row.id for row in rows]
    for start in range(0, len(numbers), _CHUNK):
        asked = select(ruling_items).where(ruling_items.c.ruling_id.in_(numbers[start : start + _CHUNK]))
        for row in connection.execute(asked.order_by(ruling_items.c.item_id)):
            parts[row.ruling_id][row.part].append(row.item_id)
    return tuple(
        Ruling(
            id=row.id,
            kind=row.kind,
            made_at=row.made_at,
            made_by=row.made_by,
            note=row.note,
            parts=tuple(
                RulingPart(story_id=story_id, guid=guid, item_ids=tuple(parts[row.id][place]))
                for place, (story_id, guid) in enumerate(row.stories)
            ),
            undone_at=row.undone_at,
            undone_by=row.undone_by,
        )
        for row in rows
    )


def rulings_of(connection: Connection, item_ids: Iterable[int], *, active_only: bool = True) -> tuple[Ruling, ...]:
    """The rulings that name any of these items, newest first."""
    found: set[int] = set()
    wanted = list(item_ids)
    for start in range(0, len(wanted), _CHUNK):
        asked = select(ruling_items.c.ruling_id).where(ruling_items.c.item_id.in_(wanted[start : start + _CHUNK]))
        found.update(connection.execute(asked.distinct()).scalars())
    held = load_rulings(connection, rulings.c.id.in_(sorted(found, reverse=True)[:_CHUNK])) if found else ()
    return tuple(ruling for ruling in held if not active_only or ruling.undone_at is None)


def _groups(item_ids: Sequence[int], ties: Iterable[tuple[int, int]]) -> dict[int, int]:
    """For each item one of those that it is tied to, directly or not; the same for all that hang together."""
    leader = {item_id: item_id for item_id in item_ids}

    def lead(item_id: int) -> int:
        while leader[item_id] != item_id:
            leader[item_id] = leader[leader[item_id]]
            item_id = leader[item_id]
        return item_id

    for one, other in ties:
        if one in leader and other in leader:
            leader[lead(one)] = lead(other)
    return {item_id: lead(item_id) for item_id in item_ids}
