"""Lists of the API in pages and what is new since, while stories are added; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from archive import Archive
from crawler.config import Config
from crawler.taxonomy import load_taxonomy
from tests.archive.conftest import archive, new_place, place, server, template  # noqa: F401 - fixtures
from tests.web.archive_of import source, store
from tests.web.client import Client
from web.api.asked import ROOT
from web.api.names import Names
from web.app import create_app

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def client(archive: Archive, tmp_path: Path) -> Client:  # noqa: F811 - a fixture
    return Client(create_app(archive, load_taxonomy(), Config(data=tmp_path)))


def asked(client: Client, path: str) -> dict[str, Any]:
    answer = client.get(f"{ROOT}{path}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def pages(client: Client, path: str) -> Iterator[dict[str, Any]]:
    """Every page of a list, by the addresses that each page names."""
    following: str | None = f"{ROOT}{path}"
    while following is not None:
        page = asked(client, following.removeprefix(ROOT))
        assert page["next"] is None or page["next_cursor"] is None or page["next_cursor"] in page["next"]
        yield page
        following = page["next"]


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_each_story_once_while_others_are_added(archive: Archive, client: Client, limit: int) -> None:  # noqa: F811
    random = Random(limit)
    days = [FIRST_DAY + timedelta(days=random.randrange(6)) for _story in range(12)]  # several of a day
    for number, day in enumerate(days):
        store(archive, number, published=day)
    before = {story["id"] for page in pages(client, "/stories?limit=200") for story in page["items"]}
    assert len(before) == 12
    seen: list[int] = []
    for turn, page in enumerate(pages(client, f"/stories?limit={limit}&q=川渝&region=四川")):
        assert len(page["items"]) <= limit
        seen += [story["id"] for story in page["items"]]
        if turn < 4:  # of any day: before the place in the list, behind it, and of the same day
            store(archive, 100 * limit + turn, published=random.choice([*days, FIRST_DAY - timedelta(days=9)]))
    assert len(seen) == len({*seen})
    assert before <= {*seen}
    order = [story["published"] for page in pages(client, "/stories?limit=5") for story in page["items"]]
    assert order == sorted(order, reverse=True)


def test_by_relevance_pages_hang_together(archive: Archive, client: Client) -> None:  # noqa: F811
    for number in range(9):
        store(archive, number, title="川渝合成消息" if number % 2 else "合成消息")
    seen = [
        story["id"]
        for page in pages(client, "/stories?q=川渝 OR 协作&order=relevance&limit=2")
        for story in page["items"]
    ]
    assert len(seen) == len({*seen}) == 9


def test_who_asks_after_seq_misses_nothing(archive: Archive, client: Client) -> None:  # noqa: F811
    for number in range(5):
        store(archive, number)
    seq, seen = 0, []
    for number in range(5, 12):
        page = asked(client, f"/stories?after_seq={seq}&limit=3")
        assert (page["next"] is not None) == (len(page["items"]) == 3)
        assert page["next_cursor"] is None
        seen += [story["id"] for story in page["items"]]
        seq = page["last_seq"]
        store(archive, number)
    seen += [story["id"] for page in pages(client, f"/stories?after_seq={seq}&limit=3") for story in page["items"]]
    assert sorted(seen) == list(range(1, 13))
    last = asked(client, "/stories?after_seq=0&limit=200")["last_seq"]
    nothing = asked(client, f"/stories?after_seq={last}")
    assert (nothing["items"], nothing["next"], nothing["last_seq"]) == ([], None, last)
    first = archive.story(1)
    assert first is not None
    store(archive, 0, by=source("synthetic-b", "合成晚报"), body=first.body)
    again = asked(client, f"/stories?after_seq={last}")
    assert [(story["id"], len(story["members"])) for story in again["items"]] == [(1, 2)]


def test_figures_of_the_same_question(archive: Archive, client: Client) -> None:  # noqa: F811
    for number in range(6):
        store(archive, number, published=FIRST_DAY + timedelta(days=40 * (number % 2)))
    months = asked(client, "/statistics?by=month&by=region&q=川渝")
    assert {tuple(count["keys"]): count["stories"] for count in months["counts"]} == {
        (month, region): 3 for month in ("2026-01", "2026-02") for region in ("500000", "510000")
    }
    assert months["names"] == {"500000": "重庆市", "510000": "四川省"}
    assert (months["found"], months["stories"]) == (4, 6)
    kinds = asked(client, "/statistics?by=kind&lang=zh")
    assert kinds["counts"] == [{"keys": [None], "stories": 6, "members": 6}]  # of a source that nobody registered
    assert Names(load_taxonomy(), "zh").of(kinds=("gov", "blog")) == {"gov": "政府"}
    cut = asked(client, "/statistics?by=month&by=region&limit=1")
    assert (len(cut["counts"]), cut["found"]) == (1, 4)
    pairs = asked(client, "/cooperations?by=month")
    assert pairs["pairs"] == [
        {"regions": ["500000", "510000"], "stories": 6, "members": 6, "by_period": [3, 3], "undated": 0}
    ]
    assert asked(client, "/cooperations?pair=四川&pair=西藏")["pairs"] == []
