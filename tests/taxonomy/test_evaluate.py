"""Figures on labels: as the project's own scoring has them, whatever the lines are like."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.model import Judgement, Region, Role
from crawler.taxonomy import load_taxonomy
from crawler.taxonomy.datafile import DATA
from crawler.taxonomy.evaluate import Evaluation, Labelled, evaluate, read_labels, same_zones
from crawler.text.fold import fold_text

SHARED = Path(__file__).parents[3] / "shared"
LABELS, SCORING = SHARED / "labels" / "dev.jsonl", SHARED / "tools" / "score_classify.py"
TAXONOMY = load_taxonomy()
TOPICS = set(TAXONOMY.topics)


def judged(labels: list[Labelled]) -> list[Judgement]:
    return [TAXONOMY.judge(title=fold_text(one.title), body=fold_text(one.body)) for one in labels]


def score(labels: list[Labelled], judgements: list[Judgement]) -> Evaluation:
    return evaluate(labels, judgements, TAXONOMY.zones)


def labelled(**more: object) -> Labelled:
    (one,), bad = read_labels([json.dumps({"title": "合成", "relevant": True, **more})])
    assert not bad
    return one


def said(*, relevant: bool = True, regions: str = "", zones: str = "", topics: str = "") -> Judgement:
    return Judgement(
        relevant=relevant,
        score=1.0,
        regions=tuple(Region(adcode=code, role=Role.PARTY) for code in regions.split()),
        zones=tuple(zones.split()),
        topics=tuple(topics.split()),
    )


@pytest.mark.skipif(not (LABELS.is_file() and SCORING.is_file()), reason="../shared/labels is not here")
def test_the_figures_are_those_of_the_projects_own_scoring() -> None:
    labels, bad = read_labels(LABELS.read_text("utf-8").splitlines())
    assert not bad
    judgements = judged(labels)
    lines = [
        json.dumps(
            {"id": one.id, "relevant": got.relevant, "regions": got.parties, "zones": got.zones, "topics": got.topics}
        )
        for one, got in zip(labels, judgements, strict=True)
    ]
    done = subprocess.run(
        [sys.executable, SCORING, LABELS],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    ours = score(labels, judgements).measures
    theirs = json.loads(done.stdout)
    assert theirs.keys() == ours.keys()
    for name, one in theirs.items():
        mine = ours[name]
        assert {"p": round(mine.precision, 4), "r": round(mine.recall, 4), "f1": round(mine.f1, 4)} == {
            key: one[key] for key in ("p", "r", "f1")
        }, name


def test_the_shipped_labels_are_whole_and_of_both_kinds() -> None:
    labels, bad = read_labels((DATA / "labels.jsonl").read_text("utf-8").splitlines())
    assert not bad
    assert len(labels) >= 60
    assert len({one.title for one in labels}) == len(labels)
    relevant = [one for one in labels if one.relevant]
    assert len(relevant) >= 30 <= len(labels) - len(relevant)
    assert {topic for one in relevant for topic in one.topics or ()} == TOPICS
    for one in labels:
        assert all(TAXONOMY.divisions.is_known(code) for code in one.regions or ()), one.title
        assert (one.zones or frozenset()) <= set(TAXONOMY.zones), one.title
        assert (one.topics or frozenset()) <= TOPICS, one.title
    assert score(labels, judged(labels)).measures["relevance_clear"].f1 >= 0.95


def test_a_bad_line_costs_itself_alone_and_is_named() -> None:
    good = json.dumps({"url": "u", "title": "合成", "relevant": False})
    lines = [
        good,
        "not json",
        "[1]",
        '{"title": "x"}',
        '{"relevant": true}',
        '{"title": "x", "relevant": true, "regions": "510000"}',
        '{"title": "x", "relevant": true, "published": "soon"}',
        '{"title": "x", "relevant": true, "certainty": "who knows"}',
        '{"title": 7, "relevant": true}',
        "[" * 100_000,
        '{"title": "\udc80", "relevant": true}',
        "",
        good,
    ]
    labels, bad = read_labels(lines)
    assert len(labels) == 2
    assert [fault.line for fault in bad] == list(range(2, 12))
    assert "published" in bad[5].what


def test_a_list_of_objects_is_read_as_well_as_json_lines() -> None:
    one, other = (json.dumps({"url": url, "title": "合成", "relevant": True}) for url in "ab")
    labels, bad = read_labels(["[", f"{one},", other, "]"])
    assert ([label.id for label in labels], bad) == (["a", "b"], [])


def test_what_a_person_did_not_look_at_is_not_scored() -> None:
    found = score(
        [labelled(regions=None, zones=[], topics=None)], [said(regions="510000", zones="川渝", topics="talent")]
    )
    assert found.measures["relevance_clear"].f1 == 1.0
    assert {name: found.measures[name].items for name in ("regions", "zones", "topics")} == {
        "regions": 0,
        "zones": 0,
        "topics": 0,
    }
    assert found.misses == ()
    # no topic is something to say
    (miss,) = score([labelled(topics=[])], [said(topics="talent")]).misses
    assert (miss.part, miss.extra) == ("topics", ("talent",))


def test_borderline_texts_count_apart() -> None:
    found = score([labelled(certainty="borderline"), labelled(id="b")], [said(relevant=False), said()])
    assert found.measures["relevance_clear"].f1 == 1.0
    assert found.measures["relevance_borderline"].recall == 0.0
    assert found.misses == ()


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("成渝地区双城经济圈", {"川渝"}),
        ("双城经济圈", {"川渝"}),
        ("鲁渝协作", {"鲁渝", "东西部协作"}),
        ("川南渝西融合发展", {"川南渝西融合发展"}),
        ("nowhere", {"nowhere"}),
    ],
)
def test_zones_go_by_one_name(name: str, same: set[str]) -> None:
    assert same_zones([name], TAXONOMY.zones) == same
