"""How the addresses of stored items answered when they were asked again: the same, edited, moved, or gone.

A member that has vanished stays a member; the story's link goes to one that is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from archive.database.upsert import upsert
from archive.records import MemberCheck
from archive.schema import item_checks, items
from archive.storing.stories import refresh
from crawler.model import Reason
from crawler.text.urls import url_key

SAME = "same"
CHANGED = "changed"
MOVED = "moved"
_IS_THERE = frozenset({SAME, CHANGED, MOVED})
_CHUNK = 500  # bound values of one statement


def note_answer(
    connection: Connection, item_id: int, story_id: int, outcome: str, now: datetime, detail: str = ""
) -> None:
    """Remember how an item's address answered; an answer older than the last one (a replay) says nothing.

    `outcome` is same, changed, moved or a Reason: 404 and 410 mark the item as vanished, any page takes that back, and
    what may be passing (no answer, a wall) leaves it as it was.
    """
    last = connection.execute(select(item_checks).where(item_checks.c.item_id == item_id)).one_or_none()
    if last is not None and last.checked_at > now:
        return
    before = None if last is None else last.vanished_at
    vanished_at = None if outcome in _IS_THERE else (before or now) if outcome == Reason.GONE.value else before
    values = {"checked_at": now, "outcome": outcome, "detail": detail[:2000], "vanished_at": vanished_at}
    upsert(connection, item_checks, ["item_id"], {"item_id": item_id} | values)
    if (before is None) != (vanished_at is None):
        refresh(connection, story_id, now)


def note_failure(connection: Connection, url: str, reason: Reason, detail: str, now: datetime) -> bool:
    """Remember that the page of a stored item could not be had again; False where there is no such item."""
    held = connection.execute(
        select(items.c.id, items.c.story_id).where(items.c.url_key == url_key(url), items.c.is_link_only.is_(False))
    ).one_or_none()
    if held is None:
        return False
    note_answer(connection, held.id, held.story_id, reason.value, now, detail)
    return True


def note_move(connection: Connection, url: str, target: str, now: datetime) -> None:
    """Remember that a stored item's address leads to another one."""
    held = connection.execute(
        select(items.c.id, items.c.story_id).where(items.c.url_key == url_key(url), items.c.is_link_only.is_(False))
    ).one_or_none()
    if held is not None:
        note_answer(connection, held.id, held.story_id, MOVED, now, target)


def load_checks(connection: Connection, item_ids: Sequence[int]) -> tuple[MemberCheck, ...]:
    """The last answers of items, by item."""
    found: list[MemberCheck] = []
    for start in range(0, len(item_ids), _CHUNK):
        asked = (
            select(item_checks, items.c.url, items.c.source_id)
            .join_from(item_checks, items, items.c.id == item_checks.c.item_id)
            .where(item_checks.c.item_id.in_(item_ids[start : start + _CHUNK]))
        )
        found += [MemberCheck(**row._mapping) for row in connection.execute(asked.order_by(item_checks.c.item_id))]
    return tuple(found)
