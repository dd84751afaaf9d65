"""What publishing asks to do no more than is new: which feeds a change concerns, and how far all of them have looked.

A cursor over `stories.seq` for all feeds together: only stories that changed since name the feeds to be asked. It is
beside what each feed remembers of itself, which is less wherever nothing concerned it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, true, update

from archive.database.upsert import upsert
from archive.publishing.entering import TURN
from archive.records import FeedChanges, FeedMark, FeedNews
from archive.schema import (
    facts,
    feed_entries,
    feed_gaps,
    feeds,
    items,
    sources,
    stories,
    story_regions,
    story_topics,
    story_zones,
)

ALL_KIND, ALL_KEY = "all", "all"
_SEQ, _STORY_ID, _VERSION = "feeds_seq", "feeds_story_id", "feeds_version"  # names of facts
_CHUNK = 500  # stories asked about in one statement
_MANY = 5000  # changed stories; with more, asking for the keys of all is cheaper


def load_news(connection: Connection, version: str) -> FeedNews:
    """What has changed since all feeds last looked. `version` is of the taxonomy: by another, any story may name more.

    Stories that another taxonomy brings into a feed do not enter for that alone; a feed that there was not may open.
    """
    known = _facts(connection)
    is_same = known.get(_VERSION) == version and _SEQ in known
    changed = _changed(connection, int(known[_SEQ])) if is_same else None
    if changed is None:
        is_any = connection.execute(select(stories.c.id).where(stories.c.is_relevant).limit(1)).first() is not None
        found = _keys_of_all(connection)
    else:
        is_any, found = bool(changed), _keys_of(connection, changed)
    return FeedNews(
        keys=((ALL_KIND, ALL_KEY), *sorted(found)) if is_any else (),
        seq=int(known[_SEQ]) if _SEQ in known else None,
        story_id=int(known[_STORY_ID]) if _STORY_ID in known else None,
        new_seq=int(known["seq"]),
        new_story_id=connection.execute(select(func.max(stories.c.id))).scalar() or 0,
    )


def finish(connection: Connection, news: FeedNews, version: str) -> None:
    """Remember that all feeds have looked at what `news` was of, and date those whose stories have changed."""
    since = news.seq
    rows = connection.execute(_touched(true() if since is None else stories.c.seq > since)).all()
    for row in rows:
        is_older = or_(feeds.c.changed_at.is_(None), feeds.c.changed_at < row.updated_at)
        connection.execute(update(feeds).where(feeds.c.id == row.feed_id, is_older).values(changed_at=row.updated_at))
    held = _facts(connection)
    seq, story_id = int(held.get(_SEQ, 0)), int(held.get(_STORY_ID, 0))
    values = {_SEQ: max(seq, news.new_seq), _STORY_ID: max(story_id, news.new_story_id), _VERSION: version}
    for name, value in values.items():
        upsert(connection, facts, ["name"], {"name": name, "value": str(value)})


def load_changes(connection: Connection, mark: FeedMark | None) -> FeedChanges:
    """The feeds that have changed since `mark`; without one, or with one of the future, all, and no places."""
    known = _facts(connection)
    now = FeedMark(seq=int(known["seq"]), turn=int(known.get(TURN, 0)))
    places: dict[str, list[int]] = defaultdict(list)
    is_open = feeds.c.last_position > 0
    if mark is None or mark.seq > now.seq or mark.turn > now.turn:
        every = connection.execute(select(feeds.c.id).where(is_open)).scalars()
        return FeedChanges(mark=now, places=dict.fromkeys(every, ()))
    for feed_id in connection.execute(select(feeds.c.id).where(feeds.c.turn > mark.turn, is_open)).scalars():
        places[feed_id] = []
    gaps = select(feed_gaps.c.feed_id, feed_gaps.c.position).where(feed_gaps.c.turn > mark.turn)
    changed = select(stories.c.id).where(stories.c.seq > mark.seq)
    edited = select(feed_entries.c.feed_id, feed_entries.c.position).where(feed_entries.c.story_id.in_(changed))
    for asked in (gaps, edited):
        for row in connection.execute(asked):
            places[row.feed_id].append(row.position)
    return FeedChanges(mark=now, places={feed_id: tuple(sorted(found)) for feed_id, found in places.items()})


def retitle(connection: Connection, titles: Mapping[str, str]) -> None:
    """Let feeds have these titles."""
    held = {row.id: row.title for row in connection.execute(select(feeds.c.id, feeds.c.title))}
    for feed_id, title in titles.items():
        if held.get(feed_id, title) != title:
            connection.execute(update(feeds).where(feeds.c.id == feed_id).values(title=title))


def load_source_names(connection: Connection) -> dict[str, str]:
    """The names of sources that the registry had, by id."""
    found = select(sources.c.source_id, sources.c.name).where(sources.c.name.is_not(None))
    return {row.source_id: row.name for row in connection.execute(found)}


def _facts(connection: Connection) -> dict[str, str]:
    return {row.name: row.value for row in connection.execute(select(facts.c.name, facts.c.value))}


def _changed(connection: Connection, since: int) -> list[int] | None:
    """Ids of the relevant stories that changed since; None where they are very many."""
    found = select(stories.c.id, stories.c.is_relevant).where(stories.c.seq > since).limit(_MANY + 1)
    rows = connection.execute(found).all()
    return None if len(rows) > _MANY else [row.id for row in rows if row.is_relevant]


def _keys_of_all(connection: Connection) -> set[tuple[str, str]]:
    return set(_keys(connection, select(stories.c.id).where(stories.c.is_relevant)))


def _keys_of(connection: Connection, story_ids: Sequence[int]) -> set[tuple[str, str]]:
    chunks = (story_ids[start : start + _CHUNK] for start in range(0, len(story_ids), _CHUNK))
    return {key for chunk in chunks for key in _keys(connection, chunk)}


def _keys(connection: Connection, among: Any) -> Iterator[tuple[str, str]]:
    for kind, column, story_id in (
        ("zone", story_zones.c.zone, story_zones.c.story_id),
        ("region", story_regions.c.adcode, story_regions.c.story_id),
        ("topic", story_topics.c.topic, story_topics.c.story_id),
        ("source", items.c.source_id, items.c.story_id),
    ):
        for key in connection.execute(select(column).where(story_id.in_(among)).distinct()).scalars():
            yield kind, key
    both = (
        select(story_zones.c.zone, story_topics.c.topic)
        .join(story_topics, story_topics.c.story_id == story_zones.c.story_id)
        .where(story_zones.c.story_id.in_(among))
        .distinct()
    )
    for row in connection.execute(both):
        yield "zone-topic", f"{row.zone}/{row.topic}"


def _touched(changed: ColumnElement[bool]) -> Select[Any]:
    return (
        select(feed_entries.c.feed_id, func.max(stories.c.updated_at).label("updated_at"))
        .join(stories, stories.c.id == feed_entries.c.story_id)
        .where(changed)
        .group_by(feed_entries.c.feed_id)
    )
