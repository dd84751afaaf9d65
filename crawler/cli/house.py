"""`hrwatch run`, `serve`, `doctor`: all of it in one process, the web side alone, and whether all is well."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import click

from archive import Archive, open_archive
from crawler.cli import ALL_WELL, SOME_FAILED
from crawler.cli.crawl import log_to_stderr, result_text
from crawler.cli.options import config_of, data_option, example, json_option, sources_option, verbose_option
from crawler.cli.screen import say, show_json, show_table
from crawler.config import Config
from crawler.errors import HrwatchError
from crawler.language import _
from crawler.model import PollReport
from crawler.net.browser import browser_fault, find_browser, wants_browser
from crawler.runner import run_until_done
from crawler.taxonomy import load_taxonomy
from crawler.wiring import open_catalogue, open_services
from crawler.wording import reason_text
from feeds.publish import publish
from scheduler import Scheduler
from web.server import WebProcess
from web.server import serve as serve_web

# Below this a pass may fail to write its pages: one WARC file of 1 GiB.
LOW_DISK_BYTES = 2**30
# In the first pass over the shipped registry: a line about every minute.
PROGRESS_EVERY = 20


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
    config = config_of(ctx, port=port)
    with open_services(config) as services:
        archive = cast(Archive, services.archive)
        taxonomy = services.taxonomy
        web = WebProcess(config)
        address = web.start()
        names = {source.id: source.name for source in services.catalogue}
        reports: dict[str, PollReport] = {}
        active = len(services.catalogue.active())
        say(_("hrwatch serves {address} (Ctrl-C stops)").format(address=address))
        say(_("{active} sources are polled; data in {data}").format(active=active, data=config.data.resolve()))

        def tell(report: PollReport) -> None:
            last = reports.get(report.source_id)
            reports[report.source_id] = report
            # what fails in the first pass is listed at its end, all at once
            has_changed = last is not None and (last.reason is None) != (report.reason is None)
            if report.stored or has_changed or verbose:
                say(
                    f"{datetime.now():%H:%M:%S} {names[report.source_id]}: {result_text(report)}"  # noqa: DTZ005 - the reader's own clock
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
                say(f"  ✗ {names[report.source_id]} ({report.source_id}): {result_text(report)}")

        async def work(stopping: asyncio.Event) -> None:
            scheduler = Scheduler(
                services,
                archive,
                publish=lambda: publish(archive, taxonomy, config, now=datetime.now(UTC)),
                on_poll=tell,
                on_first_pass=tell_first_pass,
            )
            await scheduler.run(stopping)

        try:
            run_until_done(work)
        finally:
            web.stop()
    say(_("stopped; nothing is half-written"))


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
    serve_web(
        config_of(ctx, port=port),
        ready=lambda address: say(_("hrwatch serves {address} (Ctrl-C stops)").format(address=address)),
    )


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that doctor looked at."""

    name: str
    is_well: bool
    detail: str


@click.command(
    help=_("Say whether all is well: settings, sources, archive, disk, feeds, and the last polls."),
    epilog=example("hrwatch doctor", "hrwatch --data D doctor --json"),
)
@json_option
@sources_option
@data_option
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Exit code 0 where all is well, 1 where something is not."""
    checks = list(_checks(config_of(ctx)))
    if as_json:
        show_json({"check": check.name, "ok": check.is_well, "detail": check.detail} for check in checks)
    else:
        show_table(
            ("", _("check"), _("finding")),
            (("✓" if check.is_well else "✗", check.name, check.detail) for check in checks),
        )
    ctx.exit(ALL_WELL if all(check.is_well for check in checks) else SOME_FAILED)


def _checks(config: Config) -> Iterator[Check]:
    yield Check(
        _("contact"),
        config.contact is not None,
        config.contact or _("set HRWATCH_CONTACT, so that a webmaster can reach you"),
    )
    yield _tried(_("taxonomy"), lambda: _("{zones} zones").format(zones=len(load_taxonomy(config.taxonomy).zones)))
    yield _tried(_("sources"), lambda: _sources_finding(config))
    yield from _browser_check(config)
    yield _tried(_("data folder"), lambda: _disk_finding(config))
    if not config.has_archive:
        yield Check(_("archive"), True, _("not made yet: {file}").format(file=config.database))
        return
    try:
        archive = open_archive(config)
    except HrwatchError as error:
        yield Check(_("archive"), False, str(error))
        return
    try:
        faults = archive.check()
        counts = archive.counts()
        yield Check(
            _("archive"),
            not faults,
            "; ".join(f"{fault.part}: {fault.detail}" for fault in faults)
            or _("{items} items, {stories} stories, {relevant} relevant").format(
                items=counts.items, stories=counts.stories, relevant=counts.relevant
            ),
        )
        missing = [feed.id for feed in archive.feeds() if not (config.feeds_dir / f"{feed.id}.rss").exists()]
        yield Check(
            _("feeds"),
            not missing,
            _("{count} feed files are missing: run hrwatch publish").format(count=len(missing))
            if missing
            else _("{count} feeds").format(count=counts.feeds),
        )
        for state in archive.source_states():
            poll = state.last_poll
            if poll is not None and poll.reason is not None:
                detail = f"{reason_text(poll.reason)} {poll.detail}".rstrip()
                since = _("{failures} times in a row").format(failures=state.failures)
                yield Check(state.source_id, False, f"{detail}; {since}")
    finally:
        archive.close()


def _tried(name: str, finding: Callable[[], str]) -> Check:
    try:
        return Check(name, True, finding())
    except (HrwatchError, OSError) as error:
        return Check(name, False, str(error))


def _sources_finding(config: Config) -> str:
    catalogue = open_catalogue(config)
    return _("{count} sources, {active} active").format(count=len(catalogue), active=len(catalogue.active()))


def _browser_check(config: Config) -> Iterator[Check]:
    """Whether there is a browser, where a source needs one."""
    try:
        wanting = [source.id for source in open_catalogue(config).active() if wants_browser(source)]
    except HrwatchError:
        return  # told of the sources already
    if wanting:
        fault = browser_fault(config)
        finding = fault or find_browser(config) or ""
        if fault is None and os.geteuid() == 0:
            finding += "; " + _("runs without its sandbox, as root")
        yield Check(_("browser"), fault is None, f"{finding} ({', '.join(wanting)})")


def _disk_finding(config: Config) -> str:
    folder = config.data
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < LOW_DISK_BYTES:
        raise HrwatchError(_("{folder}: only {free} MiB free").format(folder=folder, free=free // 2**20))
    return _("{folder}: {free} GiB free").format(folder=config.data, free=free // 2**30)
