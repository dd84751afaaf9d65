"""The clock: APScheduler decides when sources are polled, feeds published and people told. Wiring only.

What is due when is crawler/schedule.py's business; polling, the runner's; publishing, the feeds'.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from archive import Archive
from crawler.errors import ArchiveError
from crawler.model import PollReport, Source
from crawler.runner import Runner
from crawler.schedule import first_poll, next_poll
from crawler.services import Services

logger = logging.getLogger(__name__)

# Changes that come in within this time are published together.
PUBLISH_DELAY = timedelta(seconds=3)

# Notifications name minutes.
NOTIFY_EVERY = timedelta(minutes=1)


class Scheduler:
    """Polls every active source for as long as it runs, and publishes what changed.

    `on_poll` hears of each poll, `on_first_pass` once when every source has been polled once.
    """

    def __init__(
        self,
        services: Services,
        archive: Archive,
        *,
        publish: Callable[[], object],
        notify: Callable[[], object] = lambda: None,
        on_poll: Callable[[PollReport], None] = lambda report: None,
        on_first_pass: Callable[[], None] = lambda: None,
    ) -> None:
        self._services = services
        self._archive = archive
        self._publish = publish
        self._notify = notify
        self._on_poll = on_poll
        self._on_first_pass = on_first_pass
        self._runner = Runner(services)
        self._clock = AsyncIOScheduler(timezone="UTC")
        self._polling: set[asyncio.Task[None]] = set()
        self._publishing = asyncio.Lock()
        self._notifying = asyncio.Lock()
        self._is_stopping = False
        self._unpolled = {source.id for source in services.catalogue.active()}
        self._failures: dict[str, int] = {}
        self._may_publish = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping` is set; then let what is on the wire end, publish, and return."""
        states = {state.source_id: state for state in await asyncio.to_thread(self._archive.source_states)}
        # On an empty archive the first feeds wait for the first pass: a feed opens with the newest of all sources.
        self._may_publish = bool(await asyncio.to_thread(self._archive.feeds)) or not self._unpolled
        now = self._services.now()
        for source in self._services.catalogue.active():
            state = states.get(source.id)
            self._failures[source.id] = state.failures if state else 0
            planned = state.next_poll_at if state else None
            due = first_poll(source, now=now, planned=planned)
            if planned is not None and planned > now:
                self._unpolled.discard(source.id)
            self._plan(source, due)
        self._clock.add_job(self._start_notifying, IntervalTrigger(seconds=round(NOTIFY_EVERY.total_seconds())))
        self._clock.start()
        if not self._unpolled:
            self._end_first_pass()
        try:
            await stopping.wait()
        finally:
            self._is_stopping = True
            self._clock.shutdown(wait=False)
            await self._runner.stop()
            while self._polling:
                await asyncio.wait(self._polling)
            await self._runner.close()
            await self._publish_now()

    def _plan(self, source: Source, due: datetime) -> None:
        if self._is_stopping:
            return
        self._clock.add_job(
            self._start_poll,
            DateTrigger(due),
            args=[source],
            id=f"poll {source.id}",
            replace_existing=True,
            misfire_grace_time=None,  # late is better than never: a laptop that slept polls once on waking
            coalesce=True,
        )

    async def _start_poll(self, source: Source) -> None:
        self._start(self._poll(source))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin work that outlives the clock: APScheduler cancels its own jobs when it is shut down."""
        task = asyncio.ensure_future(work)
        self._polling.add(task)
        task.add_done_callback(self._polling.discard)

    async def _poll(self, source: Source) -> None:
        report: PollReport | None = None
        try:
            report = await self._runner.poll(source)
        except Exception:
            # One source must never stop the clock for the others.
            logger.exception("%s: poll failed", source.id)
        if self._is_stopping and (report is None or report.skipped):
            return  # cut short by ourselves: due again at the next start, as planned before
        due = self._next_due(source, report)
        self._plan(source, due)
        try:
            await asyncio.to_thread(self._archive.plan, source.id, due)
        except ArchiveError as error:
            logger.error("%s: %s", source.id, error)  # the clock knows; only a restart would not
        if report is not None:
            self._tell(report)
        if report is not None and report.stored and self._may_publish:
            self._publish_soon()
        if self._unpolled:
            self._unpolled.discard(source.id)
            if not self._unpolled:
                self._end_first_pass()

    def _next_due(self, source: Source, report: PollReport | None) -> datetime:
        if report is None or report.reason is not None:
            self._failures[source.id] += 1
        elif not report.skipped:
            self._failures[source.id] = 0
        reason = report.reason if report is not None else None
        after = report.ended_at if report is not None else self._services.now()
        return next_poll(source, after=after, failures=self._failures[source.id], reason=reason)

    def _tell(self, report: PollReport) -> None:
        try:
            self._on_poll(report)
        except OSError as error:
            logger.warning("%s: cannot be told: %s", report.source_id, error)  # nobody reads standard output any more

    def _end_first_pass(self) -> None:
        self._may_publish = True
        self._publish_soon()
        try:
            self._on_first_pass()
        except OSError as error:
            logger.warning("the end of the first pass cannot be told: %s", error)

    def _publish_soon(self) -> None:
        # What is planned already stays: putting it off at each change would put it off for ever on a busy day.
        if self._clock.running and self._clock.get_job("publish") is None:
            self._clock.add_job(
                self._start_publishing,
                DateTrigger(self._services.now() + PUBLISH_DELAY),
                id="publish",
                replace_existing=True,
                misfire_grace_time=None,
            )

    async def _start_publishing(self) -> None:
        self._start(self._publish_now())

    async def _publish_now(self) -> None:
        if not self._may_publish:
            return
        async with self._publishing:
            try:
                await asyncio.to_thread(self._publish)
            except Exception:
                # The feeds that stand are whole; the next change tries again.
                logger.exception("feeds could not be published")

    async def _start_notifying(self) -> None:
        self._start(self._notify_now())

    async def _notify_now(self) -> None:
        # A notification opens when the feeds do: what the first pass brings is not told as news.
        if not self._may_publish or self._notifying.locked():
            return
        async with self._notifying:
            try:
                await asyncio.to_thread(self._notify)
            except Exception:
                # What is not told is told in a minute.
                logger.exception("notifications could not be sent")
