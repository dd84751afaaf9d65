"""The numbers and forms of judgement.toml and places.toml, read once, strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from crawler.taxonomy.datafile import Table, read_toml


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    lead_chars: int
    max_chars: int
    max_evidence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Relevance:
    subject_gate: float
    cooperation_gate: float
    unit_subject: float
    unit_cooperation: float
    title_factor: float
    cap: float
    threshold: float
    full: float
    two_places: float
    zone: float
    title_place_bonus: float
    rival_cap: float
    max_places: int
    joint_least: int
    joint_most: int
    joint_bodies: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    threshold: float
    strong: float
    strong_titled: float
    title: float
    lead: float
    agency: float
    link: float
    key_sentence: float
    signing: float
    place: float
    body_penalty: float
    agency_alone: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneRule:
    threshold: float
    title: float
    lead: float
    key_sentence: float
    elsewhere: float
    stand_in: float
    max_inferred: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRule:
    threshold: float
    title: float
    lead: float
    key_sentence: float
    body: float
    body_cap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRule:
    regex: re.Pattern[str]
    near: int
    near_words: re.Pattern[str]
    not_names: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    regex: re.Pattern[str]
    act: re.Pattern[str]
    dateline: re.Pattern[str]
    not_before: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRegex:
    name: str
    regex: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the words around a place make of it; see places.toml."""

    name: str
    makes: str
    regex: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRules:
    after: tuple[Context, ...]
    before: tuple[Context, ...]
    between: tuple[Context, ...]
    pair_company: re.Pattern[str]
    pair_reach: int
    pair_quotes: re.Pattern[str]
    own: re.Pattern[str]
    visits: re.Pattern[str]
    called: re.Pattern[str]
    zone_before: re.Pattern[str]
    zone_after: re.Pattern[str]

    def is_backdrop(self, text: str, start: int, end: int) -> bool:
        """True for the zone at [start, end) in 服务成渝地区双城经济圈建设 and 辐射长三角: it does not act."""
        before = text[max(0, start - 12) : start]
        return bool(self.zone_before.search(before) or self.zone_after.match(text, end))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    reading: Reading
    relevance: Relevance
    party: Party
    zone: ZoneRule
    topic: TopicRule
    agreement: AgreementRule
    event: EventRule
    exclusions: tuple[NamedRegex, ...]
    exemptions: tuple[NamedRegex, ...]
    places: PlaceRules


SIDES = ("after", "before", "between")
MAKES = ("agency", "nothing", "place", "link", "list")

_Numbers = TypeVar("_Numbers", Reading, Relevance, Party, ZoneRule, TopicRule)


def read_rules(folder: Path) -> Rules:
    """All rules; DataFileError naming file, table and key."""
    table = read_toml("judgement.toml", folder)
    rules = Rules(
        reading=_numbers(table.table("reading"), Reading),
        relevance=_numbers(table.table("relevance"), Relevance),
        party=_numbers(table.table("party"), Party),
        zone=_numbers(table.table("zone"), ZoneRule),
        topic=_numbers(table.table("topic"), TopicRule),
        agreement=_agreement(table.table("agreement")),
        event=_event(table.table("event")),
        exclusions=tuple(_named(entry) for entry in table.tables("exclusion")),
        exemptions=tuple(_named(entry) for entry in table.tables("exemption")),
        places=_places(read_toml("places.toml", folder)),
    )
    table.done()
    return rules


def _numbers(table: Table, kind: type[_Numbers]) -> _Numbers:
    values: dict[str, Any] = {}
    for spec in fields(kind):
        values[spec.name] = int(table.number(spec.name)) if spec.type == "int" else table.number(spec.name)
    table.done()
    return kind(**values)


def _named(entry: Table) -> NamedRegex:
    found = NamedRegex(name=entry.text("name"), regex=entry.regex())
    entry.done()
    return found


def _agreement(table: Table) -> AgreementRule:
    rule = AgreementRule(
        regex=table.regex(),
        near=int(table.number("near")),
        near_words=table.regex("near_words", sample=None),
        not_names=frozenset(table.words("not_names")),
    )
    table.done()
    return rule


def _event(table: Table) -> EventRule:
    rule = EventRule(
        regex=table.regex(),
        act=table.regex("act", sample=None),
        dateline=table.regex("dateline", sample=None),
        not_before=_ending(table, "not_before"),
    )
    table.done()
    return rule


def _ending(table: Table, key: str) -> re.Pattern[str]:
    return re.compile(f"(?:{table.regex(key, sample=None).pattern})$")


def _places(table: Table) -> PlaceRules:
    sides: dict[str, list[Context]] = {side: [] for side in SIDES}
    for entry in table.tables("context"):
        side, makes = entry.text("side"), entry.text("makes")
        if side not in SIDES:
            raise entry.fault("side", f"{side!r} is none of {', '.join(SIDES)}")
        if makes not in MAKES:
            raise entry.fault("makes", f"{makes!r} is none of {', '.join(MAKES)}")
        regex = _ending(entry, "regex") if side == "before" else entry.regex(sample=None)
        sample = entry.text("sample")
        tried = {"after": regex.match, "before": regex.search, "between": regex.fullmatch}[side]
        if not tried(sample):
            raise entry.fault("sample", "is not matched by regex")
        sides[side].append(Context(name=entry.text("name"), makes=makes, regex=regex))
        entry.done()
    backdrop = table.table("backdrop")
    zone_before = _ending(backdrop, "before")
    if not zone_before.search(backdrop.text("sample_before")):
        raise backdrop.fault("sample_before", "is not matched by before")
    pairs = table.table("pairs")
    company = "|".join(re.escape(word) for word in pairs.words("company"))
    rules = PlaceRules(
        after=tuple(sides["after"]),
        before=tuple(sides["before"]),
        between=tuple(sides["between"]),
        pair_company=re.compile(company or "(?!)"),
        pair_reach=int(pairs.number("reach")),
        pair_quotes=pairs.regex("quotes", sample=None),
        own=table.table("own").regex(),
        visits=table.table("visits").regex(),
        called=table.table("called").regex(),
        zone_before=zone_before,
        zone_after=backdrop.regex("after", sample="sample_after"),
    )
    backdrop.done()
    pairs.done()
    table.done()
    return rules
