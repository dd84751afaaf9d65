"""`hrwatch crawl` and `hrwatch publish`: one pass, and the feeds it changed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import click
from rich.logging import RichHandler
from rich.progress import Progress

from archive import Archive, open_archive
from crawler.cli import ALL_WELL, INTERRUPTED, NOTHING_RAN, SOME_FAILED
from crawler.cli.backfilled import history_object, show_histories, walking_text
from crawler.cli.care.backup import interruptible
from crawler.cli.choosing import choose, plan_next, show_not_asked, waiting_text
from crawler.cli.options import (
    config_of,
    data_option,
    example,
    json_option,
    replay_option,
    sources_option,
    verbose_option,
)
from crawler.cli.screen import complain, err, progress_bar, say, show_json, show_table
from crawler.cli.summary import Pass, write_summary
from crawler.config import load_config
from crawler.health.standing import expected_of
from crawler.history import Walk
from crawler.language import _
from crawler.log import start_log
from crawler.model import PollReport, Reason, Source
from crawler.planning import Planner
from crawler.runner import Runner, run_until_done
from crawler.services import Services
from crawler.taxonomy import load_taxonomy
from crawler.waiting import Waiting
from crawler.wiring import open_catalogue, open_services
from crawler.wording import reason_text, told
from feeds.custom import load_custom_feeds
from feeds.health import publish_health
from feeds.publish import publish as publish_feeds

# A wait that is meant; more is a wrong unit.
MAX_LOCK_WAIT_S = 24 * 3600
# -qq: the health feed and notifications tell of sources; what is printed is for whoever runs hrwatch.
QUIETEST = 2


@click.command(
    help=_("Poll sources once, fetch what is new, store it, and print a summary.")
    + "\n\n"
    + _("Exit code 0: all well; 1: some source failed; 2: wrong use; 3: nothing could run."),
    epilog=example(
        "hrwatch crawl --all",
        "hrwatch crawl rsj-sc-yaan hrss-sichuan",
        "hrwatch crawl --due --quiet --lock-wait 60",
        "hrwatch --data D crawl --all --replay pages.warc.gz",
        "hrwatch crawl hrss-sichuan --backfill 20",
    ),
)
@click.argument("source_ids", metavar=_("[SOURCE]..."), nargs=-1)
@click.option("--all", "is_all", is_flag=True, help=_("Poll every active source."))
@click.option("--due", "is_due", is_flag=True, help=_("Of these (or of all) poll those whose time has come."))
@click.option(
    "--lock-wait",
    "lock_wait_s",
    metavar=_("SECONDS"),
    type=click.FloatRange(0, MAX_LOCK_WAIT_S),
    default=0.0,
    help=_("Wait so long for each host that another run asks (default 0: leave it to that run)."),
)
@click.option(
    "--backfill",
    metavar="N",
    type=click.IntRange(min=1),
    help=_("Also walk N pages back in each list."),
)
@replay_option
@click.option("-q", "--quiet", count=True, help=_("Print only what failed (-qq: nothing of sources that failed)."))
@json_option
@click.option(
    "--summary",
    metavar="FILE",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help=_("Write the sums of the pass into this file, as a JSON object (-: standard output)."),
)
@verbose_option
@sources_option
@data_option
@click.pass_context
def crawl(
    ctx: click.Context,
    source_ids: tuple[str, ...],
    is_all: bool,
    is_due: bool,
    lock_wait_s: float,
    backfill: int | None,
    replay: tuple[Path, ...],
    quiet: int,
    as_json: bool,
    summary: Path | None,
    verbose: int,
) -> None:
    """One pass, for cron and for hand."""
    if is_all and source_ids:
        raise click.UsageError(_("Name the sources to poll, or give --all."))
    if not (source_ids or is_all or is_due):
        raise click.UsageError(_("Name the sources to poll, or give --all or --due."))
    is_on_stdout = summary is not None and str(summary) == "-"
    if is_on_stdout and as_json:
        raise click.UsageError(_("--json and --summary - both write to standard output: give --summary a file."))
    if replay and is_due:
        raise click.UsageError(_("--replay asks no site: nothing is due."))
    log_to_stderr(verbose)
    config = config_of(ctx)
    started_at = datetime.now(UTC)
    with open_services(config, replay=replay) as services:
        # a replay says nothing of when a site is to be asked
        planner = None if replay else Planner(cast(Archive, services.archive), config, now=services.now)
        choice = choose(services, planner, source_ids, is_due=is_due)
        if not choice.is_any:
            complain(_("There is no active source to poll."))
            ctx.exit(NOTHING_RAN)
        reports: list[PollReport] = []
        is_interrupted = False
        if choice.polled:
            reports, is_interrupted = run_until_done(
                lambda stopping: poll_all(
                    services, choice.polled, stopping, backfill=backfill, lock_wait_s=lock_wait_s, planner=planner
                )
            )
            cast(Archive, services.archive).judge_health(expected_of(services.catalogue), now=datetime.now(UTC))
    names = {source.id: source.name for source in choice.polled}
    code = INTERRUPTED if is_interrupted else exit_code(reports, is_due=is_due)
    if as_json:
        show_json(_report_object(report, names) for report in reports)
    elif not is_on_stdout and quiet < QUIETEST:
        show_summary(reports, names, only_failures=quiet > 0)
        if not quiet:
            show_not_asked(choice)
        if backfill is not None:
            show_histories(reports, only_failures=quiet > 0)
    if summary is not None:
        done = Pass(
            started_at=started_at,
            ended_at=datetime.now(UTC),
            exit_code=code,
            reports=reports,
            names=names,
            not_due=choice.not_due,
            paused=len(choice.paused),
        )
        write_summary(done, summary)
    if is_interrupted:
        complain(_("Interrupted; what was fetched is stored, the rest is fetched at the next pass."))
    elif code == NOTHING_RAN:
        complain(_("Nothing was polled: another run asks every host (--lock-wait waits for it)."))
    ctx.exit(code)


@click.command(
    help=_("Write the feeds that changed."),
    epilog=example("hrwatch publish", "hrwatch --data D publish"),
)
@click.option(
    "--to",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("Write to this folder instead of DATA/feeds."),
)
@click.option("-q", "--quiet", is_flag=True, help=_("Print nothing when all is well."))
@sources_option
@data_option
@click.pass_context
def publish(ctx: click.Context, to: Path | None, quiet: bool) -> None:
    """Feeds from the archive, whole files or none."""
    config = config_of(ctx)
    taxonomy = load_taxonomy(config.taxonomy)
    load_custom_feeds(config.feeds, taxonomy)  # a fault in the file is told before anything is opened
    catalogue = open_catalogue(config)
    told = _("Interrupted; every file is whole, and the next hrwatch publish writes the rest.")
    with interruptible(ctx, told), ExitStack() as stack:
        archive = stack.enter_context(open_archive(config))
        on_feed = _feeds_bar(stack) if err.is_terminal else None
        now = datetime.now(UTC)
        report = publish_feeds(archive, taxonomy, config, now=now, to=to, excerpts=catalogue.excerpts, on_feed=on_feed)
        health = publish_health(archive, catalogue, config, now=now, to=to)
    if quiet:
        return
    say(
        _("{feeds} feeds, {entries} new entries, {files} files rewritten in {folder}").format(
            feeds=report.feeds,
            entries=report.entries_added,
            files=report.rewritten + health.rewritten,
            folder=report.folder,
        )
    )


def _feeds_bar(stack: ExitStack) -> Callable[[int, int], None]:
    bar = stack.enter_context(progress_bar())
    task = bar.add_task(_("writing feeds"), total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


async def poll_all(
    services: Services,
    wanted: Sequence[Source],
    stopping: asyncio.Event,
    *,
    backfill: int | None = None,
    lock_wait_s: float = 0.0,
    planner: Planner | None = None,
) -> tuple[list[PollReport], bool]:
    """Poll sources side by side, with a progress bar on a terminal; what is under way ends when `stopping` is set.

    `backfill` is how many pages of each list's history are walked besides; `lock_wait_s`, how long a host is waited
    for that another run asks. `planner` says when each source is due next, and keeps it for whoever polls then.
    """
    reports: list[PollReport] = []
    with ExitStack() as stack:
        bar: Progress | None = None
        if err.is_terminal:
            bar = stack.enter_context(progress_bar())
            task = bar.add_task(_("polling"), total=len(wanted))

        def tell_waiting(holders: Mapping[str, str]) -> None:
            if bar is not None:
                bar.update(task, description=waiting_text(holders) or _("polling"))

        runner = Runner(services, waiting=Waiting(at_most_s=lock_wait_s, tell=tell_waiting))

        def tell(walk: Walk) -> None:
            if bar is not None:
                bar.update(task, description=walking_text(walk))

        async def poll(source: Source) -> None:
            polled = runner.poll(source) if backfill is None else runner.backfill(source, backfill, tell)
            report = await polled
            reports.append(report)
            if planner is not None and not report.skipped:
                await plan_next(planner, source, report)
            if bar is not None:
                bar.update(task, advance=1, description=source.name)

        polls = asyncio.gather(*(poll(source) for source in wanted))
        stop = asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait((polls, stop), return_when=asyncio.FIRST_COMPLETED)
            if stopping.is_set():
                await runner.stop()
            await polls
        finally:
            stop.cancel()
            await runner.close()
    return sorted(reports, key=lambda report: report.source_id), stopping.is_set()


def exit_code(reports: Sequence[PollReport], *, is_due: bool = False) -> int:
    """0 all well, 1 some source or history failed, 3 nothing could run (every host in another run's hands).

    `is_due`: where another run has every host, it does at this moment what was to be done.
    """
    histories = [history for report in reports for history in report.history]
    if any(report.reason is not None for report in reports) or any(one.reason is not None for one in histories):
        return SOME_FAILED
    if reports and not is_due and all(report.skipped for report in reports):
        return NOTHING_RAN
    return ALL_WELL


def show_summary(reports: Sequence[PollReport], names: dict[str, str], *, only_failures: bool = False) -> None:
    """What a pass came to: a row a source, what was refused and why, and the sums."""
    shown = [report for report in reports if report.reason is not None] if only_failures else reports
    if shown:
        show_table(
            (_("source"), _("name"), _("result"), _("rows"), _("new"), _("stored"), _("relevant"), _("merged")),
            (
                (
                    report.source_id,
                    names.get(report.source_id),
                    result_text(report),
                    sum(page.rows for page in report.lists),
                    sum(page.new for page in report.lists),
                    report.stored,
                    report.relevant,
                    report.merged,
                )
                for report in shown
            ),
        )
    if only_failures:
        return
    for page in (page for report in reports for page in report.lists if page.reason is None and page.detail):
        say(_("{url}: only the first {count} rows were read (HRWATCH_MAX_ROWS)").format(url=page.url, count=page.rows))
    refused: Counter[Reason] = Counter()
    for report in reports:
        refused.update(report.refused)
    for reason, count in refused.most_common():
        say(_("left out {count}: {reason}").format(count=count, reason=f"{reason_text(reason)} ({reason})"))
    say(
        _(
            "{polled} sources polled, {failed} failed; {stored} items stored, {relevant} relevant, {merged} merged"
        ).format(
            polled=len(reports),
            failed=sum(report.reason is not None for report in reports),
            stored=sum(report.stored for report in reports),
            relevant=sum(report.relevant for report in reports),
            merged=sum(report.merged for report in reports),
        )
    )


def result_text(report: PollReport) -> str:
    """How a poll went, in a few words."""
    if report.reason is not None:
        return told(report.reason, report.detail)
    if report.skipped:
        reasons = [page.reason for page in report.lists if page.reason is not None]
        # a host that another run holds is named in the detail; a poll that we cut short has none
        if not reasons and not report.detail:
            return _("skipped: interrupted")
        reason = reasons[0] if reasons else Reason.BUSY
        return _("skipped: {reason}").format(reason=reason_text(reason))
    if report.lists and all(page.unchanged for page in report.lists):
        return _("unchanged")
    return _("ok")


def log_to_stderr(verbose: int) -> None:
    """Send the log to standard error, in the form that the settings say; see crawler/log.py."""
    form = load_config().log
    # beside a progress bar, which shares the terminal
    pretty = RichHandler(console=err, show_path=False, rich_tracebacks=False) if err.is_terminal else None
    start_log(verbose, form, pretty)


def _report_object(report: PollReport, names: dict[str, str]) -> dict[str, object]:
    return {
        "source": report.source_id,
        "name": names.get(report.source_id),
        "ok": report.reason is None,
        "skipped": report.skipped,
        "reason": report.reason,
        "detail": report.detail,
        "started_at": report.started_at,
        "ended_at": report.ended_at,
        "rows": sum(page.rows for page in report.lists),
        "new": sum(page.new for page in report.lists),
        "fetched": report.fetched,
        "stored": report.stored,
        "relevant": report.relevant,
        "merged": report.merged,
        "refused": {str(reason): count for reason, count in report.refused.items()},
        "history": [history_object(history) for history in report.history],
        "lists": [
            {
                "url": page.url,
                "status": page.status,
                "rows": page.rows,
                "new": page.new,
                "newest": page.newest,
                "unchanged": page.unchanged,
                "reason": page.reason,
                "detail": page.detail,
            }
            for page in report.lists
        ],
    }
