"""Which items are one story: joins a stored item to its likes, merges stories, and works out what a story shows.

What a story shows is worked out anew from all its members each time, so that the order of arrival leaves no trace.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, exists, func, insert, select, update

from archive.publishing.announcing import move_announcements
from archive.publishing.entering import move_entries
from archive.reading import linked_member
from archive.schema import (
    facts,
    feed_entries,
    item_checks,
    item_regions,
    item_topics,
    item_zones,
    items,
    judgements,
    retired_guids,
    stories,
    story_regions,
    story_topics,
    story_zones,
)
from archive.search import search_index
from archive.search.facets import facets
from archive.storing.folding import fold_name
from archive.storing.joins import tell_joins
from archive.storing.judging import spread_labels
from archive.storing.likes import Like
from archive.storing.publisher import Candidate, best_text, best_title, first_source, in_order
from archive.storing.related import Facts, relate
from archive.storing.rulings import tell_rulings, without_apart
from crawler.model import Role

_MAX_MEMBERS = 500  # that a story's face is worked out from; no report has so many reprints, a template's misfire might


def choose_story(
    connection: Connection, own: int | None, likes: Sequence[Like], now: datetime
) -> tuple[int, list[int]]:
    """The story an item belongs to, made where it has no likes; and the stories that turn out to be the same one.

    What a ruling keeps apart is not joined: the item stays where it is, or goes where it is most alike.
    """
    alike = without_apart(connection, own, [like.story_id for like in likes])
    found = {*alike} | (set() if own is None else {own})
    if not found:
        return new_story(connection, now), []
    survivor, *same = by_age(connection, found)
    return survivor, same


def merge(connection: Connection, same: Sequence[int], survivor: int, now: datetime) -> None:
    """Move all that belongs to the stories `same` to `survivor`; their guids are remembered, and announced no more."""
    for retired in same:
        connection.execute(update(items).where(items.c.story_id == retired).values(story_id=survivor))
        move_entries(connection, retired, survivor)
        move_announcements(connection, retired, survivor)
        connection.execute(update(retired_guids).where(retired_guids.c.story_id == retired).values(story_id=survivor))
        guid = connection.execute(select(stories.c.guid).where(stories.c.id == retired)).scalar_one()
        values = {"guid": guid, "retired_id": retired, "story_id": survivor, "retired_at": now}
        connection.execute(insert(retired_guids).values(**values))
        connection.execute(delete(stories).where(stories.c.id == retired))
    if same:
        spread_labels(connection, survivor, now)


def refresh(connection: Connection, story_id: int, now: datetime) -> None:
    """Work out what the story shows from its members; `seq` and `updated_at` move only where that changed."""
    rows = connection.execute(_members(story_id)).all()
    by_id = {row.id: row for row in rows}
    members = in_order([_candidate(row) for row in rows], fold_name)
    ordered = [by_id[member.item_id] for member in members]
    tell_joins(connection, ordered)
    if len(ordered) > 1:
        tell_rulings(connection, story_id, ordered)
    first, shown = ordered[0], best_text(members)
    speaking = [row for row in ordered if row.is_relevant] or ordered
    earliest = min(ordered, key=lambda row: (row.first_seen_at, row.url_key))
    dated = next((row for row in ordered if row.published_at is not None), None)
    ids = [row.id for row in speaking]
    values: dict[str, Any] = {
        "title": best_title(members),
        "first_item_id": first.id,
        "text_item_id": shown.item_id,
        "first_source": first_source(members, fold_name),
        "published_at": None if dated is None else dated.published_at,
        "precision": None if dated is None else dated.precision,
        "document_number": _first(row.document_number for row in ordered),
        "written": _first(row.written for row in ordered),
        "event_date": _first(row.event_date for row in speaking),
        "first_seen_at": earliest.first_seen_at,
        "is_relevant": any(row.is_relevant for row in ordered),
        "score": max(row.score or 0.0 for row in speaking),
        "agreements": sorted({name for row in speaking for name in row.agreements or ()}),
        "is_link_only": all(row.is_link_only for row in ordered),
        "is_backfill": all(row.is_backfill for row in ordered),
        "found_by": earliest.found_by or earliest.source_id,
    }
    values["sorted_at"] = values["published_at"] or values["first_seen_at"]
    parts = {
        (story_regions, "adcode"): _keys(connection, item_regions, "adcode", ids),
        (story_zones, "zone"): _keys(connection, item_zones, "zone", ids),
        (story_topics, "topic"): _keys(connection, item_topics, "topic", ids),
    }
    search_index.file_story(connection, story_id, facets(values["sorted_at"], values["is_relevant"], *parts.values()))
    named = [(row.id, row.url, row.title) for row in ordered]
    linked = linked_member(ordered)
    if linked is not first:
        named.append((linked.id, linked.url, ""))
    digest = _digest(values, parts.values(), named, by_id[shown.item_id])
    held = connection.execute(select(stories.c.digest, stories.c.score).where(stories.c.id == story_id)).one()
    if digest == held.digest:
        return
    if held.digest == _digest(values | {"score": held.score}, parts.values(), named, by_id[shown.item_id]):
        # weights have changed, and nothing that a subscriber sees
        connection.execute(update(stories).where(stories.c.id == story_id).values(score=values["score"], digest=digest))
        return
    values |= {"digest": digest, "updated_at": now, "seq": _next_seq(connection)}
    connection.execute(update(stories).where(stories.c.id == story_id).values(**values))
    for (table, column), keys in parts.items():
        connection.execute(delete(table).where(table.c.story_id == story_id))
        if keys:
            connection.execute(insert(table), [{"story_id": story_id, column: key} for key in keys])
    known = Facts(
        title=values["title"],
        agreements=values["agreements"],
        document_number=values["document_number"],
        event_date=values["event_date"],
        sorted_at=values["sorted_at"],
        parties=parts[story_regions, "adcode"],
        text_item_id=shown.item_id,
        is_link_only=values["is_link_only"],
    )
    relate(connection, story_id, known, is_new=held.digest == "")


def new_story(connection: Connection, now: datetime, *, story_id: int | None = None, guid: str | None = None) -> int:
    """Make an empty story; `refresh` gives it its face. A story that was retired can be made again as it was named."""
    values: dict[str, Any] = {
        "guid": guid or _new_guid(connection),
        "seq": _next_seq(connection),
        "title": "",
        "first_item_id": 0,
        "text_item_id": 0,
        "first_source": "",
        "first_seen_at": now,
        "updated_at": now,
        "sorted_at": now,
        "is_relevant": False,
        "score": 0.0,
        "agreements": [],
        "is_link_only": False,
        "is_backfill": False,
        "found_by": "",
        "digest": "",
    }
    if story_id is not None:
        values["id"] = story_id
    made: int = connection.execute(insert(stories).values(**values).returning(stories.c.id)).scalar_one()
    return made


def by_age(connection: Connection, story_ids: set[int]) -> list[int]:
    """Stories with the one that is to survive first: published before unpublished, older before newer."""
    is_published = exists().where(feed_entries.c.story_id == stories.c.id)
    rows = connection.execute(
        select(stories.c.id)
        .where(stories.c.id.in_(story_ids))
        .order_by(is_published.desc(), stories.c.first_seen_at, stories.c.id)
    )
    return list(rows.scalars())


def _members(story_id: int) -> Any:
    return (
        select(
            items.c.id,
            items.c.url_key,
            items.c.url,
            items.c.title,
            items.c.site_name,
            items.c.source_name,
            items.c.source_id,
            items.c.found_by,
            items.c.published_at,
            items.c.precision,
            items.c.document_number,
            items.c.written,
            items.c.repairs,
            items.c.body_hash,
            items.c.updated_at,
            func.length(items.c.folded_body).label("body_chars"),
            items.c.is_link_only,
            items.c.is_backfill,
            items.c.first_seen_at,
            items.c.join_reason,
            items.c.join_score,
            items.c.joined_to,
            judgements.c.is_relevant,
            judgements.c.score,
            judgements.c.agreements,
            judgements.c.event_date,
            item_checks.c.vanished_at,
        )
        .join_from(items, judgements, judgements.c.item_id == items.c.id, isouter=True)
        .join(item_checks, item_checks.c.item_id == items.c.id, isouter=True)
        .where(items.c.story_id == story_id)
        .order_by(items.c.published_at.is_(None), items.c.published_at, items.c.url_key)
        .limit(_MAX_MEMBERS)
    )


def _candidate(row: Row[Any]) -> Candidate:
    return Candidate(
        item_id=row.id,
        url_key=row.url_key,
        title=row.title,
        site_name=row.site_name,
        source_name=row.source_name,
        published=row.published_at,
        first_seen_at=row.first_seen_at,
        repairs=len(row.repairs),
        body_chars=row.body_chars,
        is_link_only=row.is_link_only,
    )


def _keys(connection: Connection, table: Table, column: str, item_ids: list[int]) -> list[str]:
    found = select(table.c[column]).where(table.c.item_id.in_(item_ids)).distinct().order_by(table.c[column])
    if "role" in table.c:
        found = found.where(table.c.role == Role.PARTY.value)
    return list(connection.execute(found).scalars())


def _first(values: Iterable[Any]) -> Any:
    return next((value for value in values if value is not None), None)


def _digest(values: dict[str, Any], parts: Iterable[list[str]], members: list[Any], text: Row[Any]) -> str:
    shown = [values, list(parts), members, text.body_hash, text.body_chars, text.updated_at]
    return hashlib.sha256(json.dumps(shown, default=str, ensure_ascii=True).encode()).hexdigest()


def _new_guid(connection: Connection) -> str:
    asked = select(facts.c.name, facts.c.value).where(facts.c.name.in_(("tag_authority", "tag_date")))
    named = {row.name: row.value for row in connection.execute(asked)}
    return f"tag:{named['tag_authority']},{named['tag_date']}:story/{uuid.uuid4()}"


def _next_seq(connection: Connection) -> int:
    """The next value of the cursor of change; kept apart, so that a retired story's is never used again."""
    held = connection.execute(select(facts.c.value).where(facts.c.name == "seq").with_for_update()).scalar_one()
    connection.execute(update(facts).where(facts.c.name == "seq").values(value=str(int(held) + 1)))
    return int(held) + 1
