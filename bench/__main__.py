"""`python -m bench`: every benchmark in turn; each is also a module of its own, such as `python -m bench.judge`."""

from __future__ import annotations

import sys

from bench import archive, extract, feeds, freshness, judge, stories

BENCHES = {
    "archive": archive.main,
    "extract": extract.main,
    "feeds": feeds.main,
    "freshness": freshness.main,
    "judge": judge.main,
    "stories": stories.main,
}


def main() -> int:
    """Run all, and end with 1 where one misses its bar."""
    missed = [name for name, run in BENCHES.items() if run() != 0]
    for name in missed:
        sys.stdout.write(f"{name}: below its bar\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
