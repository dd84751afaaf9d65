"""Publishing after one new story, in a small archive and in a large one, and the memory of writing all feeds anew.

`python -m bench.feeds [--quick] [--large N] [--place DIR]`: archives are built in DIR (with --place they stay there and
are used again). Each is measured in a process of its own, `python -m bench.feeds --measure PLACE DATA`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median

import psutil

from archive import Archive
from archive.archive import open_file, open_server
from bench.build_archive import NEWEST, build, made
from crawler.config import Config
from crawler.model import (
    Article,
    Capture,
    Entry,
    Judged,
    Judgement,
    Page,
    PollReport,
    Precision,
    Region,
    Role,
    Source,
    Stamp,
)
from crawler.taxonomy import Taxonomy, load_taxonomy
from feeds.publish import publish
from tests.postgresql import programs, running_server

BAR = 2.0  # of the cost of a publishing after one new story, large against small
MEMORY_BAR_MB = 48  # more for the large archive's feeds, of which there are more: what caches and allocators come to
SMALL, LARGE, QUICK = 10_000, 500_000, (500, 4_000)
_WARM, _MEASURED = 2, 7
_SOURCE = Source(id="synthetic", name="合成网", kind="", level="", adcode="", home="", hosts=(), family="", lists=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one publishing after one new story, in milliseconds; of all feeds anew, in seconds and MB."""

    held: int  # items
    feeds: int
    rewritten: int  # files, each time
    cpu_ms: float  # of our process, median
    wall_ms: float
    opening_s: float  # all feeds for the first time
    rebuild_s: float
    rebuild_mb: float  # the process's memory after it


def measure(place: str, folder: Path) -> Cost:
    """Publish once for all, then after each of some new stories, then into an empty folder."""
    config, taxonomy = Config(data=folder, base_url="http://hr.example"), load_taxonomy()
    with _open(place) as archive:
        now, numbers = NEWEST + timedelta(days=1), count(10_000_000)
        archive.record_poll(PollReport(source_id=_SOURCE.id, started_at=NEWEST, ended_at=NEWEST, lists=()))
        began = time.perf_counter()
        publish(archive, taxonomy, config, now=now)
        opening = time.perf_counter() - began
        cpus, walls, rewritten, feeds = [], [], 0, 0
        for turn in range(_WARM + _MEASURED):
            now += timedelta(minutes=1)
            archive.store(_story(next(numbers), taxonomy), now=now)
            cpu, wall = time.process_time(), time.perf_counter()
            report = publish(archive, taxonomy, config, now=now)
            if turn >= _WARM:
                cpus.append(time.process_time() - cpu)
                walls.append(time.perf_counter() - wall)
            rewritten, feeds = report.rewritten, report.feeds
        began = time.perf_counter()
        publish(archive, taxonomy, config, now=now, to=folder / "anew")
        rebuild = time.perf_counter() - began
        held = archive.counts().items
    return Cost(
        held=held,
        feeds=feeds,
        rewritten=rewritten,
        cpu_ms=1000 * median(cpus),
        wall_ms=1000 * median(walls),
        opening_s=opening,
        rebuild_s=rebuild,
        rebuild_mb=psutil.Process().memory_info().rss / 2**20,
    )


def _story(number: int, taxonomy: Taxonomy) -> Judged:
    item = made(1 + number * 10)  # neither a reprint nor a bulletin
    url = f"https://new.example/{number}-{time.time_ns()}.html"
    entry = Entry(source_id=_SOURCE.id, list_url="", url=url, title=item.title)
    page = Page(url=url, status=200, headers={}, body=url.encode(), fetched_at=NEWEST)
    body = f"{item.body}{time.time_ns()}"
    article = Article(
        url=url,
        title=item.title,
        body=body,
        folded_title=item.title,
        folded_body=body,
        published=Stamp(at=NEWEST, precision=Precision.MINUTE, origin="synthetic"),
    )
    judgement = Judgement(
        relevant=True,
        score=0.9,
        regions=tuple(Region(adcode=adcode, role=Role.PARTY) for adcode in ("500000", "511800")),
        zones=("川渝",),
        topics=(next(iter(taxonomy.topics)),),
    )
    return Judged(capture=Capture(entry=entry, source=_SOURCE, page=page), article=article, judgement=judgement)


def _open(place: str) -> Archive:
    return open_server(place) if place.startswith("postgresql:") else open_file(Path(place))


def _cost_of(place: str) -> Cost:
    with tempfile.TemporaryDirectory(prefix="hrwatch-bench-") as folder:
        command = [sys.executable, "-m", "bench.feeds", "--measure", place, folder]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=3600)
        return Cost(**json.loads(done.stdout))


@contextmanager
def _places(database: str, folder: Path) -> Iterator[tuple[str, str]]:
    if database == "sqlite":
        yield str(folder / "small.sqlite3"), str(folder / "large.sqlite3")
        return
    with running_server() as server:
        yield server.make(), server.make()


def _build(place: str, size: int) -> None:
    with _open(place) as archive:
        for held in build(archive, size):
            if sys.stderr.isatty():
                sys.stderr.write(f"\r\x1b[K{held:,} of {size:,} items")
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")


def compare(database: str, sizes: tuple[int, int], folder: Path) -> bool:
    """Measure both sizes, print a line each, and say whether the large one is within the bars."""
    costs = []
    with _places(database, folder) as places:
        for place, size in zip(places, sizes, strict=True):
            _build(place, size)
            costs.append(_cost_of(place))
            sys.stdout.write(f"{database}: {_line(costs[-1])}\n")
    small, large = costs
    ratio = large.cpu_ms / small.cpu_ms
    more_mb = large.rebuild_mb - small.rebuild_mb
    sys.stdout.write(
        f"{database}: {ratio:.2f} × the CPU ({large.wall_ms / small.wall_ms:.2f} × the time), bar {BAR};"
        f" {more_mb:+.0f} MB for all feeds anew, bar {MEMORY_BAR_MB}\n"
    )
    return ratio <= BAR and more_mb <= MEMORY_BAR_MB


def _line(cost: Cost) -> str:
    return (
        f"{cost.held:,} items, {cost.feeds:,} feeds: one new story {cost.cpu_ms:.0f} ms of CPU ({cost.wall_ms:.0f} ms),"
        f" {cost.rewritten} files; opening all {cost.opening_s:.1f} s; all anew {cost.rebuild_s:.1f} s,"
        f" {cost.rebuild_mb:.0f} MB"
    )


def main() -> int:
    """Run the bench on the databases there are, and end with 1 where one misses its bar."""
    asked = argparse.ArgumentParser(prog="python -m bench.feeds", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="two small archives: minutes, and less telling")
    asked.add_argument("--large", type=int, default=LARGE, metavar="N", help="items of the large archive")
    asked.add_argument("--place", type=Path, help="folder whose archives (SQLite) are kept and used again")
    asked.add_argument("--measure", nargs=2, metavar=("PLACE", "DATA"), help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.measure:
        sys.stdout.write(json.dumps(asdict(measure(given.measure[0], Path(given.measure[1])))))
        return 0
    sizes = QUICK if given.quick else (SMALL, given.large)
    databases = ("sqlite",) if programs() is None else ("sqlite", "postgresql")
    folder = given.place or Path(tempfile.mkdtemp(prefix="hrwatch-bench-"))
    try:
        return 0 if min([compare(database, sizes, folder) for database in databases]) else 1
    finally:
        if given.place is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
