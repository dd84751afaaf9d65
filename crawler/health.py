"""How a source stands, judged from its polls one after another. Pure: no clock, no archive.

The policy is this file; whoever keeps a Standing between polls calls `follow`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from crawler.model import Reason


class Health(StrEnum):
    """What can be said of a source."""

    WELL = "well"
    SILENT = "silent"  # its lists answer, and hold nothing new for longer than its file expects
    BROKEN = "broken"  # its lists are not where or not what they were
    BLOCKED = "blocked"  # it does not want to be asked: a wall, a login, robots.txt
    MOVED = "moved"  # redirected to a host that is not registered
    UNREACHABLE = "unreachable"  # no answer, or one of a server in trouble
    FAULT = "fault"  # ours


_VERDICTS = {
    Reason.BLOCKED: Health.BLOCKED,
    Reason.LOGIN_WALL: Health.BLOCKED,
    Reason.ROBOTS: Health.BLOCKED,
    Reason.REDIRECT_OFFSITE: Health.MOVED,
    Reason.UNREGISTERED_HOST: Health.MOVED,
    Reason.UNREACHABLE: Health.UNREACHABLE,
    Reason.TIMEOUT: Health.UNREACHABLE,
    Reason.SERVER_ERROR: Health.UNREACHABLE,
    Reason.PRIVATE_ADDRESS: Health.UNREACHABLE,
    Reason.ERROR: Health.FAULT,
    Reason.NO_BROWSER: Health.FAULT,
}
# Say nothing of the source: another run was at work, or a replay had no page.
_SAYS_NOTHING = frozenset({Reason.BUSY, Reason.LEASE_LOST, Reason.NOT_IN_WARC})

# A verdict changes when so many polls in a row speak against it: one alone is a flicker.
CONFIRMED_BY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSeen:
    """What a poll tells of its source; `newest` is the newest date among its rows, in China."""

    ended_at: datetime
    reason: Reason | None = None
    new: int = 0
    newest: datetime | None = None
    is_skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is remembered of a source between polls.

    `apart` counts the polls in a row that do not say what `verdict` says; `alike`, the last of them that say `next`.
    """

    verdict: Health | None = None
    since: datetime | None = None
    next: Health | None = None
    next_since: datetime | None = None
    apart: int = 0
    alike: int = 0
    freshest_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """That a source's health became another; `previous` is None where it was not known."""

    verdict: Health
    previous: Health | None
    since: datetime


def follow(standing: Standing, poll: PollSeen, max_silence_days: int | None) -> tuple[Standing, Change | None]:
    """The standing after a poll, and what changed by it.

    From well, any two bad polls in a row will do, and the last one names it: a host may time out and refuse in turn.
    From one trouble to another, or back to well, it takes two that agree. That a new source is well is no change.
    """
    standing = replace(standing, freshest_at=_freshest(standing, poll))
    said = _said(standing, poll, max_silence_days)
    if said is None:
        return standing, None
    if said is standing.verdict:
        return replace(standing, next=None, next_since=None, apart=0, alike=0), None
    is_again = said is standing.next
    standing = replace(
        standing,
        next=said,
        next_since=standing.next_since if is_again or _is_trouble(standing.next, said) else poll.ended_at,
        apart=standing.apart + 1,
        alike=standing.alike + 1 if is_again else 1,
    )
    is_known_trouble = standing.verdict not in (None, Health.WELL)
    if (standing.alike if is_known_trouble or said is Health.WELL else standing.apart) < CONFIRMED_BY:
        return standing, None
    since = standing.next_since or poll.ended_at
    change = Change(verdict=said, previous=standing.verdict, since=since)
    after = Standing(verdict=said, since=since, freshest_at=standing.freshest_at)
    return after, None if standing.verdict is None and said is Health.WELL else change


def _is_trouble(before: Health | None, now: Health) -> bool:
    return before not in (None, Health.WELL) and now is not Health.WELL


def _said(standing: Standing, poll: PollSeen, max_silence_days: int | None) -> Health | None:
    if poll.is_skipped or poll.reason in _SAYS_NOTHING:
        return None
    if poll.reason is not None:
        return _VERDICTS.get(poll.reason, Health.BROKEN)
    freshest = standing.freshest_at
    if max_silence_days is not None and freshest is not None:
        return Health.SILENT if poll.ended_at - freshest > timedelta(days=max_silence_days) else Health.WELL
    return Health.WELL


def _freshest(standing: Standing, poll: PollSeen) -> datetime | None:
    """When the newest row was published; where its lists show no dates, when a row was last new."""
    if poll.newest is not None:
        # a row dated tomorrow, or in 2062 by a slip, is not fresher than the moment it was seen
        seen = min(poll.newest, poll.ended_at)
    elif poll.new > 0 or standing.freshest_at is None:
        seen = poll.ended_at
    else:
        return standing.freshest_at
    return seen if standing.freshest_at is None else max(seen, standing.freshest_at)
