"""Carries out what an operator rules: join stories, split members off, take a ruling back.

Announces nothing: what a feed has told of a story, it has told of every part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from archive.database.upsert import insert_new
from archive.named import find_item_id, find_story
from archive.publishing import announcing
from archive.records import Ruling, RulingPart
from archive.schema import feed_entries, feed_omissions, items, retired_guids, rulings, stories
from archive.storing.rulings import JOIN, SPLIT, forget_reasons, kept_apart, load_rulings, rulings_of, save_ruling
from archive.storing.stories import by_age, merge, new_story, refresh
from crawler.errors import RulingError
from crawler.language import _

PARTED = "split"  # why a feed passes over a story that was part of another
MAX_STORIES = 50  # joined at once: more is a slip of the hand
_MAX_CHAIN = 500  # members that came later and follow one another


def join_stories(connection: Connection, names: Sequence[str], *, by: str, note: str, now: datetime) -> Ruling:
    """Make one story of several, for good. Raises RulingError where that cannot be."""
    story_ids = list(dict.fromkeys(_story_of(connection, name) for name in names))
    if len(story_ids) < 2:
        raise RulingError(_("{names}: one story already").format(names="、".join(names)))
    if len(story_ids) > MAX_STORIES:
        raise RulingError(
            _("{count} stories: at most {most} are joined at once").format(count=len(story_ids), most=MAX_STORIES)
        )
    for pair, number in sorted(kept_apart(connection, story_ids).items(), key=lambda found: found[1]):
        one, other = sorted(pair)
        raise RulingError(
            _("stories {one} and {other} are kept apart by ruling {number}; undo that first").format(
                one=one, other=other, number=number
            )
        )
    survivor, *same = by_age(connection, set(story_ids))
    parts = [_part(connection, story_id, _members(connection, story_id)) for story_id in (survivor, *same)]
    ruling = save_ruling(connection, JOIN, parts, by=by, note=note, now=now)
    merge(connection, same, survivor, now)
    refresh(connection, survivor, now)
    return ruling


def split_story(
    connection: Connection, name: str, item_names: Sequence[str], *, by: str, note: str, now: datetime
) -> Ruling:
    """Make a story of its own of some members, for good. Raises RulingError where that cannot be."""
    story_id = _story_of(connection, name)
    members = _members(connection, story_id)
    leaving = list(dict.fromkeys(_item_of(connection, item, story_id) for item in item_names))
    staying = [item_id for item_id in members if item_id not in set(leaving)]
    if not staying:
        raise RulingError(_("{name}: all members cannot be split off; one has to stay").format(name=name))
    for ruling in rulings_of(connection, leaving):
        named = {item_id for part in ruling.parts for item_id in part.item_ids}
        if ruling.kind == JOIN and named & set(leaving) and named & set(staying):
            raise RulingError(
                _("{name}: joined by ruling {number}; undo that first").format(name=name, number=ruling.id)
            )
    parted = new_story(connection, now)
    parts = [_part(connection, story_id, staying), _part(connection, parted, leaving)]
    ruling = save_ruling(connection, SPLIT, parts, by=by, note=note, now=now)
    _move(connection, leaving, parted)
    _pass_over(connection, story_id, parted, now)
    _tell_anew(connection, (story_id, parted), now)
    return ruling


def undo_ruling(connection: Connection, number: int, *, by: str, now: datetime) -> Ruling:
    """Take a ruling back: what it split is joined again, what it joined is apart again under its own guids.

    Raises RulingError where there is none, or where a later ruling builds on it.
    """
    ruling = next(iter(load_rulings(connection, rulings.c.id == number)), None)
    if ruling is None:
        raise RulingError(_("{number}: no such ruling").format(number=number))
    if ruling.undone_at is not None:
        raise RulingError(_("ruling {number} has been undone already").format(number=number))
    named = [item_id for part in ruling.parts for item_id in part.item_ids]
    for later in rulings_of(connection, named):
        if later.id > number:
            raise RulingError(
                _("ruling {later} was made on the same items later; undo that first").format(later=later.id)
            )
    connection.execute(update(rulings).where(rulings.c.id == number).values(undone_at=now, undone_by=by))
    if ruling.kind == JOIN:
        for part in ruling.parts[1:]:
            _restore(connection, part, set(named) - set(part.item_ids), now)
    else:
        _rejoin(connection, ruling.parts, now)
    (undone,) = load_rulings(connection, rulings.c.id == number)
    return undone


def _restore(connection: Connection, part: RulingPart, others: set[int], now: datetime) -> None:
    """Let a story that was joined be again: with its number, its guid, and what was announced under that."""
    held = connection.execute(select(items.c.story_id).where(items.c.id == part.item_ids[0])).scalar_one()
    restored = new_story(connection, now, story_id=part.story_id, guid=part.guid)
    connection.execute(delete(retired_guids).where(retired_guids.c.guid == part.guid))
    _move(connection, [*part.item_ids, *_followers(connection, held, part.item_ids, others)], restored)
    connection.execute(
        update(feed_entries)
        .where(feed_entries.c.story_id == held, feed_entries.c.guid == part.guid)
        .values(story_id=restored)
    )
    _pass_over(connection, held, restored, now)
    _pass_over(connection, restored, held, now)
    _tell_anew(connection, (held, restored), now)


def _rejoin(connection: Connection, parts: Sequence[RulingPart], now: datetime) -> None:
    story_ids = {_story_of(connection, str(part.story_id)) for part in parts}
    if len(story_ids) == 2 and not kept_apart(connection, story_ids):
        survivor, *same = by_age(connection, story_ids)
        merge(connection, same, survivor, now)
        _tell_anew(connection, (survivor,), now)


def _followers(connection: Connection, story_id: int, item_ids: Iterable[int], others: set[int]) -> list[int]:
    """Members that came after a ruling and are there for their likeness to one of `item_ids`, in a chain or not."""
    rows = connection.execute(
        select(items.c.id, items.c.joined_to).where(items.c.story_id == story_id).order_by(items.c.id)
    ).all()
    taken = set(item_ids)
    for _round in range(_MAX_CHAIN):
        more = {row.id for row in rows if row.joined_to in taken} - taken - others
        if not more:
            break
        taken |= more
    return sorted(taken - set(item_ids))


def _pass_over(connection: Connection, known: int, parted: int, now: datetime) -> None:
    """Let every feed that has dealt with the story `known` pass over what was part of it."""
    entered = select(feed_entries.c.feed_id).where(feed_entries.c.story_id == parted)
    passed = select(feed_omissions.c.feed_id).where(feed_omissions.c.story_id == parted)
    feeds_of = {
        feed_id
        for table in (feed_entries, feed_omissions)
        for feed_id in connection.execute(
            select(table.c.feed_id).where(
                table.c.story_id == known, table.c.feed_id.not_in(entered), table.c.feed_id.not_in(passed)
            )
        ).scalars()
    }
    rows = [
        {"feed_id": feed_id, "story_id": parted, "reason": PARTED, "omitted_at": now} for feed_id in sorted(feeds_of)
    ]
    insert_new(connection, feed_omissions, rows)
    announcing.pass_over(connection, known, parted, now)


def _tell_anew(connection: Connection, story_ids: Sequence[int], now: datetime) -> None:
    forget_reasons(connection, story_ids)
    for story_id in story_ids:
        refresh(connection, story_id, now)


def _move(connection: Connection, item_ids: Sequence[int], story_id: int) -> None:
    for start in range(0, len(item_ids), 500):
        chunk = item_ids[start : start + 500]
        connection.execute(update(items).where(items.c.id.in_(chunk)).values(story_id=story_id))


def _part(connection: Connection, story_id: int, item_ids: Sequence[int]) -> RulingPart:
    guid: str = connection.execute(select(stories.c.guid).where(stories.c.id == story_id)).scalar_one()
    return RulingPart(story_id=story_id, guid=guid, item_ids=tuple(item_ids))


def _members(connection: Connection, story_id: int) -> list[int]:
    asked = select(items.c.id).where(items.c.story_id == story_id).order_by(items.c.id)
    return list(connection.execute(asked).scalars())


def _story_of(connection: Connection, name: str) -> int:
    found = find_story(connection, name)
    if found is None:
        raise RulingError(_("{id}: no such story").format(id=name))
    return found


def _item_of(connection: Connection, name: str, story_id: int) -> int:
    found = find_item_id(connection, name)
    if found is None:
        raise RulingError(_("{name}: no such item").format(name=name))
    held = connection.execute(select(items.c.story_id).where(items.c.id == found)).scalar_one()
    if held != story_id:
        raise RulingError(
            _("{name}: not a member of story {id}, but of story {other}").format(name=name, id=story_id, other=held)
        )
    return found
