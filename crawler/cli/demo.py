"""`hrwatch demo`: the whole thing on a built-in synthetic site, over real HTTP on loopback, without a network."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import click

from archive import Archive
from crawler.cli import ALL_WELL, INTERRUPTED, SOME_FAILED
from crawler.cli.crawling.outcome import show_outcome
from crawler.cli.crawling.passing import poll_all
from crawler.cli.log import log_to_stderr
from crawler.cli.options import config_of, data_option, example, verbose_option
from crawler.cli.screen import CHINA, complain, out, say, show_at_once
from crawler.config import Config
from crawler.demo import (
    DemoServer,
    DemoSite,
    Finding,
    Seen,
    SeenStory,
    check,
    check_manners,
    demo_addresses,
    expected,
    write_sources,
)
from crawler.language import _
from crawler.model import PollReport
from crawler.polling.runner import run_until_done
from crawler.services import Services
from crawler.wiring import open_services
from feeds.publish import PublishReport, publish
from web.server import serve

# Loopback is in no hurry; a real site is given seconds.
DELAY_S = 0.01


@click.command(
    help=_("Show the whole thing on a built-in synthetic site, without a network: crawl, stories, feeds, pages."),
    epilog=example("hrwatch demo", "hrwatch --data D demo --no-serve"),
)
@click.option(
    "--serve/--no-serve", "is_served", default=None, help=_("Serve the pages afterwards (on a terminal: yes).")
)
@click.option("--port", type=click.IntRange(0, 65535), help=_("Port of the web side (default 8080)."))
@verbose_option
@data_option
@click.pass_context
def demo(ctx: click.Context, is_served: bool | None, port: int | None, verbose: int) -> None:
    """Two days of a small internet, checked against what is known of it."""
    log_to_stderr(verbose)
    show_at_once()
    given = ctx.find_root().ensure_object(dict).get("data")
    with ExitStack() as stack:
        # A fresh folder each time: the demonstration shows a beginning.
        data = given or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hrwatch-demo-")))
        if (data / "hrwatch.sqlite3").exists():
            raise click.UsageError(
                _("{data} holds an archive already; the demonstration needs a folder of its own.").format(data=data)
            )
        now = datetime.now(UTC)
        server = stack.enter_context(DemoServer(DemoSite(now)))
        sources = data / "demo-sources"
        write_sources(sources, server.port)
        config = config_of(
            ctx,
            data=data,
            port=port,
            sources=(sources,),
            resolve=demo_addresses(),
            allow_private=("127.0.0.1/32",),
            delay_s=DELAY_S,
            timeout_s=30.0,
        )
        say(
            _("A small internet of {count} sources on 127.0.0.1:{port}").format(
                count=len(list(sources.glob("*.toml"))), port=server.port
            )
        )
        findings, is_interrupted = _two_days(config, server)
        if is_interrupted:
            complain(_("Interrupted."))
            ctx.exit(INTERRUPTED)
        wrong = [finding for finding in findings if not finding.is_right]
        say()
        for finding in findings:
            say(str(finding))
        say()
        say(_("{right} of {count} expectations hold").format(right=len(findings) - len(wrong), count=len(findings)))
        if is_served if is_served is not None else out.is_terminal:
            serve(
                config,
                ready=lambda address: say(_("Look at {address} (Ctrl-C stops)").format(address=address)),
            )
        elif given is not None:
            say(_("The feeds are in {folder}").format(folder=config.feeds_dir))
    ctx.exit(SOME_FAILED if wrong else ALL_WELL)


def _two_days(config: Config, server: DemoServer) -> tuple[list[Finding], bool]:
    with open_services(config) as services:
        names = {source.id: source.name for source in services.catalogue}
        archive = cast(Archive, services.archive)

        async def work(stopping: asyncio.Event) -> tuple[list[list[PollReport]], list[PublishReport], bool]:
            passes: list[list[PollReport]] = []
            published: list[PublishReport] = []
            for _day in range(2):
                reports, is_interrupted = await poll_all(services, services.catalogue.active(), stopping)
                passes.append(reports)
                if is_interrupted:
                    return passes, published, True
                published.append(
                    await asyncio.to_thread(
                        publish,
                        archive,
                        services.taxonomy,
                        config,
                        now=datetime.now(UTC),
                        excerpts=services.catalogue.excerpts,
                    )
                )
                server.site = server.site.advance() if not _day else server.site
            return passes, published, False

        passes, published, is_interrupted = run_until_done(work)
        for day, (reports, report) in enumerate(zip(passes, published, strict=False), 1):
            say()
            say(_("Day {day}").format(day=day))
            show_outcome(reports, names)
            say(
                _("{feeds} feeds, {entries} new entries, {files} files rewritten in {folder}").format(
                    feeds=report.feeds, entries=report.entries_added, files=report.rewritten, folder=report.folder
                )
            )
        if is_interrupted:
            return [], True
        wanted = expected(server.site)
        seen = _seen(services, archive, config, passes[-1], [refusal.url for refusal in wanted.refusals], server.port)
        return [*check(wanted, seen), *check_manners(wanted, server.visits)], False


def _seen(
    services: Services, archive: Archive, config: Config, reports: list[PollReport], refused: list[str], port: int
) -> Seen:
    """What the archive holds after the passes, in the terms of what is expected."""
    stories = archive.stories(limit=1000)
    histories = {url: archive.explain(_with_port(url, port)) for url in refused}
    return Seen(
        stories=[
            SeenStory(
                title=story.title,
                members=[member.url for member in story.members],
                published=story.published.astimezone(CHINA).date() if story.published else None,
                first_source=story.first_source,
                regions=story.regions,
                zones=story.zones,
                topics=story.topics,
                document_number=story.document_number,
                is_link_only=story.is_link_only,
            )
            for story in stories
        ],
        refusals={
            url: history.entry.reason
            for url, history in histories.items()
            if history is not None and history.entry is not None and history.entry.reason is not None
        },
        failures={report.source_id: report.reason for report in reports if report.reason is not None},
        feeds={
            feed.key or "all": [entry.story.title for entry in archive.feed_entries(feed.id)]
            for feed in archive.feeds()
        },
    )


def _with_port(url: str, port: int) -> str:
    head, mark, rest = url.partition(".example")
    return f"{head}{mark}:{port}{rest}" if mark else url
