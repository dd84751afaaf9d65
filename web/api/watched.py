"""GET /sources and /feeds: what is watched and how that goes, and what is published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter
from pydantic import Field

from archive.records import FeedRecord, SourceState
from crawler.language import N_
from crawler.model import Reason, Source, Status
from feeds.feed import ATOM, JSON, RSS, make_feed
from feeds.text import web_url
from feeds.wanted import Taxonomy
from web.api.asked import Named, Plain
from web.api.conditional import ConditionalRoute
from web.api.names import Names
from web.api.problems import ANY_ROUTE
from web.api.shapes import Moment, Shape, Text
from web.reading import Reader


class LastPoll(Shape):
    """How a poll went, in sums over the lists of its source."""

    started: Moment = Field(validation_alias="started_at")
    ended: Moment = Field(validation_alias="ended_at")
    rows: int
    new: int
    newest: date | None = Field(description="The newest day on the lists.")
    unchanged: int = Field(description="Lists that had not changed.")
    fetched: int
    stored: int
    relevant: int
    merged: int
    refused: Mapping[Reason, int] = Field(description="Rows that went no further, by reason.")
    reason: Reason | None = Field(description="Why it failed; null where it did not.")
    detail: Text
    skipped: bool


class WatchedSource(Shape):
    """A site that is watched, or was: its facts are null where the registry no longer has it."""

    id: Text = Field(examples=["sc_yaan_rsj"])
    name: Text | None
    kind: Text | None
    level: Text | None
    adcode: Text | None
    home: Text | None
    status: Status | None
    first_polled: Moment | None
    last_polled: Moment | None
    last_ok: Moment | None = Field(description="End of the last poll that succeeded.")
    last_new: Moment | None = Field(description="When it last had something new.")
    failures: int = Field(description="Failed polls one after another, up to now.")
    next_poll: Moment | None
    last_poll: LastPoll | None


class PublishedFeed(Shape):
    """A feed with its addresses."""

    id: Text = Field(examples=["region-510000"])
    kind: Text = Field(description="all, zone, region or topic.", examples=["region"])
    key: Text = Field(description="The zone's name, the region's code or the topic's id.", examples=["510000"])
    name: Text | None = Field(description="What it is of; null for the feed of everything.", examples=["四川省"])
    title: Text = Field(description="As the feed itself has it.")
    items: int = Field(description="Stories that ever entered it.")
    first_published: Moment
    changed: Moment
    rss: Text
    atom: Text
    json_feed: Text
    page: Text = Field(description="The page that shows the same stories.")


class Sources(Shape):
    """All sources, by id."""

    items: tuple[WatchedSource, ...]


class Feeds(Shape):
    """All feeds, by id."""

    items: tuple[PublishedFeed, ...]


def watched_routes(archive: Reader, taxonomy: Taxonomy, sources: Mapping[str, Source], base_url: str) -> APIRouter:
    """Routes about sources and feeds."""
    routes = APIRouter(route_class=ConditionalRoute, responses=ANY_ROUTE)

    @routes.get(
        "/sources",
        operation_id="listSources",
        tags=["sources"],
        summary=N_("The sites that are watched, and how that goes"),
    )
    def list_sources(_asked: Plain) -> Sources:
        states = {state.source_id: state for state in archive.source_states()}
        return Sources(
            items=tuple(_source(id_, sources.get(id_), states.get(id_)) for id_ in sorted({*sources, *states}))
        )

    @routes.get("/feeds", operation_id="listFeeds", tags=["feeds"], summary=N_("The feeds with their addresses"))
    def list_feeds(asked: Named) -> Feeds:
        names = Names(taxonomy, asked.lang)
        records = sorted(archive.feeds(), key=lambda record: record.id)
        return Feeds(items=tuple(_feed(record, taxonomy, names, base_url) for record in records))

    return routes


def _source(source_id: str, source: Source | None, state: SourceState | None) -> WatchedSource:
    return WatchedSource(
        id=source_id,
        name=source.name if source else None,
        kind=source.kind if source else None,
        level=source.level if source else None,
        adcode=source.adcode if source else None,
        home=web_url(source.home) if source else None,
        status=source.status if source else None,
        first_polled=state.first_polled_at if state else None,
        last_polled=state.last_polled_at if state else None,
        last_ok=state.last_ok_at if state else None,
        last_new=state.last_new_at if state else None,
        failures=state.failures if state else 0,
        next_poll=state.next_poll_at if state else None,
        last_poll=LastPoll.model_validate(state.last_poll) if state and state.last_poll else None,
    )


def _feed(record: FeedRecord, taxonomy: Taxonomy, names: Names, base_url: str) -> PublishedFeed:
    feed = make_feed(record, (), taxonomy, base_url)
    return PublishedFeed(
        id=record.id,
        kind=record.kind,
        key=record.key,
        name=names.feed(record.kind, record.key),
        title=feed.title,
        items=record.items,
        first_published=record.first_published_at,
        changed=record.changed_at,
        rss=feed.url(RSS),
        atom=feed.url(ATOM),
        json_feed=feed.url(JSON),
        page=feed.page,
    )
