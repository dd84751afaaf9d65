from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from archive.archive import open_file
from archive.schema import bands, items, stories
from bench.build_archive import build, made
from bench.growth import measure
from bench.peers import ours, theirs
from bench.reprints import CHANGES, HARDER, Given, reprints
from bench.stories import _joined
from tests.archive.making import NOW, judged, prose


def test_a_synthetic_archive_is_one(tmp_path: Path) -> None:
    with open_file(tmp_path / "a.sqlite3") as archive:
        assert list(build(archive, 300, is_searchable=True)) == [300]
        assert archive.check() == ()
        counts = archive.submit(
            lambda connection: [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (items, stories, bands)
            ]
        ).result()
        assert counts[0] == 300
        assert 260 <= counts[1] < 300  # one in ten is a reprint
        assert counts[2] > 300 * 20
    # what is stored as a crawl would is joined to what was built, and what is built later counts on
    cost = measure(str(tmp_path / "a.sqlite3"), warm=4, measured=16)
    assert cost.held == 300
    assert cost.joined == 4
    with open_file(tmp_path / "a.sqlite3") as archive:
        assert archive.store(judged("https://a.example/1", "讯" + made(7).body), now=NOW).story_id == 7
        assert list(build(archive, 2400, is_searchable=True)) == [2400]
        assert archive.check() == ()


def test_both_peers_find_the_same() -> None:
    texts = [("甲", prose(number // 2) + "完" * (number % 2)) for number in range(20)]
    assert ours(texts).likes == theirs(texts).likes == 10


def test_a_set_of_reprints_is_the_same_each_time_and_scored_as_it_is() -> None:
    texts = [(f"题目{number}", prose(number, 24)) for number in range(4)]
    first, second = (list(reprints(texts, CHANGES | HARDER)) for _ in range(2))
    assert first == second
    assert {given.change for given in first} == {"original", *CHANGES, *HARDER}
    wrong = [Given(0, "original", "甲", prose(1)), Given(1, "original", "乙", prose(1)), Given(0, "x", "甲", prose(2))]
    held, precision = _joined(wrong)
    assert held == {"x": (0, 1)}
    assert precision == 0.0
