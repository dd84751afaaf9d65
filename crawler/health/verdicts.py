"""How a source stands, judged from its polls one after another. Pure: no clock, no archive.

The policy is this file with usual.py and silence.py; whoever keeps a Standing calls `follow`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.health.silence import GAPS, IsWorkday, holidays, is_refuted, is_weekday, longest_silence, working_days
from crawler.health.standing import Change, Expected, Health, PollSeen, Said, Standing
from crawler.health.usual import (
    Usual,
    fault_of_articles,
    fault_of_lists,
    slowness,
    with_answer,
    with_articles,
    with_lists,
)
from crawler.model import Reason

_VERDICTS = {
    Reason.BLOCKED: Health.BLOCKED,
    Reason.LOGIN_WALL: Health.BLOCKED,
    Reason.ROBOTS: Health.REFUSED,
    Reason.REDIRECT_OFFSITE: Health.MOVED,
    Reason.UNREGISTERED_HOST: Health.MOVED,
    Reason.UNREACHABLE: Health.UNREACHABLE,
    Reason.TIMEOUT: Health.UNREACHABLE,
    Reason.SERVER_ERROR: Health.UNREACHABLE,
    Reason.PRIVATE_ADDRESS: Health.UNREACHABLE,
    Reason.ERROR: Health.FAULT,
    Reason.NO_BROWSER: Health.FAULT,
}
# 401, 403, 405, 429, 451: other words of "not for you" with which walls answer; a 400 or 414 is about the address.
_REFUSING = frozenset({"401", "403", "405", "429", "451"})
# Say nothing of the source: another run was at work, or a replay had no page.
_SAYS_NOTHING = frozenset({Reason.BUSY, Reason.LEASE_LOST, Reason.NOT_IN_WARC})

# A verdict changes when so many polls in a row speak against it, over such a time: less is a flicker.
CONFIRMED_BY = 2
CONFIRMED_AFTER = timedelta(minutes=10)  # a list that is written anew is empty for a moment
# Servers are restarted, kept by night, and out of reach in one poll of a hundred.
UNANSWERED_BY = 3
UNANSWERED_FOR = timedelta(hours=2)
# Of one that is known to answer now and then it takes more to say that it does not at all.
GONE_FOR = timedelta(days=1)
# Nothing new for so long is worth a word.
QUIET_AFTER = timedelta(days=1)
# A gap between news is learned only where somebody looked shortly before its end: a crawler that stood still makes
# gaps of its own.
LOOKED = timedelta(days=3)
CHINA = ZoneInfo("Asia/Shanghai")

_NOTHING_EXPECTED = Expected()


def follow(
    standing: Standing,
    poll: PollSeen,
    expected: Expected = _NOTHING_EXPECTED,
    *,
    is_workday: IsWorkday = is_weekday,
) -> tuple[Standing, Change | None]:
    """The standing after a poll, and what changed by it.

    From healthy, any two bad polls in a row will do, and the last one names it: a host may time out and refuse in turn.
    From one trouble to another, or back to health, it takes two that agree. That a new source is well is no change.
    """
    if poll.is_skipped or poll.reason in _SAYS_NOTHING:
        return replace(standing, freshest_at=_freshest(standing, poll)), None
    standing = _learned(standing, poll, expected, is_workday)
    said = _said(standing, poll, expected, is_workday)
    if said.health.is_fine:
        standing = replace(standing, good_at=poll.ended_at, snapshot=poll.snapshot or standing.snapshot)
    if _is_same(said.health, standing.verdict):
        return _confirmed_again(standing, said, poll), None
    is_again = said.health is standing.next or (said.health.is_fine and standing.next is Health.HEALTHY)
    standing = replace(
        standing,
        next=Health.HEALTHY if said.health.is_fine else said.health,
        next_since=standing.next_since if is_again or _is_trouble(standing.next, said.health) else poll.ended_at,
        # of a source that is not known yet every poll is apart: one that is fine between two others is none of them
        apart=1 if standing.next is Health.HEALTHY and not said.health.is_fine else standing.apart + 1,
        alike=standing.alike + 1 if is_again else 1,
    )
    if not _is_confirmed(standing, said.health, poll.ended_at):
        return standing, None
    since = standing.next_since or poll.ended_at
    change = Change(
        verdict=Health.HEALTHY if said.health.is_fine else said.health,
        previous=standing.verdict,
        since=since,
        reason=said.reason,
        detail=said.detail,
    )
    after = _settled(standing, said, since)
    return after, None if standing.verdict is None and said.health.is_fine else change


def _is_same(said: Health, verdict: Health | None) -> bool:
    return said is verdict or (verdict is not None and said.is_fine and verdict.is_fine)


def _confirmed_again(standing: Standing, said: Said, poll: PollSeen) -> Standing:
    """The verdict stands; from healthy to quiet and back it takes no second poll, as nobody is told."""
    since = standing.since
    if said.health is not standing.verdict:
        since = standing.news_at if said.health is Health.QUIET else poll.ended_at
    return _settled(standing, said, since)


def _settled(standing: Standing, said: Said, since: datetime | None) -> Standing:
    """What was said is the verdict, and nothing speaks against it."""
    return replace(
        standing,
        verdict=said.health,
        since=since,
        reason=said.reason,
        detail=said.detail,
        next=None,
        next_since=None,
        apart=0,
        alike=0,
    )


def _is_confirmed(standing: Standing, said: Health, at: datetime) -> bool:
    is_known_trouble = standing.verdict is not None and not standing.verdict.is_fine
    is_passing = said in (Health.UNREACHABLE, Health.SLOW)
    counted = standing.alike if is_known_trouble or said.is_fine else standing.apart
    if counted < (UNANSWERED_BY if is_passing else CONFIRMED_BY):
        return False
    if standing.verdict is None and not is_passing:
        return True  # of a new source there is nothing to be doubted: it never was otherwise
    lasting = UNANSWERED_FOR if is_passing else CONFIRMED_AFTER
    if standing.verdict is Health.SLOW and said is Health.UNREACHABLE:
        lasting = GONE_FOR
    return at - (standing.next_since or at) >= lasting


def _is_trouble(before: Health | None, now: Health) -> bool:
    return before is not None and not before.is_fine and not now.is_fine


def _said(standing: Standing, poll: PollSeen, expected: Expected, is_workday: IsWorkday) -> Said:
    if poll.reason is not None:
        health = _VERDICTS.get(poll.reason, Health.BROKEN)
        if poll.reason is Reason.HTTP_ERROR and poll.detail in _REFUSING:
            health = Health.BLOCKED
        return Said(health=health, reason=poll.reason, detail=poll.detail)
    if (fault := fault_of_lists(standing.usual, poll.lists) or fault_of_articles(standing.usual)) is not None:
        return Said(health=Health.BROKEN, detail=fault)
    if (silence := _silence(standing, poll, expected, is_workday)) is not None:
        return Said(health=Health.SILENT, detail=silence)
    if (slow := slowness(standing.usual, poll.lists, is_slow=standing.verdict is Health.SLOW)) is not None:
        return Said(health=Health.SLOW, detail=slow)
    if standing.news_at is not None and poll.ended_at - standing.news_at > QUIET_AFTER:
        return Said(health=Health.QUIET)
    return Said(health=Health.HEALTHY)


def _silence(standing: Standing, poll: PollSeen, expected: Expected, is_workday: IsWorkday) -> str | None:
    """What makes the silence too long: what the file expects or what was learned, whichever is sooner."""
    return _unexpected_silence(standing, poll, expected, is_workday) or _unusual_silence(standing, poll, is_workday)


def _unexpected_silence(standing: Standing, poll: PollSeen, expected: Expected, is_workday: IsWorkday) -> str | None:
    limit, freshest_at = expected.max_silence_days, standing.freshest_at
    if limit is None or freshest_at is None or poll.ended_at - freshest_at <= timedelta(days=limit):
        return None
    # who wrote 7 days into the file did not think of 春节
    away = holidays(_day(freshest_at), _day(poll.ended_at), is_workday)
    if poll.ended_at - freshest_at <= timedelta(days=limit + away) or is_refuted(limit, standing.usual.gaps):
        return None
    return f"nothing new for {(poll.ended_at - freshest_at).days} days, {limit} at most are expected"


def _unusual_silence(standing: Standing, poll: PollSeen, is_workday: IsWorkday) -> str | None:
    longest = longest_silence(standing.usual.gaps)
    if longest is None or standing.news_at is None:
        return None
    silent = working_days(_day(standing.news_at), _day(poll.ended_at), is_workday)
    if silent <= longest:
        return None
    return f"nothing new for {silent} working days, so far {max(standing.usual.gaps)} at most"


def _learned(standing: Standing, poll: PollSeen, expected: Expected, is_workday: IsWorkday) -> Standing:
    """What is remembered after a poll, before it is judged."""
    usual = standing.usual
    if expected.digest and expected.digest != standing.digest:
        # lists and articles are read by other facts now; its rhythm and its server are the same
        usual = Usual(gaps=usual.gaps, answers=usual.answers) if standing.digest else usual
        standing = replace(standing, digest=expected.digest)
    usual = with_answer(usual, is_there=_VERDICTS.get(poll.reason or Reason.OTHER_PATH) is not Health.UNREACHABLE)
    news_at = standing.news_at
    if poll.reason is None:
        usual = with_articles(with_lists(usual, poll.lists, poll.ended_at), poll.articles)
        if poll.new > 0:
            usual = replace(usual, gaps=_gaps(standing, poll, is_workday))
            # what a first poll finds has been there since the day of its newest row
            is_first = news_at is None and poll.newest is not None
            news_at = min(poll.newest, poll.ended_at) if is_first and poll.newest else poll.ended_at
    return replace(
        standing,
        usual=usual,
        news_at=news_at,
        read_at=poll.ended_at if poll.reason is None else standing.read_at,
        freshest_at=_freshest(standing, poll),
    )


def _gaps(standing: Standing, poll: PollSeen, is_workday: IsWorkday) -> tuple[int, ...]:
    """The gaps with the one that ends today, where somebody looked for news meanwhile."""
    gaps = standing.usual.gaps
    if standing.news_at is None or standing.read_at is None:
        return gaps
    before, today = _day(standing.news_at), _day(poll.ended_at)
    unseen = poll.ended_at - standing.read_at
    if today <= before or unseen > max(LOOKED, (poll.ended_at - standing.news_at) / 2):
        return gaps
    return (*gaps, working_days(before, today, is_workday))[-GAPS:]


def _day(at: datetime) -> date:
    return at.astimezone(CHINA).date()


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
