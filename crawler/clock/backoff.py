"""How long a source that failed is left alone: by the kind of failure, ever longer, and never for good. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from crawler.model import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """The wait after the first failure, doubled with each further one up to the longest."""

    first: timedelta
    longest: timedelta


class Kind(Enum):
    """What stands behind a failure, and how soon it may be over."""

    # Our own fault or our own lease: the site did not notice, and asking again costs it what a poll costs.
    OURS = Patience(first=timedelta(minutes=10), longest=timedelta(hours=6))
    # Trouble on the way or in the server, which mostly heals within the hour and sometimes after months.
    TROUBLE = Patience(first=timedelta(minutes=30), longest=timedelta(hours=24))
    # The page is not what it was: that takes a person, here or there, who works by the day.
    CHANGED = Patience(first=timedelta(hours=2), longest=timedelta(hours=24))
    # A wall, a login or robots.txt (kept for 24 hours): asking on would be fighting it, and walls count requests.
    REFUSED = Patience(first=timedelta(hours=6), longest=timedelta(hours=72))


_KINDS = {
    Reason.LEASE_LOST: Kind.OURS,
    Reason.BUSY: Kind.OURS,
    Reason.ERROR: Kind.OURS,
    Reason.NO_BROWSER: Kind.OURS,
    Reason.NOT_IN_WARC: Kind.OURS,
    Reason.UNREACHABLE: Kind.TROUBLE,
    Reason.TIMEOUT: Kind.TROUBLE,
    Reason.SERVER_ERROR: Kind.TROUBLE,
    Reason.EMPTY: Kind.TROUBLE,
    Reason.SOFT_ERROR: Kind.TROUBLE,
    Reason.BLOCKED: Kind.REFUSED,
    Reason.ROBOTS: Kind.REFUSED,
    Reason.LOGIN_WALL: Kind.REFUSED,
}

# No wait is doubled more often: 10 min becomes a week, beyond the longest of every kind.
MAX_DOUBLINGS = 10


def kind_of(reason: Reason | None) -> Kind:
    """The kind of a failure. Without a reason the poll itself broke: our own fault."""
    return Kind.OURS if reason is None else _KINDS.get(reason, Kind.CHANGED)


def back_off(failures: int, reason: Reason | None) -> timedelta:
    """The wait after the `failures`-th failure in a row; nothing where there was none."""
    if failures <= 0:
        return timedelta()
    patience: Patience = kind_of(reason).value
    return min(patience.first * (1 << min(failures - 1, MAX_DOUBLINGS)), patience.longest)
