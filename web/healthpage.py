"""The page of health: which sources can be read, since when not, how fresh their news is, and a picture of each."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from archive.periods import CHINA
from archive.records import SourceHealth, SourceState
from crawler.model import Source, Status
from web.healthview import (
    HEIGHT,
    LIGHTS,
    PICTURED,
    STEP,
    HealthView,
    health_row,
    legs_of,
    order,
    picture_of,
    same_day_text,
    slowest_of,
    tallies_of,
)
from web.reading import Reader

_KEPT_S = 30.0  # what it takes to make the page is read once for all visitors of half a minute
_FRESH = timedelta(days=30)


class HealthPage:
    """The handler; `render` fills a template."""

    def __init__(
        self,
        archive: Reader,
        sources: Mapping[str, Source],
        render: Callable[..., Response],
    ) -> None:
        self._archive = archive
        self._sources = sources
        self._render = render
        self._lock = threading.Lock()
        self._made_at = -math.inf
        self._view: HealthView | None = None

    def show(self, _request: Request) -> Response:
        """How all sources stand, those in trouble first."""
        with self._lock:
            if self._view is None or time.monotonic() - self._made_at > _KEPT_S:
                self._view = self._look()
                self._made_at = time.monotonic()
            view = self._view
        return self._render("health.html", view=view, width=PICTURED * STEP, height=HEIGHT)

    def _look(self) -> HealthView:
        now = datetime.now(UTC)
        today = now.astimezone(CHINA).date()
        days = self._archive.poll_days(since=now - timedelta(days=PICTURED))
        fresh = self._archive.freshness(since=now - _FRESH, until=now)
        by_source = {one.source_id: one for one in fresh.sources}
        healths = {one.source_id: one for one in self._archive.source_healths()}
        states = {one.source_id: one for one in self._archive.source_states()}
        rows = [
            health_row(
                source_id,
                self._sources.get(source_id),
                healths.get(source_id),
                states.get(source_id),
                by_source.get(source_id),
                picture_of(days.get(source_id, ()), today),
                now,
            )
            for source_id in self._shown(healths, states)
        ]
        rows.sort(key=lambda row: (LIGHTS.index(row.light), order(healths.get(row.id)), row.id))
        return HealthView(
            tallies=tallies_of(rows),
            troubles=tuple(row for row in rows if row.light == "bad"),
            others=tuple(row for row in rows if row.light != "bad"),
            legs=legs_of(fresh.whole),
            same_day=same_day_text(fresh.whole),
            slowest=slowest_of(fresh, self._sources),
        )

    def _shown(self, healths: Mapping[str, SourceHealth], states: Mapping[str, SourceState]) -> Iterable[str]:
        """Those that somebody waits for. Without a registry, all that were ever polled."""
        if not self._sources:
            return {*healths, *states}
        return {source.id for source in self._sources.values() if source.status is Status.ACTIVE}
