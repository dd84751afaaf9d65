"""GET /statistics and /cooperations: stories counted."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from archive.records import Statistics
from crawler.language import N_, _
from crawler.taxonomy import Taxonomy
from web.api.asked import AskedStories
from web.api.conditional import ConditionalRoute
from web.api.names import Names
from web.api.problems import ANY_ROUTE, Fault, ParameterError
from web.api.questions import notes_of, understand
from web.api.shapes import Shape, Text
from web.reading import Reader

Period = Literal["year", "quarter", "month", "week", "day"]
Dimension = Literal[
    "year", "quarter", "month", "week", "day", "region", "pair", "zone", "topic", "source", "kind", "publisher"
]
Level = Literal["province", "city", "own"]

_LEVEL = N_("To which regions are rolled up: province, city, or own, as each story names them.")


class AskedStatistics(AskedStories):
    """Which stories, and by what they are counted."""

    by: tuple[Dimension, ...] = Field(
        ("month",),
        min_length=1,
        max_length=2,
        json_schema_extra={"uniqueItems": True},
        description=N_("By what is counted; may be given twice."),
        examples=["month"],
    )
    level: Level = Field("province", description=_LEVEL)
    limit: int = Field(1000, ge=1, le=10_000, description=N_("At most so many counts."))


class AskedCooperations(AskedStories):
    """Which stories, and by which periods and regions they are counted."""

    by: Period = Field("year", description=N_("The periods that are counted by."))
    level: Level = Field("province", description=_LEVEL)
    limit: int = Field(50, ge=1, le=500, description=N_("At most so many pairs."))


class Counted(Shape):
    """How many stories have these keys; null where a story has none."""

    keys: tuple[Text | None, ...] = Field(description="One for each of `by`.", examples=[["2026-03", "510000"]])
    stories: int
    members: int = Field(description="Their pages, reprints too.")


class StatisticsAnswer(Shape):
    """Counts of stories. One of several regions, zones or topics counts in each of them."""

    by: tuple[Dimension, ...]
    counts: tuple[Counted, ...] = Field(description="In order of periods, else most stories first.")
    found: int = Field(description="Counts that there are, those beyond `limit` too.")
    stories: int = Field(description="All that were asked for, each once.")
    members: int
    undated: int = Field(description="Stories that are in no period.")
    periods: tuple[Text, ...] = Field(description="From the first to the last, those without stories too.")
    has_gaps: bool = Field(description="Whether periods without stories are left out, as there are too many.")
    names: dict[str, Text] = Field(description="What the keys are called.", examples=[{"510000": "四川省"}])
    notes: tuple[Text, ...] = Field(description="What of the words was not understood as it stands.")


class Cooperating(Shape):
    """Two regions that are parties to the same stories; the same twice for two places within one region."""

    regions: tuple[Text, Text] = Field(examples=[["500000", "510000"]])
    stories: int
    members: int
    by_period: tuple[int, ...] = Field(description="Stories in each of `periods`.")
    undated: int


class CooperationsAnswer(Shape):
    """Who cooperates with whom, and when. A story of three regions is one of three pairs."""

    pairs: tuple[Cooperating, ...] = Field(description="Most stories first.")
    periods: tuple[Text, ...] = Field(examples=[["2025", "2026"]])
    found: int = Field(description="Pairs that there are, those beyond `limit` too.")
    stories: int = Field(description="All that were asked for, each once.")
    paired: int = Field(description="Those of them with at least one pair.")
    has_gaps: bool
    names: dict[str, Text] = Field(description="What the regions are called.", examples=[{"510000": "四川省"}])
    notes: tuple[Text, ...] = Field(description="What of the words was not understood as it stands.")


def figure_routes(archive: Reader, taxonomy: Taxonomy) -> APIRouter:
    """Routes about counts."""
    routes = APIRouter(route_class=ConditionalRoute, tags=["figures"], responses=ANY_ROUTE)

    @routes.get(
        "/statistics",
        operation_id="getStatistics",
        summary=N_("How many stories, by month, region, pair, zone, topic or source"),
    )
    def get_statistics(asked: Annotated[AskedStatistics, Query()]) -> StatisticsAnswer:
        if len({*asked.by}) < len(asked.by):
            raise ParameterError(Fault(parameter="by", detail=_("the same twice")))
        understood = understand(asked, taxonomy)
        found = archive.statistics(understood.question, by=asked.by, level=asked.level)
        counts = found.counts[: asked.limit]
        kept = replace(found, counts=counts)
        return StatisticsAnswer.of_record(
            kept,
            found=len(found.counts),
            names=_names_of(kept, Names(taxonomy, asked.lang)),
            notes=notes_of(understood),
        )

    @routes.get(
        "/cooperations",
        operation_id="listCooperations",
        summary=N_("Which regions cooperate with which, and when"),
    )
    def list_cooperations(asked: Annotated[AskedCooperations, Query()]) -> CooperationsAnswer:
        understood = understand(asked, taxonomy)
        found = archive.cooperations(understood.question, by=asked.by, level=asked.level, top=asked.limit)
        regions = dict.fromkeys(code for pair in found.pairs for code in pair.regions)
        names = Names(taxonomy, asked.lang).of(regions=regions)
        return CooperationsAnswer.of_record(found, names=names, notes=notes_of(understood))

    return routes


def _names_of(found: Statistics, names: Names) -> dict[str, str]:
    named = dict(found.names)
    for place, dimension in enumerate(found.by):
        keys = {key for count in found.counts if (key := count.keys[place]) is not None}
        match dimension:
            case "region":
                named |= names.of(regions=keys)
            case "pair":
                named |= names.of(regions={code for key in keys for code in key.split("-")})
            case "zone":
                named |= names.of(zones=keys)
            case "topic":
                named |= names.of(topics=keys)
            case "kind":
                named |= names.of(kinds=keys)
    return dict(sorted(named.items()))
