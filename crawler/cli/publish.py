"""`hrwatch publish`: writes the feeds that changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import click

from archive import open_archive
from crawler.cli.care.backup import interruptible
from crawler.cli.options import config_of, data_option, example, sources_option
from crawler.cli.screen import err, progress_bar, say
from crawler.language import _
from crawler.taxonomy import load_taxonomy
from crawler.wiring import open_catalogue
from feeds.custom import load_custom_feeds
from feeds.health import publish_health
from feeds.publish import publish as publish_feeds


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
