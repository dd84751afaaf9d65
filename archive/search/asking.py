"""A reader's words and filters as a Question, and what of them was not understood. No I/O.

Names become what the archive holds: regions their adcodes with former ones, zones and topics their ids, days moments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

from archive.periods import CHINA
from archive.records import Question
from crawler.taxonomy import Taxonomy
from crawler.taxonomy.meant import places_meant, topic_meant, zone_meant
from crawler.text.asked import Slip, read_query
from crawler.text.fields import FIRST_DAY, KINDS, LAST_DAY, UNDATED, kind_of, range_of
from crawler.text.fold import fold_text
from crawler.text.query import NOTHING, All, AnyOf, Expression, Field, Not, Phrase, conjuncts, joined

_MAX_VALUE_CHARS = 200  # longer than any name
_MAX_SLIPS = 10  # told; who mistypes more needs the first ones

DoubtReason = Literal["unknown", "ambiguous", "is-zone", "not-two", "unlisted", "backwards"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A value of a field that is not known, or says too little: nothing is found by it, or all that it may mean.

    `known` are names to choose from. `is_filter`: it was given as a filter of its own, where programs give it and it is
    an error; within the words, which people type, it is told.
    """

    field: str  # region, zone, topic, kind, pair, date, since or until
    value: str
    reason: DoubtReason
    known: tuple[str, ...] = ()
    is_filter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question, and what a person should be told about it (wording: slip_text in archive/search/doubts.py)."""

    question: Question
    slips: tuple[Slip | Doubt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is given beside the words, as typed: names or ids, days. `until` is the last day, included."""

    regions: tuple[str, ...] = ()  # any of them
    zones: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    pair: tuple[str, str] | None = None
    source: str | None = None
    sources: tuple[str, ...] = ()  # any of them
    kind: str | None = None
    since: date | None = None
    until: date | None = None
    exclude: tuple[str, ...] = ()  # words as in a query: none of them may stand in the text
    relevant_only: bool = True


def ask(words: str, filters: Filters, taxonomy: Taxonomy) -> Asked:
    """The question that `words` and `filters` put together. Never raises; see `slips` for what was not understood."""
    read = read_query(words)
    inner, outer = _Resolver(taxonomy, is_filter=False), _Resolver(taxonomy, is_filter=True)
    given = [
        part
        for name, values in (
            ("region", filters.regions),
            ("zone", filters.zones),
            ("topic", filters.topics),
            ("pair", filters.pair or ()),
            ("source", filters.sources),
            ("kind", (filters.kind,) if filters.kind else ()),
        )
        if values
        for part in conjuncts(outer.field(Field(name, values)))
    ]
    typed = () if read.expression is None else conjuncts(inner.resolve(read.expression))
    left_out = [read_query(words) for words in filters.exclude]
    unwanted = [one for found in left_out if found.expression for one in conjuncts(inner.resolve(found.expression))]
    typed += (Not(AnyOf(tuple(unwanted))),) if unwanted else ()
    question = Question(
        words=words,
        source=filters.source or None,
        since=None if filters.since is None else _midnight(_bounded(filters.since)),
        until=None if filters.until is None else _midnight(_bounded(filters.until) + timedelta(days=1)),
        relevant_only=filters.relevant_only,
    )
    rest: list[Expression] = []
    for part in (*given, *typed):
        taken = _with(question, part) if isinstance(part, Field) else None
        if taken is None:
            rest.append(part)
        else:
            question = taken
    said = (slip for one in (read, *left_out) for slip in one.slips)
    slips: tuple[Slip | Doubt, ...] = (*outer.doubts, *said, *inner.doubts, *_backwards(question, filters))
    return Asked(question=replace(question, expression=joined(tuple(rest))), slips=slips[:_MAX_SLIPS])


def _with(question: Question, field: Field) -> Question | None:
    """The question with a field as a part of its own; None where that part is taken, and the field stays by itself."""
    query = question.query
    match field.name:
        case "region" if not query.adcodes:
            return replace(question, query=replace(query, adcodes=field.values))
        case "zone" if not query.zones:
            return replace(question, query=replace(query, zones=field.values))
        case "topic" if not query.topics:
            return replace(question, query=replace(query, topics=field.values))
        case "source" if question.source is None and len(field.values) == 1:
            return replace(question, source=field.values[0])
        case "kind" if question.kind is None and len(field.values) == 1:
            return replace(question, kind=field.values[0])
        case "pair" if question.pair is None:
            first, second = (tuple(end.split(",")) for end in field.values)
            return replace(question, pair=(first, second))
        case "since" if question.since is None:
            return replace(question, since=datetime.fromisoformat(field.values[0]))
        case "until" if question.until is None:
            return replace(question, until=datetime.fromisoformat(field.values[0]))
    return None


class _Resolver:
    """Puts what the archive holds in place of what a reader writes, and keeps what it did not know."""

    def __init__(self, taxonomy: Taxonomy, *, is_filter: bool) -> None:
        self._taxonomy = taxonomy
        self._is_filter = is_filter
        self.doubts: list[Doubt] = []

    def resolve(self, expression: Expression) -> Expression:
        match expression:
            case Phrase():
                return expression
            case Field():
                return self.field(expression)
            case Not(part):
                return Not(self.resolve(part))
            case All(parts):
                return joined(tuple(map(self.resolve, parts)))
            case AnyOf(parts):
                return AnyOf(tuple(map(self.resolve, parts)))

    def field(self, field: Field) -> Expression:
        """The field with values of the archive; NOTHING where none is known."""
        match field.name:
            case "pair":
                return self._pair(field.values)
            case "date" | "since" | "until":
                return self._days(field.name, field.values[0])
            case _:
                values = tuple(dict.fromkeys(one for value in field.values for one in self._values(field.name, value)))
                return Field(field.name, values) if values else NOTHING

    def _values(self, name: str, value: str) -> Iterable[str]:
        taxonomy = self._taxonomy
        value = value if name == "source" else fold_text(value)
        match name:
            case "region":
                return self._region(value, name)
            case "zone":
                zone = zone_meant(value, taxonomy)
                if zone is None:
                    self._doubt(name, value)
                return (zone or value,)  # an archive may hold one that the taxonomy no longer has
            case "topic":
                topic = topic_meant(value, taxonomy)
                if topic is None:
                    self._doubt(name, value, tuple(taxonomy.topics))
                return (topic or value,)
            case "kind":
                kind = kind_of(value)
                if kind is None:
                    # a registry may have kinds of its own
                    is_own = value.isascii() and value.replace("-", "").isalnum()
                    self._doubt(name, value, tuple(KINDS), reason="unlisted" if is_own else "unknown")
                return (kind or value,)
        return (value,)

    def _region(self, value: str, field: str) -> tuple[str, ...]:
        taxonomy, divisions = self._taxonomy, self._taxonomy.divisions
        places = places_meant(value, taxonomy)
        if not places:
            zone = zone_meant(value, taxonomy)
            self._doubt(field, value, (zone,) if zone else (), reason="is-zone" if zone else "unknown")
            return ()
        today: dict[tuple[str, ...], str] = {}
        for code in places:
            today.setdefault(divisions.successors(code) or (code,), code)
        if len(today) > 1:
            names = tuple(_full_name(code, taxonomy) for code in today.values())
            self._doubt(field, value, names, reason="ambiguous")
        return tuple(dict.fromkeys(code for place in places for code in divisions.reach(place)))

    def _pair(self, values: tuple[str, ...]) -> Expression:
        if len(values) != 2:
            self._doubt("pair", "-".join(values), reason="not-two")
            return NOTHING
        ends = tuple(self._region(fold_text(value), "pair") for value in values)
        if not all(ends):
            return NOTHING
        if ends[0] == ends[1]:  # 对:四川-四川
            return All((Field("region", ends[0]), Field("within", ends[0])))
        return Field("pair", tuple(",".join(end) for end in ends))

    def _days(self, name: str, value: str) -> Expression:
        if name == "date" and value.lower() in UNDATED:
            return Field("undated", ())
        days = range_of(value)
        if days is None:
            self._doubt(name, value)
            return NOTHING
        since, until = days
        ends = [
            Field(end, (_midnight(day).isoformat(),))
            for end, day in (("since", since), ("until", until))
            if day is not None and name in ("date", end)
        ]
        return joined(tuple(ends)) if ends else NOTHING

    def _doubt(
        self,
        field: str,
        value: str,
        known: tuple[str, ...] = (),
        *,
        reason: DoubtReason = "unknown",
    ) -> None:
        shown = value[:_MAX_VALUE_CHARS]
        is_filter = self._is_filter and reason != "unlisted"
        self.doubts.append(Doubt(field=field, value=shown, reason=reason, known=known, is_filter=is_filter))


def _backwards(question: Question, filters: Filters) -> Iterable[Doubt]:
    """That the days asked for end before they begin: most likely a slip of the hand, and nothing is found."""
    since, until = question.since, question.until
    if since is not None and until is not None and until <= since:
        days = f"{since.date()}..{until.date() - timedelta(days=1)}"
        is_filter = filters.since is not None and filters.until is not None
        yield Doubt(field="until", value=days, reason="backwards", is_filter=is_filter)


def _full_name(adcode: str, taxonomy: Taxonomy) -> str:
    divisions = taxonomy.divisions
    return "".join(divisions.name(code) or "" for code in (*reversed(divisions.parents(adcode)), adcode))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _bounded(day: date) -> date:
    return min(max(day, FIRST_DAY), LAST_DAY)
