"""Rows for other tools, one after another in little memory, all of one state of the archive.

The numbers of the rows wanted pass through one cursor; what belongs to them is read a batch at a time beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, TypeVar, TypeVarTuple

from sqlalchemy import ColumnElement, Connection, CursorResult, Select, func, or_, select

from archive.database.engine import streaming
from archive.reading import IN_ORDER, MAX_MEMBERS, NEWEST_FIRST, keys_of, linked_member
from archive.records import ExportedItem, ExportedStory, Question, RefusedEntry
from archive.schema import (
    entries,
    item_checks,
    items,
    judgements,
    storable,
    stories,
    story_regions,
    story_topics,
    story_zones,
)
from archive.search.questions import wanted
from crawler.model import Precision, Reason

_BATCH = 200  # rows put together at once
_BATCH_OF_TEXTS = 20  # with a text each, of up to 500,000 characters
_MAX_SOURCE_CHARS = 200

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Export:
    """What can be exported, in one transaction: rows and their number agree, whoever writes in the meantime."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursors = ExitStack()

    def close(self) -> None:
        """Let go what was not read to its end; rows are not to be asked for any more."""
        self._cursors.close()

    def count_stories(self, question: Question) -> int:
        """How many stories the question means."""
        asked = wanted(self._connection, question)
        return 0 if asked is None else self._count(select(func.count()).select_from(stories).where(*asked))

    def stories(self, question: Question, *, with_body: bool = False) -> Iterator[ExportedStory]:
        """The stories that the question means, newest first."""
        asked = wanted(self._connection, question)
        if asked is None:
            return iter(())
        found = select(stories.c.id).where(*asked).order_by(*NEWEST_FIRST)
        return self._rows(found, _load_stories, with_body=with_body)

    def count_items(self, question: Question) -> int:
        """How many items the stories have that the question means."""
        asked = wanted(self._connection, question)
        if asked is None:
            return 0
        meant = select(stories.c.id).where(*asked).subquery()
        return self._count(select(func.count()).select_from(items.join(meant, meant.c.id == items.c.story_id)))

    def items(self, question: Question, *, with_body: bool = False) -> Iterator[ExportedItem]:
        """All items of the stories that the question means, newest story first."""
        asked = wanted(self._connection, question)
        if asked is None:
            return iter(())
        meant = select(stories.c.id, stories.c.sorted_at).where(*asked).subquery()
        found = select(items.c.id).join(meant, meant.c.id == items.c.story_id)
        found = found.order_by(meant.c.sorted_at.desc(), meant.c.id.desc(), items.c.id)
        return self._rows(found, _load_items, with_body=with_body)

    def count_refused(self, question: Question) -> int:
        """How many rows were left out, by source and time of first sight."""
        return self._count(select(func.count()).select_from(entries).where(*_refused(question)))

    def refused(self, question: Question) -> Iterator[RefusedEntry]:
        """Rows that were left out, the newest first; of the question only `source`, `since` and `until` count."""
        found = select(entries).where(*_refused(question)).order_by(entries.c.id.desc())
        for row in self._stream(found, _BATCH):
            yield RefusedEntry(
                id=row.id,
                url=row.url,
                source_id=row.source_id,
                list_url=row.list_url,
                title=row.title,
                row_date=row.row_date,
                reason=None if row.reason is None else Reason(row.reason),
                detail=row.detail,
                attempts=row.attempts,
                first_seen_at=row.first_seen_at,
                last_seen_at=row.last_seen_at,
                settled_at=row.settled_at,
                retry_at=row.retry_at,
            )

    def _count(self, asked: Select[int]) -> int:
        return self._connection.execute(asked).scalar_one()

    def _rows(
        self, found: Select[int], load: Callable[[Connection, list[int], bool], Sequence[T]], *, with_body: bool
    ) -> Iterator[T]:
        numbers = self._stream(found, _BATCH_OF_TEXTS if with_body else _BATCH).scalars()
        for part in numbers.partitions():
            yield from load(self._connection, list(part), with_body)

    def _stream(self, asked: Select[*Ts], size: int) -> CursorResult[*Ts]:
        return self._cursors.enter_context(streaming(self._connection, asked, size))


def _load_stories(connection: Connection, ids: list[int], with_body: bool) -> list[ExportedStory]:
    rows = {row.id: row for row in connection.execute(select(stories).where(stories.c.id.in_(ids)))}
    counted, members = _members_of(connection, ids)
    regions = keys_of(connection, story_regions, "adcode", ids)
    zones = keys_of(connection, story_zones, "zone", ids)
    topics = keys_of(connection, story_topics, "topic", ids)
    texts: dict[int, str] = {}
    if with_body:
        shown = select(items.c.id, items.c.body).where(items.c.id.in_([row.text_item_id for row in rows.values()]))
        texts = {row.id: row.body for row in connection.execute(shown)}
    return [
        ExportedStory(
            id=row.id,
            guid=row.guid,
            seq=row.seq,
            title=row.title,
            url=linked_member(members[row.id]).url,
            published=row.published_at,
            precision=_precision(row),
            first_source=row.first_source,
            document_number=row.document_number,
            written=row.written,
            event_date=row.event_date,
            first_seen_at=row.first_seen_at,
            updated_at=row.updated_at,
            relevant=row.is_relevant,
            score=row.score,
            regions=tuple(regions[row.id]),
            zones=tuple(zones[row.id]),
            topics=tuple(topics[row.id]),
            agreements=tuple(row.agreements),
            is_link_only=row.is_link_only,
            members=counted[row.id],
            member_urls=tuple(member.url for member in members[row.id]),
            member_sources=tuple(dict.fromkeys(member.source_id for member in members[row.id])),
            body=texts.get(row.text_item_id),
        )
        for row in map(rows.__getitem__, ids)
    ]


def _members_of(connection: Connection, story_ids: list[int]) -> tuple[dict[int, int], defaultdict[int, list[Any]]]:
    """How many members each story has, and the first of them, the first publisher before all."""
    is_first = items.c.id == stories.c.first_item_id
    ranked = (
        select(
            items.c.story_id,
            items.c.url,
            items.c.source_id,
            items.c.is_link_only,
            item_checks.c.vanished_at,
            func.count().over(partition_by=items.c.story_id).label("members"),
            func.row_number().over(partition_by=items.c.story_id, order_by=(is_first.desc(), *IN_ORDER)).label("place"),
        )
        .join_from(items, stories, stories.c.id == items.c.story_id)
        .join(item_checks, item_checks.c.item_id == items.c.id, isouter=True)
        .where(items.c.story_id.in_(story_ids))
        .subquery()
    )
    found = select(ranked).where(ranked.c.place <= MAX_MEMBERS).order_by(ranked.c.story_id, ranked.c.place)
    counted: dict[int, int] = {}
    members: defaultdict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(found):
        counted[row.story_id] = row.members
        members[row.story_id].append(row)
    return counted, members


def _load_items(connection: Connection, ids: list[int], with_body: bool) -> list[ExportedItem]:
    columns = [column for column in items.c if column.name not in _TEXTS or (with_body and column is items.c.body)]
    found = (
        select(
            *columns,
            stories.c.first_item_id,
            judgements.c.is_relevant,
            judgements.c.score,
            item_checks.c.vanished_at,
        )
        .join_from(items, stories, stories.c.id == items.c.story_id)
        .join(judgements, judgements.c.item_id == items.c.id, isouter=True)
        .join(item_checks, item_checks.c.item_id == items.c.id, isouter=True)
        .where(items.c.id.in_(ids))
    )
    rows = {row.id: row for row in connection.execute(found)}
    return [
        ExportedItem(
            id=row.id,
            story_id=row.story_id,
            url=row.url,
            title=row.title,
            source_id=row.source_id,
            site_name=row.site_name,
            source_name=row.source_name,
            author=row.author,
            document_number=row.document_number,
            published=row.published_at,
            precision=_precision(row),
            written=row.written,
            first_seen_at=row.first_seen_at,
            updated_at=row.updated_at,
            relevant=row.is_relevant,
            score=row.score,
            is_first=row.id == row.first_item_id,
            is_link_only=row.is_link_only,
            join_reason=row.join_reason,
            join_score=row.join_score,
            vanished_at=row.vanished_at,
            body=row.body if with_body else None,
        )
        for row in map(rows.__getitem__, ids)
    ]


_TEXTS = {"body", "body_html", "folded_title", "folded_body", "origins", "repairs", "attachments"}


def _precision(row: Any) -> Precision | None:
    return None if row.precision is None else Precision(row.precision)


def _refused(question: Question) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = [entries.c.outcome == "refused", entries.c.item_id.is_(None)]
    if question.source:
        source = storable(question.source[:_MAX_SOURCE_CHARS])
        asked.append(or_(entries.c.source_id == source, entries.c.list_url == source))
    if question.since is not None:
        asked.append(entries.c.first_seen_at >= question.since)
    if question.until is not None:
        asked.append(entries.c.first_seen_at < question.until)
    return asked
