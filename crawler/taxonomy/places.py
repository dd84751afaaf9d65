"""The places of a text and how each stands there: a body that acts, where it happened, part of a name, linked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from crawler.taxonomy.divisions import Divisions
from crawler.taxonomy.gazetteer import AFTER, MAX_PLACES, Gazetteer
from crawler.taxonomy.lexicon import Lexicon
from crawler.taxonomy.names import Names
from crawler.taxonomy.reading import Read, Sentence
from crawler.taxonomy.rules import PlaceRules
from crawler.taxonomy.zones import Zone

# How far the words before a place are looked at
BEFORE = 24

_CLAUSE_END = re.compile(r"[,。;:!?\n]")


@dataclass(slots=True)
class Place:
    """A named division at [start, end). `is_pair`: one of several named as one (湘鄂赣)."""

    adcode: str
    start: int
    end: int
    sentence: Sentence
    is_agency: bool = False
    agency_end: int = 0  # where the name of its body ends
    is_nothing: bool = False
    is_place: bool = False
    is_linked: bool = False
    is_pair: bool = False
    outer: int = -1  # where what holds it begins: 四川 in 四川巴中市; its own start where nothing does


class PlaceFinder:
    """Finds the places of a text. Holds no state between texts."""

    def __init__(
        self, lexicon: Lexicon, names: Names, divisions: Divisions, zones: Mapping[str, Zone], rules: PlaceRules
    ) -> None:
        self._gazetteer = Gazetteer(lexicon, names, divisions, zones, rules)
        self._names = names
        self._divisions = divisions
        self._rules = rules
        # two or more provincial characters in a row: 川渝黔
        self._rows = re.compile(f"[{''.join(names.characters)}]{{2,6}}") if names.characters else None

    def find(self, read: Read, own: str | None, on: date | None) -> list[Place]:
        """Places in the order of the text, each with what the words around it make of it."""
        places = [
            Place(found.adcode, found.start, found.end, read.sentence_at(found.start), outer=found.outer)
            for found in self._gazetteer.find(read, own, on)
            if found.adcode is not None and not found.is_qualifier
        ]
        places += self._rows_of_characters(read)
        places += self._visited(read)
        if own is not None:
            places += self._own_bodies(read, own)
        places.sort(key=lambda place: (place.start, place.end))
        for place in places:
            self._see(read, place)
        self._link(read, places)
        return places

    def _visited(self, read: Read) -> list[Place]:
        """川 in 湖北省人社厅来川对接: one character, between a verb of travel and what the visit is for."""
        found = []
        for match in self._rules.visits.finditer(read.text, 0, read.lead_end):
            code = self._names.characters.get(match[1])
            if code is not None:
                sentence = read.sentence_at(match.start())
                found.append(Place(code, match.start(1), match.end(1), sentence, is_linked=True))
        return found

    def _rows_of_characters(self, read: Read) -> list[Place]:
        """粤桂扶贫劳务合作: rows of provincial characters in the company of a cooperation word, or in a 《》 title."""
        if self._rows is None:
            return []
        found: list[Place] = []
        head = read.text[: read.lead_end]
        for match in self._rows.finditer(head):
            start, end = match.span()
            if any(hit.start < end and start < hit.end and not hit.term.zone for hit in read.hits):
                continue
            codes = dict.fromkeys(self._names.characters[sign] for sign in match[0])
            if (
                len(codes) < 2
                or not self._has_company(read, start, end)
                or self._rules.is_backdrop(read.text, start, end)
            ):
                continue
            sentence = read.sentence_at(start)
            found += [Place(code, start, end, sentence, is_linked=True, is_pair=True) for code in codes]
        return found

    def _has_company(self, read: Read, start: int, end: int) -> bool:
        rules = self._rules
        clause = _CLAUSE_END.split(read.text[end : end + rules.pair_reach], maxsplit=1)[0]
        return bool(
            rules.pair_company.search(clause) or rules.pair_quotes.search(read.text[max(0, start - 62) : start])
        )

    def _own_bodies(self, read: Read, own: str) -> list[Place]:
        """省人社厅 on a Sichuan site is Sichuan's."""
        province, city = own[:2] + "0000", own[:4] + "00"
        name = self._divisions.name(own) or ""
        levels = {"省": province, "市": own if name.endswith("市") else city, "州": city, "盟": city}
        levels |= dict.fromkeys("县区旗", own)
        found: list[Place] = []
        for match in self._rules.own.finditer(read.text):
            level = match.lastindex or 1
            adcode = levels[match[level]]
            if match[level] == "市" and not self._divisions.is_known(adcode):
                adcode = province  # a municipality: 市人力社保局 of Chongqing
            if self._divisions.is_known(adcode) and len(found) < MAX_PLACES:
                place = Place(adcode, match.start(level), match.end(level), read.sentence_at(match.start()))
                found.append(place)
        return found

    def _see(self, read: Read, place: Place) -> None:
        if place.is_pair:
            return
        sentence_end = min(place.sentence.end, place.end + AFTER)
        after = read.text[place.end : sentence_end]
        start = place.outer if place.outer >= 0 else place.start
        before = read.text[max(place.sentence.start, start - BEFORE) : start]
        for rule in self._rules.after:
            if match := rule.regex.match(after):
                if rule.makes == "agency":
                    place.is_agency = True
                    place.agency_end = place.end + match.end()
                    return
                place.is_nothing |= rule.makes == "nothing"
                place.is_place |= rule.makes == "place"
        for rule in self._rules.before:
            if rule.regex.search(before):
                place.is_nothing |= rule.makes == "nothing"
                place.is_place |= rule.makes == "place"

    def _link(self, read: Read, places: list[Place]) -> None:
        """Mark places that act together, and hand an agency back along its list: 四川、西藏人社厅."""
        for left, right in zip(reversed(places[:-1]), reversed(places[1:]), strict=True):
            if left.sentence is not right.sentence or right.start < left.end or left.is_nothing or right.is_nothing:
                continue
            between = read.text[left.end : right.outer if right.outer >= left.end else right.start]
            if len(between) > AFTER:
                continue
            makes = next((rule.makes for rule in self._rules.between if rule.regex.fullmatch(between)), None)
            if makes is None:
                continue
            if not self._nested(left.adcode, right.adcode):
                left.is_linked = right.is_linked = True
            if makes == "list":
                left.is_agency |= right.is_agency
                right.is_place |= left.is_place

    def _nested(self, one: str, other: str) -> bool:
        return self._divisions.contains(one, other) or self._divisions.contains(other, one)
