"""Whether reprints are found and joined, and what that costs: quality by kind of change, bulletins, peer, growth.

`python -m bench.stories`: some minutes, growth over archives of 10,000 and 50,000 items; `--full`: 100,000 and
500,000, which takes half an hour and 10 GB in the folder of `--data`. Ends with 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from archive.grouping import group
from bench import growth, peers
from bench.build_archive import made
from bench.reprints import CHANGES, HARDER, SHARED, Given, pages_in, real_texts, reprints
from crawler.text.fold import fold_text
from crawler.text.likeness import likeness
from crawler.text.shingles import text_of

RECALL_BAR, PRECISION_BAR = 0.97, 0.995
QUICK, FULL = (10_000, 50_000), (100_000, 500_000)
_PEER_TEXTS = 1500
_PEER_ROUNDS = 2  # the best of each: what other programs disturbed least


def main() -> int:
    """The parts that take less than a minute, for `python -m bench`."""
    return max([part() for part in (bulletins, rate)])


def quality() -> int:
    """Recall by kind of change, and precision over all pairs that were joined."""
    originals = real_texts()
    _say(
        f"stories: {len(originals.texts)} texts of {originals.place}"
        f" ({originals.twice} left out, which stand there twice), each reprinted in {len(CHANGES)} ways"
    )
    held, precision = _joined(list(reprints(originals.texts, CHANGES)))
    for change in CHANGES:
        _say(f"  {change:<34} recall {held[change][0] / held[change][1]:.4f} of {held[change][1]}")
    found, asked = (sum(counts) for counts in zip(*held.values(), strict=True))
    _say(f"  all: recall {found / asked:.4f} (bar {RECALL_BAR}), precision {precision:.4f} (bar {PRECISION_BAR})")
    harder, also = _joined(list(reprints(originals.texts, HARDER)))
    for change, (one, of) in sorted(harder.items()):
        _say(f"  {change:<34} recall {one / of:.4f} of {of} (for information)")
    _say(f"  precision among these {also:.4f}")
    return 0 if found >= RECALL_BAR * asked and min(precision, also) >= PRECISION_BAR else 1


def bulletins() -> int:
    """The bulletins of Shanghai, which differ in figures only: those of two days are never one."""
    if not SHARED.is_dir():
        _say("stories: no bulletins here (../shared/pages/shanghai_wsjkw)")
        return 0
    read = [text_of(fold_text(title), fold_text(body)) for title, body in pages_in("shanghai_wsjkw")]
    # one day's bulletin may stand there twice: the same words and figures
    wrong = [
        (one.title, other.title)
        for place, one in enumerate(read)
        for other in read[place + 1 :]
        if one.bare != other.bare and _figures(one.bare) != _figures(other.bare) and likeness(one, other) is not None
    ]
    _say(f"stories: {len(read)} bulletins of Shanghai, {len(wrong)} pairs of two days joined (bar 0)")
    for pair in wrong:
        _say(f"  {pair[0]} = {pair[1]}")
    return 1 if wrong else 0


def rate() -> int:
    """Our rate against the peer's, on texts that are mostly new and on texts that are mostly reprints."""
    originals = real_texts().texts
    many = [(given.title, given.body) for given in reprints(originals, CHANGES)][:_PEER_TEXTS]
    new = [(item.title, item.body) for item in map(made, range(1, _PEER_TEXTS + 1))]
    missed = 0
    for name, texts in (("mostly new", new), ("mostly reprints", many)):
        folded = [(fold_text(title), fold_text(body)) for title, body in texts]
        runs = [(peers.ours(folded), peers.theirs(folded)) for _ in range(_PEER_ROUNDS)]
        ours = max((run[0] for run in runs), key=lambda run: run.per_s)
        theirs = max((run[1] for run in runs), key=lambda run: run.per_s)
        ratio = ours.per_s / theirs.per_s
        _say(
            f"stories: {name}: {ours.per_s:,.0f} texts a CPU second, {ours.likes} likes; datasketch.MinHashLSH"
            f" {theirs.per_s:,.0f}, {theirs.likes}; ratio {ratio:.2f} (bar {peers.BAR})"
        )
        missed |= ratio < peers.BAR
    return int(missed)


def cost(sizes: tuple[int, int], folder: Path) -> int:
    """What storing an item costs in a small and in a large archive, on each database."""
    costs: dict[str, list[growth.Cost]] = defaultdict(list)
    for one in growth.grow(sizes, folder, growth.databases_here()):
        costs[one.database].append(one)
        _say(
            f"stories: {one.database:<10} {one.held:>7,} items: {one.cpu_ms:5.2f} ms CPU,"
            f" {one.wall_ms:5.2f} ms wall an item, {one.memory_mb:.0f} MB"
        )
    missed = 0
    for database, (small, large) in costs.items():
        by = max(large.cpu_ms / small.cpu_ms, large.wall_ms / small.wall_ms)
        more = large.memory_mb - small.memory_mb
        _say(
            f"stories: {database}: {by:.2f} times the cost in an archive {sizes[1] / sizes[0]:.0f} times as large"
            f" (bar {growth.BAR}), {more:+.0f} MB (bar {growth.MEMORY_BAR_MB})"
        )
        missed |= by > growth.BAR or more > growth.MEMORY_BAR_MB
    return int(missed)


def _joined(given: Sequence[Given]) -> tuple[dict[str, tuple[int, int]], float]:
    """By change, how many reprints stand in a story with their original, of how many; precision over all pairs."""
    rows = [{"id": number, "title": one.title, "body": one.body} for number, one in enumerate(given)]
    story_of = dict(group(rows))
    original = {one.of: story_of[number] for number, one in enumerate(given) if one.change == "original"}
    found: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for number, one in enumerate(given):
        if one.change != "original":
            asked[one.change] += 1
            found[one.change] += story_of[number] == original[one.of]
    together = _pairs(story_of.values())
    right = _pairs((story_of[number], one.of) for number, one in enumerate(given))
    return {change: (found[change], asked[change]) for change in asked}, right / max(1, together)


def _pairs(keys: Iterable[object]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(keys).values())


def _figures(bare: str) -> list[str]:
    return re.findall(r"\d+", bare)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _command() -> int:
    asked = argparse.ArgumentParser(prog="python -m bench.stories", description=__doc__)
    asked.add_argument("--full", action="store_true", help="growth from 100,000 to 500,000 items")
    asked.add_argument("--data", type=Path, help="folder of the synthetic archives, kept; else a passing one")
    asked.add_argument("--only", choices=("quality", "bulletins", "rate", "growth"))
    given = asked.parse_args()

    def growing() -> int:
        with tempfile.TemporaryDirectory(prefix="hrwatch-bench-") as folder:
            return cost(FULL if given.full else QUICK, given.data or Path(folder))

    parts: dict[str, Callable[[], int]] = {
        "quality": quality,
        "bulletins": bulletins,
        "rate": rate,
        "growth": growing,
    }
    return max([part() for name, part in parts.items() if given.only in (None, name)])


if __name__ == "__main__":
    sys.exit(_command())
