"""`hrwatch sources pause`, `resume` and `poll`: what people ask of whoever polls, through the archive."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import click

from archive import Archive, open_archive
from archive.polling.clock import RUNNING
from archive.records import Pause
from crawler.cli import ALL_WELL, NOTHING_RAN
from crawler.cli.options import config_of, data_option, example, sources_option
from crawler.cli.screen import CHINA, cell_text, complain, say
from crawler.cli.stopping import seen_through
from crawler.language import _
from crawler.leases.owner import owner_name
from crawler.model import Source, Status
from crawler.wiring import open_catalogue

# "3d", "12h", "90m", "2w"
_SPAN = re.compile(r"(\d{1,6})([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
# Beyond this a source is not paused but given up: its file says so, with why and since.
LONGEST = timedelta(days=3660)


def pauses_now(archive: Archive, now: datetime) -> dict[str, Pause]:
    """The pauses that hold now, by source id."""
    return {source_id: pause for source_id, pause in archive.wishes(now).pauses.items() if pause.holds(now)}


def without_paused(
    archive: Archive, sources: Iterable[Source], now: datetime
) -> tuple[tuple[Source, ...], tuple[Source, ...]]:
    """The sources that are to be polled, and those that a person has paused."""
    found = tuple(sources)
    paused = pauses_now(archive, now)
    return (
        tuple(source for source in found if source.id not in paused),
        tuple(source for source in found if source.id in paused),
    )


def pause_text(pause: Pause) -> str:
    """A pause in a few words."""
    if pause.until is None:
        told = _("paused since {time}").format(time=cell_text(pause.since))
    else:
        told = _("paused until {time}").format(time=cell_text(pause.until))
    return told if pause.why is None else f"{told}: {pause.why}"


@click.command(
    help=_("Pause sources: hrwatch run and crawl --all leave them out."),
    epilog=example("hrwatch sources pause hrss-sichuan --for 3d", "hrwatch sources pause hrss-sichuan --why …"),
)
@click.argument("source_ids", metavar=_("SOURCE..."), nargs=-1, required=True)
@click.option(
    "--until", metavar=_("DATE"), help=_("Until this day or time, on China's clock (2026-12-01, 2026-12-01 08:00).")
)
@click.option("--for", "span", metavar=_("SPAN"), help=_("For so long: 90m, 12h, 3d, 2w."))
@click.option("--why", metavar=_("TEXT"), help=_("Why; shown beside it."))
@sources_option
@data_option
@click.pass_context
def pause(
    ctx: click.Context, source_ids: tuple[str, ...], until: str | None, span: str | None, why: str | None
) -> None:
    """A pause that stands is replaced."""
    now = datetime.now(UTC)
    end = _end(until, span, now)
    wanted = dict.fromkeys(source_ids)
    config = config_of(ctx)
    catalogue = open_catalogue(config)
    catalogue.select(list(wanted))
    given = Pause(since=now, until=end, why=(why or "").strip() or None)
    with open_archive(config) as archive, seen_through():
        archive.pause(list(wanted), given)
        archive.close()
        for source_id in wanted:
            say(f"{source_id}: {pause_text(given)}")


@click.command(
    help=_("End the pause of sources."),
    epilog=example("hrwatch sources resume hrss-sichuan"),
)
@click.argument("source_ids", metavar=_("SOURCE..."), nargs=-1, required=True)
@sources_option
@data_option
@click.pass_context
def resume(ctx: click.Context, source_ids: tuple[str, ...]) -> None:
    """Sources whose files say that they are not polled stay so, which is said."""
    wanted = dict.fromkeys(source_ids)
    config = config_of(ctx)
    now = datetime.now(UTC)
    with open_archive(config) as archive:
        paused = pauses_now(archive, now)
        # what has left the registry may be named, too, as long as it is paused
        resting = {
            source.id: source for source in open_catalogue(config).select([one for one in wanted if one not in paused])
        }
        with seen_through():
            archive.resume(list(wanted))
            archive.close()
            for source_id in wanted:
                say(_resumed(source_id, resting.get(source_id)))


def _resumed(source_id: str, resting: Source | None) -> str:
    """What became of a source that was to be polled again; `resting` where it was not paused."""
    if resting is None:
        return _("{id}: polled again").format(id=source_id)
    if resting.status is Status.ACTIVE:
        return _("{id}: was not paused").format(id=source_id)
    return _("{id}: was not paused; its file says status = {status}").format(id=source_id, status=resting.status)


@click.command(
    name="poll",
    help=_("Ask the running hrwatch run to poll sources at once."),
    epilog=example("hrwatch sources poll hrss-sichuan"),
)
@click.argument("source_ids", metavar=_("SOURCE..."), nargs=-1, required=True)
@sources_option
@data_option
@click.pass_context
def poll_now(ctx: click.Context, source_ids: tuple[str, ...]) -> None:
    """Exit code 3 where none runs."""
    wanted = list(dict.fromkeys(source_ids))
    config = config_of(ctx)
    open_catalogue(config).select(wanted)
    with open_archive(config) as archive:
        if not is_running(archive, config.lease_ttl_s):
            complain(
                _("No hrwatch run works on this archive. To poll now, run: hrwatch crawl {ids}").format(
                    ids=" ".join(wanted)
                )
            )
            ctx.exit(NOTHING_RAN)
        with seen_through():
            archive.want(wanted, now=datetime.now(UTC))
            archive.close()
            say(_("{count} sources are polled within seconds").format(count=len(wanted)))
    ctx.exit(ALL_WELL)


def is_running(archive: Archive, ttl_s: float) -> bool:
    """True where a clock runs on this archive: it holds a lease of this name."""
    lease = archive.acquire_lease(RUNNING, owner_name(), ttl_s)
    if lease is None:
        return True
    archive.release_lease(lease)
    return False


def _end(until: str | None, span: str | None, now: datetime) -> datetime | None:
    if until is not None and span is not None:
        raise click.UsageError(_("Give --until or --for, not both."))
    if until is not None:
        end = _moment(until)
    elif span is not None:
        found = _SPAN.fullmatch(span.strip().lower())
        if found is None:
            raise click.UsageError(_("--for {span}: not a length of time such as 90m, 12h, 3d or 2w").format(span=span))
        end = now + min(int(found[1]) * _UNITS[found[2]], LONGEST * 2)
    else:
        return None
    if end <= now:
        raise click.UsageError(_("{time} has passed").format(time=cell_text(end)))
    if end - now > LONGEST:
        raise click.UsageError(_("That is more than ten years: retire the source in its file instead."))
    return end


def _moment(text: str) -> datetime:
    """A time on China's clock; a day alone is its beginning."""
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise click.UsageError(_("--until {text}: not a day such as 2026-12-01").format(text=text)) from None
    if when.tzinfo is None:
        when = when.replace(tzinfo=CHINA)
    return when.astimezone(UTC)
