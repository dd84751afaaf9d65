"""What to do about a source that does not stand well, and how many stand how: for `sources health` and `doctor`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from archive.records import SourceHealth
from crawler.health.standing import Health
from crawler.language import _
from crawler.wording import detail_text, health_text, told

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


def is_trouble(found: SourceHealth) -> bool:
    """True where somebody should look."""
    return found.verdict is not None and not found.verdict.is_fine


def by_urgency(found: Iterable[SourceHealth]) -> list[SourceHealth]:
    """The worst first, and of the same the longest; those that nothing is known of last."""
    return sorted(
        found,
        key=lambda one: (
            len(URGENCY) if one.verdict is None else URGENCY.index(one.verdict),
            one.since.timestamp() if one.since is not None else 0.0,
            one.source_id,
        ),
    )


def verdict_text(found: SourceHealth) -> str:
    """How a source stands and why; what only its last polls say in brackets."""
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


def remedy(found: SourceHealth) -> str:
    """What to do; empty where nothing need be done."""
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


def counts_text(found: Iterable[SourceHealth]) -> str:
    """How many sources stand how, the worst first: "broken: 1, quiet: 3, healthy: 12"."""
    count = Counter(one.verdict for one in found)
    parts = [f"{health_text(health)}: {count[health]}" for health in URGENCY if count[health]]
    if count[None]:
        parts.append(_("not known yet: {count}").format(count=count[None]))
    return ", ".join(parts)
