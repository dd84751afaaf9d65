"""`hrwatch sources check`: one list and one article of each source, held against what its file expects."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from crawler.cli import ALL_WELL, INTERRUPTED, NOTHING_RAN, SOME_FAILED
from crawler.cli.crawling.passing import poll_all
from crawler.cli.log import log_to_stderr
from crawler.cli.options import (
    config_of,
    data_option,
    example,
    json_option,
    replay_option,
    sources_option,
    verbose_option,
)
from crawler.cli.screen import complain, say, show_json
from crawler.cli.sources.checked import Checked, checked_object, show_checked
from crawler.cli.sources.fixing import Fixer
from crawler.cli.sources.looking import LookStore, open_manners, open_replay, services_to_look
from crawler.cli.sources.survey import Look, findings_of, newest_row
from crawler.cli.sources.visiting import PageKeeper, Visitor, services_to_visit
from crawler.language import _
from crawler.model import Entry, PollReport, Source, Status
from crawler.polling.runner import run_until_done
from crawler.services import PageReader
from crawler.wiring import open_catalogue


@click.command(
    "check",
    help=_("Read one list and one article of each source and compare them with its file; nothing is stored.")
    + "\n\n"
    + _("Exit code 0: all well; 1: some source failed; 2: wrong use; 3: nothing could run."),
    epilog=example(
        "hrwatch sources check",
        "hrwatch sources check rsj-sc-yaan --json",
        "hrwatch sources check --all --replay pages.warc.gz",
        "hrwatch sources check --fix hrss-beijing",
    ),
)
@click.argument("source_ids", metavar=_("[SOURCE]..."), nargs=-1)
@click.option("--all", "is_all", is_flag=True, help=_("Check sources of every status, blocked and paused ones too."))
@click.option("--fix", "is_fix", is_flag=True, help=_("Look for columns of news and for redesigned lists."))
@click.option("--yes", "is_yes", is_flag=True, help=_("With --fix: write without asking."))
@replay_option
@json_option
@verbose_option
@sources_option
@data_option
@click.pass_context
def check(
    ctx: click.Context,
    source_ids: tuple[str, ...],
    is_all: bool,
    is_fix: bool,
    is_yes: bool,
    replay: tuple[Path, ...],
    as_json: bool,
    verbose: int,
) -> None:
    """A look at the registry, for cron and for hand."""
    if source_ids and is_all:
        raise click.UsageError(_("Name sources or give --all, not both."))
    if is_yes and not is_fix:
        raise click.UsageError(_("--yes belongs to --fix."))
    log_to_stderr(verbose)
    config = config_of(ctx)
    catalogue = open_catalogue(config)
    if source_ids:
        wanted = catalogue.select(source_ids)
    else:
        polled = (Status.ACTIVE, Status.UNVERIFIED)
        wanted = tuple(source for source in catalogue if is_all or source.status in polled)
    # one list is enough to see whether a site is still what it was
    one_list = [replace(source, lists=source.lists[:1]) for source in wanted if source.lists]
    if not one_list:
        complain(_("There is no source with a list to check."))
        ctx.exit(NOTHING_RAN)
    reader = open_replay(replay)
    fixer = Fixer(config, replay) if is_fix else None
    with open_manners(config, reader) as manners:
        store = LookStore(catalogue, manners)
        keeper = PageKeeper(reader) if is_fix else None
        services = services_to_look(
            config,
            catalogue,
            store,
            replay=keeper if keeper is not None and reader is not None else reader,
            pages=keeper if reader is None else None,
        )

        async def look(stopping: asyncio.Event) -> tuple[list[PollReport], bool]:
            reports, _interrupted = await poll_all(services, one_list, stopping)
            if fixer is not None and keeper is not None and not stopping.is_set():
                visits, seen = services_to_visit(config, catalogue, manners, keeper, is_replay=reader is not None)
                visitor = Visitor(visits, seen, keeper)
                try:
                    await fixer.look(visitor, one_list, reports, _entries_of(store), stopping)
                finally:
                    await visitor.close()
            return reports, stopping.is_set()

        reports, is_interrupted = run_until_done(look)
    by_id = {source.id: source for source in one_list}
    checked = [_checked(by_id[report.source_id], report, store.looks[report.source_id], reader) for report in reports]
    if not as_json:
        show_checked(checked, listless=len(wanted) - len(one_list))
    if is_interrupted:
        if as_json:
            show_json(checked_object(one, None) for one in checked)
        complain(_("Interrupted."))
        ctx.exit(INTERRUPTED)
    if fixer is not None:
        if not as_json:
            fixer.show()
        if is_yes or not as_json:
            fixer.write(is_yes=is_yes, say=complain if as_json else say)
    if as_json:
        show_json(checked_object(one, fixer) for one in checked)
    ctx.exit(_exit_code([one for one in checked if fixer is None or one.source.id not in fixer.written]))


def _checked(source: Source, report: PollReport, look: Look, replay: PageReader | None) -> Checked:
    as_of = _as_of(report, replay)
    return Checked(
        source=source,
        report=report,
        look=look,
        findings=() if report.skipped and report.reason is None else findings_of(look, report, source, as_of),
        newest=newest_row(look, source, as_of),
    )


def _entries_of(store: LookStore) -> dict[str, Sequence[Entry]]:
    """The rows that each source's list has now."""
    return {source_id: look.entries for source_id, look in store.looks.items()}


def _as_of(report: PollReport, replay: PageReader | None) -> datetime:
    """When the list was read: a replayed one on the day it was kept."""
    kept = [page.fetched_at for listed in report.lists if replay is not None and (page := replay.find(listed.url))]
    return max(kept, default=report.ended_at)


def _exit_code(checked: Sequence[Checked]) -> int:
    if any(one.findings for one in checked):
        return SOME_FAILED
    return NOTHING_RAN if checked and all(one.is_skipped for one in checked) else ALL_WELL
