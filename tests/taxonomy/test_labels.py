"""Against what people labelled by reading, and against ordinary headlines: read from the shared folder by path."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.taxonomy import load_taxonomy
from crawler.text.fold import fold_text

SHARED = Path(__file__).parents[3] / "shared"
LABELS = SHARED / "labels" / "dev.jsonl"
TITLES = SHARED / "pages" / "corpus_titles"

needs_labels = pytest.mark.skipif(not LABELS.is_file(), reason="../shared/labels is not here")
needs_titles = pytest.mark.skipif(not TITLES.is_dir(), reason="../shared/pages/corpus_titles is not here")


def f1(pairs: list[tuple[set[str], set[str]]]) -> float:
    true = sum(len(got & want) for got, want in pairs)
    wrong = sum(len(got - want) for got, want in pairs)
    missed = sum(len(want - got) for got, want in pairs)
    return 2 * true / (2 * true + wrong + missed)


@needs_labels
def test_the_bars_hold_on_the_labels() -> None:
    taxonomy = load_taxonomy()
    rows = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    clear = [
        (row, taxonomy.judge(title=fold_text(row["title"]), body=fold_text(row["lead"])))
        for row in rows
        if row["certainty"] == "clear"
    ]
    relevance = [({"1"} if got.relevant else set(), {"1"} if row["relevant"] else set()) for row, got in clear]
    relevant = [(row, got) for row, got in clear if row["relevant"]]
    regions = [(set(got.parties), set(row["regions"])) for row, got in relevant if row["regions"]]
    topics = [(set(got.topics), set(row["topics"])) for row, got in relevant]
    assert f1(relevance) >= 0.95
    assert f1(regions) >= 0.90
    assert f1([({x[:2] for x in got}, {x[:2] for x in want}) for got, want in regions]) >= 0.95
    assert f1(topics) >= 0.85


@needs_titles
def test_ordinary_headlines_raise_no_alarm() -> None:
    taxonomy = load_taxonomy()
    lines = [line for file in ("dev.txt", "test.txt") for line in (TITLES / file).read_text("utf-8").splitlines()]
    alarms = [line for line in lines if taxonomy.judge(title=fold_text(line.rsplit("\t", 1)[0]), body="").relevant]
    assert len(lines) >= 19_000
    assert len(alarms) <= len(lines) * 0.0005, alarms
