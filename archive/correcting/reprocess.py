"""What reading and judging anew changes: told field by field, and written without touching what is announced already.

Ids, guids, times of first sight, entries of feeds and the membership of stories stay. Whatever derives from an item
follows in the same transaction: search index, prints, labels, and what its story shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, select, update

from archive.correcting.kept import kept_columns, stand_of
from archive.records import FieldChange, JudgementRecord, KeptItem, Likening, Redo, Redone, RefusedRow
from archive.schema import entries, items
from archive.storing.items import forget_text, store, values_of
from archive.storing.judging import judge_anew, load_judgement
from archive.storing.labels import find_label, overridden, plain_verdict
from archive.storing.likes import alike, find_likes, load_text, prepare, save_prints
from archive.storing.stories import refresh
from crawler.model import Judgement
from crawler.text.shingles import Prints, Text
from crawler.text.urls import url_key

# What a reader sees of an item: only these move the time of its last change.
_SHOWN = frozenset(
    {
        "title",
        "body",
        "body_html",
        "published_at",
        "precision",
        "written",
        "source_name",
        "author",
        "document_number",
        "attachments",
        "site_name",
        "source_id",
    }
)
_STAYS = frozenset({"url", "is_link_only"})  # what an item is known by
_FOLDED = frozenset({"folded_title", "folded_body"})
_MAX_COMPARED = 24  # other members of a story, as when reasons of joins are told (joins.py)


def compare(connection: Connection, redos: Sequence[Redo]) -> tuple[Redone, ...]:
    """What would change, one answer for each; writes nothing."""
    return tuple(_compare(connection, redo) for redo in redos)


def redo_items(connection: Connection, redos: Sequence[Redo], *, now: datetime) -> tuple[Redone, ...]:
    """Write what changes, one answer for each. One that fails costs itself; one overtaken by another run is left."""
    done: list[Redone] = []
    for redo in redos:
        savepoint = connection.begin_nested()
        try:
            done.append(_write(connection, redo, now))
            savepoint.commit()
        except Exception as error:
            if connection.invalidated or not connection.in_transaction():
                raise
            savepoint.rollback()
            done.append(_answer(redo, fault=f"{type(error).__name__}: {error}"))
    return tuple(done)


def _compare(connection: Connection, redo: Redo) -> Redone:
    if isinstance(redo.of, RefusedRow):
        return _answer(redo, is_new=True, likenings=tuple(_joins(connection, redo)))
    held = _held(connection, redo.of)
    if held is None:
        return _answer(redo, is_overtaken=True)
    values = _values(redo)
    return _answer(
        redo,
        changes=tuple(_changes(connection, held, values, redo.judged.judgement)),
        likenings=tuple(_likenings(connection, held, values)),
    )


def _write(connection: Connection, redo: Redo, now: datetime) -> Redone:
    if isinstance(redo.of, RefusedRow):
        return _store_refused(connection, redo, redo.of, now)
    told = _compare(connection, redo)
    held = _held(connection, redo.of)
    if held is None or not told.changes:
        return told
    values = _values(redo)
    changed = {name: value for name, value in values.items() if getattr(held, name) != value}
    if changed:
        moved = {"updated_at": now} if _SHOWN & changed.keys() else {}
        connection.execute(update(items).where(items.c.id == held.id).values(**changed, **moved))
    if _FOLDED & changed.keys():
        forget_text(connection, held)
        if not held.is_link_only:
            save_prints(connection, held.id, _ready(held, values)[1])
    judge_anew(connection, held.id, redo.judged.judgement, now)
    refresh(connection, held.story_id, now)
    return told


def _store_refused(connection: Connection, redo: Redo, row: RefusedRow, now: datetime) -> Redone:
    entry = connection.execute(select(entries).where(entries.c.id == row.entry_id)).one_or_none()
    own = select(items.c.id).where(items.c.url_key == url_key(redo.judged.article.url))
    is_item = connection.execute(own).first() is not None
    if entry is None or entry.outcome != "refused" or is_item:
        return _answer(redo, is_overtaken=True)
    likenings = tuple(_joins(connection, redo))
    stored = store(connection, redo.judged, now=now)
    return _answer(redo, is_new=True, item_id=stored.item_id, story_id=stored.story_id, likenings=likenings)


def _answer(redo: Redo, **more: Any) -> Redone:
    known: dict[str, Any] = {"item_id": None, "story_id": None}
    if isinstance(redo.of, KeptItem):
        known = {"item_id": redo.of.item_id, "story_id": redo.of.story_id}
    judged = redo.judged
    return Redone(
        url=judged.article.url, title=judged.article.title, relevant=judged.judgement.relevant, **(known | more)
    )


def _held(connection: Connection, kept: KeptItem) -> Row[Any] | None:
    """The item as it is; None where it is no longer what was read again."""
    held = connection.execute(kept_columns().where(items.c.id == kept.item_id)).one_or_none()
    return None if held is None or stand_of(held) != kept.stand else held


def _values(redo: Redo) -> dict[str, Any]:
    values = values_of(redo.judged)
    if not redo.is_read_again:
        return {name: values[name] for name in _FOLDED}
    return {name: value for name, value in values.items() if name not in _STAYS}


def _changes(
    connection: Connection, held: Row[Any], values: dict[str, Any], judgement: Judgement
) -> Iterator[FieldChange]:
    for name, value in values.items():
        if getattr(held, name) != value:
            yield FieldChange(name=name, old=getattr(held, name), new=value)
    kept = load_judgement(connection, held.id)
    before: dict[str, Any] = {} if kept is None else _parts(kept)
    label = find_label(connection, held.id)
    if label is not None:
        was, rules = plain_verdict(label.machine), plain_verdict(judgement)
        if was != rules:
            yield FieldChange(name="machine", old=_told(was), new=_told(rules))
        judgement = overridden(judgement, label)
    for name, value in _parts(judgement).items():
        if before.get(name) != value:
            yield FieldChange(name=name, old=_plain(before.get(name)), new=_plain(value))


def _parts(judgement: Judgement | JudgementRecord) -> dict[str, Any]:
    """What a judgement says, in an order that does not depend on who wrote it down."""
    return {
        "relevant": judgement.relevant,
        "regions": sorted({f"{region.adcode} {region.role.value}" for region in judgement.regions}),
        "zones": sorted(set(judgement.zones)),
        "topics": sorted(set(judgement.topics)),
        "agreements": list(judgement.agreements),
        "event_date": judgement.event_date,
        "score": judgement.score,
        "evidence": judgement.evidence,
        "version": judgement.version,
    }


def _told(verdict: dict[str, Any]) -> dict[str, Any]:
    """A verdict of the rules without lists in lists, for people."""
    regions = [" ".join(region) for region in verdict["regions"]]
    lists = {"regions": regions, "zones": verdict["zones"], "topics": verdict["topics"]}
    return verdict | {name: "、".join(values) for name, values in lists.items()}


def _plain(value: Any) -> Any:
    """Evidence as the table holds it."""
    return [asdict(evidence) for evidence in value] if isinstance(value, tuple) else value


def _likenings(connection: Connection, held: Row[Any], values: dict[str, Any]) -> Iterator[Likening]:
    """What a new text means for the story, which is not acted on: stories are announced already."""
    folded = values["folded_title"], values["folded_body"]
    if held.is_link_only or folded == (held.folded_title, held.folded_body):
        return
    text, prints = _ready(held, values)
    yield from _likes(connection, held.id, held.story_id, text, prints, kind="would-join")
    asked = select(items.c.id).where(
        items.c.story_id == held.story_id, items.c.id != held.id, items.c.is_link_only.is_(False)
    )
    others = [load_text(connection, item_id) for item_id in islice(connection.execute(asked).scalars(), _MAX_COMPARED)]
    was, _prints = _ready(held, {})
    if any(alike(was, other) for other in others) and not any(alike(text, other) for other in others):
        yield Likening(kind="not-alike", story_id=held.story_id)


def _ready(held: Row[Any], values: dict[str, Any]) -> tuple[Text, Prints]:
    """The text of an item as it would be with these values."""
    known = {**held._mapping, **values}
    return prepare(known["folded_title"], known["folded_body"], known)


def _joins(connection: Connection, redo: Redo) -> Iterator[Likening]:
    values = values_of(redo.judged)
    if not values["is_link_only"]:
        text, prints = prepare(values["folded_title"], values["folded_body"], values)
        yield from _likes(connection, 0, None, text, prints, kind="joins")


def _likes(
    connection: Connection, item_id: int, own: int | None, text: Text, prints: Prints, *, kind: str
) -> Iterator[Likening]:
    for like in find_likes(connection, item_id, text, prints):
        if like.story_id != own:
            yield Likening(kind=kind, story_id=like.story_id, reason=like.likeness.reason, score=like.likeness.score)
