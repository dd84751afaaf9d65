"""What can be said of a source, and what is remembered of it between polls. The policy is verdicts.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crawler.health.usual import ArticlesSeen, ListSeen, Usual
from crawler.model import Reason, Source, WarcPosition


class Health(StrEnum):
    """What can be said of a source, the best first."""

    HEALTHY = "healthy"
    QUIET = "quiet"  # its lists answer, and hold nothing new; that is usual for it
    SLOW = "slow"  # it takes far longer than it did, or does not answer now and then
    SILENT = "silent"  # its lists answer, and hold nothing new for longer than is usual, or than its file expects
    BROKEN = "broken"  # its lists or articles are not where or not what they were
    MOVED = "moved"  # redirected to a host that is not registered
    BLOCKED = "blocked"  # it does not want to be asked by a program: a wall, a challenge, a login
    REFUSED = "refused"  # its robots.txt says no
    UNREACHABLE = "unreachable"  # no answer, or one of a server in trouble
    FAULT = "fault"  # ours

    @property
    def is_fine(self) -> bool:
        """True where nobody need do anything; from one such to another nothing is told."""
        return self in (Health.HEALTHY, Health.QUIET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A list page as it was when all was well, and where it is kept; None where it is not."""

    url: str
    at: datetime
    warc: WarcPosition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSeen:
    """What a poll tells of its source; `newest` is the newest date among its rows, in China."""

    ended_at: datetime
    reason: Reason | None = None
    detail: str = ""
    new: int = 0
    newest: datetime | None = None
    is_skipped: bool = False
    lists: tuple[ListSeen, ...] = ()
    articles: ArticlesSeen = field(default_factory=ArticlesSeen)
    snapshot: Snapshot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a source's file expects; a file that was edited (`digest`) begins to learn anew what its lists are like."""

    max_silence_days: int | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one poll says of a source, and why."""

    health: Health
    reason: Reason | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is remembered of a source between polls.

    `apart` counts the polls in a row that do not say what `verdict` says; `alike`, the last of them that say `next`.
    `reason` and `detail` are those of the last poll that said `verdict`.
    """

    verdict: Health | None = None
    since: datetime | None = None
    reason: Reason | None = None
    detail: str = ""
    next: Health | None = None
    next_since: datetime | None = None
    apart: int = 0
    alike: int = 0
    freshest_at: datetime | None = None
    news_at: datetime | None = None  # when a list last had a new row
    read_at: datetime | None = None  # the last poll that did not fail
    good_at: datetime | None = None  # the last one that said nothing bad
    snapshot: Snapshot | None = None
    digest: str = ""
    usual: Usual = field(default_factory=Usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """That a source's health became another; `previous` is None where it was not known."""

    verdict: Health
    previous: Health | None
    since: datetime
    reason: Reason | None = None
    detail: str = ""


def expected_of(sources: Iterable[Source]) -> dict[str, Expected]:
    """What the files of sources expect, by source."""
    return {source.id: Expected(max_silence_days=source.max_silence_days, digest=source.digest) for source in sources}
