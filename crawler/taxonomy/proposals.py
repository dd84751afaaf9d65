"""Which changes of the word lists labels speak for: by how often a word stands in texts of either kind. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.model import Judgement
from crawler.taxonomy.evaluate import Labelled
from crawler.taxonomy.phrases import PlaceNames, shared_phrases
from crawler.taxonomy.revise import Place, Revision
from crawler.taxonomy.word_lists import MASKS, SIGNALS, TOPICS, VOCABULARY, Words

MASK = "mask"

MIN_SUPPORT = 3  # labels that speak for a change: two may be chance
# Shares of texts with a word that are of one kind, for a full and for a lesser weight. Shares are taken with one text
# more of either kind: three of three are 0.8, three of four 0.67 and five of six 0.75.
_SURE, _LIKELY = 0.8, 0.7
_DOUBTFUL, _NO_SIGN = 0.5, 0.25  # … below which a word is lowered, and taken out
_EXAMPLES = 3
_LEAST_WEIGHT = 0.5  # of a listed word of vocabulary.toml; what says less need not be listed

# phrases, who holds them, texts of the one and of the other kind → the phrases that tell them apart, with weights
Model = Callable[[Sequence[str], Mapping[str, Sequence[int]], Sequence[int], Sequence[int]], dict[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A labelled text with what the rules say of it, and its phrases: without places, and all."""

    labelled: Labelled
    judgement: Judgement
    text: str
    phrases: frozenset[str]
    all_phrases: frozenset[str]

    @property
    def is_missed(self) -> bool:
        return self.labelled.is_clear and self.labelled.relevant and not self.judgement.relevant

    @property
    def is_alarm(self) -> bool:
        return self.labelled.is_clear and not self.labelled.relevant and self.judgement.relevant


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change of one word. `old` and `new` are the weights or lists it leaves and enters; None: it is in none."""

    word: str
    target: str  # subject, cooperation, a topic's id, or mask
    old: str | None
    new: str | None
    support: int  # labels with the word that speak for the change
    against: int
    errors: int  # labels with the word that are judged wrongly now
    examples: tuple[str, ...]  # titles
    weight: float  # in the linear model; 0 for words that are listed already
    revision: Revision

    @property
    def rank(self) -> tuple[Any, ...]:
        """The most promising first, of weights the nearest, and the same order always."""
        promise = (-self.errors, self.against, -self.support, -self.weight)
        far = abs(float(self.new or 0) - float(self.old)) if self.old and self.target in SIGNALS else 0.0
        return *promise, far, len(self.word), self.word, self.target


def find_proposals(
    cases: Sequence[Case],
    phrases: Mapping[str, Sequence[int]],
    words: Words,
    places: PlaceNames,
    model: Model,
) -> Iterator[Proposal]:
    """Everything that the labels may speak for; whether it helps is for the judgement to tell."""
    usable = {phrase: held for phrase, held in phrases.items() if phrase not in words.masks}
    yield from _new_signals(cases, usable, words, places, model)
    yield from _other_weights(cases, words)
    for topic, listed in words.topics.items():
        yield from _topic(cases, usable, topic, listed, places, model)
    yield from _false_friends(cases, words, model)


def _new_signals(
    cases: Sequence[Case], phrases: Mapping[str, Sequence[int]], words: Words, places: PlaceNames, model: Model
) -> Iterator[Proposal]:
    missed = [n for n, case in enumerate(cases) if case.is_missed]
    others = [n for n, case in enumerate(cases) if case.labelled.is_clear and not case.labelled.relevant]
    promising = {}
    for phrase, holders in phrases.items():
        told = _Told.of(cases, holders, lambda case: case.labelled.relevant)
        if told.share >= _LIKELY and len(told.yes) >= MIN_SUPPORT and not set(missed).isdisjoint(holders):
            promising[phrase] = told
    for phrase, weight in model(sorted(promising), phrases, missed, others).items():
        if places.in_phrase(phrase):
            continue
        told = promising[phrase]
        for signal in SIGNALS:
            listed = words.signals[signal]
            new = 3.0 if told.share >= _SURE else 2.0
            if any(inside in phrase and held >= new for inside, (held, _act) in listed.items()) or phrase in listed:
                continue
            into = Place(file=VOCABULARY, table=signal, where=_where(signal, new, None))
            revision = Revision(word=phrase, into=into)
            errors = sum(cases[n].is_missed for n in told.yes)
            yield told.proposal(cases, signal, None, f"{new:g}", revision, errors=errors, weight=weight)


def _other_weights(cases: Sequence[Case], words: Words) -> Iterator[Proposal]:
    for signal in SIGNALS:
        steps = sorted({weight for weight, _act in words.signals[signal].values()} | {_LEAST_WEIGHT})
        for word, (weight, act) in words.signals[signal].items():
            holders = [n for n, case in enumerate(cases) if word in case.text]
            told = _Told.of(cases, holders, lambda case: case.labelled.relevant)
            missed = sum(case.is_missed for case in map(cases.__getitem__, told.yes))
            alarms = sum(case.is_alarm for case in map(cases.__getitem__, told.no))
            higher = [step for step in steps if step > weight]
            lower = [step for step in steps if step < weight]
            is_raised = missed and told.share >= _SURE and len(told.yes) >= MIN_SUPPORT and higher
            is_lowered = alarms and told.share <= _NO_SIGN and len(told.no) >= MIN_SUPPORT and lower
            if not (is_raised or is_lowered):
                continue
            side, errors = (told, missed) if is_raised else (told.turned(), alarms)
            for new in higher if is_raised else reversed(lower):
                revision = Revision(
                    word=word,
                    out_of=Place(file=VOCABULARY, table=signal, where=_where(signal, weight, act)),
                    into=Place(file=VOCABULARY, table=signal, where=_where(signal, new, act)),
                )
                yield side.proposal(cases, signal, f"{weight:g}", f"{new:g}", revision, errors=errors)


def _topic(
    cases: Sequence[Case],
    phrases: Mapping[str, Sequence[int]],
    topic: str,
    listed: Mapping[str, str],
    places: PlaceNames,
    model: Model,
) -> Iterator[Proposal]:
    scored = {
        n
        for n, case in enumerate(cases)
        if case.labelled.is_clear and case.labelled.relevant and case.labelled.topics is not None
    }

    def has(case: Case) -> bool:
        return topic in (case.labelled.topics or ())

    missed = sorted(n for n in scored if has(cases[n]) and topic not in cases[n].judgement.topics)
    wrong = sorted(n for n in scored if not has(cases[n]) and topic in cases[n].judgement.topics)
    without = sorted(n for n in scored if not has(cases[n]))
    full = [word for word, key in listed.items() if key == "words"]
    promising = {}
    for phrase, holders in phrases.items():
        told = _Told.of(cases, [n for n in holders if n in scored], has)
        if told.share < _LIKELY or len(told.yes) < MIN_SUPPORT or set(missed).isdisjoint(told.yes):
            continue
        if phrase not in listed and not any(word in phrase for word in full):
            promising[phrase] = told
    for phrase, weight in model(sorted(promising), phrases, missed, without).items():
        if not places.in_phrase(phrase):
            told = promising[phrase]
            key = "words" if told.share >= _SURE else "weak"
            revision = Revision(word=phrase, into=_topic_place(topic, key))
            errors = len(set(missed) & set(told.yes))
            yield told.proposal(cases, topic, None, key, revision, errors=errors, weight=weight)
    for word, key in listed.items():
        told = _Told.of(cases, [n for n in sorted(scored) if word in cases[n].text], has)
        lacks, errs = len(set(missed) & set(told.yes)), len(set(wrong) & set(told.no))
        if key == "weak" and lacks and told.share >= _SURE and len(told.yes) >= MIN_SUPPORT:
            revision = Revision(word=word, out_of=_topic_place(topic, key), into=_topic_place(topic, "words"))
            yield told.proposal(cases, topic, key, "words", revision, errors=lacks)
        elif key == "words" and errs and told.share <= _DOUBTFUL and len(told.no) >= MIN_SUPPORT:
            revision = Revision(word=word, out_of=_topic_place(topic, key), into=_topic_place(topic, "weak"))
            yield told.turned().proposal(cases, topic, key, "weak", revision, errors=errs)
        elif key == "weak" and errs and told.share <= _NO_SIGN and len(told.no) >= MIN_SUPPORT:
            revision = Revision(word=word, out_of=_topic_place(topic, key))
            yield told.turned().proposal(cases, topic, key, None, revision, errors=errs)


def _false_friends(cases: Sequence[Case], words: Words, model: Model) -> Iterator[Proposal]:
    """Phrases around words that count, in texts that must not count, and in no other."""
    alarms = [n for n, case in enumerate(cases) if case.is_alarm]
    if not alarms:
        return
    reasons = {evidence.text for n in alarms for evidence in cases[n].judgement.evidence if len(evidence.text) > 1}
    listed = words.all | words.masks
    shared = shared_phrases([case.all_phrases for case in cases], MIN_SUPPORT)
    relevant = [n for n, case in enumerate(cases) if case.labelled.relevant]
    promising = {}
    for phrase, holders in shared.items():
        told = _Told.of(cases, holders, lambda case: not case.labelled.relevant)
        if told.no or len(told.yes) < MIN_SUPPORT or set(alarms).isdisjoint(told.yes):
            continue
        holds = any(reason in phrase and reason != phrase for reason in reasons)
        if holds and phrase not in listed and not _cuts_a_word(cases[told.yes[0]].text, phrase, listed):
            promising[phrase] = told
    for phrase, weight in model(sorted(promising), shared, alarms, relevant).items():
        told = promising[phrase]
        revision = Revision(word=phrase, into=Place(file=MASKS, table=""))
        errors = len(set(alarms) & set(told.yes))
        yield told.proposal(cases, MASK, None, MASK, revision, errors=errors, weight=weight)


def _cuts_a_word(text: str, phrase: str, listed: frozenset[str]) -> bool:
    """True where the phrase begins or ends within a listed word: 合推出… of 联合推出…"""
    start = text.find(phrase)
    end = start + len(phrase)
    for word in listed:
        for edge in (start, end):
            at = text.find(word, max(0, edge - len(word) + 1), edge + len(word) - 1)
            if 0 <= at < edge < at + len(word):
                return True
    return False


@dataclass(frozen=True, slots=True)
class _Told:
    """Texts with a word: those that speak for something, and those that do not."""

    yes: tuple[int, ...]
    no: tuple[int, ...]

    @classmethod
    def of(cls, cases: Sequence[Case], holders: Sequence[int], speaks: Callable[[Case], bool]) -> _Told:
        clear = [n for n in holders if cases[n].labelled.is_clear]
        return cls(tuple(n for n in clear if speaks(cases[n])), tuple(n for n in clear if not speaks(cases[n])))

    @property
    def share(self) -> float:
        return (len(self.yes) + 1) / (len(self.yes) + len(self.no) + 2)

    def turned(self) -> _Told:
        return _Told(self.no, self.yes)

    def proposal(
        self,
        cases: Sequence[Case],
        target: str,
        old: str | None,
        new: str | None,
        revision: Revision,
        *,
        errors: int,
        weight: float = 0.0,
    ) -> Proposal:
        titles = dict.fromkeys(cases[n].labelled.title or cases[n].labelled.id for n in self.yes)
        return Proposal(
            word=revision.word,
            target=target,
            old=old,
            new=new,
            support=len(self.yes),
            against=len(self.no),
            errors=errors,
            examples=tuple(titles)[:_EXAMPLES],
            weight=weight,
            revision=revision,
        )


def _where(signal: str, weight: float, act: str | None) -> dict[str, str | float | None]:
    return {"weight": weight} if signal == "subject" else {"weight": weight, "act": act}


def _topic_place(topic: str, key: str) -> Place:
    return Place(file=TOPICS, table="topic", key=key, where={"id": topic})
