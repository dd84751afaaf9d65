"""When a source is polled next. Pure: facts and history in, a time out; the clock is the caller's."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from crawler.model import Reason, Source

# A failing source is asked ever more slowly, but never given up: sites come back after months.
LONGEST = timedelta(hours=24)
# A wall or a robots.txt does not come down within the hour; asking on would be fighting it.
AFTER_REFUSAL = timedelta(hours=6)
# Sources of one interval must not all come due in the same second.
JITTER = 0.1


def next_poll(source: Source, *, after: datetime, failures: int, reason: Reason | None) -> datetime:
    """When `source` is due after a poll that ended at `after`, its `failures`-th failure in a row (0: it went well)."""
    wait = timedelta(minutes=source.every_min)
    if failures:
        wait = min(wait * 2 ** min(failures, 10), max(LONGEST, wait))
        if reason in (Reason.BLOCKED, Reason.ROBOTS):
            wait = max(wait, AFTER_REFUSAL)
    return after + wait * (1 + JITTER * spread(source.id))


def first_poll(source: Source, *, now: datetime, planned: datetime | None) -> datetime:
    """When `source` is due after a start: as planned before, or within the first seconds; a missed poll runs once."""
    if planned is not None and planned > now:
        return planned
    return now + timedelta(seconds=1 + spread(source.id))


def spread(source_id: str) -> float:
    """A number from -1 to 1 that is always the same for a source: jitter that can be repeated."""
    return int.from_bytes(hashlib.sha256(source_id.encode()).digest()[:4]) / 2**31 - 1
