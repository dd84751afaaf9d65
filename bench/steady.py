"""Our half of the polling bench: many sources whose lists do not change, polled the way `hrwatch run` polls them.

`python -m bench.steady PORT SOURCES`; each line it reads is a count of polls to carry out, each line it prints the
account of one such pass as JSON. Leases, robots, validators, state and reports go through a real archive.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psutil

from archive import Archive, open_archive
from bench.loopback import allow_files, host
from crawler.catalogue import Catalogue
from crawler.config import Config
from crawler.model import ListPage, Source
from crawler.polling.runner import Runner, run_until_done
from crawler.services import Services
from crawler.warc.writing import WarcFiles
from crawler.wiring import services_for

# As in `hrwatch run`: sources wait for a free place, and 64 waiting keep all places filled.
WAITING = 64


def main(port: int, count: int) -> int:
    """Poll as often as stdin says, pass by pass, until it ends."""
    allow_files()
    sources = tuple(_source(n, port) for n in range(count))
    with tempfile.TemporaryDirectory(prefix="hrwatch-bench-") as folder:
        config = Config(data=Path(folder), allow_private=("127.0.0.0/8",), delay_s=0.001)
        archive = open_archive(config)
        warc = WarcFiles(config.warc_dir, max_bytes=config.warc_max_bytes, user_agent="bench")
        services = services_for(config, Catalogue(sources), archive, warc=warc, replay=None)
        try:
            run_until_done(lambda stopping: _passes(services, archive))
        finally:
            warc.close()
            archive.close()
    return 0


async def _passes(services: Services, archive: Archive) -> None:
    runner = Runner(services)
    sources = cycle(services.catalogue.sources)
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        account = await _pass(runner, list(islice(sources, int(line))))
        account["recorded"] = await asyncio.to_thread(_recorded, archive)
        sys.stdout.write(json.dumps(account) + "\n")
        sys.stdout.flush()
    await runner.close()


async def _pass(runner: Runner, sources: list[Source]) -> dict[str, Any]:
    """Poll each once; how long it took, how many failed and how much memory there is after it."""
    left = iter(sources)
    failed = 0

    async def work() -> None:
        nonlocal failed
        for source in left:
            report = await runner.poll(source)
            failed += report.reason is not None or report.skipped

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(WAITING)))
    took = {"wall_s": time.perf_counter() - began, "cpu_s": time.process_time() - cpu}
    return {"done": len(sources), "failed": failed, "rss_mb": psutil.Process().memory_info().rss / 2**20, **took}


def _recorded(archive: Archive) -> int:
    """How many polls of the first source are on record: what is not written down was not polled the real way."""
    return len(archive.polls_of("bench-0", limit=1000))


def _source(number: int, port: int) -> Source:
    url = f"http://{host(number)}:{port}/list/index.html"
    return Source(
        id=f"bench-{number}",
        name=f"第{number}号",
        kind="gov",
        level="county",
        adcode="510000",
        home=url,
        hosts=(host(number),),
        family="generic",
        lists=(ListPage(url=url, rows="ul.list li"),),
        article=r"/news/\d+\.html$",  # none of the rows is one: only lists are polled
        digest="bench",
    )


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
