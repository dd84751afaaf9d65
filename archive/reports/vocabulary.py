"""The names that codes and ids of the archive stand for: sources of the registry; regions, zones and topics.

They are copies, kept up by whoever opens the archive with the catalogue and the taxonomy, so that any SQL tool can do
without TOML. What left the registry or the data files may still be named by stories: a source stays, with a mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select

from archive.database.upsert import upsert
from archive.schema import facts, region_heirs, region_names, regions, sources, topics, zone_members, zones
from crawler.model import Source
from crawler.taxonomy import Divisions, Taxonomy

_FACTS = ("name", "kind", "level", "adcode", "home", "family", "holds", "status", "why", "left_at")
_DIGEST = "names_digest"  # name of the fact
_FORM = "1"  # of the rows below: another number writes them anew
_FIRST_YEAR, _LAST_YEAR = 0, 9999  # of names that bear no year
_OFFICIAL = "official"


def lacks_sources(connection: Connection, registry: Iterable[Source]) -> bool:
    """True where the archive's facts of sources are not those of the registry."""
    return any(True for _change in _changes(connection, registry, None))


def keep_sources(connection: Connection, registry: Iterable[Source], now: datetime) -> None:
    """Let the table of sources say what the registry says; those that it no longer has get the time as their mark."""
    for values in _changes(connection, registry, now):
        upsert(connection, sources, ["source_id"], values)


def _changes(connection: Connection, registry: Iterable[Source], now: datetime | None) -> Iterator[dict[str, Any]]:
    columns = (sources.c.source_id, *(sources.c[name] for name in _FACTS))
    held = {row.source_id: dict(row._mapping) for row in connection.execute(select(*columns)).all()}
    told = {source.id: _facts_of(source) for source in registry}
    for source_id in sorted(told):
        if held.get(source_id) != told[source_id]:
            yield told[source_id]
    for source_id in sorted(held.keys() - told.keys()):
        if held[source_id]["left_at"] is None:
            yield {"source_id": source_id, "left_at": now}


def _facts_of(source: Source) -> dict[str, Any]:
    return {
        "source_id": source.id,
        "name": source.name,
        "kind": source.kind,
        "level": source.level,
        "adcode": source.adcode,
        "home": source.home,
        "family": source.family,
        "holds": source.column,
        "status": source.status.value,
        "why": source.why,
        "left_at": None,
    }


def lacks_names(connection: Connection, taxonomy: Taxonomy) -> bool:
    """True where the archive's names are not those of the taxonomy."""
    held = connection.execute(select(facts.c.value).where(facts.c.name == _DIGEST)).scalar()
    return held != _digest(taxonomy)


def keep_names(connection: Connection, taxonomy: Taxonomy) -> None:
    """Write the names of regions, zones and topics anew, where they are not those of the taxonomy."""
    if not lacks_names(connection, taxonomy):
        return
    filled = _rows(taxonomy)
    for table, _rows_of in reversed(filled):
        connection.execute(delete(table))
    for table, rows in filled:
        if rows:
            connection.execute(insert(table), rows)
    upsert(connection, facts, ["name"], {"name": _DIGEST, "value": _digest(taxonomy)})


def _digest(taxonomy: Taxonomy) -> str:
    return f"{_FORM} {taxonomy.version}"


def _rows(taxonomy: Taxonomy) -> list[tuple[Table, list[dict[str, Any]]]]:
    divisions = taxonomy.divisions
    codes = sorted({holder.adcode for holder in divisions})
    found = taxonomy.zones.values()
    return [
        (regions, [_region(divisions, code) for code in codes]),
        (region_names, list(_names(taxonomy, codes))),
        (region_heirs, [{"adcode": code, "heir": heir} for code in codes for heir in divisions.successors(code)]),
        (zones, [{"name": zone.name, "english": zone.english, "kind": zone.kind} for zone in found]),
        (zone_members, [{"zone": zone.name, "adcode": code} for zone in found for code in sorted({*zone.members})]),
        (topics, [{"id": topic.id, "zh": topic.zh, "en": topic.en} for topic in taxonomy.topics.values()]),
    ]


def _region(divisions: Divisions, adcode: str) -> dict[str, Any]:
    name = divisions.name(adcode) or adcode
    above = divisions.parents(adcode)
    ends = [holder.until for holder in divisions.holders(adcode)]
    return {
        "adcode": adcode,
        "name": name,
        "short_name": divisions.short_name(adcode) or name,
        "full_name": _full_name(divisions, adcode, None),
        "level": divisions.level(adcode),
        "parent": above[0] if above else None,
        "abolished": None if None in ends else max(end for end in ends if end is not None),
    }


def _names(taxonomy: Taxonomy, codes: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Official names by years, so that each year of a code has one; then the names people use, whatever the year."""
    divisions = taxonomy.divisions
    used: set[tuple[str, str]] = set()
    for adcode in codes:
        for name, first, last in _spans(divisions, adcode):
            full_name = _full_name(divisions, adcode, date(min(max(first, 1), last), 7, 1))
            used.add((name, adcode))
            yield _name(name, adcode, _OFFICIAL, first, last) | {"full_name": full_name}
    others = {(name, adcode) for name, meant in taxonomy.called.items() for adcode in meant} - used
    for name, adcode in sorted(others):
        yield _name(name, adcode, "common", _FIRST_YEAR, _LAST_YEAR)


def _name(name: str, adcode: str, kind: str, first: int, last: int) -> dict[str, Any]:
    return {"name": name, "adcode": adcode, "kind": kind, "from_year": first, "to_year": last, "full_name": None}


def _spans(divisions: Divisions, adcode: str) -> list[tuple[str, int, int]]:
    """The names of a code with their first and last years, without gaps: 500110 was 万盛区 until 2011."""
    holders = divisions.holders(adcode)
    edges = {holder.since for holder in holders} | {holder.until + 1 for holder in holders if holder.until is not None}
    firsts = [_FIRST_YEAR, *sorted(year for year in edges if year is not None)]
    spans: list[tuple[str, int, int]] = []
    for first, following in zip(firsts, [*firsts[1:], _LAST_YEAR + 1], strict=True):
        name = divisions.name(adcode, date(max(first, 1), 7, 1)) or adcode
        if spans and spans[-1][0] == name:
            spans[-1] = (name, spans[-1][1], following - 1)
        else:
            spans.append((name, first, following - 1))
    return spans


def _full_name(divisions: Divisions, adcode: str, on: date | None) -> str:
    """四川省雅安市, 重庆市两江新区: a name with those of the places it lies in."""
    return "".join(divisions.name(code, on) or "" for code in (*reversed(divisions.parents(adcode)), adcode))
