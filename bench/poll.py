"""A steady state of many sources whose lists do not change, polled the real way, against a bare Scrapy spider.

`python -m bench.poll [--sources N] [--polls N] [--no-validators] [--keep-alive]`. Server, spider and ours are processes
of their own. The spider's passes and ours take turns, and each pair gives a ratio: what else the machine does meanwhile
slows both. The median decides; the ratio of CPU times, which other programs disturb less, is printed beside it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median
from typing import IO, Any

from bench.loopback import allow_files, host
from crawler.config import Config

BAR = 0.7  # of the bare spider's polls a second
BYTES_BAR = 0.03  # of its bytes, where the server honours validators
GROWTH_BAR = 1.10  # of memory, from the first measured pass to the last
# Passes of ours to one of the spider's: the ratio needs few of them, memory needs 20,000 polls.
OURS_TO_BARE = 2
END_S = 20.0  # a crawl with nothing on the wire ends within two seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass over the sources: seconds and bytes for each fetch of a list."""

    wall_s: float
    cpu_s: float
    sent: float
    failed: int = 0
    recorded: int = 0
    rss_mb: float = 0.0


def main(args: list[str] | None = None) -> int:
    """Print both rates, the ratio, bytes and memory; 1 where one misses its bar."""
    given = _parser().parse_args(args)
    allow_files()
    options = [flag for flag in ("--no-validators", "--keep-alive") if getattr(given, flag[2:].replace("-", "_"))]
    bare: list[Pass] = []
    ours: list[Pass] = []
    with _process("bench.loopback", str(given.sources), *options) as (_, said):
        port = int(said.readline())
        with _process("bench.steady", str(port), str(given.sources)) as (ask, said):
            first = _ours(ask, said, port, given.sources)  # reads robots.txt and the rows; not measured
            for number in range(max(given.polls // given.sources, 1)):
                if number % OURS_TO_BARE == 0:
                    bare.append(_bare(port, given.sources))
                ours.append(_ours(ask, said, port, given.sources))
    return _judge(given, first, ours, bare)


def _judge(given: argparse.Namespace, first: Pass, ours: list[Pass], bare: list[Pass]) -> int:
    beside = [bare[number // OURS_TO_BARE] for number in range(len(ours))]
    ratio = median(peer.wall_s / own.wall_s for own, peer in zip(ours, beside, strict=True))
    cpu_ratio = median(peer.cpu_s / own.cpu_s for own, peer in zip(ours, beside, strict=True))
    share = sum(own.sent for own in ours) / len(ours) / (sum(peer.sent for peer in bare) / len(bare))
    growth = ours[-1].rss_mb / ours[0].rss_mb
    wanted = [
        (ratio >= BAR, f"ratio {ratio:.2f}, below {BAR}"),
        (given.no_validators or share <= BYTES_BAR, f"bytes {share:.1%}, above {BYTES_BAR:.0%}"),
        (growth <= GROWTH_BAR, f"memory grew by {growth - 1:.0%}, more than {GROWTH_BAR - 1:.0%}"),
        (not any(own.failed for own in (first, *ours)), "polls failed"),
        (ours[-1].recorded == len(ours) + 1, f"{ours[-1].recorded} polls of a source on record, not {len(ours) + 1}"),
    ]
    sys.stdout.write(
        f"poll: {given.sources} sources, {len(ours) * given.sources} polls in {len(ours)} passes, {len(bare)} of bare"
        f" Scrapy between them; {1 / median(own.wall_s for own in ours):,.0f}/s against"
        f" {1 / median(peer.wall_s for peer in bare):,.0f}/s; ratio {ratio:.2f} (bar {BAR}), by CPU time"
        f" {cpu_ratio:.2f}; bytes {share:.1%}"
        f" (bar {BYTES_BAR:.0%}{', not with --no-validators' if given.no_validators else ''});"
        f" memory {' → '.join(f'{own.rss_mb:.0f}' for own in (first, *ours))} MB after each pass\n"
    )
    missed = [what for is_met, what in wanted if not is_met]
    for what in missed:
        sys.stdout.write(f"poll: {what}\n")
    return 1 if missed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.poll")
    parser.add_argument("--sources", type=int, default=2000)
    parser.add_argument("--polls", type=int, default=20_000, help="after a first pass that is not measured")
    parser.add_argument("--no-validators", action="store_true", help="a server that knows neither ETag nor 304")
    parser.add_argument("--keep-alive", action="store_true", help="connections stay open between polls")
    return parser


@contextmanager
def _process(module: str, *args: str) -> Iterator[tuple[IO[str], IO[str]]]:
    """A module at work: what it reads and what it says. It is ended with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process.stdin, process.stdout
    finally:
        process.stdin.close()  # ours ends with it, the others at the signal
        process.terminate()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ours(ask: IO[str], said: IO[str], port: int, count: int) -> Pass:
    ask.write(f"{count}\n")
    ask.flush()
    return _pass(json.loads(said.readline()), port)


def _bare(port: int, hosts: int) -> Pass:
    with _process("bench.bare", str(port), str(hosts), str(hosts), str(Config().concurrent_hosts)) as (_, said):
        return _pass(json.loads(said.readline()), port)


def _pass(account: dict[str, Any], port: int) -> Pass:
    """The account of a pass that is over, with what the server has sent since it was last asked."""
    connection = HTTPConnection(host(0), port)
    connection.request("GET", "/sent")
    sent: dict[str, int] = json.loads(connection.getresponse().read())
    connection.close()
    done = account["done"]
    return Pass(
        wall_s=account["wall_s"] / done,
        cpu_s=account["cpu_s"] / done,
        sent=sent["list"] / sent["requests"],
        failed=account.get("failed", 0),
        recorded=account.get("recorded", 0),
        rss_mb=account.get("rss_mb", 0.0),
    )


if __name__ == "__main__":
    sys.exit(main())
