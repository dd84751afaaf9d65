"""The judgement itself: relevance, regions with roles, topics and evidence. Numbers come from the rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from crawler.model import Judgement, Region, Role
from crawler.taxonomy.details import find_agreements, find_event_date, find_signers
from crawler.taxonomy.lexicon import Lexicon
from crawler.taxonomy.notes import Notes
from crawler.taxonomy.parties import Parties, PartyFinder
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
        zones: Mapping[str, Zone],
        places: PlaceFinder,
        parties: PartyFinder,
        rules: Rules,
        version: str,
    ) -> None:
        self._lexicon = lexicon
        self._vocabulary = vocabulary
        self._zones = zones
        self._places = places
        self._parties = parties
        self._rules = rules
        self._version = version

    def judge(self, title: str, body: str, own: str | None, on: date | None) -> Judgement:
        read = Read(title, body, self._lexicon, self._vocabulary, self._rules)
        notes = Notes(read, self._rules.reading.max_evidence)
        for mask in read.masks:
            notes.add("mask", mask.name, mask.start, mask.end)
        points = self._points(read, notes)
        rule = self._rules.relevance
        is_told = points.cooperation >= rule.cooperation_gate
        if points.subject < rule.subject_gate or not (is_told or read.may_name_bodies()):
            score = _share(min(points.subject, rule.cap) + min(points.cooperation, rule.cap), rule.full) / 2
            return self._judgement(notes, relevant=False, score=score, own=own)
        sentences = read.sentences()
        places = self._places.find(read, own, on)
        parties = self._parties.find(read, places, notes, on)
        excluded = self._exclusion(read, notes)
        is_joint = rule.joint_least <= len(parties.bodies_of) <= rule.joint_most
        if is_joint and not is_told:
            points = Points(points.subject, points.cooperation + rule.joint_bodies, points.rival)
        total = self._total(points, parties)
        relevant = (
            not excluded
            and total >= rule.threshold
            and parties.act_together
            and (self._has_unit(read, sentences) or is_joint)
        )
        for place in places:
            if place.adcode in parties.adcodes:
                notes.add("region", place.adcode, place.start, place.end, parties.weights.get(place.adcode, 0.0))
        topics = self._topics(read, notes)
        agreements = find_agreements(read, self._rules.agreement)
        for found in agreements:
            notes.add("agreement", found.name, found.start, found.end)
            for adcode, start, end in find_signers(read, found, places, parties.adcodes, self._zones):
                notes.add("agreement-party", f"{adcode} {found.name}", start, end)
        for place in places:
            if place.agency_end and place.adcode in parties.adcodes:
                notes.add("agency", place.adcode, place.start, place.agency_end)
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
            topics=topics,
            agreements=tuple(found.name for found in agreements),
            event=event[0] if event else None,
        )

    def _judgement(
        self,
        notes: Notes,
        *,
        relevant: bool,
        score: float,
        own: str | None,
        parties: Parties | None = None,
        places: list[Place] | None = None,
        topics: tuple[str, ...] = (),
        agreements: tuple[str, ...] = (),
        event: date | None = None,
    ) -> Judgement:
        roles: dict[str, Role] = dict.fromkeys(parties.adcodes if parties else (), Role.PARTY)
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
            zones=parties.zones if parties else (),
            topics=topics,
            agreements=agreements,
            event_date=event,
            evidence=notes.evidence(),
            version=self._version,
        )

    def _points(self, read: Read, notes: Notes) -> Points:
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
            for act in term.acts:
                notes.add("act", act, hit.start, hit.end, self._vocabulary.acts[act].strength)
            if term.rival and in_title:
                best["rival", term.text] = (term.rival, hit.start, hit.end)
        sums: dict[str, float] = defaultdict(float)
        for (signal, text), (weight, start, end) in best.items():
            if signal == "rival" and title_subject:
                continue
            sums[signal] += weight
            notes.add(signal, text, start, end, -weight if signal == "rival" else weight)
        return Points(sums["subject"], sums["cooperation"], sums["rival"])

    def _total(self, points: Points, parties: Parties) -> float:
        rule = self._rules.relevance
        total = min(points.subject, rule.cap) + min(points.cooperation, rule.cap)
        if parties.are_apart:
            total += rule.two_places
        weights = [weight for name, weight in parties.leading.items() if self._zones[name].kind != "context"]
        if weights:
            total += rule.zone
            if max(weights) >= self._rules.zone.title:
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

    def _exclusion(self, read: Read, notes: Notes) -> bool:
        title = read.text[: read.title_end]
        if any(rule.regex.search(title) for rule in self._rules.exemptions):
            return False
        for rule in self._rules.exclusions:
            if match := rule.regex.search(title):
                notes.add("exclusion", rule.name, match.start(), match.end())
                return True
        return False

    def _topics(self, read: Read, notes: Notes) -> tuple[str, ...]:
        rule = self._rules.topic
        points: dict[str, float] = defaultdict(float)
        deep: dict[str, float] = defaultdict(float)
        first: dict[str, tuple[int, int]] = {}
        for hit, sentence in zip(read.hits, read.sentence_of_hit, strict=True):
            term, start, end = hit
            in_title = start < read.title_end
            topics = term.topics + term.title_topics if in_title else term.topics
            if not topics:
                continue
            in_head = start < read.lead_end
            factor = rule.title if in_title else rule.lead
            if not in_head:
                is_key = sentence.subject >= 2 and sentence.cooperation > 0
                factor = rule.key_sentence if is_key else rule.body
            for topic, weight in topics:
                first.setdefault(topic, (start, end))
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


def _share(points: float, full: float) -> float:
    return max(0.0, min(1.0, points / full))
