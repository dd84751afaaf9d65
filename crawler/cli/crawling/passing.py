"""A pass while it goes on: sources polled side by side, a progress bar, and a plan for each one that was polled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from rich.progress import Progress

from crawler.cli.crawling.backfilled import walking_text
from crawler.cli.screen import err, progress_bar
from crawler.errors import ArchiveError
from crawler.language import _
from crawler.model import PollReport, Source
from crawler.polling.backfill import WALK
from crawler.polling.history import Walk
from crawler.polling.runner import Runner
from crawler.polling.waiting import Waiting
from crawler.scheduling.planning import Planner
from crawler.services import Services
from crawler.wording import owner_text

logger = logging.getLogger(__name__)


async def poll_all(
    services: Services,
    wanted: Sequence[Source],
    stopping: asyncio.Event,
    *,
    backfill: int | None = None,
    lock_wait_s: float = 0.0,
    planner: Planner | None = None,
) -> tuple[list[PollReport], bool]:
    """Poll sources side by side, with a progress bar on a terminal; what is under way ends when `stopping` is set.

    `backfill` is how many pages of each list's history are walked besides; `lock_wait_s`, how long a host is waited
    for that another run asks. `planner` says when each source is due next, and keeps it for whoever polls then.
    """
    reports: list[PollReport] = []
    with ExitStack() as stack:
        bar: Progress | None = None
        if err.is_terminal:
            bar = stack.enter_context(progress_bar())
            task = bar.add_task(_("polling"), total=len(wanted))

        def tell_waiting(holders: Mapping[str, str]) -> None:
            if bar is not None:
                bar.update(task, description=_waiting_text(holders) or _("polling"))

        runner = Runner(services, waiting=Waiting(at_most_s=lock_wait_s, tell=tell_waiting))

        def tell(walk: Walk) -> None:
            if bar is not None:
                bar.update(task, description=walking_text(walk))

        async def poll(source: Source) -> None:
            polled = runner.poll(source) if backfill is None else runner.backfill(source, backfill, tell)
            report = await polled
            reports.append(report)
            if planner is not None and not report.skipped:
                await _plan_next(planner, source, report)
            if bar is not None:
                bar.update(task, advance=1, description=source.name)

        polls = asyncio.gather(*(poll(source) for source in wanted))
        stop = asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait((polls, stop), return_when=asyncio.FIRST_COMPLETED)
            if stopping.is_set():
                await runner.stop()
            await polls
        finally:
            stop.cancel()
            await runner.close()
    return sorted(reports, key=lambda report: report.source_id), stopping.is_set()


async def _plan_next(planner: Planner, source: Source, report: PollReport) -> None:
    """Keep when a source is due after this poll, for the clock and for the next pass. Never raises."""
    due = planner.after(source, report)
    try:
        await asyncio.to_thread(planner.keep, source, due)
    except ArchiveError as error:
        # the poll itself is on record; without a plan the source is due again by the one it had
        logger.warning("%s: %s", source.id, error, extra={"source": source.id})


def _waiting_text(holders: Mapping[str, str]) -> str:
    """For whom a pass waits: the first hosts and who asks them; empty where it waits for nobody."""
    if not holders:
        return ""
    host, owner = next(iter(holders.items()))
    if host.startswith(WALK):
        words = _("waiting for {holder}, which walks back through {source}")
        told = words.format(holder=owner_text(owner), source=host.removeprefix(WALK))
    else:
        told = _("waiting for {host}, which {holder} asks").format(host=host, holder=owner_text(owner))
    return told if len(holders) == 1 else _("{told}, and {count} more").format(told=told, count=len(holders) - 1)
