"""What the pages read of the archive, in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Protocol

from archive.records import (
    Counts,
    FeedKey,
    FeedQuery,
    FeedRecord,
    RelatedStory,
    SearchHit,
    SourceState,
    StoryRecord,
    UrlHistory,
)
from feeds.item import CHINA
from feeds.wanted import Places, region_query
from web.query import PAGE_SIZE, StoryQuery


class Reader(Protocol):
    """The archive as the web side uses it: nothing here writes."""

    def counts(self) -> Counts: ...
    def explain(self, url: str) -> UrlHistory | None: ...
    def feed_keys(self) -> Sequence[FeedKey]: ...
    def feeds(self) -> Sequence[FeedRecord]: ...
    def source_states(self) -> Sequence[SourceState]: ...
    def story(self, id_or_guid: int | str) -> StoryRecord | None: ...
    def related(self, story_id: int) -> Sequence[RelatedStory]: ...
    def search(
        self,
        words: str,
        *,
        query: FeedQuery | None = None,
        source: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = ...,
        offset: int = ...,
    ) -> Sequence[SearchHit]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of a list of stories, and whether there are more."""

    hits: tuple[SearchHit, ...]
    has_more: bool


def find(reader: Reader, query: StoryQuery, divisions: Places, *, page_size: int = PAGE_SIZE) -> Found:
    """The page of relevant stories that `query` asks for, newest first; `until` is the last day, included."""
    asked = region_query(query.region, reader.feed_keys(), divisions) if query.region else FeedQuery()
    hits = reader.search(
        query.q or "",
        query=replace(
            asked,
            zones=(query.zone,) if query.zone else (),
            topics=(query.topic,) if query.topic else (),
        ),
        source=query.source,
        since=_midnight(query.since) if query.since else None,
        until=_midnight(query.until + timedelta(days=1)) if query.until else None,
        limit=page_size + 1,
        offset=(query.page - 1) * page_size,
    )
    return Found(hits=tuple(hits[:page_size]), has_more=len(hits) > page_size)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
