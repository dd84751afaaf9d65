"""Whether the work goes as it should: feeds written, people told, sources heard from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from archive import Archive
from archive.records import SourceHealth
from crawler.cli.care.checks.check import Check
from crawler.cli.screen import cell_text
from crawler.cli.sources.remedies import by_urgency, counts_text, is_trouble, pause_of, remedy, verdict_text
from crawler.config import Config
from crawler.errors import HrwatchError
from crawler.language import _
from crawler.taxonomy import load_taxonomy
from crawler.wiring import open_catalogue
from feeds.notify.wanted import load_notifications

# Sources that are named; the rest are counted.
WORST = 10


def feeds_check(archive: Archive, config: Config) -> Check:
    """Whether every feed has its file."""
    feeds = archive.feeds()
    missing = [feed.id for feed in feeds if not (config.feeds_dir / f"{feed.id}.rss").exists()]
    if missing:
        return Check(
            name=_("feeds"),
            is_well=False,
            detail=_("{count} feed files are missing").format(count=len(missing)),
            remedy=_("run hrwatch publish"),
        )
    return Check(name=_("feeds"), is_well=True, detail=_("{count} feeds").format(count=len(feeds)))


def notification_checks(archive: Archive, config: Config) -> Iterator[Check]:
    """Whether the file of notifications can be read, and what of it reaches nobody."""
    if config.notify is None:
        return
    try:
        wanted = load_notifications(config.notify, load_taxonomy(config.taxonomy))
    except HrwatchError as error:
        yield Check(name=_("notifications"), is_well=False, detail=str(error))
        return
    targets = {(one.name, target.name) for one in wanted for target in one.to}
    failing = [state for state in archive.targets() if state.fault and (state.notification, state.target) in targets]
    for state in failing:
        times = _("{failures} times in a row").format(failures=state.failures)
        yield Check(
            name=_("notifications"),
            is_well=False,
            detail=f"{state.notification}, {state.target}: {state.fault}; {times}",
            remedy=_("mend it and run: hrwatch notify {name}").format(name=state.notification),
        )
    if not failing:
        detail = _("{count} notifications").format(count=len(wanted))
        yield Check(name=_("notifications"), is_well=True, detail=detail)


def health_checks(archive: Archive, config: Config) -> Iterator[Check]:
    """How the sources that are polled stand, and the worst of them by name."""
    try:
        active = {source.id for source in open_catalogue(config).active()}
    except HrwatchError:
        return  # told of the sources already
    now = datetime.now(UTC)
    found = [one for one in by_urgency(archive.source_healths(), now) if one.source_id in active]
    if not found:
        return
    wrong = [one for one in found if is_trouble(one, now) or _begins_badly(one, now)]
    more = len(wrong) - WORST
    yield Check(
        name=_("health of the sources"),
        is_well=not wrong,
        detail=counts_text(found, now),
        remedy=_("{count} more: hrwatch sources health").format(count=more) if more > 0 else "",
    )
    for one in wrong[:WORST]:
        since = "" if one.since is None else "; " + _("since {time}").format(time=cell_text(one.since))
        yield Check(name=one.source_id, is_well=False, detail=verdict_text(one, now) + since, remedy=remedy(one, now))


def _begins_badly(one: SourceHealth, now: datetime) -> bool:
    """True of a new source whose only polls went badly."""
    return one.verdict is None and one.next is not None and not one.next.is_fine and pause_of(one, now) is None
