"""The benchmark of publishing, over an archive that is made in a second: what it measures, and when it says no."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from archive.archive import open_file
from bench import feeds
from bench.archive import places
from bench.feeds import Anew, Once, compare, measure, published

ANEW = Anew(held=10_000, feeds=1400, entering_s=0.0, took_s=9.0, peak_mb=150.0)
ONCE = Once(rewritten=25, cpu_ms=100.0, wall_ms=200.0)


def test_measures_what_one_story_rewrites(tmp_path: Path) -> None:
    with ExitStack() as stack:
        (place,) = places(tmp_path, (20,), ("sqlite",), stack)["sqlite"]
    with published(place.name, tmp_path / "first") as (anew, publish_once):
        first, second = publish_once(), publish_once()
    with open_file(Path(place.name)) as archive:
        (newest,) = archive.feed_entries("all", 1)
        concerned = [feed for feed in archive.feeds() if feed.changed_at == newest.entered_at]
        assert archive.counts().items == anew.held + 2
    assert len({path.name.split(".")[0] for path in (tmp_path / "first" / "feeds").glob("*.rss")}) >= anew.feeds > 5
    assert second.rewritten == 3 * len(concerned) + 1  # in three formats, and the list for programs
    assert min(first.cpu_ms, first.wall_ms, anew.took_s, anew.peak_mb) > 0
    # the second time, the feeds are there: their files are made anew
    with published(place.name, tmp_path / "second") as (again, _publish_once):
        assert (again.held, again.feeds) == (anew.held + 2, len([*(tmp_path / "second" / "feeds").glob("*.atom")]))


def test_archives_are_measured_in_turn_each_in_its_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_WARM", 0)
    monkeypatch.setattr(feeds, "_MEASURED", 1)
    with ExitStack() as stack:
        built = places(tmp_path, (10, 20), ("sqlite",), stack)["sqlite"]
    lines = measure(*(place.name for place in built))
    assert [line.bar for line in lines] == [feeds.ONE_STORY, feeds.ONE_STORY, feeds.ANEW_MB]
    assert min(line.ratio for line in lines[:2]) > 0
    assert re.findall(r"feeds of (\d+) items", lines[2].figure) == ["10", "20"]


@pytest.mark.parametrize(
    ("large", "slower", "missed"),
    [
        (replace(ANEW, peak_mb=198.0), replace(ONCE, cpu_ms=200.0, wall_ms=400.0), []),
        (ANEW, replace(ONCE, cpu_ms=201.0), ["one new story, times the CPU"]),
        (ANEW, replace(ONCE, wall_ms=401.0), ["one new story, times the time"]),
        (replace(ANEW, peak_mb=199.0), ONCE, ["all feeds anew, MB more"]),
    ],
)
def test_a_bar_is_missed_by_its_own_figure(large: Anew, slower: Once, missed: list[str]) -> None:
    assert [line.what for line in compare((ANEW, large), [(ONCE, slower)] * 3) if not line.is_met] == missed


def test_a_slow_moment_of_the_machine_falls_on_both() -> None:
    slow = replace(ONCE, cpu_ms=900.0, wall_ms=1800.0)
    assert [line.ratio for line in compare((ANEW, ANEW), [(ONCE, ONCE), (slow, slow), (slow, slow)])] == [1.0, 1.0, 0.0]
