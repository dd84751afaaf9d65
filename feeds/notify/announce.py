"""Tells every target of every notification what has not reached it: each thing once, failures later again.

One process at a time, held by a lease in the archive: cron and `hrwatch run` on one archive tell nothing twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from archive.records import Announced, HealthEvent, Question, StoryRecord, TargetState
from crawler.config import Config
from crawler.errors import ConfigError
from crawler.model import Lease
from feeds.notify.message import Message, Part, health_message, html_page, positions_of, story_message, text_parts
from feeds.notify.rhythm import last_moment, retry_at
from feeds.notify.service import Service, open_service
from feeds.notify.wanted import Notification, Target
from feeds.wanted import Taxonomy

logger = logging.getLogger(__name__)

# Told one by one; what is more is counted, with the page where it stands. A screenful for a chat; what a mail shows
# without growing tiresome.
CHAT_STORIES = 30
MAIL_STORIES = 200

_LEASE = "notifications"
_LEASE_S = 300.0  # one message takes at most a minute: five parts, each with Apprise's pause and time limits


class Store(Protocol):
    """What telling asks of the archive."""

    def notice(
        self,
        name: str,
        question: Question | None,
        targets: Sequence[str],
        *,
        now: datetime,
        max_age_days: int,
        per_source: int,
    ) -> int: ...
    def preview_notice(
        self, name: str, question: Question, *, max_age_days: int, per_source: int
    ) -> tuple[StoryRecord, ...] | None: ...
    def targets(self) -> tuple[TargetState, ...]: ...
    def pending(
        self, name: str, target: str, *, before: datetime | None = None, limit: int
    ) -> tuple[tuple[Announced, ...], int]: ...
    def pending_events(
        self, name: str, target: str, *, before: datetime | None = None, limit: int
    ) -> tuple[HealthEvent, ...]: ...
    def record_delivery(self, name: str, target: str, positions: Sequence[int], *, now: datetime) -> None: ...
    def record_rest(self, name: str, target: str, *, before: datetime | None = None, now: datetime) -> None: ...
    def record_failure(self, name: str, target: str, fault: str, *, retry_at: datetime) -> None: ...
    def acquire_lease(self, host: str, owner: str, ttl_s: float) -> Lease | None: ...
    def renew_leases(self, held: Sequence[Lease], ttl_s: float) -> Sequence[Lease]: ...
    def release_lease(self, lease: Lease) -> None: ...


class State(StrEnum):
    """How a target came out of a call."""

    OPENED = "opened"  # seen for the first time: what comes from now on is told
    SENT = "sent"
    NOTHING = "nothing"
    WAITING = "waiting"  # failed before, and not tried again yet
    FAILED = "failed"
    BUSY = "busy"  # another process is telling


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one target. `count` is of stories or health events; `fault` has no secret in it."""

    notification: str
    target: str
    state: State
    count: int = 0
    fault: str | None = None
    retry_at: datetime | None = None
    message: Message | None = None  # that was sent, or, in a dry run, would be


def announce(
    archive: Store,
    notifications: Sequence[Notification],
    taxonomy: Taxonomy,
    config: Config,
    *,
    owner: str,
    now: Callable[[], datetime],
    is_urgent: bool = False,
) -> tuple[Outcome, ...]:
    """Tell what is due, target by target; one that fails stops no other.

    `is_urgent` tries those again at once that failed before.
    """
    if not notifications:
        return ()
    lease = archive.acquire_lease(_LEASE, owner, _LEASE_S)
    if lease is None:
        return tuple(_outcome(one, target, State.BUSY) for one in notifications for target in one.to)
    outcomes: list[Outcome] = []
    try:
        before = {(state.notification, state.target) for state in archive.targets()}
        for one in notifications:
            archive.notice(
                one.name,
                one.question,
                [target.name for target in one.to],
                now=now(),
                max_age_days=config.feed_max_age_days,
                per_source=config.feed_per_source,
            )
        known = {(state.notification, state.target): state for state in archive.targets()}
        for one in notifications:
            for target in one.to:
                if archive.renew_leases([lease], _LEASE_S):
                    return tuple(outcomes)  # it has passed to another, who goes on
                if (one.name, target.name) not in before:
                    outcomes.append(_outcome(one, target, State.OPENED))
                    continue
                telling = _Telling(archive, one, target, taxonomy, config.base_url)
                outcomes.append(telling.tell(known[one.name, target.name], now, is_urgent=is_urgent))
    finally:
        archive.release_lease(lease)
    return tuple(outcomes)


def preview(
    archive: Store, notifications: Sequence[Notification], taxonomy: Taxonomy, config: Config
) -> tuple[Outcome, ...]:
    """What every target has coming, due or not; nothing is sent or remembered."""
    known = {(state.notification, state.target) for state in archive.targets()}
    outcomes = []
    for one in notifications:
        fresh: tuple[StoryRecord, ...] | None = ()
        if one.question is not None:
            fresh = archive.preview_notice(
                one.name, one.question, max_age_days=config.feed_max_age_days, per_source=config.feed_per_source
            )
        for target in one.to:
            if (one.name, target.name) not in known or fresh is None:
                outcomes.append(_outcome(one, target, State.OPENED))
                continue
            told, count = _Telling(archive, one, target, taxonomy, config.base_url).coming(fresh)
            message = _message(one, told, count, taxonomy, config.base_url) if told else None
            outcomes.append(_outcome(one, target, State.NOTHING, count=count, message=message))
    return tuple(outcomes)


@dataclass(frozen=True, slots=True)
class _Telling:
    """One target of one notification."""

    archive: Store
    notification: Notification
    target: Target
    taxonomy: Taxonomy
    base_url: str

    def coming(self, fresh: Sequence[StoryRecord]) -> tuple[Sequence[Announced] | Sequence[HealthEvent], int]:
        """What has not reached the target, `fresh` stories without a place included."""
        name, target = self.notification.name, self.target.name
        if self.notification.question is None:
            events = self.archive.pending_events(name, target, limit=CHAT_STORIES)
            return events, len(events)
        told, count = self.archive.pending(name, target, limit=MAIL_STORIES)
        last = told[-1].position if told else 0
        told += tuple(Announced(position=last + n, story=story) for n, story in enumerate(fresh, start=1))
        return told[-MAIL_STORIES:], count + len(fresh)

    def tell(
        self,
        state: TargetState,
        now: Callable[[], datetime],
        *,
        is_urgent: bool,
    ) -> Outcome:
        """Tell the target what is due."""
        at = now()
        if state.retry_at is not None and state.retry_at > at and not is_urgent:
            return self._came(State.WAITING, fault=state.fault, retry_at=state.retry_at)
        before = last_moment(self.notification, at)
        is_mail = self.target.scheme in ("mailto", "mailtos")
        told, count = self._due(before, MAIL_STORIES if is_mail else CHAT_STORIES)
        if not told:
            return self._came(State.NOTHING)
        message = _message(self.notification, told, count, self.taxonomy, self.base_url)
        try:
            fault = self._send(open_service(self.target), message, now)
        except ConfigError as error:
            fault = str(error)
        if fault is not None:
            again = retry_at(state.failures + 1, now())
            self.archive.record_failure(self.notification.name, self.target.name, fault, retry_at=again)
            logger.warning("notification %s, %s: %s", self.notification.name, self.target.name, fault)
            return self._came(State.FAILED, fault=fault, retry_at=again, count=count)
        self.archive.record_rest(self.notification.name, self.target.name, before=before, now=now())
        return self._came(State.SENT, count=count, message=message)

    def _due(self, before: datetime | None, limit: int) -> tuple[Sequence[Announced] | Sequence[HealthEvent], int]:
        name, target = self.notification.name, self.target.name
        if self.notification.question is not None:
            return self.archive.pending(name, target, before=before, limit=limit)
        events = self.archive.pending_events(name, target, before=before, limit=limit)
        return events, len(events)

    def _send(self, service: Service, message: Message, now: Callable[[], datetime]) -> str | None:
        """Send part by part and remember each that was taken: the next attempt goes on behind it."""
        if service.takes_html:
            parts = [Part(text=html_page(message), positions=tuple(positions_of(message)))]
        else:
            parts = text_parts(message, service.limit, service.size)
        for part in parts:
            fault = service.send(message.subject, part.text, is_html=service.takes_html)
            if fault is not None:
                return fault
            self.archive.record_delivery(self.notification.name, self.target.name, part.positions, now=now())
        return None

    def _came(
        self,
        state: State,
        *,
        count: int = 0,
        fault: str | None = None,
        retry_at: datetime | None = None,
        message: Message | None = None,
    ) -> Outcome:
        return Outcome(
            notification=self.notification.name,
            target=self.target.name,
            state=state,
            count=count,
            fault=fault,
            retry_at=retry_at,
            message=message,
        )


def _message(
    notification: Notification,
    told: Sequence[Announced] | Sequence[HealthEvent],
    count: int,
    taxonomy: Taxonomy,
    base_url: str,
) -> Message:
    stories = [one for one in told if isinstance(one, Announced)]
    if notification.question is not None:
        return story_message(notification.name, stories, count, taxonomy, base_url)
    return health_message(notification.name, [one for one in told if isinstance(one, HealthEvent)], base_url)


def _outcome(
    notification: Notification, target: Target, state: State, *, count: int = 0, message: Message | None = None
) -> Outcome:
    return Outcome(notification=notification.name, target=target.name, state=state, count=count, message=message)
