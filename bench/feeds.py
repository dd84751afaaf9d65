"""Publishing after one new story, in a small archive and in a large one; all feeds anew; the server's 304 for a feed.

`python -m bench.feeds [--quick] [--data DIR]` works on the archives of bench/archive.py, kept in DIR. What it adds to
them stays: a few stories, and the feeds, which are entered in the first run.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from archive import Archive
from archive.archive import open_file, open_server
from bench.archive import Line, places
from bench.build_archive import made, when
from bench.growth import databases_here
from bench.served import BAR as ANSWERS
from bench.served import served
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

SIZES, QUICK = (10_000, 500_000), (300, 2_000)
ONE_STORY = 2.0  # times the cost of a publishing after one new story in the small archive
ANEW_MB = 48  # more for the large archive's feeds, of which there are more: what caches and allocators come to
_WARM, _MEASURED = 2, 9
_SOURCE = Source(id="synthetic", name="合成网", kind="", level="", adcode="", home="", hosts=(), family="", lists=())

# "VmHWM:	  159776 kB": the most memory that a process has ever had
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anew:
    """What writing all feeds into an empty folder came to."""

    held: int  # items
    feeds: int
    entering_s: float  # what the feeds did not have yet: everything in the first run, else nothing
    took_s: float
    peak_mb: float  # the most memory that the process had until then


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """What one publishing after one new story came to."""

    rewritten: int  # files
    cpu_ms: float  # of our process; the server of PostgreSQL has its own
    wall_ms: float


@contextmanager
def published(place: str, folder: Path) -> Iterator[tuple[Anew, Callable[[], Once]]]:
    """Publish into an empty folder; then, at each call, after one new story."""
    config, taxonomy = Config(data=folder, base_url="http://hr.example"), load_taxonomy()
    with _open(place) as archive:
        # no newer than those that were built, however often a kept archive is measured
        newest = when(archive.counts().items)
        moments = (newest + timedelta(days=1, minutes=minute) for minute in count())
        stories = (_story(number, taxonomy, newest) for number in count(10_000_000))

        def publish_once() -> Once:
            now = next(moments)
            archive.store(next(stories), now=now)
            cpu, wall = time.process_time(), time.perf_counter()
            report = publish(archive, taxonomy, config, now=now)
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            return Once(rewritten=report.rewritten, cpu_ms=1000 * cpu, wall_ms=1000 * wall)

        archive.record_poll(PollReport(source_id=_SOURCE.id, started_at=newest, ended_at=newest, lists=()))
        written: list[float] = []  # when each feed was
        began = time.perf_counter()
        report = publish(
            archive, taxonomy, config, now=next(moments), on_feed=lambda *_: written.append(time.perf_counter())
        )
        ended, entered = time.perf_counter(), written[0]
        yield (
            Anew(
                held=archive.counts().items,
                feeds=report.feeds,
                entering_s=entered - began,
                took_s=ended - entered,
                peak_mb=_peak_mb(),
            ),
            publish_once,
        )


def _story(number: int, taxonomy: Taxonomy, published: datetime) -> Judged:
    item = made(1 + number * 10)  # neither a reprint nor a bulletin
    url = f"https://new.example/{number}-{time.time_ns()}.html"
    entry = Entry(source_id=_SOURCE.id, list_url="", url=url, title=item.title)
    page = Page(url=url, status=200, headers={}, body=url.encode(), fetched_at=published)
    body = f"{item.body}{time.time_ns()}"
    article = Article(
        url=url,
        title=item.title,
        body=body,
        folded_title=item.title,
        folded_body=body,
        published=Stamp(at=published, precision=Precision.MINUTE, origin="synthetic"),
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


def _peak_mb() -> float:
    """The most memory that this process has had; psutil knows only what it has now."""
    found = _PEAK.search(Path("/proc/self/status").read_text("ascii"))
    assert found is not None
    return int(found[1]) / 1024


class _Publisher:
    """An archive that is published in a process of its own, so that the memory is its own."""

    def __init__(self, place: str, folder: str) -> None:
        command = [sys.executable, "-m", "bench.feeds", "--measure", place, folder]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.anew = Anew(**self._read())

    def publish_once(self) -> Once:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return Once(**self._read())

    def end(self) -> None:
        self._process.communicate()  # what it is asked has ended, and so does it

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise subprocess.CalledProcessError(self._process.wait(), self._process.args)
        found: dict[str, Any] = json.loads(line)
        return found


def measure(small: str, large: str) -> tuple[Line, ...]:
    """Publish both archives, in turn after each of some stories: what else the machine does falls on both alike."""
    with ExitStack() as stack:
        publishers = []
        for place in (small, large):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hrwatch-bench-"))
            publishers.append(_Publisher(place, folder))
            stack.callback(publishers[-1].end)
        rounds = [tuple(one.publish_once() for one in publishers) for _ in range(_WARM + _MEASURED)]
        return compare(tuple(one.anew for one in publishers), rounds[_WARM:])


def compare(anew: Sequence[Anew], rounds: Sequence[Sequence[Once]]) -> tuple[Line, ...]:
    """The large archive against the small one, which comes first in each pair."""
    cpu, wall = ([[getattr(one, what) for one in pair] for pair in rounds] for what in ("cpu_ms", "wall_ms"))
    told = ", ".join(
        f"{one.peak_mb:.0f} MB and {one.took_s:.0f} s for {one.feeds:,} feeds of {one.held:,} items" for one in anew
    )
    return (
        _slower("one new story, times the CPU", cpu),
        _slower("one new story, times the time", wall),
        Line("all feeds anew, MB more", told, anew[1].peak_mb - anew[0].peak_mb, ANEW_MB, is_least=False),
    )


def _slower(what: str, rounds: Sequence[Sequence[float]]) -> Line:
    few, many = (median(pair[at] for pair in rounds) for at in (0, 1))
    ratio = median(large / small for small, large in rounds)
    return Line(what, f"{few:.0f} ms, then {many:.0f}", ratio, ONE_STORY, is_least=False)


def answers(*, rounds: int) -> Line:
    """The server's 304 against an empty answer of the same framework."""
    found = served(rounds=rounds)
    told = f"{found.unchanged:,.0f}/s of {found.empty:,.0f}/s; by CPU time {found.cpu_ratio:.2f}"
    return Line("304 of a feed, times the rate of an empty body", told, found.ratio, ANSWERS)


def _tell(database: str, line: Line, *, is_quick: bool) -> bool:
    bar = f"  bar {'≥' if line.is_least else '≤'} {line.bar:g}"
    missed = "" if line.is_met or is_quick else "  MISSED"
    sys.stdout.write(f"{database:10}  {line.what:46}  {line.ratio:8.2f}{bar:10}{missed}  ({line.figure})\n")
    sys.stdout.flush()
    return line.is_met or is_quick


def _print(found: Anew | Once) -> None:
    sys.stdout.write(json.dumps(asdict(found)) + "\n")
    sys.stdout.flush()


def main(argv: Sequence[str] = ()) -> int:
    """Print what was measured against each bar; 1 where one is missed. The small archives of --quick judge nothing."""
    asked = argparse.ArgumentParser(prog="python -m bench.feeds", description=__doc__)
    asked.add_argument("--data", type=Path, default=Path("var/bench"), help="where the archives are kept (var/bench)")
    asked.add_argument("--quick", action="store_true", help="small archives, to see that it works")
    asked.add_argument("--sizes", type=int, nargs=2, help="of the archives, the small one first")
    asked.add_argument("--database", choices=databases_here(), action="append", help="these only")
    asked.add_argument("--measure", nargs=2, metavar=("PLACE", "DATA"), help=argparse.SUPPRESS)
    given = asked.parse_args(argv)
    if given.measure:
        with published(given.measure[0], Path(given.measure[1])) as (anew, publish_once):
            _print(anew)
            for _line in sys.stdin:
                _print(publish_once())
        return 0
    sizes = given.sizes or (QUICK if given.quick else SIZES)
    is_met = _tell("served", answers(rounds=5 if given.quick else 25), is_quick=given.quick)
    with ExitStack() as stack:
        for kind, built in places(given.data.resolve(), sizes, given.database or databases_here(), stack).items():
            for line in measure(*(place.name for place in built)):
                is_met &= _tell(kind, line, is_quick=given.quick)
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
