"""Synthetic news and phrasings, written before the rules were tried on them: what the rules make of the unfitted."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from crawler.text.fold import fold_text
from tests.taxonomy.cases import TAXONOMY, judge
from tests.taxonomy.test_labels import f1

HERE = Path(__file__).parent


class News(NamedTuple):
    title: str
    body: str
    parties: tuple[frozenset[str], ...]  # of each, the codes that its name may mean
    zones: set[str]
    topics: set[str]
    on: date


def read_news(name: str) -> list[News]:
    rows = []
    for line in HERE.joinpath(name).read_text("utf-8").splitlines():
        if not line.startswith("#"):
            title, body, parties, zones, topics = (cell.strip() for cell in line.split("|"))
            # paired otherwise before 2021
            on = date(2018, 5, 5) if "2018年" in body or "扶贫" in title else date(2024, 12, 10)
            codes = tuple(frozenset(TAXONOMY.divisions.find(name)) for name in parties.split())
            rows.append(News(fold_text(title), fold_text(body), codes, set(zones.split()), set(topics.split()), on))
    return rows


NEWS = read_news("news.txt")
LATER = read_news("news_held.txt")
PHRASINGS = tomllib.loads(HERE.joinpath("phrasings.toml").read_text("utf-8"))


def test_there_are_enough_and_their_places_exist() -> None:
    assert len(NEWS) >= 120
    assert sum(1 for row in NEWS if not row.parties) >= 20
    assert all(all(row.parties) for row in (*NEWS, *LATER))
    assert set(PHRASINGS) == set(TAXONOMY.topics)
    assert all(len(set(sentences)) >= 15 for sentences in PHRASINGS.values())


@pytest.mark.parametrize("news", [NEWS, LATER], ids=["first", "later"])
def test_news_as_a_whole(news: list[News]) -> None:
    relevance, regions, zones, topics = [], [], [], []
    for row in news:
        got = judge(row.title, row.body, on=row.on)
        relevance.append(({"1"} if got.relevant else set[str](), {"1"} if row.parties else set[str]()))
        if row.parties:
            meant = [next((code for code in got.parties if code in codes), min(codes)) for codes in row.parties]
            regions.append((set(got.parties), set(meant)))
            zones.append((set(got.zones) - {"成渝地区双城经济圈"}, row.zones - {"成渝地区双城经济圈"}))
            topics.append((set(got.topics), row.topics))
    assert f1(relevance) >= 0.98
    assert f1(regions) >= 0.95
    assert f1(zones) >= 0.95
    assert f1(topics) >= 0.90


@pytest.mark.parametrize("topic", PHRASINGS)
def test_topics_in_the_words_of_officials(topic: str) -> None:
    opening = "近日,四川省人社厅、重庆市人社局"
    missed = [text for text in PHRASINGS[topic] if topic not in judge("川渝人社动态", opening + text).topics]
    assert len(missed) <= 0.05 * len(PHRASINGS[topic]), missed


def test_titles_alone_say_most() -> None:
    rows = [row for row in NEWS if row.parties]
    found = sum(judge(row.title, on=row.on).relevant for row in rows)
    assert found >= 0.75 * len(rows)
    assert not any(judge(row.title, on=row.on).relevant for row in NEWS if not row.parties)
