"""A steady state of many sources whose lists do not change, polled the real way, against a bare Scrapy spider.

`python -m bench.poll [--sources N] [--polls N] [--no-validators] [--keep-alive]`. Server, spider and ours are processes
of their own, one after the other; leases, robots, validators, state and reports go through a real archive.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psutil

from archive import open_archive
from bench.loopback import host
from crawler.catalogue import Catalogue
from crawler.config import Config
from crawler.model import ListPage, Source
from crawler.net.warc import WarcFiles
from crawler.runner import Runner, run_until_done
from crawler.services import Services
from crawler.wiring import services_for

BAR = 0.7  # of the bare spider's polls a second
BYTES_BAR = 0.03  # of its bytes, where the server honours validators
GROWTH_BAR = 1.15  # of memory, from the second pass to the last
# As in `hrwatch run`: sources wait for a free place, and 64 waiting keep all places filled.
WAITING = 64


def main(args: list[str] | None = None) -> int:
    """Print both rates, the ratio, bytes and memory; 1 where one misses its bar."""
    given = _parser().parse_args(args)
    if given.ours is not None:
        return _ours(given)
    _allow_files()
    options = [flag for flag in ("--no-validators", "--keep-alive") if getattr(given, flag[2:].replace("-", "_"))]
    with _server(given.sources, options) as port:
        fetches = max(given.sources, given.polls // 4)
        bare = [_bare(port, given.sources, fetches)]
        spent = _sent(port)
        ours = _run("bench.poll", "--ours", str(port), "--sources", str(given.sources), "--polls", str(given.polls))
        bare.append(_bare(port, given.sources, fetches))
    rate = ours["polls"] / ours["wall_s"]
    bare_rate = sum(run["done"] for run in bare) / sum(run["wall_s"] for run in bare)
    ratio = rate / bare_rate
    bytes_ratio = ours["bytes"] / ours["polls"] / (spent["list"] / spent["requests"])
    growth = ours["rss_mb"][-1] / ours["rss_mb"][min(1, len(ours["rss_mb"]) - 1)]
    cpu_ratio = sum(run["cpu_s"] for run in bare) / sum(run["done"] for run in bare) / (ours["cpu_s"] / ours["polls"])
    sys.stdout.write(
        f"poll: {given.sources} sources, {ours['polls']} polls; {rate:,.0f}/s; bare Scrapy {bare_rate:,.0f}/s;"
        f" ratio {ratio:.2f} (bar {BAR}), by CPU time {cpu_ratio:.2f}; bytes {bytes_ratio:.1%} (bar {BYTES_BAR:.0%}"
        f"{'' if not given.no_validators else ', not with --no-validators'});"
        f" memory {' → '.join(f'{size:.0f}' for size in ours['rss_mb'])} MB after each pass\n"
    )
    if ours["failed"]:
        sys.stdout.write(f"poll: {ours['failed']} polls failed\n")
    is_fine = ratio >= BAR and growth <= GROWTH_BAR and not ours["failed"]
    return 0 if is_fine and (given.no_validators or bytes_ratio <= BYTES_BAR) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.poll")
    parser.add_argument("--sources", type=int, default=2000)
    parser.add_argument("--polls", type=int, default=8000, help="20000 for the memory claim")
    parser.add_argument("--no-validators", action="store_true", help="a server that knows neither ETag nor 304")
    parser.add_argument("--keep-alive", action="store_true", help="connections stay open between polls")
    parser.add_argument("--ours", type=int, metavar="PORT", help=argparse.SUPPRESS)
    return parser


@contextmanager
def _server(hosts: int, options: list[str]) -> Iterator[int]:
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.loopback", str(hosts), *options], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        yield int(server.stdout.readline())
    finally:
        server.terminate()
        server.wait()


def _bare(port: int, hosts: int, fetches: int) -> dict[str, Any]:
    return _run("bench.bare", str(port), str(hosts), str(fetches), str(Config().concurrent_hosts))


def _run(module: str, *args: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", module, *args], stdout=subprocess.PIPE, text=True, check=True)
    account: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return account


def _sent(port: int) -> dict[str, int]:
    """What the server has sent since it was last asked."""
    connection = HTTPConnection(host(0), port)
    connection.request("GET", "/sent")
    sent: dict[str, int] = json.loads(connection.getresponse().read())
    connection.close()
    return sent


def _allow_files() -> None:
    """Kept-alive connections to 2,000 hosts are 2,000 files."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


# Ours, in a process of its own


def _ours(given: argparse.Namespace) -> int:
    _allow_files()
    sources = tuple(_source(n, given.ours) for n in range(given.sources))
    with tempfile.TemporaryDirectory(prefix="hrwatch-bench-") as folder:
        config = Config(data=Path(folder), allow_private=("127.0.0.0/8",), delay_s=0.001)
        archive = open_archive(config)
        warc = WarcFiles(config.warc_dir, max_bytes=config.warc_max_bytes, user_agent="bench")
        services = services_for(config, Catalogue(sources), archive, warc=warc, replay=None)
        try:
            account = run_until_done(lambda stopping: _polls(services, given.polls, given.ours))
        finally:
            warc.close()
            archive.close()
    sys.stdout.write(json.dumps(account) + "\n")
    return 0


async def _polls(services: Services, count: int, port: int) -> dict[str, Any]:
    """One pass over everything first, which reads robots.txt and rows; then the steady state, measured."""
    runner = Runner(services)
    sources = services.catalogue.sources
    failed = await _pass(runner, list(sources))
    await asyncio.to_thread(_sent, port)
    rss = [_rss_mb()]
    began, cpu = time.perf_counter(), time.process_time()
    left = islice(cycle(sources), count)
    while batch := list(islice(left, len(sources))):
        failed += await _pass(runner, batch)
        rss.append(_rss_mb())
    took = {"wall_s": time.perf_counter() - began, "cpu_s": time.process_time() - cpu}
    sent = await asyncio.to_thread(_sent, port)
    await runner.close()
    return {"polls": count, "failed": failed, "rss_mb": rss, "bytes": sent["list"], **took}


async def _pass(runner: Runner, sources: list[Source]) -> int:
    """Poll each once; the count of those that failed."""
    left = iter(sources)
    failed = 0

    async def work() -> None:
        nonlocal failed
        for source in left:
            report = await runner.poll(source)
            failed += report.reason is not None or report.skipped

    await asyncio.gather(*(work() for _ in range(WAITING)))
    return failed


def _rss_mb() -> float:
    return psutil.Process().memory_info().rss / 2**20


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
    sys.exit(main())
