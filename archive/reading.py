"""Stories as readers see them: rows put together into StoryRecords, a batch at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, case, exists, func, or_, select

from archive.records import FeedKey, FeedQuery, Member, StoryRecord
from archive.schema import item_checks, items, storable, stories, story_regions, story_topics, story_zones
from crawler.model import Precision

MAX_LIMIT = 10_000  # stories handed out at once, each with its text
MAX_OFFSET = 1_000_000  # beyond that nobody turns pages, and counting there costs more than the page
MAX_KEYS = 300  # of one group of a query: more than a person asks for; SQLite takes expressions 1000 deep
_CHUNK = 200  # stories put together at once
MAX_MEMBERS = 500  # shown of one story; see storing/stories.py
# first sight only orders what has no date: of two items of one day, whichever list was read first says nothing
IN_ORDER = (
    items.c.published_at.is_(None),
    items.c.published_at,
    case((items.c.published_at.is_(None), items.c.first_seen_at)),
    items.c.url_key,
)
NEWEST_FIRST = (stories.c.sorted_at.desc(), stories.c.id.desc())


def bounded(limit: int, offset: int) -> tuple[int, int]:
    """A number of rows and where they begin, as far as the archive goes along; no rows where the ask makes no sense."""
    if limit <= 0 or offset > MAX_OFFSET:
        return 0, 0
    return min(limit, MAX_LIMIT), max(offset, 0)


def load_stories(connection: Connection, story_ids: Sequence[int]) -> tuple[StoryRecord, ...]:
    """The stories of these ids, in this order; those that are not there are left out."""
    records: dict[int, StoryRecord] = {}
    for start in range(0, len(story_ids), _CHUNK):
        chunk = list(story_ids[start : start + _CHUNK])
        rows = connection.execute(select(stories).where(stories.c.id.in_(chunk))).all()
        members = _members_of(connection, {row.id: row.first_item_id for row in rows})
        texts = _texts_of(connection, [row.text_item_id for row in rows])
        regions = keys_of(connection, story_regions, "adcode", chunk)
        zones = keys_of(connection, story_zones, "zone", chunk)
        topics = keys_of(connection, story_topics, "topic", chunk)
        for row in rows:
            records[row.id] = _story(
                row, members[row.id], texts[row.text_item_id], regions[row.id], zones[row.id], topics[row.id]
            )
    return tuple(records[story_id] for story_id in story_ids if story_id in records)


def list_story_ids(connection: Connection, *, limit: int, relevant_only: bool) -> list[int]:
    """Ids of stories, newest first."""
    found = select(stories.c.id).order_by(*NEWEST_FIRST).limit(bounded(limit, 0)[0])
    if relevant_only:
        found = found.where(stories.c.is_relevant)
    return list(connection.execute(found).scalars())


def conditions(query: FeedQuery | None, *, are_few: bool = False) -> list[ColumnElement[bool]]:
    """What a story must fulfil for a query: one condition for each group that asks something.

    `are_few` says that the stories are narrowed down otherwise, so that each is better looked up by itself.
    """
    if query is None:
        return []
    asked: list[ColumnElement[bool]] = []
    zones, adcodes, topics, sources = (
        sorted({storable(key) for key in group[:MAX_KEYS]})
        for group in (query.zones, query.adcodes, query.topics, query.sources)
    )
    if zones:
        asked.append(_has(story_zones, story_zones.c.zone.in_(zones), are_few))
    if adcodes:
        asked.append(_has(story_regions, lies_within(story_regions.c.adcode, adcodes), are_few))
    if topics:
        asked.append(_has(story_topics, story_topics.c.topic.in_(topics), are_few))
    if sources:
        asked.append(_has(items, items.c.source_id.in_(sources), are_few))
    return asked


def feed_keys(connection: Connection) -> tuple[FeedKey, ...]:
    """Zones, party adcodes and topics that relevant stories have, with how many have them; most first."""
    keys: list[FeedKey] = []
    for kind, table, column in (
        ("zone", story_zones, "zone"),
        ("region", story_regions, "adcode"),
        ("topic", story_topics, "topic"),
    ):
        found = select(table.c[column].label("key"), func.count().label("stories")).select_from(stories)
        found = found.join(table, table.c.story_id == stories.c.id).where(stories.c.is_relevant).group_by("key")
        rows = sorted(connection.execute(found), key=lambda row: (-row.stories, row.key))
        keys += [FeedKey(kind=kind, key=row.key, stories=row.stories) for row in rows]
    return tuple(keys)


def member_of(row: Any, is_first: bool, vanished_at: datetime | None) -> Member:
    """An item as a member of its story."""
    return Member(
        item_id=row.id,
        url=row.url,
        title=row.title,
        source_id=row.source_id,
        site_name=row.site_name,
        source_name=row.source_name,
        published=row.published_at,
        precision=None if row.precision is None else Precision(row.precision),
        first_seen_at=row.first_seen_at,
        join_reason=row.join_reason,
        join_score=row.join_score,
        is_first=is_first,
        is_link_only=row.is_link_only,
        vanished_at=vanished_at,
    )


MEMBER_COLUMNS = (
    items.c.id,
    items.c.story_id,
    items.c.url,
    items.c.title,
    items.c.source_id,
    items.c.site_name,
    items.c.source_name,
    items.c.published_at,
    items.c.precision,
    items.c.first_seen_at,
    items.c.join_reason,
    items.c.join_score,
    items.c.is_link_only,
)


def linked_member(members: Sequence[Any]) -> Any:
    """The member whose page a story links to, of members in order: the first publisher's, unless that has vanished."""
    first = members[0]
    if first.vanished_at is None:
        return first
    return next((member for member in members if member.vanished_at is None and not member.is_link_only), first)


def _has(table: Table, condition: ColumnElement[bool], are_few: bool) -> ColumnElement[bool]:
    if are_few:
        return exists().where(table.c.story_id == stories.c.id, condition).correlate(stories)
    return stories.c.id.in_(select(table.c.story_id).where(condition))


def lies_within(column: ColumnElement[str], adcodes: Sequence[str]) -> ColumnElement[bool]:
    """The condition on a code that it is one of these, or lies below one."""
    # GB/T 2260: two digits each for province, prefecture and county; 00 stands for "all of it"
    stems = {code: code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code for code in adcodes}
    counties = [code for code, stem in stems.items() if stem == code]
    wider = [column.between(stem.ljust(6, "0"), stem.ljust(6, "9")) for code, stem in stems.items() if stem != code]
    return or_(column.in_(counties), *wider)


def _members_of(connection: Connection, first_of: dict[int, int]) -> dict[int, list[Member]]:
    rows = connection.execute(
        select(*MEMBER_COLUMNS, item_checks.c.vanished_at)
        .join_from(items, item_checks, item_checks.c.item_id == items.c.id, isouter=True)
        .where(items.c.story_id.in_(first_of))
        .order_by(*IN_ORDER)
    )
    members: dict[int, list[Member]] = defaultdict(list)
    for row in rows:
        if len(members[row.story_id]) < MAX_MEMBERS:
            is_first = row.id == first_of[row.story_id]
            members[row.story_id].append(member_of(row, is_first=is_first, vanished_at=row.vanished_at))
    for held in members.values():
        held.sort(key=lambda member: not member.is_first)
    return members


def _texts_of(connection: Connection, item_ids: list[int]) -> dict[int, Any]:
    rows = connection.execute(select(items.c.id, items.c.body, items.c.body_html).where(items.c.id.in_(item_ids)))
    return {row.id: row for row in rows}


def keys_of(connection: Connection, table: Table, column: str, story_ids: list[int]) -> dict[int, list[str]]:
    """What stories have in a table of keys, in order."""
    keys: dict[int, list[str]] = defaultdict(list)
    found = select(table.c.story_id, table.c[column].label("key")).where(table.c.story_id.in_(story_ids))
    for row in connection.execute(found.order_by(table.c.story_id, table.c[column])):
        keys[row.story_id].append(row.key)
    return keys


def _story(
    row: Any,
    members: list[Member],
    shown: Any,
    regions: Iterable[str],
    zones: Iterable[str],
    topics: Iterable[str],
) -> StoryRecord:
    return StoryRecord(
        id=row.id,
        guid=row.guid,
        seq=row.seq,
        title=row.title,
        url=linked_member(members).url,
        body=shown.body,
        body_html=shown.body_html,
        published=row.published_at,
        precision=None if row.precision is None else Precision(row.precision),
        first_source=row.first_source,
        document_number=row.document_number,
        written=row.written,
        event_date=row.event_date,
        first_seen_at=row.first_seen_at,
        updated_at=row.updated_at,
        relevant=row.is_relevant,
        score=row.score,
        regions=tuple(regions),
        zones=tuple(zones),
        topics=tuple(topics),
        agreements=tuple(row.agreements),
        members=tuple(members),
        is_link_only=row.is_link_only,
        text_item_id=row.text_item_id,
    )
