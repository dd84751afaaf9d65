"""Which sources a pass polls: those named, all, or those whose time has come; a paused one only where it is named."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from archive import Archive
from crawler.cli.screen import say
from crawler.cli.sources.paused import without_paused
from crawler.errors import ArchiveError
from crawler.language import _
from crawler.model import PollReport, Source
from crawler.planning import Planner
from crawler.services import Services
from crawler.wording import owner_text

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a pass polls, and what it leaves out. `is_any` is False where there is no source at all."""

    polled: tuple[Source, ...]
    paused: tuple[Source, ...] = ()
    not_due: int = 0

    @property
    def is_any(self) -> bool:
        return bool(self.polled or self.paused or self.not_due)


def choose(services: Services, planner: Planner | None, named: Sequence[str], *, is_due: bool) -> Choice:
    """The sources to poll; without a planner (a replay) none is paused, and none has a time. Raises CatalogueError."""
    catalogue = services.catalogue
    wanted = catalogue.select(named) if named else catalogue.active()
    if planner is None or not wanted:
        return Choice(polled=wanted)
    now = services.now()
    paused: tuple[Source, ...] = ()
    if not named:
        wanted, paused = without_paused(cast(Archive, services.archive), wanted, now)
    planner.load_states(catalogue)
    polled = tuple(source for source in wanted if planner.is_due(source)) if is_due else wanted
    if polled:
        planner.load(catalogue, only={source.id for source in polled})
    return Choice(polled=polled, paused=paused, not_due=len(wanted) - len(polled))


def show_not_asked(choice: Choice) -> None:
    """What the pass left out, in a line each."""
    if choice.not_due:
        say(_("{count} sources are not due yet").format(count=choice.not_due))
    if choice.paused:
        names = ", ".join(source.id for source in choice.paused)
        say(_("{count} sources are paused: {sources}").format(count=len(choice.paused), sources=names))


async def plan_next(planner: Planner, source: Source, report: PollReport) -> None:
    """Keep when a source is due after this poll, for the clock and for the next pass. Never raises."""
    due = planner.after(source, report)
    try:
        await asyncio.to_thread(planner.keep, source, due)
    except ArchiveError as error:
        # the poll itself is on record; without a plan the source is due again by the one it had
        logger.warning("%s: %s", source.id, error, extra={"source": source.id})


def waiting_text(holders: Mapping[str, str]) -> str:
    """For whom a pass waits: the first hosts and who asks them; empty where it waits for nobody."""
    if not holders:
        return ""
    host, owner = next(iter(holders.items()))
    told = _("waiting for {host}, which {holder} asks").format(host=host, holder=owner_text(owner))
    return told if len(holders) == 1 else _("{told}, and {count} more").format(told=told, count=len(holders) - 1)
