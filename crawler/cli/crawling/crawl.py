"""`hrwatch crawl`: one pass, its outcome, and its exit code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import click

from archive import Archive
from crawler.cli import ALL_WELL, INTERRUPTED, NOTHING_RAN, SOME_FAILED
from crawler.cli.crawling.backfilled import show_histories
from crawler.cli.crawling.choosing import choose, show_not_asked
from crawler.cli.crawling.outcome import nothing_ran_text, report_object, show_outcome
from crawler.cli.crawling.passing import poll_all
from crawler.cli.crawling.summary import Pass, write_summary
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
from crawler.cli.screen import complain, show_json
from crawler.health.standing import expected_of
from crawler.language import _
from crawler.model import PollReport
from crawler.polling.runner import run_until_done
from crawler.scheduling.planning import Planner
from crawler.wiring import open_services

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
        show_json(report_object(report, names) for report in reports)
    elif not is_on_stdout and quiet < QUIETEST:
        show_outcome(reports, names, only_failures=quiet > 0)
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
        complain(nothing_ran_text(reports))
    ctx.exit(code)


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
