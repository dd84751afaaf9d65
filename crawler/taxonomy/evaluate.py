"""How well the data files do on labelled texts: precision and recall as the project measures them, and every error.

Pure: lines and judgements in, figures out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from crawler.language import _
from crawler.model import Judgement
from crawler.taxonomy.zones import Zone

MAX_LINE = 4 * 2**20  # characters of one labelled text: the longest plans are 20,000
CLEAR, BORDERLINE = "clear", "borderline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A text as published, and what a person says of it. What is None was not looked at."""

    id: str
    title: str
    body: str
    relevant: bool
    is_clear: bool = True
    is_shown: bool = True  # the title is the page's own
    regions: frozenset[str] | None = None
    zones: frozenset[str] | None = None
    topics: frozenset[str] | None = None
    published: date | None = None
    source: str | None = None  # id of the source whose page it is
    site_code: str | None = None


@dataclass(frozen=True, slots=True)
class BadLabel:
    """A line that is no labelled text, and why."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and their harmonic mean from counts; 0 where there is nothing to divide by."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    items: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 0.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 0.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """One error: `part` is relevance, regions, zones or topics; what was not found, and what should not have been."""

    labelled: Labelled
    judgement: Judgement
    part: str
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    measures: Mapping[str, Score]  # relevance_clear, …, as they are called in the project's scoring
    topics: Mapping[str, Score]
    misses: tuple[Miss, ...]


class Judging(Protocol):
    """What is evaluated: a taxonomy, with whatever it knows of sources."""

    def __call__(self, labelled: Labelled) -> Judgement: ...


def read_labels(lines: Iterable[str]) -> tuple[list[Labelled], list[BadLabel]]:
    """Labelled texts from JSON Lines, or from a list of objects, one a line; a bad line costs itself alone.

    Keys: url or id, title, lead or body, relevant, and where they were looked at regions, zones, topics; further
    certainty (clear, borderline), title_kind (shown), published, source, site_code.
    """
    found: list[Labelled] = []
    bad: list[BadLabel] = []
    for number, line in enumerate(lines, 1):
        text = line.strip().removeprefix("\ufeff").removesuffix(",")
        if text in ("", "[", "]"):
            continue
        try:
            found.append(_labelled(text, number))
        except (ValueError, RecursionError) as error:
            bad.append(BadLabel(number, str(error)))
    return found, bad


def evaluate(labelled: Sequence[Labelled], judgements: Sequence[Judgement], zones: Mapping[str, Zone]) -> Evaluation:
    """Figures and errors. Borderline texts count apart; regions, zones and topics count on clear relevant texts."""
    pairs = list(zip(labelled, judgements, strict=True))
    clear = [(label, got) for label, got in pairs if label.is_clear]
    relevant = [(label, got) for label, got in clear if label.relevant]
    regions = [(label, set(got.parties), label.regions) for label, got in relevant if label.regions]
    named = [
        (label, same_zones(got.zones, zones), same_zones(label.zones, zones)) for label, got in relevant if label.zones
    ]
    topics = [(label, set(got.topics), label.topics) for label, got in relevant if label.topics is not None]
    measures = {
        "relevance_clear": _relevance(clear),
        "relevance_clear_shown_titles": _relevance([pair for pair in clear if pair[0].is_shown]),
        "relevance_borderline": _relevance([pair for pair in pairs if not pair[0].is_clear]),
        "regions": _micro((got, want) for _label, got, want in regions),
        "provinces": _micro(({code[:2] for code in got}, {code[:2] for code in want}) for _label, got, want in regions),
        "zones": _micro((got, want) for _label, got, want in named),
        "topics": _micro((got, want) for _label, got, want in topics),
    }
    per_topic = {
        topic: _micro((got & {topic}, want & {topic}) for _label, got, want in topics)
        for topic in sorted({topic for _label, got, want in topics for topic in got | want})
    }
    return Evaluation(measures=measures, topics=per_topic, misses=tuple(_misses(clear, zones)))


def same_zones(names: Iterable[str], zones: Mapping[str, Zone]) -> frozenset[str]:
    """Zones by one name each.

    A zone called after the one that it is within, and that stands for the same places, is that one (成渝地区双城经济圈:
    成渝, which is 川渝); a pair brings what it is part of (鲁渝: 东西部协作).
    """
    by_name = {alias: zone for zone in zones.values() for alias in (*zone.aliases, zone.name)}
    found: set[str] = set()
    for name in names:
        zone = by_name.get(name)
        if zone is None:
            found.add(name)
            continue
        outer = (zones[outer] for outer in zone.within)
        found.add(next((one.name for one in outer if _is_called_after(zone, one)), zone.name))
        if zone.kind == "pair":
            found.update(zone.within)
    return frozenset(found)


def _is_called_after(zone: Zone, outer: Zone) -> bool:
    return set(outer.stand_for) == set(zone.stand_for) and zone.name.startswith((outer.name, *outer.aliases))


def _relevance(pairs: Sequence[tuple[Labelled, Judgement]]) -> Score:
    return Score(
        right=sum(got.relevant and label.relevant for label, got in pairs),
        wrong=sum(got.relevant and not label.relevant for label, got in pairs),
        missed=sum(label.relevant and not got.relevant for label, got in pairs),
        items=len(pairs),
    )


def _micro(pairs: Iterable[tuple[Iterable[str], Iterable[str]]]) -> Score:
    right = wrong = missed = items = 0
    for got, want in ((set(got), set(want)) for got, want in pairs):
        right, wrong, missed = right + len(got & want), wrong + len(got - want), missed + len(want - got)
        items += 1
    return Score(right, wrong, missed, items)


def _misses(clear: Sequence[tuple[Labelled, Judgement]], zones: Mapping[str, Zone]) -> Iterator[Miss]:
    for label, got in clear:
        if label.relevant != got.relevant:
            yield Miss(labelled=label, judgement=got, part="relevance")
    for label, got in clear:
        if not label.relevant:
            continue
        wanted: tuple[tuple[str, Iterable[str], frozenset[str] | None], ...] = (
            ("regions", got.parties, label.regions or None),
            ("zones", same_zones(got.zones, zones), same_zones(label.zones, zones) if label.zones else None),
            ("topics", got.topics, label.topics),
        )
        for part, have, want in wanted:
            if want is not None and set(have) != want:
                missing, extra = tuple(sorted(want - set(have))), tuple(sorted(set(have) - want))
                yield Miss(labelled=label, judgement=got, part=part, missing=missing, extra=extra)


def _labelled(text: str, number: int) -> Labelled:
    if len(text) > MAX_LINE:
        raise ValueError(_("longer than {count} characters").format(count=MAX_LINE))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(_("not UTF-8")) from error
    try:
        row = json.loads(text)
    except ValueError as error:
        raise ValueError(_("not JSON: {error}").format(error=error)) from error
    if not isinstance(row, dict):
        raise ValueError(_("not a JSON object"))
    if not isinstance(row.get("relevant"), bool):
        raise ValueError(_("relevant: neither true nor false"))
    title, body = _text(row, "title"), _text(row, "lead") or _text(row, "body")
    if not (title or body):
        raise ValueError(_("title: neither a title nor a text"))
    certainty = row.get("certainty", CLEAR)
    if certainty not in (CLEAR, BORDERLINE):
        raise ValueError(_("certainty: neither clear nor borderline"))
    return Labelled(
        id=str(row.get("url") or row.get("id") or number),
        title=title,
        body=body,
        relevant=row["relevant"],
        is_clear=certainty == CLEAR,
        is_shown=row.get("title_kind", "shown") == "shown",
        regions=_set(row, "regions"),
        zones=_set(row, "zones"),
        topics=_set(row, "topics"),
        published=_day(row.get("published")),
        source=_text(row, "source") or None,
        site_code=_text(row, "site_code") or None,
    )


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(_("{key}: no text").format(key=key))
    return value or ""


def _set(row: Mapping[str, Any], key: str) -> frozenset[str] | None:
    value = row.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(one, str | int) for one in value):
        raise ValueError(_("{key}: no list of words").format(key=key))
    return frozenset(str(one) for one in value)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError as error:
        raise ValueError(_("published: {value} is no day").format(value=str(value)[:40])) from error
