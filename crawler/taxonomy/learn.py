"""What the labels teach: words to add, weights to change and false friends to mask, each tried on the real judgement.

A linear model on presence (L1) says which phrases tell the texts that the rules get wrong from those that they must not
touch. A proposal is kept where judging with it makes fewer errors. Pure: how a taxonomy is built is passed in.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.errors import HrwatchError
from crawler.language import _
from crawler.model import Judgement
from crawler.taxonomy.evaluate import Evaluation, Judging, Labelled, evaluate, same_zones
from crawler.taxonomy.phrases import PlaceNames, phrases_of, shared_phrases
from crawler.taxonomy.proposals import MIN_SUPPORT, Case, Proposal, find_proposals
from crawler.taxonomy.revise import revised
from crawler.taxonomy.word_lists import Words
from crawler.taxonomy.zones import Zone
from crawler.text.fold import fold_text

MAX_TRIALS = 40  # proposals tried on the judgement in one round, the most promising first
FOLDS = 5
FEWEST = 15  # labels without which nothing is held out: three in each fifth
_PENALTY = 1.0  # C of the linear model: a phrase that tells three texts apart gets a weight, one of a single text none


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What is proposed, the files that it changes, and the figures without and with it.

    `held_out` are the figures on labels that the proposals were not learned from; None where there are too few labels.
    """

    proposals: tuple[Proposal, ...]
    files: Mapping[str, str]
    before: Evaluation
    after: Evaluation
    held_out: tuple[Evaluation, Evaluation] | None = field(default=None)


def suggest(
    labelled: Sequence[Labelled],
    files: Mapping[str, str],
    build: Callable[[Mapping[str, str]], Judging],
    *,
    places: PlaceNames,
    zones: Mapping[str, Zone],
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Suggestion:
    """Learn from labels; `files` are the texts of the data files, `build` makes a judgement of changed ones.

    Raises HrwatchError where scikit-learn is missing. The same labels and files give the same answer.
    """
    _linear_model()
    learner = _Learner(files, build, places, zones)
    judge = build(files)
    joints = Words.read(files).joints
    ordered = sorted(labelled, key=lambda label: (label.id, label.title))
    cases = [_case(label, judge(label), places, joints) for label in ordered]
    folds = FOLDS if len(cases) >= FEWEST else 0
    held: list[tuple[Labelled, Judgement, Judgement]] = []
    for fold in range(folds):
        progress(fold, folds + 1)
        own = [case for case in cases if _fold(case, folds) == fold]
        _proposals, changed = learner.learn([case for case in cases if _fold(case, folds) != fold])
        anew = build({**files, **changed})
        held += [(case.labelled, case.judgement, anew(case.labelled)) for case in own]
    progress(folds, folds + 1)
    proposals, changed = learner.learn(cases)
    anew = build({**files, **changed})
    labels = [case.labelled for case in cases]
    texts = [label for label, _old, _new in held]
    return Suggestion(
        proposals=tuple(proposals),
        files=changed,
        before=evaluate(labels, [case.judgement for case in cases], zones),
        after=evaluate(labels, [anew(label) for label in labels], zones),
        held_out=(
            evaluate(texts, [old for _label, old, _new in held], zones),
            evaluate(texts, [new for _label, _old, new in held], zones),
        )
        if held
        else None,
    )


class _Learner:
    """Learns from one set of cases after another; holds no state between them."""

    def __init__(
        self,
        files: Mapping[str, str],
        build: Callable[[Mapping[str, str]], Judging],
        places: PlaceNames,
        zones: Mapping[str, Zone],
    ) -> None:
        self._files = files
        self._build = build
        self._places = places
        self._zones = zones
        self._words = Words.read(files)

    def learn(self, cases: Sequence[Case]) -> tuple[list[Proposal], dict[str, str]]:
        """The proposals that make fewer errors on the cases, one after the other, and the files changed by them."""
        phrases = shared_phrases([case.phrases for case in cases], MIN_SUPPORT)
        found = sorted(
            find_proposals(cases, phrases, self._words, self._places, speaking_for), key=lambda one: one.rank
        )
        kept: list[Proposal] = []
        changed: dict[str, str] = {}
        judgements = [case.judgement for case in cases]
        touched: set[tuple[str, str]] = set()
        for proposal in found[:MAX_TRIALS]:
            if (proposal.word, proposal.target) in touched:
                continue
            trial = {**changed, **revised({**self._files, **changed}, [proposal.revision])}
            judge = self._build({**self._files, **trial})
            anew = [
                judge(case.labelled) if proposal.word in case.text else old
                for case, old in zip(cases, judgements, strict=True)
            ]
            if self._cost(cases, anew) < self._cost(cases, judgements):
                kept.append(proposal)
                changed, judgements = trial, anew
                touched.add((proposal.word, proposal.target))
        return kept, changed

    def _cost(self, cases: Sequence[Case], judgements: Sequence[Judgement]) -> int:
        """Errors: one of relevance counts as much as four of a part."""
        return sum(_cost(case.labelled, got, self._zones) for case, got in zip(cases, judgements, strict=True))


def speaking_for(
    phrases: Sequence[str], holders: Mapping[str, Sequence[int]], yes: Sequence[int], no: Sequence[int]
) -> dict[str, float]:
    """The phrases that tell the texts `yes` from the texts `no`, with their weights in a sparse linear model."""
    if not (phrases and yes and no):
        return {}
    import numpy

    row_of = {text: row for row, text in enumerate((*yes, *no))}
    presence = numpy.zeros((len(row_of), len(phrases)))
    for column, phrase in enumerate(phrases):
        for text in holders[phrase]:
            if text in row_of:
                presence[row_of[text], column] = 1.0
    model = _linear_model()(
        penalty="l1", loss="squared_hinge", dual=False, C=_PENALTY, class_weight="balanced", random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an unfinished fit ranks phrases just as well; the judgement decides
        model.fit(presence, [1] * len(yes) + [0] * len(no))
    weights: Iterator[float] = map(float, model.coef_[0])
    return {phrase: round(weight, 6) for phrase, weight in zip(phrases, weights, strict=True) if weight > 1e-6}


def _linear_model() -> Any:
    try:
        from sklearn.svm import LinearSVC  # type: ignore[import-untyped]
    except ImportError as error:
        raise HrwatchError(
            _("scikit-learn is missing: install the extra `learn` (pip install 'hrwatch[learn]')")
        ) from error
    return LinearSVC


def _case(label: Labelled, judgement: Judgement, places: PlaceNames, joints: re.Pattern[str]) -> Case:
    text = f"{fold_text(label.title)}\n{fold_text(label.body)}"
    return Case(
        labelled=label,
        judgement=judgement,
        text=text,
        phrases=phrases_of(joints.sub("\n", places.without(text))),
        all_phrases=phrases_of(text),
    )


def _fold(case: Case, folds: int) -> int:
    """By the text, so that the same label is in the same fold whatever others there are."""
    return hashlib.sha256(case.text.encode()).digest()[0] % folds


def _cost(label: Labelled, got: Judgement, zones: Mapping[str, Zone]) -> int:
    if not label.is_clear:
        return 0
    cost = 4 * (label.relevant != got.relevant)
    if label.relevant:
        cost += len(label.topics ^ set(got.topics)) if label.topics is not None else 0
        cost += len(label.regions ^ set(got.parties)) if label.regions else 0
        cost += len(same_zones(label.zones, zones) ^ same_zones(got.zones, zones)) if label.zones else 0
    return cost
