"""What the page of health shows: sources with their words and pictures, and how fresh the news is. No archive."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from archive.records import Freshness, Pause, PollDay, SourceFreshness, SourceHealth, SourceState
from crawler.figures import delay_text
from crawler.health.standing import Health
from crawler.language import _
from crawler.model import Source
from crawler.wording import detail_text, health_text
from feeds.text import one_line, web_url

PICTURED = 28  # days: four weeks, so that a weekly rhythm shows
STEP, HEIGHT = 3, 16  # of a picture's columns, in its own units
_WIDTH = 2
_BARS = 12
LIGHTS = ("bad", "wait", "none", "ok")  # as the page shows them: who needs a look comes first


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Columns of one source's days as paths: days with new rows, days without, and days on which a poll failed."""

    new: str
    none: str
    failed: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRow:
    """A source; `light` is one of LIGHTS."""

    id: str
    name: str
    home: str | None
    light: str
    words: str
    why: str
    since: datetime | None
    good_at: datetime | None
    newest_at: datetime | None
    polled_at: datetime | None
    pause: Pause | None
    before: str | None  # its words before the pause, where they were bad
    next_at: datetime | None
    is_late: bool
    delay: str | None
    picture: Picture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many sources have one health."""

    words: str
    light: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A part of the way from publication to the feed."""

    name: str
    median: str
    p90: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowBar:
    name: str
    id: str
    delay: str
    width: float  # of 100


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """All that the page shows."""

    tallies: tuple[Tally, ...]
    troubles: tuple[HealthRow, ...]
    others: tuple[HealthRow, ...]
    legs: tuple[Leg, ...]
    same_day: str | None
    slowest: tuple[SlowBar, ...]


def order(health: SourceHealth | None) -> int:
    """The worst verdict first."""
    if health is None or health.verdict is None:
        return 0
    return -[*Health].index(health.verdict)


def health_row(
    source_id: str,
    source: Source | None,
    health: SourceHealth | None,
    state: SourceState | None,
    fresh: SourceFreshness | None,
    picture: Picture | None,
    now: datetime,
) -> HealthRow:
    """A source made ready to show, as far as it is known."""
    verdict = health.verdict if health else None
    light, words = "none", _("not judged yet")
    if state is None or state.last_polled_at is None:
        words = _("not polled yet")
    elif verdict is not None:
        light = "ok" if verdict.is_fine else "bad"
        words = health_text(verdict)
    if light != "bad" and health is not None and health.next is not None and not health.next.is_fine:
        light, words = "wait", _("{health}, not confirmed yet").format(health=health_text(health.next))
    pause = state.pause if state is not None and state.pause is not None and state.pause.holds(now) else None
    next_at = state.next_poll_at if state else None
    before, why = None, one_line(detail_text(health.detail), 200) if health and light in ("bad", "wait") else ""
    if pause is not None:
        # somebody knows of it: what it was before is no trouble of today
        before = words if light in ("bad", "wait") else None
        light, words, why = "none", _("paused"), one_line(pause.why or "", 200)
        next_at = pause.puts_off(next_at)
    home = source.home if source else health.home if health else None
    return HealthRow(
        id=source_id,
        name=source.name if source else health.name if health else source_id,
        home=web_url(home) if home else None,
        light=light,
        words=words,
        why=why,
        since=health.since if health and light == "bad" else None,
        good_at=health.good_at if health and light == "bad" else None,
        newest_at=health.freshest_at if health else None,
        polled_at=state.last_polled_at if state else None,
        pause=pause,
        before=before,
        next_at=next_at,
        is_late=next_at is not None and next_at < now - timedelta(hours=1),
        delay=delay_text(fresh.to_sight.median_s) if fresh else None,
        picture=picture,
    )


def tallies_of(rows: Sequence[HealthRow]) -> tuple[Tally, ...]:
    """How many sources there are of each health, in the order of the rows."""
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        counts[row.words, row.light] = counts.get((row.words, row.light), 0) + 1
    return tuple(Tally(words=words, light=light, count=count) for (words, light), count in counts.items())


def legs_of(whole: SourceFreshness) -> tuple[Leg, ...]:
    """The parts of the way that could be measured."""
    legs = (
        (_("published → seen"), whole.to_sight),
        (_("seen → feed"), whole.to_feed),
        (_("published → feed"), whole.in_all),
    )
    return tuple(
        Leg(name=name, median=delay_text(delays.median_s) or "", p90=delay_text(delays.p90_s) or "", count=delays.count)
        for name, delays in legs
        if delays.count
    )


def same_day_text(whole: SourceFreshness) -> str | None:
    """How much of the news that shows only a day was seen on that day; None where there was none."""
    dated = whole.to_sight_by_day.count
    if not dated:
        return None
    return _("Of {count} that show only a day, {share} % were seen on that day.").format(
        share=round(100 * whole.same_day / dated), count=dated
    )


def slowest_of(fresh: Freshness, sources: Mapping[str, Source]) -> tuple[SlowBar, ...]:
    """Sources whose news takes longest to be seen."""
    known = [
        (one.to_sight.median_s, one.source_id)
        for one in fresh.sources
        if one.source_id is not None and one.to_sight.median_s is not None
    ]
    known.sort(key=lambda pair: (-pair[0], pair[1]))
    most = known[0][0] if known else 0.0
    return tuple(
        SlowBar(
            name=sources[source_id].name if source_id in sources else source_id,
            id=source_id,
            delay=delay_text(median_s) or "",
            width=round(100 * median_s / most, 1) if most else 0.0,
        )
        for median_s, source_id in known[:_BARS]
    )


def picture_of(days: Sequence[PollDay], today: date) -> Picture | None:
    """The last PICTURED days, today at the right; None where none of them had a poll."""
    first = today - timedelta(days=PICTURED - 1)
    shown = [one for one in days if first <= one.day <= today]
    if not shown:
        return None
    most = max(one.new for one in shown)
    new, none, failed = [], [], []
    for one in shown:
        x = (one.day - first).days * STEP
        if one.failed:
            failed.append(_column(x, 3))
        elif one.new:
            # square root: the first poll of all brings a page full, and later days should still be seen
            new.append(_column(x, max(2, round(HEIGHT * math.sqrt(one.new / most)))))
        else:
            none.append(_column(x, 1))
    bad_days = len(failed)
    told = _("{days} days: {new} new rows").format(days=PICTURED, new=sum(one.new for one in shown))
    if bad_days:
        told += _("; on {bad} days a poll failed").format(bad=bad_days)
    return Picture(new="".join(new), none="".join(none), failed="".join(failed), told=told)


def _column(x: int, height: int) -> str:
    return f"M{x} {HEIGHT}v-{height}h{_WIDTH}v{height}z"
