"""What to do about a source that does not stand well, and how many stand how: for `sources health` and `doctor`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from archive.records import Pause, SourceHealth
from crawler.cli.sources.paused import pause_text
from crawler.health.standing import Health
from crawler.language import _
from crawler.model import Status
from crawler.wording import detail_text, health_text, status_text, told

# The order in which people should look: what is broken stays so until somebody mends it; a server comes back by itself.
URGENCY = (
    Health.FAULT,
    Health.BROKEN,
    Health.MOVED,
    Health.BLOCKED,
    Health.SILENT,
    Health.UNREACHABLE,
    Health.REFUSED,
    Health.SLOW,
    Health.QUIET,
    Health.HEALTHY,
)


def is_trouble(found: SourceHealth, now: datetime) -> bool:
    """True where somebody should look; not while it is paused, as somebody has."""
    return found.verdict is not None and not found.verdict.is_fine and pause_of(found, now) is None


def pause_of(found: SourceHealth, now: datetime) -> Pause | None:
    """The pause that holds now."""
    return found.pause if found.pause is not None and found.pause.holds(now) else None


def since(found: SourceHealth, now: datetime) -> datetime | None:
    """Since when it stands as `verdict_text` says."""
    pause = pause_of(found, now)
    return found.since if pause is None else pause.since


def next_try(found: SourceHealth, now: datetime) -> datetime | None:
    """When it is polled next: not before its pause ends, and never while none has an end."""
    pause = pause_of(found, now)
    return found.next_poll_at if pause is None else pause.puts_off(found.next_poll_at)


def by_urgency(found: Iterable[SourceHealth], now: datetime) -> list[SourceHealth]:
    """The worst first, and of the same the longest; the paused before the fine, those nobody knows of last."""

    def rank(one: SourceHealth) -> float:
        if pause_of(one, now) is not None:
            return URGENCY.index(Health.QUIET) - 0.5
        return len(URGENCY) if one.verdict is None else URGENCY.index(one.verdict)

    return sorted(
        found,
        key=lambda one: (
            rank(one),
            one.since.timestamp() if one.since is not None else 0.0,
            one.source_id,
        ),
    )


def verdict_text(found: SourceHealth, now: datetime) -> str:
    """How a source stands and why; what only its last polls say in brackets, and of a paused one what it was before."""
    text = _judged_text(found)
    if (pause := pause_of(found, now)) is None:
        return text
    told = pause_text(pause)
    if found.verdict is None or found.verdict.is_fine:
        return told
    return _("{pause} (before that {health})").format(pause=told, health=text)


def _judged_text(found: SourceHealth) -> str:
    if found.verdict is None:
        text = _("not known yet")
    elif found.verdict.is_fine:
        text = health_text(found.verdict)
    else:
        text, why = health_text(found.verdict), why_text(found)
        if why:
            text = why if why.startswith(text) else f"{text}: {why}"  # not "blocked: blocked (412)"
    if found.next is None or (found.verdict is None and found.next.is_fine):
        return text
    last = _("its last polls: {health}").format(health=health_text(found.next))
    return f"{text} ({last})"


def why_text(found: SourceHealth) -> str:
    """Why the verdict is what it is; empty where there is nothing to say."""
    return told(found.reason, found.detail) if found.reason is not None else detail_text(found.detail)


def remedy(found: SourceHealth, now: datetime) -> str:
    """What to do; empty where nothing need be done."""
    if pause_of(found, now) is not None:
        return _("hrwatch sources resume {id} ends the pause").format(id=found.source_id)
    known = {
        Health.FAULT: _("hrwatch sources check {id} -v, and the log"),
        Health.BROKEN: _("hrwatch sources check --fix {id}; if it is right so, say it in a note of its file"),
        Health.MOVED: _("name the new host in its file, if it is the same site"),
        Health.BLOCKED: _("it is not fought: save pages in a browser, then hrwatch import"),
        Health.SILENT: _("look at {home}: has its news moved to another list?"),
        Health.UNREACHABLE: _("it is asked ever more slowly; does {home} open in a browser?"),
        Health.REFUSED: _('it is obeyed; write status = "blocked" in its file'),
        Health.SLOW: _("nothing, or a larger every_min in its file"),
    }
    text = known.get(found.verdict) if found.verdict is not None else None
    return "" if text is None else text.format(id=found.source_id, home=found.home or found.source_id)


def counts_text(found: Iterable[SourceHealth], now: datetime) -> str:
    """How many sources stand how, the worst first: "broken: 1, quiet: 3, healthy: 12, paused: 2"."""
    known = list(found)
    count = Counter(one.verdict for one in known if pause_of(one, now) is None)
    parts = [f"{health_text(health)}: {count[health]}" for health in URGENCY if count[health]]
    if paused := len(known) - count.total():
        parts.append(f"{status_text(Status.PAUSED)}: {paused}")
    if count[None]:
        parts.append(_("not known yet: {count}").format(count=count[None]))
    return ", ".join(parts)
