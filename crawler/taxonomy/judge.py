"""The judgement itself: relevance, regions with roles, zones, topics and their evidence. Numbers come from the rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from crawler.model import Evidence, Judgement, Region, Role
from crawler.taxonomy.details import find_agreements, find_event_date
from crawler.taxonomy.divisions import Divisions
from crawler.taxonomy.lexicon import Lexicon
from crawler.taxonomy.places import Place, PlaceFinder
from crawler.taxonomy.reading import Read, Sentence
from crawler.taxonomy.rules import Rules
from crawler.taxonomy.vocabulary import Vocabulary
from crawler.taxonomy.zones import Zone


@dataclass(frozen=True, slots=True)
class Points:
    """What the words of title and opening weigh, capped, and the sum over sentences that hold all three together."""

    subject: float
    cooperation: float
    rival: float


class Judge:
    """Judges one text after another; holds no state between them."""

    def __init__(
        self,
        *,
        lexicon: Lexicon,
        vocabulary: Vocabulary,
        divisions: Divisions,
        zones: Mapping[str, Zone],
        finder: PlaceFinder,
        rules: Rules,
        version: str,
    ) -> None:
        self._lexicon = lexicon
        self._vocabulary = vocabulary
        self._divisions = divisions
        self._zones = zones
        self._finder = finder
        self._rules = rules
        self._version = version

    def judge(self, title: str, body: str, own: str | None, on: date | None) -> Judgement:
        read = Read(title, body, self._lexicon, self._vocabulary, self._rules)
        notes = _Notes(read, self._rules.reading.max_evidence)
        for mask in read.masks:
            notes.add("mask", mask.name, mask.start, mask.end)
        points = self._points(read, notes)
        rule = self._rules.relevance
        if points.subject < rule.subject_gate or points.cooperation < rule.cooperation_gate:
            score = _share(min(points.subject, rule.cap) + min(points.cooperation, rule.cap), rule.full) / 2
            return self._judgement(notes, relevant=False, score=score, own=own)
        sentences = read.sentences()
        places = self._finder.find(read, own, on)
        weights = self._weigh_places(read, places)
        zone_points, head_points = self._weigh_zones(read, notes)
        parties = self._parties(weights)
        parties, zones = self._with_zones(parties, weights, zone_points, head_points, on)
        excluded = self._exclusion(read, notes)
        total = self._total(read, points, parties, weights, head_points, places)
        relevant = (
            not excluded
            and total >= rule.threshold
            and self._acts_together(parties, weights, head_points)
            and self._has_unit(read, sentences)
        )
        for place in places:
            if place.adcode in parties:
                notes.add("region", place.adcode, place.start, place.end, weights.get(place.adcode, 0.0))
        topics = self._topics(read, notes)
        agreements = find_agreements(read, self._rules.agreement)
        for found in agreements:
            notes.add("agreement", found.name, found.start, found.end)
        event = find_event_date(read, self._rules.event, on)
        if event is not None:
            notes.add("event", event[0].isoformat(), event[1], event[2])
        return self._judgement(
            notes,
            relevant=relevant,
            score=0.0 if excluded else _share(total, rule.full),
            own=own,
            parties=parties,
            places=places,
            zones=zones,
            topics=topics,
            agreements=tuple(found.name for found in agreements),
            event=event[0] if event else None,
        )

    def _judgement(
        self,
        notes: _Notes,
        *,
        relevant: bool,
        score: float,
        own: str | None,
        parties: Mapping[str, None] | None = None,
        places: list[Place] | None = None,
        zones: tuple[str, ...] = (),
        topics: tuple[str, ...] = (),
        agreements: tuple[str, ...] = (),
        event: date | None = None,
    ) -> Judgement:
        roles: dict[str, Role] = dict.fromkeys(parties or (), Role.PARTY)
        for place in places or ():
            if place.is_place:
                roles.setdefault(place.adcode, Role.PLACE)
        if own is not None:
            roles.setdefault(own, Role.ISSUER)
        for place in places or ():
            if not place.is_nothing:
                roles.setdefault(place.adcode, Role.MENTION)
        return Judgement(
            relevant=relevant,
            score=round(score, 4),
            regions=tuple(Region(adcode=adcode, role=role) for adcode, role in roles.items()),
            zones=zones,
            topics=topics,
            agreements=agreements,
            event_date=event,
            evidence=notes.evidence(),
            version=self._version,
        )

    def _points(self, read: Read, notes: _Notes) -> Points:
        """Weights of the distinct words of title and opening: subject, cooperation, rivals in the title."""
        factor = self._rules.relevance.title_factor
        best: dict[tuple[str, str], tuple[float, int, int]] = {}
        title_subject = False
        for hit in read.hits:
            if not read.in_head(hit.start):
                break
            term = hit.term
            in_title = read.in_title(hit.start)
            times = factor if in_title else 1.0
            title_subject |= in_title and term.subject >= 2
            for signal, weight in (("subject", term.subject), ("cooperation", term.cooperation)):
                if weight and weight * times > best.get((signal, term.text), (0.0, 0, 0))[0]:
                    best[signal, term.text] = (weight * times, hit.start, hit.end)
            if term.rival and in_title:
                best["rival", term.text] = (term.rival, hit.start, hit.end)
        sums: dict[str, float] = defaultdict(float)
        for (signal, text), (weight, start, end) in best.items():
            if signal == "rival" and title_subject:
                continue
            sums[signal] += weight
            notes.add(signal, text, start, end, -weight if signal == "rival" else weight)
        return Points(sums["subject"], sums["cooperation"], sums["rival"])

    def _weigh_places(self, read: Read, places: list[Place]) -> dict[str, float]:
        """Of each division, the weight of its strongest mention."""
        weights: dict[str, float] = {}
        rule = self._rules.party
        for place in places:
            if place.is_nothing:
                continue
            weight = self._weigh(read, place) if not (place.is_place and not place.is_agency) else rule.place
            weights[place.adcode] = max(weight, weights.get(place.adcode, rule.place))
        return weights

    def _weigh(self, read: Read, place: Place) -> float:
        rule = self._rules.party
        sentence = place.sentence
        weight = rule.title if read.in_title(place.start) else rule.lead if read.in_head(place.start) else 0.0
        together = sentence.cooperation > 0
        if place.is_agency:
            weight += rule.agency + (0.0 if together else rule.agency_alone)
        if place.is_linked and together:
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

    def _weigh_zones(self, read: Read, notes: _Notes) -> tuple[dict[str, float], dict[str, float]]:
        """Of each zone named, its weight in the whole text, and that in title and opening alone."""
        rule = self._rules.zone
        points: dict[str, float] = defaultdict(float)
        head: dict[str, float] = defaultdict(float)
        firm = {hit.term.zone for hit in read.hits if hit.term.zone and not hit.term.is_loose}
        for hit in read.hits:
            name = hit.term.zone
            if name is None or (hit.term.is_loose and name not in firm):
                continue
            sentence = read.sentence_at(hit.start)
            if read.in_title(hit.start):
                weight = rule.title
            elif read.in_head(hit.start):
                weight = rule.lead
            elif sentence.subject >= 2 and sentence.cooperation > 0:
                weight = rule.key_sentence
            else:
                weight = rule.elsewhere
            points[name] += weight
            if read.in_head(hit.start):
                head[name] += weight
            notes.add("zone", name, hit.start, hit.end, weight)
        return points, head

    def _parties(self, weights: Mapping[str, float]) -> dict[str, None]:
        rule = self._rules.party
        return dict.fromkeys(adcode for adcode, weight in weights.items() if weight >= rule.threshold)

    def _with_zones(
        self,
        parties: dict[str, None],
        weights: Mapping[str, float],
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
            if head[name] < rule.title and self._is_backdrop(zone, parties):
                continue
            for adcode in zone.stand_for:
                if not any(self._divisions.contains(adcode, party) for party in parties):
                    parties[adcode] = None
        provinces = {party[:2] for party in parties}
        zones = dict.fromkeys(name for name in named if self._zones[name].kind != "group")
        for zone in self._zones.values():
            if zone.is_inferred and zone.name not in zones and self._is_acted_out(zone, parties, provinces, on):
                zones[zone.name] = None
        for name in (*zones, *(name for name in named if self._zones[name].kind == "group")):
            for outer in self._outer(name):
                needed = {adcode[:2] for adcode in self._zones[outer].stand_for}
                if len(needed & provinces) >= min(2, len(needed)):
                    zones[outer] = None
        return parties, tuple(zones)

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
        sides = {
            side for side in zone.stand_for for party in parties if self._divisions.contains(side, party)
        }
        inside = [party for party in parties if any(self._divisions.contains(side, party) for side in zone.stand_for)]
        return len(zone.stand_for) > 1 and len(sides) == 1 and self._apart(inside)

    def _is_acted_out(
        self, zone: Zone, parties: Mapping[str, None], provinces: set[str], on: date | None
    ) -> bool:
        if len(provinces) > max(self._rules.zone.max_inferred, len(zone.stand_for)):
            return False
        if zone.since is not None and on is not None and on.year < zone.since:
            return False
        return all(any(self._divisions.contains(side, party) for party in parties) for side in zone.stand_for)

    def _apart(self, parties: list[str]) -> bool:
        """True where two of the places lie neither within the other."""
        return any(
            not self._divisions.contains(one, other) and not self._divisions.contains(other, one)
            for position, one in enumerate(parties)
            for other in parties[position + 1 :]
        )

    def _acts_together(
        self, parties: Mapping[str, None], weights: Mapping[str, float], head: Mapping[str, float]
    ) -> bool:
        """True where two places, or a zone, cooperate; else the item is local."""
        provinces = {party[:2] for party in parties}
        if len(provinces) > self._rules.relevance.max_places:
            return False
        if any(self._zones[name].kind != "context" for name, weight in head.items() if weight >= self._rules.zone.stand_in):
            return True
        if len(provinces) > 1:
            return True
        strong = [party for party in parties if weights.get(party, 0.0) >= self._rules.party.strong]
        return self._apart(strong)

    def _total(
        self,
        read: Read,
        points: Points,
        parties: Mapping[str, None],
        weights: Mapping[str, float],
        head: Mapping[str, float],
        places: list[Place],
    ) -> float:
        rule = self._rules.relevance
        total = min(points.subject, rule.cap) + min(points.cooperation, rule.cap)
        if self._apart(list(parties)):
            total += rule.two_places
        zone_names = [name for name in head if self._zones[name].kind != "context"]
        if zone_names:
            total += rule.zone
            if any(head[name] >= self._rules.zone.title for name in zone_names):
                total += rule.title_place_bonus
        return total - min(points.rival, rule.rival_cap)

    def _has_unit(self, read: Read, sentences: list[Sentence]) -> bool:
        """True where one sentence of title and opening, or two in a row, speak of the subject and of cooperation."""
        rule = self._rules.relevance
        head = [sentence for sentence in sentences if read.in_head(sentence.start)]
        return any(
            max(one.subject, other.subject) >= rule.unit_subject
            and max(one.cooperation, other.cooperation) >= rule.unit_cooperation
            for one, other in zip(head, [*head[1:], head[-1]], strict=True)
        )

    def _exclusion(self, read: Read, notes: _Notes) -> bool:
        title = read.text[: read.title_end]
        if any(rule.regex.search(title) for rule in self._rules.exemptions):
            return False
        for rule in self._rules.exclusions:
            if match := rule.regex.search(title):
                notes.add("exclusion", rule.name, match.start(), match.end())
                return True
        return False

    def _topics(self, read: Read, notes: _Notes) -> tuple[str, ...]:
        rule = self._rules.topic
        points: dict[str, float] = defaultdict(float)
        deep: dict[str, float] = defaultdict(float)
        first: dict[str, tuple[int, int]] = {}
        for hit in read.hits:
            in_title = read.in_title(hit.start)
            topics = hit.term.topics + hit.term.title_topics if in_title else hit.term.topics
            if not topics:
                continue
            in_head = in_title or read.in_head(hit.start)
            factor = rule.title if in_title else rule.lead
            if not in_head:
                sentence = read.sentence_at(hit.start)
                is_key = sentence.subject >= 2 and sentence.cooperation > 0
                factor = rule.key_sentence if is_key else rule.body
            for topic, weight in topics:
                first.setdefault(topic, (hit.start, hit.end))
                if in_head:
                    points[topic] += weight * factor
                else:
                    deep[topic] += weight * factor
        for topic, weight in deep.items():
            points[topic] += min(weight, rule.body_cap)
        given = tuple(topic for topic in self._vocabulary.topics if points.get(topic, 0.0) >= rule.threshold)
        for topic in given:
            notes.add("topic", topic, *first[topic], round(points[topic], 2))
        return given


def name_rank(zone: Zone) -> int:
    """Zones of counties come before those of cities, and these before those of provinces."""
    return sum(2 if adcode.endswith("0000") else 1 if adcode.endswith("00") else 0 for adcode in zone.stand_for[:1])


def _share(points: float, full: float) -> float:
    return max(0.0, min(1.0, points / full))


class _Notes:
    """The reasons collected for one judgement, each place and key once, not more than `most`."""

    def __init__(self, read: Read, most: int) -> None:
        self._read = read
        self._most = most
        self._found: dict[tuple[str, str, int], Evidence] = {}
        self._count: dict[tuple[str, str], int] = defaultdict(int)

    def add(self, part: str, key: str, start: int, end: int, weight: float = 0.0) -> None:
        # the tenth mention of one thing explains no more than the third
        if self._count[part, key] >= 3 or len(self._found) >= self._most * 4:
            return
        self._count[part, key] += 1
        where, first, last = self._read.where(start, end)
        self._found[part, key, start] = Evidence(
            part=part,
            key=key,
            text=self._read.text[start:end],
            where=where,
            start=first,
            end=last,
            weight=weight,
        )

    def evidence(self) -> tuple[Evidence, ...]:
        """The heaviest reasons of all kinds, in the order of the judgement's parts."""
        found = list(self._found.values())
        if len(found) > self._most:
            masks = [one for one in found if one.part == "mask"]
            rest = [one for one in found if one.part != "mask"]
            found = (rest + masks)[: self._most]
        return tuple(found)
