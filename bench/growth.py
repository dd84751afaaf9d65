"""What storing an item costs, and whether that grows with the archive: CPU, wall clock and memory, on both databases.

Each archive is measured in a process of its own: `python -m bench.growth PLACE` prints one JSON object.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median

import psutil
from sqlalchemy import Connection, func, select

from archive import Archive
from archive.archive import open_file, open_server
from archive.schema import items
from bench.build_archive import NEWEST, Made, build, made, when
from crawler.model import Article, Capture, Entry, Judged, Judgement, Page, Source
from tests.postgresql import Server, programs, running_server

BAR = 1.5  # of the cost per item, the archive being five times as large
MEMORY_BAR_MB = 32  # what caches and the arena of an allocator come to
_REPRINT = 4  # one new item in so many is a reprint
_WARM = 60  # items stored before the clock starts: statements are compiled, caches filled
_MEASURED = 400


@dataclass(frozen=True, slots=True)
class Cost:
    """Of storing one item into an archive of that many, in milliseconds; memory of the process in MB."""

    database: str
    held: int
    cpu_ms: float  # of our process; the server of PostgreSQL has its own
    wall_ms: float  # median, which other programs disturb least
    memory_mb: float
    joined: int  # of the items measured


def grow(sizes: tuple[int, int], folder: Path, databases: tuple[str, ...]) -> Iterator[Cost]:
    """Build each archive to the first size, measure, build on to the second, measure again."""
    for database in databases:
        with _place(database, folder) as place:
            for size in sizes:
                began = time.perf_counter()
                with _open(place) as archive:
                    for held in build(archive, size):
                        _say(f"{database}: {held:,} of {sizes[-1]:,} items, {time.perf_counter() - began:,.0f} s")
                _say("")
                yield cost_of(database, place)


def measure(place: str, *, warm: int = _WARM, measured: int = _MEASURED) -> Cost:
    """Store some items more, as a crawl does: judged, with a page, one transaction each; older than all there are.

    So the newest of an archive that is kept are those that were built, however often it was measured.
    """
    with _open(place) as archive:
        held = archive.submit(lambda connection: connection.execute(select(func.max(items.c.id))).scalar_one()).result()
        reprinted = [1 + (at * 7919) % held for at in range(0, warm + measured, _REPRINT)]  # wherever in it they stand
        bodies = iter(archive.submit(lambda connection: _bodies(connection, reprinted)).result())
        numbers = count(held + 1_000_000)  # texts that no archive has
        new = [
            _given(made(next(numbers)), held, at, next(bodies) if at % _REPRINT == 0 else None)
            for at in range(warm + measured)
        ]
        for judged in new[:warm]:
            archive.store(judged, now=when(0))
        cpu, walls, joined = time.process_time(), [], 0
        for judged in new[warm:]:
            began = time.perf_counter()
            joined += archive.store(judged, now=when(0)).joined
            walls.append(time.perf_counter() - began)
        cpu = time.process_time() - cpu
    return Cost(
        database="",
        held=held,
        cpu_ms=1000 * cpu / measured,
        wall_ms=1000 * median(walls),
        memory_mb=psutil.Process().memory_info().rss / 2**20,
        joined=joined,
    )


def _bodies(connection: Connection, item_ids: Sequence[int]) -> list[str | None]:
    """Texts of the archive, None where a number has no item."""
    return [connection.execute(select(items.c.body).where(items.c.id == one)).scalar() for one in item_ids]


def _given(item: Made, held: int, at: int, reprinted: str | None) -> Judged:
    """A new item, as a crawl hands it over: a text of its own, or one that the archive has."""
    body = item.body if reprinted is None else f"合成网讯 {reprinted} 责任编辑乙"
    url = f"https://new{at % 50}.example/{held}/{item.number}.html"
    source = Source(
        id=f"new{at % 50}", name="合成网", kind="", level="", adcode="", home="", hosts=(), family="", lists=()
    )
    page = Page(url=url, status=200, headers={}, body=url.encode(), fetched_at=NEWEST + timedelta(seconds=at))
    entry = Entry(source_id=source.id, list_url="", url=url, title=item.title)
    article = Article(url=url, title=item.title, body=body, folded_title=item.title, folded_body=body)
    capture = Capture(entry=entry, source=source, page=page)
    return Judged(capture=capture, article=article, judgement=Judgement(relevant=True, score=0.9))


def cost_of(database: str, place: str) -> Cost:
    """The cost of storing into the archive at `place`, measured in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "bench.growth", place], check=True, capture_output=True, timeout=600)
    return Cost(**(json.loads(done.stdout) | {"database": database}))


@contextlib.contextmanager
def _place(database: str, folder: Path) -> Iterator[str]:
    if database == "sqlite":
        folder.mkdir(parents=True, exist_ok=True)
        yield str(folder / "synthetic.sqlite3")
        return
    server: Server
    with running_server() as server:
        yield server.make()


def _open(place: str) -> Archive:
    return open_server(place) if place.startswith("postgresql:") else open_file(Path(place))


def databases_here() -> tuple[str, ...]:
    """SQLite, and PostgreSQL where its programs are installed."""
    return ("sqlite",) if programs() is None else ("sqlite", "postgresql")


def _say(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(measure(sys.argv[1]))) + "\n")
