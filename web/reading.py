"""What the pages read of the archive, in one place."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from archive.records import (
    AskedFeed,
    Cooperations,
    Counts,
    Cursor,
    FeedKey,
    FeedRecord,
    Freshness,
    Meters,
    PollDay,
    PollTotals,
    Question,
    RelatedStory,
    SearchHit,
    SourceHealth,
    SourceState,
    Statistics,
    StoryLife,
    StoryRecord,
    UrlHistory,
)
from archive.search.asking import Asked, Doubt, Filters, ask
from crawler.taxonomy import Taxonomy
from crawler.text.asked import Slip
from web.query import PAGE_SIZE, StoryQuery


class Reader(Protocol):
    """The archive as the web side uses it: nothing here writes."""

    def asked_feed(self, question: Question, *, length: int, opening: int) -> AskedFeed | None: ...
    def feeds_version(self) -> str | None: ...
    def changes(self, question: Question, *, after_seq: int, limit: int = ...) -> Sequence[StoryRecord]: ...
    def counts(self) -> Counts: ...
    def explain(self, url: str) -> UrlHistory | None: ...
    def feed_keys(self) -> Sequence[FeedKey]: ...
    def feeds(self) -> Sequence[FeedRecord]: ...
    def freshness(self, *, since: datetime, until: datetime, source_ids: Collection[str] | None = ...) -> Freshness: ...
    def poll_days(self, *, since: datetime) -> Mapping[str, Sequence[PollDay]]: ...
    def source_healths(self) -> Sequence[SourceHealth]: ...
    def meters(self, counted: PollTotals, *, now: datetime, limit_s: float) -> Meters: ...
    def life(self, story_id: int) -> StoryLife | None: ...
    def statistics(self, question: Question, *, by: Sequence[str], level: str = ...) -> Statistics: ...
    def cooperations(
        self, question: Question, *, by: str = ..., level: str = ..., top: int | None = ...
    ) -> Cooperations: ...
    def source_states(self) -> Sequence[SourceState]: ...
    def story(self, id_or_guid: int | str) -> StoryRecord | None: ...
    def related(self, story_id: int) -> Sequence[RelatedStory]: ...
    def search(
        self,
        question: Question,
        *,
        order: Literal["time", "relevance"] = ...,
        limit: int = ...,
        after: Cursor | None = ...,
        offset: int = ...,
    ) -> Sequence[SearchHit]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of a list of stories, whether there are more, and what of the words was not understood."""

    hits: tuple[SearchHit, ...]
    has_more: bool
    slips: tuple[Slip | Doubt, ...] = ()


def find(reader: Reader, query: StoryQuery, taxonomy: Taxonomy, *, page_size: int = PAGE_SIZE) -> Found:
    """The page of relevant stories that `query` asks for; `until` is the last day, included."""
    asked = asked_of(query, taxonomy)
    hits = reader.search(asked.question, order=query.order, limit=page_size + 1, offset=(query.page - 1) * page_size)
    return Found(hits=tuple(hits[:page_size]), has_more=len(hits) > page_size, slips=asked.slips)


def asked_of(query: StoryQuery, taxonomy: Taxonomy) -> Asked:
    """The question to the archive that a visitor's query puts, and what of it was not understood."""
    return ask(query.q or "", _filters(query), taxonomy)


def _filters(query: StoryQuery) -> Filters:
    return Filters(
        regions=(query.region,) if query.region else (),
        zones=(query.zone,) if query.zone else (),
        topics=(query.topic,) if query.topic else (),
        source=query.source,
        since=query.since,
        until=query.until,
    )
