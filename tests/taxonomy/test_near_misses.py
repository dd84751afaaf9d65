"""Five hundred generated near misses: at most three in a hundred may pass for cooperation on human resources."""

from __future__ import annotations

from collections import Counter

import pytest

from crawler.text.fold import fold_text
from tests.taxonomy.cases import TAXONOMY, judge
from tests.taxonomy.near_misses import KINDS, near_misses

BAR = 0.03


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_near_misses_raise_few_alarms(seed: int) -> None:
    made = list(near_misses(TAXONOMY.divisions, seed))
    alarms = [(kind, title) for kind, title, body in made if judge(fold_text(title), fold_text(body)).relevant]
    assert len(made) == 500
    assert len(alarms) <= BAR * len(made), (Counter(kind for kind, _ in alarms), alarms)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_patterns(kind: str) -> None:
    assert len(KINDS[kind].strip().splitlines()) >= 25
    assert len({title for one, title, _ in near_misses(TAXONOMY.divisions, 1) if one == kind}) >= 100
