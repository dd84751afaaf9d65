"""`hrwatch run` and `serve`: all of it in one process, and the web side alone."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import cast

import click

from archive import Archive
from crawler.cli.crawling.outcome import result_text
from crawler.cli.log import log_to_stderr
from crawler.cli.notify import Notifier
from crawler.cli.options import config_of, data_option, example, sources_option, verbose_option
from crawler.cli.screen import say, show_at_once
from crawler.errors import HrwatchError
from crawler.hangup import outlast_hangup
from crawler.language import _
from crawler.model import PollReport
from crawler.polling.runner import run_until_done
from crawler.wiring import open_services, watch_folders
from feeds.custom import load_custom_feeds
from feeds.publish import publish
from scheduler import Scheduler
from web.server import WebProcess
from web.server import serve as serve_web

# In the first pass over the shipped registry: a line about every minute.
PROGRESS_EVERY = 20
LOOK_S = 10.0  # between two looks whether the web side is there

_log = logging.getLogger(__name__)


@click.command(
    help=_("Poll, publish and serve the web side until Ctrl-C: the main job."),
    epilog=example("hrwatch run", "hrwatch --data D run --port 8090"),
)
@click.option("--port", type=click.IntRange(0, 65535), help=_("Port of the web side (default 8080)."))
@verbose_option
@sources_option
@data_option
@click.pass_context
def run(ctx: click.Context, port: int | None, verbose: int) -> None:
    """Scheduler, publisher and web in one."""
    log_to_stderr(verbose)
    outlast_hangup()
    show_at_once()
    config = config_of(ctx, port=port)
    with open_services(config) as services:
        archive = cast(Archive, services.archive)
        taxonomy = services.taxonomy
        load_custom_feeds(config.feeds, taxonomy)  # a fault in the file is told now, not with the first publishing
        notifier = Notifier(archive, lambda: services.catalogue, config)
        web = WebProcess(config, verbose=verbose)
        address = web.start()
        reports: dict[str, PollReport] = {}
        active = len(services.catalogue.active())
        say(_("hrwatch serves {address} (Ctrl-C stops)").format(address=address))
        say(_("{active} sources are polled; data in {data}").format(active=active, data=config.data.resolve()))

        def name_of(source_id: str) -> str:
            source = services.catalogue.get(source_id)
            return source_id if source is None else source.name

        def tell(report: PollReport) -> None:
            last = reports.get(report.source_id)
            reports[report.source_id] = report
            # what fails in the first pass is listed at its end, all at once
            has_changed = last is not None and (last.reason is None) != (report.reason is None)
            if report.stored or has_changed or verbose:
                say(
                    f"{datetime.now():%H:%M:%S} {name_of(report.source_id)}: {result_text(report)}"  # noqa: DTZ005 - the reader's own clock
                    + (_(", {count} new items").format(count=report.stored) if report.stored else "")
                )

            if last is None and len(reports) % PROGRESS_EVERY == 0:
                say(_("{done} of {total} sources asked").format(done=len(reports), total=active))

        def tell_first_pass() -> None:
            failed = [report for report in reports.values() if report.reason is not None]
            say(
                _("first pass done: {good} sources answered, {bad} did not").format(
                    good=len(reports) - len(failed), bad=len(failed)
                )
            )
            for report in failed:
                say(f"  ✗ {name_of(report.source_id)} ({report.source_id}): {result_text(report)}")

        async def work(stopping: asyncio.Event) -> None:
            scheduler = Scheduler(
                services,
                archive,
                publish=lambda: publish(
                    archive, taxonomy, config, now=datetime.now(UTC), excerpts=services.catalogue.excerpts
                ),
                notify=notifier,
                folders=watch_folders(config, services.catalogue, taxonomy),
                on_poll=tell,
                on_first_pass=tell_first_pass,
            )
            kept = asyncio.create_task(keep_serving(web, stopping))
            try:
                await scheduler.run(stopping)
            finally:
                stopping.set()
                await kept

        try:
            run_until_done(work)
        finally:
            web.stop()
    say(_("stopped; nothing is half-written"))


async def keep_serving(web: WebProcess, stopping: asyncio.Event, *, look_s: float = LOOK_S) -> None:
    """Start the web side again where it has ended by itself, as by a lack of memory, until `stopping`."""
    while not stopping.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), look_s)
        if stopping.is_set() or web.is_alive():
            continue
        _log.error("the web side has ended by itself: it is started again")
        try:
            address = await asyncio.to_thread(web.start)
        except HrwatchError as error:
            _log.error("%s", error)
        else:
            say(_("hrwatch serves {address} (Ctrl-C stops)").format(address=address))


@click.command(
    help=_("Serve the web side alone, read-only."),
    epilog=example("hrwatch serve", "hrwatch --data D serve --port 8090"),
)
@click.option("--port", type=click.IntRange(0, 65535), help=_("Port of the web side (default 8080)."))
@verbose_option
@sources_option
@data_option
@click.pass_context
def serve(ctx: click.Context, port: int | None, verbose: int) -> None:
    """Feeds and pages over an archive that others write."""
    log_to_stderr(verbose)
    outlast_hangup()
    show_at_once()
    serve_web(
        config_of(ctx, port=port),
        ready=lambda address: say(_("hrwatch serves {address} (Ctrl-C stops)").format(address=address)),
    )
