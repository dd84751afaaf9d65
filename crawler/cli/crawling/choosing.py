"""Which sources a pass polls: those named, all, or those whose time has come; a paused one only where it is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from archive import Archive
from crawler.cli.screen import say
from crawler.cli.sources.paused import without_paused
from crawler.language import _
from crawler.model import Source
from crawler.scheduling.planning import Planner
from crawler.services import Services


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
