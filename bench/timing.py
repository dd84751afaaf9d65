"""How long something takes: CPU time of this process, the best of several rounds."""

from __future__ import annotations

import time
from collections.abc import Callable


def best_of(work: Callable[[], object], *, rounds: int = 5) -> float:
    """CPU seconds of the fastest of `rounds` runs: the one that other programs disturbed least."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)
