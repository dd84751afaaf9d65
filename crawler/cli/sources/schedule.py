"""`hrwatch schedule`: what will be polled when, and why then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import click

from archive import open_archive
from archive.records import Pause
from crawler.cli.options import config_of, data_option, example, json_option, sources_option
from crawler.cli.screen import CHINA, err, progress_bar, say, show_json, show_table
from crawler.cli.sources.paused import is_running, pause_text, pauses_now
from crawler.clock.schedule import Due, Why
from crawler.language import _
from crawler.model import Source, Status
from crawler.planning import Planner
from crawler.wiring import open_catalogue
from crawler.wording import status_text

HOUR = timedelta(hours=1)
# Beyond a month nothing of what is learned today says much.
LONGEST_HOURS = 31 * 24
# "▃": polls of an hour beside the busiest hour; a dot for none
_STEPS = "▁▂▃▄▅▆▇█"
_BAR_WIDTH = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is to come of one source: its polls, or why there are none."""

    source: Source
    polls: tuple[Due, ...]
    pause: Pause | None = None


@click.command(
    name="schedule",
    help=_("Show what will be polled when, and why then.")
    + "\n\n"
    + _("As planned now: polls that fail, and news that come, change what follows them."),
    epilog=example("hrwatch schedule", "hrwatch schedule hrss-sichuan", "hrwatch schedule --hours 6 --json"),
)
@click.argument("source_ids", metavar=_("[SOURCE]..."), nargs=-1)
@click.option("--day", metavar=_("DATE"), help=_("One day on China's clock (2026-12-01)."))
@click.option("--hours", metavar="N", type=click.IntRange(1, LONGEST_HOURS), help=_("The next N hours (default 24)."))
@json_option
@sources_option
@data_option
@click.pass_context
def schedule(
    ctx: click.Context, source_ids: tuple[str, ...], day: str | None, hours: int | None, as_json: bool
) -> None:
    """Sources that are named show every poll; else a line each, and a picture by hour."""
    now = datetime.now(UTC)
    since, until = _period(day, hours, now)
    config = config_of(ctx)
    catalogue = open_catalogue(config)
    wanted = catalogue.select(list(dict.fromkeys(source_ids))) if source_ids else catalogue.active()
    with open_archive(config) as archive, ExitStack() as stack:
        planner = Planner(archive, config, now=lambda: now)
        only = {source.id for source in wanted} if source_ids else None
        planner.load(catalogue, only=only, on_learned=_learning_bar(stack, len(catalogue.active())))
        stack.close()
        paused = pauses_now(archive, now)
        expected = [_expected(planner, source, paused, since=since, until=until) for source in wanted]
        runs = is_running(archive, config.lease_ttl_s)
    if as_json:
        show_json(_objects(expected))
        return
    if source_ids:
        _show_polls(expected)
    else:
        _show_sources(expected, since=since, until=until)
    if any(one.polls for one in expected):
        say()
        _show_hours(expected, since=since, until=until)
    say(
        _("{polls} polls of {sources} sources").format(
            polls=sum(len(one.polls) for one in expected), sources=sum(bool(one.polls) for one in expected)
        )
    )
    if not runs:
        say(_("No hrwatch run works on this archive: hrwatch crawl --due polls what is due."))


def _learning_bar(stack: ExitStack, sources: int) -> Callable[[str], None]:
    """On a terminal, a bar that moves with each source whose rhythm is learned."""
    if not err.is_terminal:
        return lambda _source_id: None
    bar = stack.enter_context(progress_bar())
    task = bar.add_task(_("learning rhythms"), total=sources)
    return lambda source_id: bar.update(task, advance=1, description=source_id)


def why_text(why: Why) -> str:
    """Why a poll is planned for its time."""
    return {
        Why.FIRST: _("at once: never polled, or missed"),
        Why.INTERVAL: _("interval of its file"),
        Why.RHYTHM: _("its rhythm"),
        Why.CEILING: _("looked at all the same"),
        Why.CRON: _("cron expression of its file"),
        Why.BACK_OFF: _("slowed after failures"),
        Why.RETRY_AFTER: _("the site asked to wait"),
        Why.BUDGET: _("its budget of requests"),
        Why.BUSY: _("another run held the host"),
    }[why]


def _period(day: str | None, hours: int | None, now: datetime) -> tuple[datetime, datetime]:
    if day is not None and hours is not None:
        raise click.UsageError(_("Give --day or --hours, not both."))
    if day is None:
        return now, now + (hours or 24) * HOUR
    try:
        wanted = date.fromisoformat(day.strip())
    except ValueError:
        raise click.UsageError(_("--day {text}: not a day such as 2026-12-01").format(text=day)) from None
    today = now.astimezone(CHINA).date()
    if wanted < today:
        raise click.UsageError(_("--day {text}: that day is over").format(text=day))
    if wanted - today > timedelta(hours=LONGEST_HOURS):
        raise click.UsageError(_("--day {text}: more than a month ahead nothing is planned").format(text=day))
    start = datetime.combine(wanted, time.min, CHINA).astimezone(UTC)
    return max(start, now), start + timedelta(days=1)


def _expected(
    planner: Planner, source: Source, paused: Mapping[str, Pause], *, since: datetime, until: datetime
) -> Expected:
    if source.status is not Status.ACTIVE:
        return Expected(source=source, polls=())
    pause = paused.get(source.id)
    if pause is not None and (pause.until is None or pause.until >= until):
        return Expected(source=source, polls=(), pause=pause)
    polls = planner.upcoming(source, until=until, paused_until=pause.until if pause is not None else None)
    return Expected(source=source, polls=tuple(due for due in polls if since <= due.at < until), pause=pause)


def _show_sources(expected: Sequence[Expected], *, since: datetime, until: datetime) -> None:
    starts = _starts(since, until)
    most = max((count for one in expected for count in _by_hour(one.polls, starts)), default=0)
    show_table(
        (_("source"), _("name"), _("next"), _("why"), _("polls"), _("by hour")),
        (
            (
                one.source.id,
                one.source.name,
                one.polls[0].at if one.polls else None,
                _why_next(one),
                len(one.polls),
                _row(_by_hour(one.polls, starts), most) if len(starts) <= 48 else None,
            )
            for one in sorted(expected, key=lambda one: (not one.polls, one.polls[0].at if one.polls else until))
        ),
    )


def _show_polls(expected: Sequence[Expected]) -> None:
    for one in expected:
        if not one.polls:
            say(f"{one.source.id}: {_why_next(one)}")
    listed = sorted(((due, one.source) for one in expected for due in one.polls), key=lambda pair: pair[0].at)
    if listed:
        show_table(
            (_("time"), _("source"), _("name"), _("why")),
            ((due.at, source.id, source.name, why_text(due.why)) for due, source in listed),
        )


def _show_hours(expected: Sequence[Expected], *, since: datetime, until: datetime) -> None:
    """How many polls each hour has, as bars; by day where there are many hours."""
    starts = _starts(since, until)
    counts = _by_hour((due for one in expected for due in one.polls), starts)
    names = [f"{start.astimezone(CHINA):%m-%d %H:00}" for start in starts]
    if len(starts) > 48:
        days: Counter[str] = Counter()
        for start, count in zip(starts, counts, strict=True):
            days[f"{start.astimezone(CHINA):%m-%d}"] += count
        names, counts = list(days), list(days.values())
    most = max(counts, default=0) or 1
    show_table(
        (_("hour") if len(starts) <= 48 else _("day"), _("polls"), ""),
        (
            (name, count, "█" * max(round(count / most * _BAR_WIDTH), int(count > 0)))
            for name, count in zip(names, counts, strict=True)
        ),
    )


def _starts(since: datetime, until: datetime) -> list[datetime]:
    """The full hours that the period touches."""
    first = since.replace(minute=0, second=0, microsecond=0)
    return [first + n * HOUR for n in range(-(-(until - first) // HOUR))]


def _by_hour(polls: Iterable[Due], starts: Sequence[datetime]) -> list[int]:
    counts = [0] * len(starts)
    for due in polls:
        counts[min((due.at - starts[0]) // HOUR, len(starts) - 1)] += 1
    return counts


def _row(counts: Sequence[int], most: int) -> str:
    """Polls per hour as one character each: "··▃█▁·"."""
    return "".join(_STEPS[-(-count * len(_STEPS) // most) - 1] if count else "·" for count in counts)


def _why_next(one: Expected) -> str:
    if one.source.status is not Status.ACTIVE:
        return status_text(one.source.status)
    if one.pause is not None:
        return pause_text(one.pause)
    return why_text(one.polls[0].why) if one.polls else _("not within this time")


def _objects(expected: Iterable[Expected]) -> Iterator[dict[str, object]]:
    """Each poll, in order of time; then the sources without any, and why."""
    found = list(expected)
    for due, source in sorted(((due, one.source) for one in found for due in one.polls), key=lambda pair: pair[0].at):
        yield {"at": due.at, "source": source.id, "name": source.name, "why": due.why.value}
    for one in found:
        if not one.polls:
            yield {"at": None, "source": one.source.id, "name": one.source.name, "why": _state(one)}


def _state(one: Expected) -> str:
    if one.source.status is not Status.ACTIVE:
        return one.source.status.value
    return "paused" if one.pause is not None else "later"
