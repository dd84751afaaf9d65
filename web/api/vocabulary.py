"""GET /vocabulary: the regions, zones and topics that stories are filed under and that can be asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from crawler.language import N_, _
from crawler.taxonomy import Divisions, Taxonomy
from feeds.wanted import region_name
from web.api.asked import Asked, Plain
from web.api.conditional import ConditionalRoute
from web.api.problems import ANY_ROUTE, Fault, ParameterError
from web.api.shapes import Shape

Level = Literal["province", "prefecture", "county"]


class NamedRegion(Shape):
    """A division of the country, in force or abolished (GB/T 2260)."""

    adcode: str = Field(examples=["511800"])
    name: str = Field(examples=["雅安市"])
    short_name: str = Field(examples=["雅安"])
    full_name: str = Field(description="With what it lies in.", examples=["四川省雅安市"])
    level: Level
    parent: str | None = Field(description="Code of what it lies in.", examples=["510000"])
    is_current: bool
    former_names: tuple[str, ...]
    successors: tuple[str, ...] = Field(description="Codes in force that took over an abolished one.")


class NamedZone(Shape):
    """A zone, pair or programme of cooperating places."""

    name: str = Field(description="By this it is asked for.", examples=["川渝"])
    english: str
    kind: str
    members: tuple[str, ...] = Field(description="Codes of its places.")
    aliases: tuple[str, ...]
    within: tuple[str, ...] = Field(description="Zones that it is a part of.")
    since: int | None
    until: int | None


class NamedTopic(Shape):
    """A subject of cooperation."""

    id: str = Field(description="By this it is asked for.", examples=["agreement"])
    zh: str
    en: str


class Regions(Shape):
    """Regions, by code."""

    items: tuple[NamedRegion, ...]


class Zones(Shape):
    """All zones."""

    items: tuple[NamedZone, ...]


class Topics(Shape):
    """All topics."""

    items: tuple[NamedTopic, ...]


class AskedRegions(Asked):
    """Which regions; without any of these, all that there are or were."""

    name: str | None = Field(
        None, min_length=1, max_length=50, description=N_("A full, short or former name."), examples=["雅安"]
    )
    within: str | None = Field(
        None, pattern=r"^[1-9][0-9]{5}$", description=N_("A code: it and all below it."), examples=["510000"]
    )
    level: Level | None = Field(None, description=N_("Only provinces, prefectures or counties."))
    current: bool = Field(False, description=N_("Only those in force."))


def vocabulary_routes(taxonomy: Taxonomy) -> APIRouter:
    """Routes about names."""
    routes = APIRouter(prefix="/vocabulary", route_class=ConditionalRoute, tags=["vocabulary"], responses=ANY_ROUTE)
    divisions = taxonomy.divisions

    @lru_cache(maxsize=1)  # thousands, and always the same
    def every_region() -> tuple[NamedRegion, ...]:
        return tuple(_region(adcode, taxonomy) for adcode in sorted({holder.adcode for holder in divisions}))

    @routes.get(
        "/regions", operation_id="listRegions", summary=N_("Provinces, prefectures and counties with their codes")
    )
    def list_regions(asked: Annotated[AskedRegions, Query()]) -> Regions:
        if asked.within is not None and not divisions.is_known(asked.within):
            raise ParameterError(Fault(parameter="within", detail=_("no region has this code")))
        return Regions(items=tuple(region for region in every_region() if _is_meant(region, asked, divisions)))

    @routes.get("/zones", operation_id="listZones", summary=N_("Zones, pairs and programmes of cooperating places"))
    def list_zones(_asked: Plain) -> Zones:
        return Zones(items=tuple(map(NamedZone.model_validate, taxonomy.zones.values())))

    @routes.get("/topics", operation_id="listTopics", summary=N_("Subjects of cooperation"))
    def list_topics(_asked: Plain) -> Topics:
        return Topics(items=tuple(map(NamedTopic.model_validate, taxonomy.topics.values())))

    return routes


def _region(adcode: str, taxonomy: Taxonomy) -> NamedRegion:
    divisions = taxonomy.divisions
    name, *former = dict.fromkeys(divisions.names(adcode))
    return NamedRegion(
        adcode=adcode,
        name=name,
        short_name=divisions.short_name(adcode) or name,
        full_name=region_name(adcode, taxonomy),
        level=divisions.level(adcode),
        parent=next(iter(divisions.parents(adcode)), None),
        is_current=divisions.is_current(adcode),
        former_names=tuple(former),
        successors=divisions.successors(adcode),
    )


def _is_meant(region: NamedRegion, asked: AskedRegions, divisions: Divisions) -> bool:
    return (
        (asked.name is None or asked.name in (region.name, region.short_name, *region.former_names))
        and (asked.within is None or divisions.contains(asked.within, region.adcode))
        and (asked.level is None or region.level == asked.level)
        and (region.is_current or not asked.current)
    )
