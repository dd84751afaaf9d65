"""When sources are polled next, with all that the archive tells of them; shared by the clock and by cron's passes.

The policy itself is crawler/clock/schedule.py's. Methods that read or write the archive say so: they block.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from itertools import groupby, takewhile
from operator import itemgetter

from archive import Archive
from archive.records import PollRecord, SourceState
from crawler.catalogue import Catalogue
from crawler.clock.rhythm import NewsSeen, Rhythm, learn
from crawler.clock.schedule import Due, Why, first_poll, next_poll, upcoming
from crawler.clock.spending import DAY, Limits, budgets
from crawler.config import Config
from crawler.model import PollReport, Reason, Source

# What a source did before that is no longer a habit of it, and a year's polls need not be read at every start.
LEARNED_FROM = timedelta(weeks=8)
# The ceiling and the jitter upon it.
LATE_BY = 1.1
# The budget of a host follows the rhythms of its sources; they change over days.
SHARED_EVERY = timedelta(hours=1)
# A host that another run holds is free again by then: a poll takes a minute, a dead run's lease runs out.
AFTER_BUSY_LEASES = 2


class Planner:
    """Knows each source's rhythm, failures and pauses, and says when it is due and why."""

    def __init__(self, archive: Archive, config: Config, *, now: Callable[[], datetime]) -> None:
        self._archive = archive
        self._now = now
        self.limits = Limits(
            floor=timedelta(minutes=config.poll_floor_min),
            ceiling=timedelta(minutes=config.poll_ceiling_min),
            per_host_day=config.host_requests_per_day,
        )
        self._after_busy = timedelta(seconds=AFTER_BUSY_LEASES * config.lease_ttl_s)
        self._sources: tuple[Source, ...] = ()
        self._states: Mapping[str, SourceState] = {}
        self._rhythms: dict[str, Rhythm] = {}
        self._failures: dict[str, int] = {}
        self._reasons: dict[str, Reason] = {}
        self._polled: dict[str, datetime] = {}
        self._host_retry: dict[str, datetime] = {}
        self._budgets: Mapping[str, float] = {}
        self._shared_at: datetime | None = None
        self.has_learned = False  # until then plans made with rhythms are believed

    def load(
        self,
        catalogue: Catalogue,
        *,
        only: Collection[str] | None = None,
        on_learned: Callable[[str], None] = lambda source_id: None,
    ) -> None:
        """Read from the archive how the sources stand, and learn their rhythms; blocks, see `learn`."""
        self.load_states(catalogue)
        self.learn(catalogue, only=only, on_learned=on_learned)

    def learn(
        self,
        catalogue: Catalogue,
        *,
        only: Collection[str] | None = None,
        is_over: Callable[[], bool] = lambda: False,
        on_learned: Callable[[str], None] = lambda source_id: None,
    ) -> None:
        """Learn rhythms from the polls of the last weeks, 0.2 ms a poll; blocks until done, or until `is_over`.

        `only` names the sources that are to be planned: of others no rhythm is learned but of those on their hosts.
        `on_learned` hears of each source that is done.
        """
        zones = {source.id: source.timezone for source in catalogue if only is None or source.id in only}
        if only is not None:
            hosts = {host for source in catalogue if source.id in only for host in source.hosts}
            zones |= {source.id: source.timezone for source in catalogue.active() if hosts & {*source.hosts}}
        source_ids = None if only is None else tuple(sorted(zones))
        with self._archive.news_seen(self._now() - LEARNED_FROM, source_ids) as stream:
            wanted = takewhile(lambda _one: not is_over(), stream)
            for source_id, seen in groupby(wanted, key=itemgetter(0)):
                if source_id in zones:
                    polls = (one for _source_id, one in seen)
                    self._rhythms[source_id] = learn(polls, timezone=zones[source_id])
                    on_learned(source_id)
        self.has_learned = not is_over()
        self.share()

    def load_states(self, catalogue: Catalogue) -> None:
        """Read how the sources stand, without their rhythms: enough for `first`; blocks."""
        self._sources = catalogue.active()
        self._states = {state.source_id: state for state in self._archive.source_states()}
        for known in self._states.values():
            self._know(known)
        for source in catalogue:
            state = self._states.get(source.id)
            if state is not None and state.retry_at is not None:
                self._put_off(source, state.retry_at)

    def take_up(self, catalogue: Catalogue) -> None:
        """The registry has changed: a source in another zone has its rhythm to learn again."""
        before = {source.id: source for source in self._sources}
        self._sources = catalogue.active()
        for source in self._sources:
            if source.id in before and before[source.id].timezone != source.timezone:
                self._rhythms.pop(source.id, None)
        self.share()

    def share(self) -> None:
        """Share the budgets of hosts among their sources, by their rhythms and articles of now; blocks."""
        now = self._now()
        articles = self._archive.articles_asked(now - DAY)
        self._budgets = budgets(self._sources, self._rhythms, limits=self.limits, articles=articles)
        self._shared_at = now

    def is_to_share(self) -> bool:
        """True where the last sharing is old."""
        return self._shared_at is None or abs(self._now() - self._shared_at) >= SHARED_EVERY

    def first(self, source: Source) -> Due:
        """When a source is due by what the archive has planned; where that has passed, at once."""
        state = self._states.get(source.id)
        planned = state.next_poll_at if state is not None else None
        due = first_poll(source, now=self._now(), planned=planned, limits=self.limits)
        if state is not None and state.next_why is not None and due.at == planned:
            due = Due(at=due.at, why=Why(state.next_why))
        return self.brought_back(source, due)

    def is_due(self, source: Source) -> bool:
        """True where its time has come, or it has none yet."""
        due = self.first(source)
        return due.why is Why.FIRST or due.at <= self._now()

    def brought_back(self, source: Source, due: Due) -> Due:
        """The plan, or a sooner one: none lies further ahead than it would had the source been polled this moment.

        Such plans were made by a clock that has been set back since, or by facts that have changed.
        """
        latest = self.again(source, after=self._now())
        if latest.why is Why.INTERVAL and not self.has_learned:
            latest = Due(at=self._now() + LATE_BY * self.limits.ceiling, why=Why.CEILING)
        return due if due.at <= latest.at else latest

    def after(self, source: Source, report: PollReport | None) -> Due:
        """When a source is due after this poll of it; None stands for one that a fault of ours ended."""
        if report is None:
            self._fail(source.id, Reason.ERROR)
            return self.again(source, after=self._now())
        if report.skipped:
            return Due(at=report.ended_at + self._after_busy, why=Why.BUSY)
        self._polled[source.id] = report.ended_at
        if report.retry_at is not None:
            self._put_off(source, report.retry_at)
        if report.reason is not None:
            self._fail(source.id, report.reason)
        else:
            self._failures[source.id] = 0
            self._reasons.pop(source.id, None)
        new = sum(page.new for page in report.lists)
        if report.reason is None or new:
            self._learn(source, report.ended_at, new)
        return self.again(source, after=report.ended_at)

    def last_poll(self, source: Source) -> PollRecord | None:
        """Its last poll, whoever made it."""
        state = self._states.get(source.id)
        return None if state is None else state.last_poll

    def again(self, source: Source, *, after: datetime) -> Due:
        """When a source is due that was polled last at `after`, as things stand."""
        return next_poll(
            source,
            after=after,
            failures=self._failures.get(source.id, 0),
            reason=self._reasons.get(source.id),
            rhythm=self._rhythms.get(source.id),
            retry_at=self.retry_at(source),
            limits=self.limits,
            budget=self._budgets.get(source.id),
        )

    def upcoming(self, source: Source, *, until: datetime, paused_until: datetime | None = None) -> tuple[Due, ...]:
        """Its polls up to then, if all go well and nothing new comes; what a pause holds up is made up for once."""
        state = self._states.get(source.id)
        found = upcoming(
            source,
            now=paused_until or self._now(),
            until=until,
            planned=state.next_poll_at if state is not None else None,
            failures=self._failures.get(source.id, 0),
            reason=self._reasons.get(source.id),
            rhythm=self._rhythms.get(source.id),
            retry_at=self.retry_at(source),
            limits=self.limits,
            budget=self._budgets.get(source.id),
        )
        first = self.first(source)
        return (first, *found[1:]) if found and found[0].at == first.at else found

    def retry_at(self, source: Source) -> datetime | None:
        """Until when one of the source's hosts asked not to be asked, whichever source was told so."""
        now = self._now()
        told = [self._host_retry[host] for host in source.hosts if host in self._host_retry]
        return max((when for when in told if when > now), default=None)

    def keep(self, source: Source, due: Due) -> None:
        """Write the plan down, for restarts and for other processes; blocks. Raises ArchiveError."""
        self._archive.plan(source.id, due.at, why=due.why.value, retry_at=self.retry_at(source))

    def heed(self, polled: Mapping[str, datetime]) -> dict[str, Due]:
        """When those of these sources are due that another run has polled meanwhile; blocks."""
        known = self._polled
        foreign = {source_id for source_id, at in polled.items() if source_id not in known or at > known[source_id]}
        found: dict[str, Due] = {}
        if not foreign:
            return found
        states = {state.source_id: state for state in self._archive.source_states()}
        for source in self._sources:
            state = states.get(source.id)
            if source.id not in foreign or state is None or state.last_polled_at is None:
                continue
            self._know(state)
            poll = state.last_poll
            if poll is not None and not poll.skipped and (poll.reason is None or poll.new):
                self._learn(source, poll.ended_at, poll.new)
            if state.next_poll_at is not None and state.next_why and state.next_poll_at > state.last_polled_at:
                found[source.id] = Due(at=state.next_poll_at, why=Why(state.next_why))
            else:
                found[source.id] = self.again(source, after=state.last_polled_at)
        return found

    def _know(self, state: SourceState) -> None:
        self._failures[state.source_id] = state.failures
        if state.last_polled_at is not None:
            self._polled[state.source_id] = state.last_polled_at
        self._reasons.pop(state.source_id, None)
        if state.failures and state.last_poll is not None and state.last_poll.reason is not None:
            self._reasons[state.source_id] = state.last_poll.reason

    def _fail(self, source_id: str, reason: Reason) -> None:
        self._failures[source_id] = self._failures.get(source_id, 0) + 1
        self._reasons[source_id] = reason

    def _learn(self, source: Source, at: datetime, new: int) -> None:
        rhythm = self._rhythms.get(source.id) or learn((), timezone=source.timezone)
        self._rhythms[source.id] = rhythm.after(NewsSeen(since=rhythm.last, at=at, new=new))

    def _put_off(self, source: Source, until: datetime) -> None:
        for host in source.hosts:
            self._host_retry[host] = max(until, self._host_retry.get(host, until))
