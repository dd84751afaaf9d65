"""The clock: APScheduler decides when sources are polled, feeds published and people told. Wiring only.

What is due when is crawler/scheduling/planning.py's business; polling, the runner's; publishing, the feeds'.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from archive import Archive
from crawler.catalogue import Catalogue
from crawler.catalogue.watching import WatchedFolders
from crawler.clock.schedule import Due, Why
from crawler.errors import ArchiveError
from crawler.model import PollReport, Source, Status
from crawler.polling.runner import Runner
from crawler.scheduling.first_pass import FirstPass
from crawler.scheduling.jumps import Jumps
from crawler.scheduling.outgoing import Outgoing
from crawler.scheduling.planning import Planner
from crawler.scheduling.sign import RunningSign
from crawler.services import Services

logger = logging.getLogger(__name__)

# What people ask of the clock is taken up within this time; a look is one query of a few rows.
LOOK_S = 3.0
# Source files are looked at this often: a new source is polled within minutes. A look is a stat a file.
FOLDERS_S = 60.0
# Notifications name minutes.
NOTIFY_S = 60.0


class Scheduler:
    """Polls every active source for as long as it runs, and publishes what changed.

    `folders` are looked at for sources that are added, changed or removed. `on_poll` hears of each poll,
    `on_first_pass` once when every source has been polled once, `on_sources` of each change of the registry.
    """

    def __init__(
        self,
        services: Services,
        archive: Archive,
        *,
        publish: Callable[[], object],
        notify: Callable[[], object] = lambda: None,
        folders: WatchedFolders | None = None,
        on_poll: Callable[[PollReport], None] = lambda report: None,
        on_first_pass: Callable[[], None] = lambda: None,
    ) -> None:
        self._services = services
        self._archive = archive
        self._folders = folders
        self._on_poll = on_poll
        self._on_first_pass = on_first_pass
        self._outgoing = Outgoing(publish, notify)
        self._planner = Planner(archive, services.config, now=services.now)
        self._runner = Runner(services)
        self._sign = RunningSign(self._runner.claim)
        self._first_pass = FirstPass(self._end_first_pass)
        self._jumps = Jumps(services.now)
        self._clock = AsyncIOScheduler(timezone="UTC")
        self._plans: dict[str, Due] = {}
        self._polling: dict[str, asyncio.Task[None]] = {}
        self._paused: set[str] = set()
        self._looking = asyncio.Lock()
        self._is_stopping = False
        self._asked_at = self._jumps.looked_at
        self._folders_s = self._notified_s = time.monotonic()

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping` is set; then let what is on the wire end, publish, and return."""
        catalogue = self._services.catalogue
        await asyncio.to_thread(self._planner.load_states, catalogue)
        # On an empty archive the first feeds wait for the first pass: a feed opens with the newest of all sources.
        if not catalogue.active() or await asyncio.to_thread(lambda: bool(self._archive.feeds())):
            self._outgoing.open()
        now = self._services.now()
        for source in catalogue.active():
            due = self._planner.first(source)
            if due.why is Why.FIRST or due.at <= now:
                self._first_pass.wait_for({source.id})
            self._plan(source.id, due)
        # Beside the first polls: weeks of polls of a large registry take half a minute.
        learning = asyncio.ensure_future(self._learn(catalogue))
        await self.look()
        self._clock.start()
        self._first_pass.end_if_done()
        try:
            while not stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), LOOK_S)
                    break
                await self.look()
        finally:
            self._is_stopping = True
            self._clock.shutdown(wait=False)
            await self._runner.stop()
            await learning
            while self._polling:
                await asyncio.wait(self._polling.values())
            await self._sign.close()
            await self._runner.close()
            await self._outgoing.close()

    async def _learn(self, catalogue: Catalogue) -> None:
        try:
            await asyncio.to_thread(self._planner.learn, catalogue, is_over=lambda: self._is_stopping)
        except Exception:
            # Every source has the interval of its file.
            logger.exception("the rhythms of sources could not be learned")

    async def look(self) -> None:
        """Take up what has changed around the clock: the time, people's wishes, other runs' polls, source files."""
        async with self._looking:
            await self._look_around()

    async def _look_around(self) -> None:
        try:
            self._look_at_clock()
            await self._look_at_wishes()
            await self._sign.hold()
            if self._folders is not None and time.monotonic() - self._folders_s >= FOLDERS_S:
                self._folders_s = time.monotonic()
                await self._look_at_folders(self._folders)
            if self._planner.is_to_share():
                await asyncio.to_thread(self._planner.share)
        except ArchiveError as error:
            logger.error("%s", error)
        except Exception:
            # The next look is in seconds; the clock goes on with what it knows.
            logger.exception("the clock could not look around")
        if time.monotonic() - self._notified_s >= NOTIFY_S:
            self._notified_s = time.monotonic()
            self._outgoing.notify_soon()

    def _plan(self, source_id: str, due: Due) -> None:
        self._plans[source_id] = due
        if self._is_stopping:
            return
        self._clock.add_job(
            self._start_poll,
            # by what is left of the time until then: APScheduler asks this machine's clock itself
            DateTrigger(datetime.now(UTC) + (due.at - self._services.now())),
            args=[source_id],
            id=source_id,
            replace_existing=True,
            misfire_grace_time=None,  # late is better than never: a laptop that slept polls once on waking
            coalesce=True,
        )

    def _forget(self, source_id: str) -> None:
        self._plans.pop(source_id, None)
        if self._clock.get_job(source_id) is not None:
            self._clock.remove_job(source_id)

    async def _start_poll(self, source_id: str, *, is_wanted: bool = False) -> None:
        source = self._services.catalogue.get(source_id)
        if source is None or source_id in self._polling:
            return
        if not is_wanted and source_id in self._paused:
            return  # its plan stays, and is taken up when the pause ends
        wait_until = self._planner.retry_at(source)
        if not is_wanted and wait_until is not None:
            # another source on its host was told so since this poll was planned
            self._plan(source_id, self._planner.brought_back(source, Due(at=wait_until, why=Why.RETRY_AFTER)))
            return
        # Work that outlives the clock: APScheduler cancels its own jobs when it is shut down.
        task = asyncio.ensure_future(self._poll(source))
        self._polling[source_id] = task
        task.add_done_callback(lambda _task: self._polling.pop(source_id, None))

    async def _poll(self, source: Source) -> None:
        report: PollReport | None = None
        try:
            report = await self._runner.poll(source)
        except Exception:
            # One source must never stop the clock for the others.
            logger.exception("%s: poll failed", source.id, extra={"source": source.id})
        if self._is_stopping and (report is None or report.skipped):
            return  # cut short by ourselves: due again at the next start, as planned before
        due = self._planner.after(source, report)
        present = self._services.catalogue.get(source.id)
        if present is not None and present.status is Status.ACTIVE:
            self._plan(source.id, due)
            try:
                await asyncio.to_thread(self._planner.keep, source, due)
            except ArchiveError as error:
                # the clock knows; only a restart would not
                logger.error("%s: %s", source.id, error, extra={"source": source.id})
        if report is not None:
            self._tell(report)
            if report.stored:
                self._outgoing.publish_soon()
        self._first_pass.is_done_with({source.id})

    def _look_at_clock(self) -> None:
        """Where the clock was set or the machine slept: what is due is due now, and nothing waits for a wrong time."""
        jump = self._jumps.look()
        if jump is None:
            return
        logger.warning("the clock has jumped by %.0f s: all polls are planned anew", jump.total_seconds())
        for source_id, due in list(self._plans.items()):
            source = self._services.catalogue.get(source_id)
            if source is not None:
                self._plan(source_id, self._planner.brought_back(source, due))

    async def _look_at_wishes(self) -> None:
        # since the look before, and a little more: a poll is on record a moment after its end
        looked_at = self._jumps.looked_at
        since = min(self._asked_at, looked_at) - timedelta(seconds=10 * LOOK_S)
        wishes = await asyncio.to_thread(self._archive.wishes, since)
        self._asked_at = looked_at
        now = self._services.now()
        before, self._paused = self._paused, {one for one, pause in wishes.pauses.items() if pause.holds(now)}
        for source_id in before - self._paused:
            if source_id in self._plans and source_id not in self._polling:
                self._plan(source_id, self._plans[source_id])
        self._first_pass.is_done_with(self._paused)
        for source_id, wanted_at in wishes.wanted.items():
            if await asyncio.to_thread(self._archive.take_wanted, source_id, wanted_at):
                await self._start_poll(source_id, is_wanted=True)
        polled = {source_id: at for source_id, at in wishes.polled.items() if source_id not in self._polling}
        for source_id, due in (await asyncio.to_thread(self._planner.heed, polled)).items():
            if source_id in self._plans and source_id not in self._polling:
                self._plan(source_id, due)

    async def _look_at_folders(self, folders: WatchedFolders) -> None:
        seen = await asyncio.to_thread(folders.look)
        for fault in seen.faults:
            logger.error("%s", fault)
        if seen.catalogue is None:
            return
        before, catalogue = self._services.catalogue, seen.catalogue
        self._services.catalogue = catalogue
        self._runner.renew()
        await asyncio.to_thread(self._archive.keep_sources, catalogue, now=self._services.now())
        await asyncio.to_thread(self._planner.take_up, catalogue)
        for name, ids in (("added", seen.added), ("changed", seen.changed), ("removed", seen.removed)):
            for source_id in ids:
                logger.info("%s: source %s", source_id, name, extra={"source": source_id})
        active = {source.id: source for source in catalogue.active()}
        gone = self._plans.keys() - active.keys()
        for source_id in gone:
            self._forget(source_id)
        for source in active.values():
            planned, was = self._plans.get(source.id), before.get(source.id)
            if planned is None and source.id not in self._polling:
                self._plan(source.id, self._planner.first(source))
            elif planned is not None and was is not None and _pace(was) != _pace(source):
                self._plan(source.id, self._planner.brought_back(source, planned))
        self._first_pass.is_done_with(gone)

    def _tell(self, report: PollReport) -> None:
        try:
            self._on_poll(report)
        except OSError as error:
            logger.warning("%s: cannot be told: %s", report.source_id, error)  # nobody reads standard output any more

    def _end_first_pass(self) -> None:
        self._outgoing.open()
        self._outgoing.publish_soon()
        try:
            self._on_first_pass()
        except OSError as error:
            logger.warning("the end of the first pass cannot be told: %s", error)


def _pace(source: Source) -> tuple[str | None, int, str]:
    """The facts that its plan follows from."""
    return source.cron, source.every_min, source.timezone
