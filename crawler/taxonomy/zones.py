"""Zones, pairs and programmes of cooperating places, as zones.toml tells them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from crawler.taxonomy.datafile import Table, read_toml
from crawler.taxonomy.divisions import Divisions

FILE = "zones.toml"
KINDS = ("zone", "pair", "programme", "context", "group")


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A named set of cooperating places. `members` are adcodes; `stand_for` cooperate where only it is named."""

    name: str
    english: str
    kind: str
    members: tuple[str, ...] = ()
    stand_for: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    is_inferred: bool = False  # given, without being named, where all it stands for cooperate
    parent: str | None = None


def read_zones(divisions: Divisions, folder: Path) -> dict[str, Zone]:
    """Zones by canonical name, in the order of the file; DataFileError naming file, zone and key."""
    table = read_toml(FILE, folder)
    zones: dict[str, Zone] = {}
    owner: dict[str, str] = {}
    entries = list(table.tables("zone"))
    table.done()
    names = {str(entry.values.get("name")) for entry in entries}
    for entry in entries:
        zone = _read_zone(entry, divisions)
        for word in (zone.name, *zone.aliases, *zone.loose):
            if word in owner:
                raise entry.fault("aliases", f"{word!r} is already a name of {owner[word]}")
            owner[word] = zone.name
        for outer in zone.within:
            if outer not in names:
                raise entry.fault("within", f"{outer!r} is no zone of this file")
        zones[zone.name] = zone
    return zones


def _read_zone(entry: Table, divisions: Divisions) -> Zone:
    kind = entry.text("kind")
    if kind not in KINDS:
        raise entry.fault("kind", f"{kind!r} is none of {', '.join(KINDS)}")
    members = tuple(_member(entry, word, divisions) for word in entry.words("members"))
    stand_for = entry.words("stand_for") or members
    parent = entry.get("parent", str)
    for adcode in (*stand_for, *((parent,) if parent else ())):
        if not divisions.is_known(adcode):
            raise entry.fault("stand_for", f"{adcode!r} is no known adcode")
    zone = Zone(
        name=entry.text("name"),
        english=entry.text("en"),
        kind=kind,
        members=members,
        stand_for=stand_for,
        aliases=entry.words("aliases"),
        loose=entry.words("loose"),
        within=entry.words("within"),
        since=entry.get("since", int),
        until=entry.get("until", int),
        is_inferred=bool(entry.get("inferred", bool, kind == "pair")),
        parent=parent,
    )
    entry.done()
    return zone


def _member(entry: Table, word: str, divisions: Divisions) -> str:
    name, _, adcode = word.partition("=")
    if not divisions.is_known(adcode):
        raise entry.fault("members", f"{word!r}: no known adcode")
    if name not in divisions.names(adcode):
        raise entry.fault("members", f"{word!r}: {adcode} is {divisions.name(adcode)}")
    return adcode
