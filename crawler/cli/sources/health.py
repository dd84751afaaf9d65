"""`hrwatch sources health`: how each source stands, and of one all that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from archive import Archive, open_archive
from archive.records import Pause, SourceHealth
from crawler.cli import ALL_WELL, NOTHING_RAN, SOME_FAILED
from crawler.cli.coding import without_coding
from crawler.cli.options import config_of, data_option, example, json_option, sources_option
from crawler.cli.reading import archive_to_ask
from crawler.cli.screen import CHINA, complain, say, show_json, show_table
from crawler.cli.sources.health_detail import poll_object, show_detail
from crawler.cli.sources.paused import pauses_now
from crawler.cli.sources.remedies import (
    by_urgency,
    counts_text,
    is_trouble,
    next_try,
    pause_of,
    remedy,
    since,
    verdict_text,
    why_text,
)
from crawler.config import Config
from crawler.errors import OutputError, UnwritableError
from crawler.health.standing import Expected, expected_of
from crawler.health.usual import Usual
from crawler.language import _
from crawler.model import Source
from crawler.warc.reading import read_page
from crawler.wiring import open_catalogue

# Polls of one source that an account of it goes back: twelve weeks of hourly ones, two of the fastest.
LOOK_BACK = 2_000


@click.command(
    "health",
    help=_("Show how sources stand: broken, silent, blocked, … since when, and what to do.")
    + "\n\n"
    + _(
        "Without an ID those that somebody should look at; with IDs everything about these. Exit code 0: all is well;"
        " 1: some source is not."
    ),
    epilog=example(
        "hrwatch sources health",
        "hrwatch sources health --all --json",
        "hrwatch sources health hrss-sichuan --last-good list.html",
    ),
)
@click.argument("source_ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "is_all", is_flag=True, help=_("Show the healthy and quiet ones too."))
@click.option(
    "--last-good",
    "to",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("Write the last good list page of the one source named to FILE."),
)
@json_option
@sources_option
@data_option
@click.pass_context
def health(ctx: click.Context, source_ids: tuple[str, ...], is_all: bool, to: Path | None, as_json: bool) -> None:
    """Judged up to the last poll, whoever made it."""
    if to is not None and len(source_ids) != 1:
        raise click.UsageError(_("--last-good goes with one ID."))
    config = config_of(ctx)
    catalogue = open_catalogue(config)
    wanted = catalogue.select(source_ids) if source_ids else catalogue.active()
    if not config.has_archive:
        complain(_("No source has been polled yet: hrwatch crawl --all does it."))
        ctx.exit(NOTHING_RAN)
    now = datetime.now(UTC)
    expected = expected_of(catalogue)
    is_judged = _judge(config, expected, now)
    with archive_to_ask(config) as archive:
        if not is_judged:
            complain(_("Shown as it was last judged: later polls are not looked at."))
        judged = {found.source_id: found for found in archive.source_healths()}
        paused = pauses_now(archive, now)
        found = by_urgency((judged.get(source.id) or _unknown(source, paused.get(source.id)) for source in wanted), now)
        if to is not None:
            _write_last_good(config, found[0], to)
        elif as_json:
            polled = source_ids or ()
            show_json(_object(one, archive, now, with_polls=one.source_id in polled) for one in found)
        elif source_ids:
            for one in found:
                show_detail(one, archive.polls_of(one.source_id, limit=LOOK_BACK), expected[one.source_id], now)
        else:
            _show(found, now, is_all=is_all)
    ctx.exit(SOME_FAILED if any(is_trouble(one, now) for one in found) else ALL_WELL)


def _judge(config: Config, expected: Mapping[str, Expected], now: datetime) -> bool:
    """Judge sources up to the last poll; False where the archive cannot be written."""
    try:
        with open_archive(config) as archive:
            archive.judge_health(expected, now=now)
    except UnwritableError:
        return False
    return True


def _show(found: Sequence[SourceHealth], now: datetime, *, is_all: bool) -> None:
    # a pause is shown, as it may have been forgotten
    shown = [one for one in found if is_all or is_trouble(one, now) or pause_of(one, now) is not None]
    if shown:
        show_table(
            (
                _("source"),
                _("health"),
                _("since"),
                _("last good"),
                _("newest"),
                _("next try"),
                _("what to do"),
            ),
            (
                (
                    one.source_id,
                    verdict_text(one, now),
                    since(one, now),
                    one.good_at,
                    one.freshest_at and one.freshest_at.astimezone(CHINA).date(),
                    next_try(one, now),
                    remedy(one, now),
                )
                for one in shown
            ),
        )
    say(counts_text(found, now))


def _unknown(source: Source, pause: Pause | None) -> SourceHealth:
    """A source that nobody has polled."""
    return SourceHealth(
        source_id=source.id,
        name=source.name,
        home=source.home,
        verdict=None,
        since=None,
        reason=None,
        detail="",
        next=None,
        good_at=None,
        snapshot=None,
        news_at=None,
        freshest_at=None,
        usual=Usual(),
        failures=0,
        last_polled_at=None,
        next_poll_at=None,
        pause=pause,
    )


def _write_last_good(config: Config, found: SourceHealth, to: Path) -> None:
    """Raises OutputError or WarcError naming the file where that cannot be done."""
    snapshot = found.snapshot
    if snapshot is None or snapshot.warc is None:
        raise OutputError(_("{id}: no list page is kept").format(id=found.source_id))
    if not (config.warc_dir / snapshot.warc.file).is_file():
        raise OutputError(
            _("{file} is not there any more (hrwatch prune lets old lists go)").format(file=snapshot.warc.file)
        )
    limit = config.max_page_bytes
    page = without_coding(read_page(config.warc_dir, snapshot.warc, max_bytes=limit), max_bytes=limit)
    try:
        to.write_bytes(page.body)
    except OSError as error:
        raise OutputError(f"{to}: {error.strerror}") from error
    say(_("{file}: {url} as of {time}").format(file=to, url=page.url, time=f"{snapshot.at:%Y-%m-%d %H:%M} UTC"))


def _object(found: SourceHealth, archive: Archive, now: datetime, *, with_polls: bool) -> dict[str, object]:
    pause = pause_of(found, now)
    snapshot = found.snapshot
    place = snapshot.warc if snapshot is not None else None
    told: dict[str, object] = {
        "source": found.source_id,
        "name": found.name,
        "health": found.verdict,
        "since": found.since,
        "reason": found.reason,
        "detail": why_text(found),
        "next_health": found.next,
        "failures": found.failures,
        "last_polled_at": found.last_polled_at,
        "last_good_at": found.good_at,
        "last_good": None
        if snapshot is None
        else {
            "url": snapshot.url,
            "at": snapshot.at,
            "warc_file": place.file if place is not None else None,
            "warc_offset": place.offset if place is not None else None,
        },
        "last_new_at": found.news_at,
        "newest_at": found.freshest_at,
        "next_poll_at": next_try(found, now),
        "paused_at": pause.since if pause is not None else None,
        "paused_until": pause.until if pause is not None else None,
        "paused_why": pause.why if pause is not None else None,
        "remedy": remedy(found, now),
    }
    if with_polls:
        told["polls"] = [poll_object(poll) for poll in archive.polls_of(found.source_id, limit=LOOK_BACK)]
    return told
