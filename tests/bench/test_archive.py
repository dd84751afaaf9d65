"""The benchmark of the archive, over archives that are made in a second: what it measures, and when it says no."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from bench import archive
from bench.archive import FASTER, Line, measure, places
from bench.growth import Cost
from bench.growth import measure as store_some


def test_measures_all_that_has_a_bar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def few(database: str, place: str) -> Cost:
        return replace(store_some(place, warm=1, measured=4), database=database)

    monkeypatch.setattr(archive, "cost_of", few)
    monkeypatch.setattr(archive, "_AT_LEAST_S", 0.0)
    monkeypatch.setattr(archive, "_TURN_S", 0.0)
    with ExitStack() as stack:
        built = places(tmp_path, (40, 80, 400), ("sqlite",), stack)["sqlite"]
        lines = {line.what: line for line in measure(built)}
        with built[-1].open() as held:
            assert held.check() == ()
    for word in FASTER:
        assert lines[f"search {word}, times as fast as LIKE"].ratio > 0
    assert "stories of 400" in lines["search 协会, times as fast as LIKE"].figure
    assert 0.1 < lines["index, times the text's bytes"].ratio < 5
    # five items of the eighty are reprints
    assert lines["export, MB more for the larger"].figure.endswith("MB for 75 rows")
    assert lines["insert rate against the smallest"].ratio > 0


def test_what_was_built_is_found_again(tmp_path: Path) -> None:
    with ExitStack() as stack:
        (first,) = places(tmp_path, (40,), ("sqlite",), stack)["sqlite"]
        before = Path(first.name).stat().st_mtime_ns
        assert places(tmp_path, (40,), ("sqlite",), stack)["sqlite"] == [first]
    assert Path(first.name).stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("ratio", "bar", "is_least", "is_met"),
    [(50, 50, True, True), (49.9, 50, True, False), (3.1, 3, False, False), (3, 3, False, True), (0, None, True, True)],
)
def test_a_bar_is_met_from_its_own_side(ratio: float, bar: float | None, is_least: bool, is_met: bool) -> None:
    assert Line("a", "b", ratio, bar, is_least).is_met is is_met


def test_an_answer_that_is_not_that_of_like_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "find", lambda *_args, **_named: [(1, 1)])
    with ExitStack() as stack:
        built = places(tmp_path, (40, 60), ("sqlite",), stack)["sqlite"]
        with pytest.raises(AssertionError, match="not what LIKE finds"):
            next(measure(built))
