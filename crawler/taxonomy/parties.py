"""Who cooperates: places weighed by how they stand, zones by where they are named, and what each adds to the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from crawler.taxonomy.divisions import Divisions
from crawler.taxonomy.lexicon import Hit
from crawler.taxonomy.notes import Notes
from crawler.taxonomy.places import Place
from crawler.taxonomy.reading import Read, Sentence
from crawler.taxonomy.rules import Rules
from crawler.taxonomy.vocabulary import Vocabulary
from crawler.taxonomy.zones import Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who cooperates. `leading` are the zones that act in title or opening, with their weight there."""

    adcodes: tuple[str, ...]
    zones: tuple[str, ...]
    weights: Mapping[str, float]
    leading: Mapping[str, float]
    bodies_of: frozenset[str]  # provinces whose bodies act in title and opening, where the subject is spoken of
    are_apart: bool  # two of them lie neither within the other
    act_together: bool  # two places or a zone; else the item is local


class PartyFinder:
    """Weighs places and zones of one text after another; holds no state between them."""

    def __init__(self, vocabulary: Vocabulary, divisions: Divisions, zones: Mapping[str, Zone], rules: Rules) -> None:
        self._vocabulary = vocabulary
        self._divisions = divisions
        self._zones = zones
        self._rules = rules
        self._groups = [zone for zone in zones.values() if zone.kind == "group"]
        self._inferred = [zone for zone in zones.values() if zone.is_inferred and zone.kind != "group"]
        self._provinces_of = {zone.name: frozenset(side[:2] for side in zone.stand_for) for zone in zones.values()}

    def find(self, read: Read, places: list[Place], notes: Notes, on: date | None) -> Parties:
        """The parties and zones of a text whose sentences and places are known."""
        weights = self._weigh_places(read, places)
        rows = list(dict.fromkeys(place.adcode for place in places if place.is_pair and read.in_head(place.start)))
        points, head = self._weigh_zones(read, notes)
        hosts = {place.adcode for place in places if place.is_place and not place.is_nothing}
        bodies = {place.adcode for place in places if place.is_agency and not place.is_nothing}
        acting = self._nearest(self._parties(weights), bodies)
        parties, zones = self._with_zones(acting, rows, hosts, points, head, on)
        return Parties(
            adcodes=tuple(parties),
            zones=zones,
            weights=weights,
            leading=head,
            bodies_of=frozenset(
                place.adcode[:2]
                for place in places
                if place.is_agency and read.in_head(place.start) and place.sentence.subject >= 2
            ),
            are_apart=self._apart(list(parties)),
            act_together=self._acts_together(read, parties, weights, head),
        )

    def _weigh_places(self, read: Read, places: list[Place]) -> dict[str, float]:
        """Of each division, the weight of its strongest mention."""
        weights: dict[str, float] = {}
        rule = self._rules.party
        for place in places:
            if place.is_nothing or place.is_pair:
                continue
            weight = self._weigh(read, place) if not (place.is_place and not place.is_agency) else rule.place
            weights[place.adcode] = max(weight, weights.get(place.adcode, rule.place))
        return weights

    def _weigh(self, read: Read, place: Place) -> float:
        rule = self._rules.party
        sentence = place.sentence
        weight = rule.title if read.in_title(place.start) else rule.lead if read.in_head(place.start) else 0.0
        together = sentence.cooperation > 0 or bool(sentence.zones)
        if place.is_agency:
            weight += rule.agency + (0.0 if together else rule.agency_alone)
        if place.is_linked and together and (sentence.subject > 0 or read.in_title(place.start)):
            weight += rule.link
        if together and sentence.subject >= 2:
            weight += rule.key_sentence
            if self._is_firm(sentence):
                weight += rule.signing
        if not read.in_head(place.start):
            weight += rule.body_penalty
        return weight

    def _is_firm(self, sentence: Sentence) -> bool:
        acts = self._vocabulary.acts
        return any(acts[name].strength == 1 and name == "signing" for name in sentence.acts)

    def _weigh_zones(self, read: Read, notes: Notes) -> tuple[dict[str, float], dict[str, float]]:
        """Of each zone named, its weight in the whole text, and that in title and opening alone."""
        rule = self._rules.zone
        points: dict[str, float] = defaultdict(float)
        head: dict[str, float] = defaultdict(float)
        named = [(hit, sentence) for sentence in read.sentences_with_zones() for hit in sentence.zones]
        firm = {hit.term.zone for hit, _ in named if not hit.term.is_loose}
        for hit, sentence in named:
            name = hit.term.zone
            if name is None or (hit.term.is_loose and name not in firm):
                continue
            if read.in_title(hit.start):
                weight = rule.title
            elif read.in_head(hit.start):
                weight = rule.lead
            elif sentence.subject >= 2 and sentence.cooperation > 0:
                weight = rule.key_sentence
            else:
                weight = rule.elsewhere
            points[name] += weight
            if read.in_head(hit.start) and not self._is_only_why(read, hit):
                head[name] += weight
            notes.add("zone", name, hit.start, hit.end, weight)
        return points, head

    def _is_only_why(self, read: Read, hit: Hit) -> bool:
        """True for a zone that does not act: it is served, or a programme that nothing but its name speaks for."""
        if self._rules.places.is_backdrop(read.text, hit.start, hit.end):
            return True
        zone = self._zones[hit.term.zone or ""]
        # 东西部协作帮扶车间见闻; 东西部劳务协作 says the subject itself
        return zone.kind == "programme" and hit.term.subject < 2 and not read.cooperates_beside_zones()

    def _parties(self, weights: Mapping[str, float]) -> dict[str, None]:
        rule = self._rules.party
        return dict.fromkeys(adcode for adcode, weight in weights.items() if weight >= rule.threshold)

    def _nearest(self, parties: dict[str, None], bodies: set[str]) -> dict[str, None]:
        """Parties less those that merely hold one whose body acts: 重庆 where only 北碚区人社局 acts."""
        return {
            party: None
            for party in parties
            if party in bodies
            or not any(other != party and self._divisions.contains(party, other) for other in bodies & parties.keys())
        }

    def _with_zones(
        self,
        parties: dict[str, None],
        rows: list[str],
        hosts: set[str],
        points: Mapping[str, float],
        head: Mapping[str, float],
        on: date | None,
    ) -> tuple[dict[str, None], tuple[str, ...]]:
        """Parties with those that a zone stands for, and the zones: named, inferred from the parties, and outer."""
        rule = self._rules.zone
        parties = dict(parties)
        named = [name for name, weight in points.items() if weight >= rule.threshold]
        leading = [name for name in named if head.get(name, 0.0) >= rule.stand_in]
        covered = {outer for name in leading for outer in self._outer(name)}
        for name in sorted(leading, key=lambda one: (name_rank(self._zones[one]), one)):
            zone = self._zones[name]
            if zone.kind == "context" or name in covered:
                continue
            if not (head[name] < rule.title and self._is_backdrop(zone, parties)):
                self._stand_in(zone.stand_for, parties)
                # one of those who act is the host as well: 明月山七区县人社局长齐聚垫江
                parties |= dict.fromkeys(side for side in zone.stand_for if side in hosts)
        self._stand_in(tuple(rows), parties)
        provinces = {party[:2] for party in parties}
        zones = dict.fromkeys(name for name in named if self._zones[name].kind != "group")
        for zone in self._inferred:
            if zone.name not in zones and self._is_acted_out(zone, parties, provinces, on):
                zones[zone.name] = None
        acted = [
            zone.name
            for zone in self._groups
            if zone.name in named or (zone.is_inferred and self._is_acted_out(zone, parties, provinces, on))
        ]
        for name in (*zones, *acted):
            for outer in self._outer(name):
                needed = {adcode[:2] for adcode in self._zones[outer].stand_for}
                if len(needed & provinces) >= min(2, len(needed)):
                    zones[outer] = None
        return parties, tuple(zones)

    def _stand_in(self, sides: tuple[str, ...], parties: dict[str, None]) -> None:
        """Add the sides that no party covers, unless two sides are covered: then the text has said who acts."""
        open_sides = [side for side in sides if not any(self._nested(side, party) for party in parties)]
        if len(sides) - len(open_sides) < 2:
            parties.update(dict.fromkeys(open_sides))

    def _outer(self, name: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        waiting = list(self._zones[name].within)
        while waiting:
            outer = waiting.pop()
            if outer not in found:
                found[outer] = None
                waiting += self._zones[outer].within
        return tuple(found)

    def _is_backdrop(self, zone: Zone, parties: Mapping[str, None]) -> bool:
        """True where places of one of the zone's sides act among themselves: the zone is only why they do."""
        sides = {side for side in zone.stand_for for party in parties if self._divisions.contains(side, party)}
        inside = [party for party in parties if any(self._divisions.contains(side, party) for side in zone.stand_for)]
        return len(zone.stand_for) > 1 and len(sides) == 1 and self._apart(inside)

    def _is_acted_out(self, zone: Zone, parties: Mapping[str, None], provinces: set[str], on: date | None) -> bool:
        if not provinces >= self._provinces_of[zone.name]:
            return False
        if len(provinces) > max(self._rules.zone.max_inferred, len(zone.stand_for)):
            return False
        if on is not None and not (zone.since or 0) <= on.year <= (zone.until or 9999):
            return False
        return all(any(self._divisions.contains(side, party) for party in parties) for side in zone.stand_for)

    def _apart(self, parties: list[str]) -> bool:
        """True where two of the places lie neither within the other."""
        return any(
            not self._nested(one, other) for position, one in enumerate(parties) for other in parties[position + 1 :]
        )

    def _nested(self, one: str, other: str) -> bool:
        return self._divisions.contains(one, other) or self._divisions.contains(other, one)

    def _acts_together(
        self, read: Read, parties: Mapping[str, None], weights: Mapping[str, float], head: Mapping[str, float]
    ) -> bool:
        """True where two places, or a zone, cooperate; else the item is local."""
        provinces = {party[:2] for party in parties}
        if len(provinces) > self._rules.relevance.max_places:
            return False
        if any(
            self._zones[name].kind != "context" for name, weight in head.items() if weight >= self._rules.zone.stand_in
        ):
            return True
        if len(provinces) > 1:
            return True
        title, rule = read.sentence_at(0), self._rules.party
        is_titled = title.subject >= 2 and title.cooperation >= 2
        least = rule.strong_titled if is_titled else rule.strong
        strong = [party for party in parties if weights.get(party, 0.0) >= least]
        return self._apart(strong)


def name_rank(zone: Zone) -> int:
    """Zones of counties come before those of cities, and these before those of provinces."""
    return sum(2 if adcode.endswith("0000") else 1 if adcode.endswith("00") else 0 for adcode in zone.stand_for[:1])
