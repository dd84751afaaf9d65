"""`hrwatch schedule`: what will be polled when, and why then, beside what was polled last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import click

from archive.polling.clock import RUNNING
from archive.records import Pause, PollMade, PollRecord
from crawler.cli.options import config_of, data_option, example, json_option, sources_option
from crawler.cli.reading import archive_to_ask
from crawler.cli.screen import CHINA, cell_text, err, out, progress_bar, say, show_json, show_table
from crawler.cli.sources.health_detail import result_text
from crawler.cli.sources.hours import MANY_HOURS, hours_from, line_of, show_hours
from crawler.cli.sources.paused import pause_text, pauses_now
from crawler.clock.schedule import Due, Why
from crawler.language import _
from crawler.model import Source, Status
from crawler.scheduling.planning import Planner
from crawler.wiring import open_catalogue
from crawler.wording import reason_text, status_text

HOUR = timedelta(hours=1)
# Beyond a month nothing of what is learned today says much.
LONGEST_HOURS = 31 * 24
# Of what lies behind, this much is in the picture.
BEHIND = 6 * HOUR
# Columns of a terminal: in fewer there is no room for names, and then for a picture of 31 hours.
WIDE, NARROW = 130, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is to come of one source: its polls, or why there are none; and those that were made."""

    source: Source
    polls: tuple[Due, ...]
    pause: Pause | None = None
    last: PollRecord | None = None
    made: tuple[PollMade, ...] = ()


@click.command(
    name="schedule",
    help=_("Show what will be polled when, and why then, and what was polled last.")
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
    behind, until = _period(day, hours, now)
    since = max(behind, now)
    config = config_of(ctx)
    catalogue = open_catalogue(config)
    wanted = catalogue.select(list(dict.fromkeys(source_ids))) if source_ids else catalogue.active()
    with archive_to_ask(config) as archive, ExitStack() as stack:
        planner = Planner(archive, config, now=lambda: now)
        only = {source.id for source in wanted} if source_ids else None
        planner.load(catalogue, only=only, on_learned=_learning_bar(stack, len(catalogue.active())))
        stack.close()
        paused = pauses_now(archive, now)
        made: defaultdict[str, list[PollMade]] = defaultdict(list)
        for poll in archive.polls_made(behind) if behind < now else ():
            made[poll.source_id].append(poll)
        expected = [
            replace(
                _expected(planner, source, paused, since=since, until=until),
                last=planner.last_poll(source),
                made=tuple(made[source.id]),
            )
            for source in wanted
        ]
        runs = RUNNING in archive.condition().held
    if as_json:
        show_json(_objects(expected))
        return
    if source_ids:
        _show_polls(expected)
    else:
        _show_sources(expected, behind=behind, now=now, until=until)
    if any(one.polls or one.made for one in expected):
        say()
        show_hours(
            hours_from(behind, until),
            made=[poll for one in expected for poll in one.made],
            planned=[due.at for one in expected for due in one.polls],
        )
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
    """What is shown: a whole day, or the hours to come with a few of those behind."""
    if day is not None and hours is not None:
        raise click.UsageError(_("Give --day or --hours, not both."))
    if day is None:
        return now - BEHIND, now + (hours or 24) * HOUR
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
    return start, start + timedelta(days=1)


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


def _show_sources(expected: Sequence[Expected], *, behind: datetime, now: datetime, until: datetime) -> None:
    hours = hours_from(behind, until)
    lines = line_of(hours, [(one.made, [due.at for due in one.polls]) for one in expected], now=now)
    listed = sorted(
        zip(expected, lines, strict=True),
        key=lambda pair: (not pair[0].polls, pair[0].polls[0].at if pair[0].polls else until),
    )
    width = out.width if out.is_terminal else WIDE
    columns = {
        _("source"): [one.source.id for one, _line in listed],
        _("name"): [one.source.name for one, _line in listed] if width >= WIDE else [],
        _("last poll"): [_time(one.last.ended_at if one.last else None) for one, _line in listed],
        _("result"): [_last_text(one) for one, _line in listed],
        _("next"): [_time(one.polls[0].at if one.polls else None) for one, _line in listed],
        _("why"): [_why_next(one) for one, _line in listed],
        _("polls"): [len(one.polls) for one, _line in listed],
        _("by hour"): [line for _one, line in listed] if len(hours) <= MANY_HOURS and width > NARROW else [],
    }
    shown = {name: cells for name, cells in columns.items() if cells}
    if shown:
        show_table(tuple(shown), zip(*shown.values(), strict=True))


def _time(at: datetime | None) -> object:
    """A time without its year on a terminal, where there is little room."""
    return f"{at.astimezone(CHINA):%m-%d %H:%M}" if at is not None and out.is_terminal else at


def _last_text(one: Expected) -> str | None:
    """How its last poll went, in a word or two: `sources health` has the rest."""
    if one.last is None:
        return None
    if one.last.reason is not None:
        return reason_text(one.last.reason)
    return _("{count} new").format(count=one.last.new) if one.last.new else result_text(one.last)


def _show_polls(expected: Sequence[Expected]) -> None:
    for one in expected:
        if not one.polls:
            say(f"{one.source.id}: {_why_next(one)}")
        if one.last is not None:
            told = {"id": one.source.id, "time": cell_text(one.last.ended_at), "result": _last_text(one)}
            say(_("{id}: last polled {time}, {result}").format(**told))
    listed = sorted(((due, one.source) for one in expected for due in one.polls), key=lambda pair: pair[0].at)
    if listed:
        show_table(
            (_("time"), _("source"), _("name"), _("why")),
            ((due.at, source.id, source.name, why_text(due.why)) for due, source in listed),
        )


def _why_next(one: Expected) -> str:
    if one.source.status is not Status.ACTIVE:
        return status_text(one.source.status)
    if one.pause is not None:
        return pause_text(one.pause)
    return why_text(one.polls[0].why) if one.polls else _("not within this time")


def _objects(expected: Iterable[Expected]) -> Iterator[dict[str, object]]:
    """Each poll, in order of time; then the sources without any, and why; with each the last poll that was made."""
    found = list(expected)
    polls = sorted(((due, one) for one in found for due in one.polls), key=lambda pair: pair[0].at)
    yield from (_object(one, due.at, due.why.value) for due, one in polls)
    for one in found:
        if not one.polls:
            yield _object(one, None, _state(one))


def _object(one: Expected, at: datetime | None, why: str) -> dict[str, object]:
    last = one.last
    told = None
    if last is not None:
        told = {
            "at": last.ended_at,
            "skipped": last.skipped,
            "reason": last.reason,
            "detail": last.detail,
            "rows": last.rows,
            "new": last.new,
        }
    return {"at": at, "source": one.source.id, "name": one.source.name, "why": why, "last_poll": told}


def _state(one: Expected) -> str:
    if one.source.status is not Status.ACTIVE:
        return one.source.status.value
    return "paused" if one.pause is not None else "later"
