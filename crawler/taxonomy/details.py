"""Agreement names, who signed them, and the day of the event, read from a text with the forms of judgement.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crawler.taxonomy.places import Place
from crawler.taxonomy.reading import Read
from crawler.taxonomy.rules import AgreementRule, EventRule
from crawler.taxonomy.zones import Zone

# An agreement has two parties at least; in a text of more than three, not all need have signed each.
FEWEST, MOST = 2, 3


@dataclass(frozen=True, slots=True)
class Found:
    """Something named at [start, end) of the text read."""

    name: str
    start: int
    end: int


def find_agreements(read: Read, rule: AgreementRule) -> list[Found]:
    """《…协议》 that were signed, announced or carried out nearby; each name once, without 《》."""
    found: dict[str, Found] = {}
    for match in rule.regex.finditer(read.text):
        name = match[1].strip()
        around = read.text[max(0, match.start() - rule.near) : match.end() + rule.near]
        if name in found or name in rule.not_names or not rule.near_words.search(around):
            continue
        found[name] = Found(name, match.start(1), match.end(1))
    return list(found.values())


def find_signers(
    read: Read, agreement: Found, places: Sequence[Place], parties: Sequence[str], zones: Mapping[str, Zone]
) -> list[tuple[str, int, int]]:
    """(adcode, start, end) of those who signed: the parties told beside the name, or in it, or by a zone there.

    Where the sentence tells fewer than two, the parties of the whole text are meant, if they are but two or three.
    """
    sentence = read.sentence_at(agreement.start)
    found: dict[str, tuple[str, int, int]] = {}
    for place in places:
        if place.sentence is sentence and place.adcode in parties and not place.is_nothing:
            found.setdefault(place.adcode, (place.adcode, place.start, place.end))
    for hit in sentence.zones if len(found) < FEWEST else ():
        for adcode in zones[hit.term.zone or ""].stand_for:
            if adcode in parties:
                found.setdefault(adcode, (adcode, hit.start, hit.end))
    if len(found) < FEWEST <= len(parties) <= MOST:
        for adcode in parties:
            found.setdefault(adcode, (adcode, agreement.start, agreement.end))
    return list(found.values()) if len(found) >= FEWEST else []


def find_event_date(read: Read, rule: EventRule, on: date | None) -> tuple[date, int, int] | None:
    """The day on which what the opening tells happened, apart from publication; None where no day is told.

    A day without a year is the latest such day not after `on`, and none at all without `on`.
    """
    best: tuple[int, re.Match[str]] | None = None
    for match in rule.regex.finditer(read.text, 0, read.lead_end + 200):
        if rule.not_before.search(read.text[max(0, match.start() - 10) : match.start()]):
            continue
        sentence = read.sentence_at(match.start())
        is_told = bool(rule.act.search(read.text, match.end(), min(sentence.end, match.end() + 80)))
        is_dateline = bool(rule.dateline.match(read.text, match.end()))
        rank = 2 if is_told and not is_dateline else 1 if is_told else 0
        if rank and (best is None or rank > best[0]):
            best = rank, match
    if best is None:
        return None
    day = _day(best[1], on)
    return (day, best[1].start(), best[1].end()) if day is not None else None


def _day(match: re.Match[str], on: date | None) -> date | None:
    month, day = int(match[2]), int(match[3])
    if match[1]:
        return _date(int(match[1]), month, day)
    if on is None:
        return None
    this_year = _date(on.year, month, day)
    if this_year is not None and this_year <= on + timedelta(days=1):  # a site may date an item a day early
        return this_year
    return _date(on.year - 1, month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
