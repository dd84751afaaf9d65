from __future__ import annotations

import json
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from archive.grouping import group
from tests.archive.making import prose

REPRINTS = Path(__file__).parents[3] / "shared" / "pages" / "reprints.jsonl"


def test_groups_by_text_and_by_address() -> None:
    rows = [
        {"id": "a", "title": "甲", "body": prose(1), "url": "https://a.example/1"},
        {"id": "b", "title": "乙", "body": "讯" + prose(1), "url": "https://b.example/1"},
        {"id": "c", "title": "丙", "body": prose(2), "url": "https://a.example/1"},  # a list page: another report
        {"id": "d", "title": "丁", "body": prose(3, 4) + prose(4, 3), "url": "https://c.example/1"},
        {"id": "e", "title": "丁", "body": prose(5, 2) + prose(3, 4) + prose(6, 1), "url": "http://www.c.example/1"},
        {"id": 6, "title": None, "body": None},
    ]
    story = dict(group(rows))
    assert len(story) == 6
    assert story["a"] == story["b"]
    assert story["d"] == story["e"]
    assert len({story["a"], story["c"], story["d"], story[6]}) == 4


@pytest.mark.skipif(not REPRINTS.is_file(), reason=f"{REPRINTS} is not here")
def test_real_reprints() -> None:
    rows = [json.loads(line) for line in REPRINTS.read_text("utf-8").strip().split("\n")]
    story = dict(group(rows))

    def pairs(names: dict[str, object]) -> set[tuple[str, str]]:
        members = defaultdict(list)
        for item, name in names.items():
            members[name].append(item)
        return {pair for held in members.values() for pair in combinations(sorted(held), 2)}

    wanted, found = pairs({row["id"]: row["cluster"] for row in rows}), pairs(story)
    right = len(wanted & found)
    assert right / len(found) >= 0.995
    assert 2 * right / (len(found) + len(wanted)) >= 0.99
