"""Stories of the demonstration are long enough, unlike each other, and judged beside their text."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from crawler.demo.items import Item
from crawler.demo.plan import plan
from tests.demo.conftest import NOW

STORIES = {item.story: item for item in plan(NOW) if not item.reasons and item.text.paragraphs}


@pytest.mark.parametrize("item", STORIES.values(), ids=STORIES)
def test_length_and_facts(item: Item) -> None:
    text = item.text
    assert 300 <= sum(map(len, text.paragraphs)) <= 900
    assert text.regions
    assert text.zones
    assert text.topics
    assert not any("{" in line for line in (text.title, *text.paragraphs))


def _grams(item: Item) -> set[str]:
    words = "".join(item.text.paragraphs)
    return {words[n : n + 4] for n in range(len(words) - 3)}


def test_no_two_stories_are_near_duplicates_but_the_bulletins() -> None:
    alike = {}
    for one, other in itertools.combinations(STORIES, 2):
        a, b = _grams(STORIES[one]), _grams(STORIES[other])
        alike[frozenset((one, other))] = len(a & b) / len(a | b)
    bulletins = alike.pop(frozenset(("bulletin-new", "bulletin-old")))
    assert bulletins > 0.5
    assert max(alike.values()) < 0.1


def test_bulletins_differ_in_every_month() -> None:
    for days in range(366):
        titles = [item.text.title for item in plan(NOW + timedelta(days=days)) if item.key == "bulletin"]
        assert len(set(titles)) == 2
