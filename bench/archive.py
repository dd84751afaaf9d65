"""What searching, storing and exporting cost as the archive grows: `python -m bench.archive [--quick] [--data DIR]`.

The archives are synthetic (build_archive.py), one for each size and database, built once and kept in DIR. The newest
twenty relevant stories of a province with a word of two characters are compared with `LIKE '%word%'` over the same
rows, which is asked in the form that both databases answer soonest: newest first, and no further than twenty.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from archive import Archive
from archive.archive import open_file, open_server
from archive.records import FeedQuery, Question
from archive.search.finding import find
from bench.build_archive import FREQUENT, ONE_PERCENT, PROVINCE, RARE, build
from bench.growth import cost_of, databases_here
from bench.kept_server import database, kept_server
from crawler.text.query import Phrase

SIZES, QUICK = (10_000, 100_000, 500_000), (300, 1_000, 2_000)
FASTER = {RARE: 50.0, ONE_PERCENT: 5.0, FREQUENT: 1.0}  # times as fast as LIKE
SLOWER = 3.0  # times its own time in the archive before it
INDEX, INSERTS = 1.6, 0.6
EXPORT_MB = 32  # what caches and the arena of an allocator come to
_SHOWN, _ROUNDS = 20, 7
_AT_LEAST_S, _TURN_S = 1.0, 0.1  # so that what takes a millisecond is tried some hundred times
_LIKE = """
    SELECT s.id FROM stories s
    WHERE s.is_relevant
      AND EXISTS (SELECT 1 FROM story_regions r WHERE r.story_id = s.id AND r.adcode BETWEEN '510000' AND '519999')
      AND EXISTS (
        SELECT 1 FROM items i WHERE i.story_id = s.id AND (i.folded_title LIKE :word OR i.folded_body LIKE :word))
    ORDER BY s.sorted_at DESC, s.id DESC LIMIT 20
"""
_TEXT = {
    "sqlite": "SELECT sum(length(CAST(folded_title AS BLOB)) + length(CAST(folded_body AS BLOB))) FROM items",
    "postgresql": "SELECT sum(octet_length(folded_title) + octet_length(folded_body)) FROM items",
}
_INDEX_BYTES = {
    "sqlite": """
        SELECT (SELECT sum(length(block)) FROM item_search_data) + (SELECT sum(length(sz)) FROM item_search_docsize)
            + (SELECT sum(length(CAST(term AS BLOB))) FROM item_search_idx)
            + (SELECT sum(length(CAST(search_facets AS BLOB))) FROM items)
    """,
    "postgresql": "SELECT pg_relation_size('ix_items_search') + (SELECT sum(octet_length(search_facets)) FROM items)",
}


@dataclass(frozen=True, slots=True)
class Place:
    """An archive of so many items: a file, or an address."""

    database: str
    size: int
    name: str

    def open(self) -> Archive:
        return open_file(Path(self.name)) if self.database == "sqlite" else open_server(self.name)

    @property
    def settings(self) -> dict[str, str]:
        """The environment in which `hrwatch` works on it."""
        if self.database == "sqlite":
            return {"HRWATCH_DATA": str(Path(self.name).parent)}
        return {"HRWATCH_DATABASE_URL": self.name}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was measured against its bar; a bar of None is told only."""

    what: str
    figure: str
    ratio: float
    bar: float | None = None
    is_least: bool = True  # the bar is the least, else the most

    @property
    def is_met(self) -> bool:
        return self.bar is None or (self.ratio >= self.bar if self.is_least else self.ratio <= self.bar)


def places(folder: Path, sizes: Sequence[int], databases: Sequence[str], stack: ExitStack) -> dict[str, list[Place]]:
    """The archives of each database by size, built where they are not there yet."""
    found: dict[str, list[Place]] = {}
    server = stack.enter_context(kept_server(folder / "postgresql")) if "postgresql" in databases else None
    for kind in databases:
        for size in sizes:
            name = (
                str(folder / f"sqlite_{size}" / "hrwatch.sqlite3")
                if server is None or kind == "sqlite"
                else database(server, f"bench_{size}")
            )
            place = Place(kind, size, name)
            began = time.perf_counter()
            with place.open() as archive:
                for held in build(archive, size, is_searchable=True):
                    _say(f"{kind}: {held:,} of {size:,} items, {time.perf_counter() - began:,.0f} s")
            _say("")
            found.setdefault(kind, []).append(place)
    return found


def measure(places: Sequence[Place]) -> Iterator[Line]:
    """The archives of one database, the smallest first, against the bars."""
    *_, before, largest = places
    searched = {place: _searched(place) for place in (before, largest)}
    for word, bar in FASTER.items():
        ours, like, hits = searched[largest][word]
        told = f"{_ms(ours)}, LIKE {_ms(like)}, {hits:,} stories of {largest.size:,}"
        yield Line(f"search {word}, times as fast as LIKE", told, like / ours, bar)
        earlier = searched[before][word][0]
        yield Line(f"search {word}, time against {before.size:,}", _ms(earlier), ours / earlier, SLOWER, is_least=False)
    with largest.open() as archive:
        held, index = archive.submit(_bytes).result()
    yield Line("index, times the text's bytes", f"{index / 2**20:,.0f} MB", index / held, INDEX, is_least=False)
    peaks = [_exported(place) for place in (places[0], before)]
    told = ", ".join(f"{peak:,.0f} MB for {rows:,} rows" for peak, rows in peaks)
    yield Line("export, MB more for the larger", told, peaks[1][0] - peaks[0][0], EXPORT_MB, is_least=False)
    few, many = (cost_of(place.database, place.name).wall_ms for place in (places[0], largest))
    told = f"{few:.2f} ms an item at {places[0].size:,}, {many:.2f} at {largest.size:,}"
    yield Line("insert rate against the smallest", told, few / many, INSERTS)


def _searched(place: Place) -> dict[str, tuple[float, float, int]]:
    """Seconds of ours and of LIKE for each word, and how many relevant stories of the province have it."""
    with place.open() as archive:
        return archive.submit(lambda connection: {word: _compared(connection, word) for word in FASTER}).result()


def _compared(connection: Connection, word: str) -> tuple[float, float, int]:
    question, like = Question(query=FeedQuery(adcodes=(PROVINCE,))), text(_LIKE)

    def ours(limit: int = _SHOWN) -> list[int]:
        return [story for story, _ in find(connection, question, Phrase(tuple(word)), limit=limit)]

    def theirs() -> list[int]:
        return list(connection.execute(like, {"word": f"%{word}%"}).scalars())

    if ours() != theirs():
        raise AssertionError(f"{word}: not what LIKE finds")
    # turn by turn, and the best of each: what else the machine does falls on both alike
    until = time.perf_counter() + _AT_LEAST_S
    times: list[tuple[float, float]] = []
    while len(times) < _ROUNDS or time.perf_counter() < until:
        times.append((_best(ours), _best(theirs)))
    return min(one for one, _ in times), min(other for _, other in times), len(ours(1_000_000))


def _best(work: Callable[[], object]) -> float:
    """The fewest seconds that it took, tried for a tenth of a second, once at least.

    What takes a millisecond is held up for many times that or not at all; what takes a second, always a little.
    """
    best, until = math.inf, time.perf_counter() + _TURN_S
    while best == math.inf or time.perf_counter() < until:
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def _bytes(connection: Connection) -> tuple[int, int]:
    """Bytes of the texts that are searched, and of all that is kept so that they can be."""
    kind = connection.dialect.name
    return connection.execute(text(_TEXT[kind])).scalar_one(), connection.execute(text(_INDEX_BYTES[kind])).scalar_one()


def _exported(place: Place) -> tuple[float, int]:
    """Peak memory in MB of a process that exports the whole archive, and the rows it wrote."""
    program = "from crawler.cli import main; main()"
    command = [sys.executable, "-c", program, "export", "--format", "csv", "--all"]
    with subprocess.Popen(command, env={**os.environ, **place.settings}, stdout=subprocess.PIPE) as child:
        written = child.stdout
        assert written is not None
        rows = sum(chunk.count(b"\n") for chunk in iter(lambda: written.read(1 << 16), b"")) - 1
        _pid, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise subprocess.CalledProcessError(child.returncode, command)
    return usage.ru_maxrss / 1024, rows


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.2f} ms"


def _say(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()


def main(argv: Sequence[str] = ()) -> int:
    """Print what was measured against each bar; 1 where one is missed. The small archives of --quick judge nothing."""
    asked = argparse.ArgumentParser(prog="python -m bench.archive", description=__doc__)
    asked.add_argument("--data", type=Path, default=Path("var/bench"), help="where the archives are kept (var/bench)")
    asked.add_argument("--quick", action="store_true", help="small archives, to see that it works")
    asked.add_argument("--sizes", type=int, nargs="+", help="of the archives, smallest first; three at least")
    asked.add_argument("--database", choices=databases_here(), action="append", help="these only")
    given = asked.parse_args(argv)
    sizes = given.sizes or (QUICK if given.quick else SIZES)
    is_met = True
    with ExitStack() as stack:
        for kind, built in places(given.data.resolve(), sizes, given.database or databases_here(), stack).items():
            for line in measure(built):
                bar = "" if line.bar is None else f"  bar {'≥' if line.is_least else '≤'} {line.bar:g}"
                missed = "" if line.is_met or given.quick else "  MISSED"
                sys.stdout.write(f"{kind:10}  {line.what:42}  {line.ratio:8.2f}{bar:12}{missed}  ({line.figure})\n")
                sys.stdout.flush()
                is_met &= line.is_met
    return 0 if is_met or given.quick else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
