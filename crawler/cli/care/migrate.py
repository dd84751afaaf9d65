"""`hrwatch migrate`: bring the archive to this program's schema, and say from where to where."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click

from archive import open_archive
from archive.copies.backup import back_up
from archive.migrations.upgrading import schema_state
from crawler.cli import SOME_FAILED
from crawler.cli.options import config_of, data_option, example
from crawler.cli.output.sizes import size_text
from crawler.cli.screen import err, progress_bar, say
from crawler.language import _


@click.command(
    "migrate",
    help=_("Bring the archive to this program's schema.")
    + "\n\n"
    + _(
        "Every command does so when it opens the archive; this one says what it does and can keep a copy first. It"
        " happens whole or not at all. An older hrwatch cannot open the archive afterwards."
    )
    + "\n\n"
    + _("Exit code with --check: 0 nothing to do, 1 there is, 3 made by a newer hrwatch."),
    epilog=example("hrwatch migrate --check", "hrwatch migrate --backup /backup/before.sqlite3"),
)
@click.option("--check", is_flag=True, help=_("Say whether there is something to do, and change nothing."))
@click.option(
    "--backup",
    "copy_to",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=_("Keep a copy of the archive as it is first (SQLite)."),
)
@data_option
@click.pass_context
def migrate(ctx: click.Context, check: bool, copy_to: Path | None) -> None:
    """Safe to call at any time, while hrwatch runs too."""
    config = config_of(ctx)
    if not config.has_archive:
        say(_("not made yet: {file}").format(file=config.database))
        return
    if copy_to is not None and config.database_url is not None:
        raise click.UsageError(_("--backup is for SQLite; copy a PostgreSQL database with pg_dump."))
    state = schema_state(config.database_url or config.database)
    if state.is_newest:
        say(_("schema {now}: nothing to do").format(now=state.now))
        return
    if check:
        say(
            _("schema {now}, this hrwatch has {newest}: run hrwatch migrate").format(now=state.now, newest=state.newest)
        )
        ctx.exit(SOME_FAILED)
    if copy_to is not None:
        made = back_up(config.database, copy_to, tell=lambda _part, _done, _total: None)
        say(_("{file}: {size}, as it was").format(file=made.file, size=size_text(made.bytes)))
    with ExitStack() as stack:
        tell: Callable[[int, int], None] | None = None
        if err.is_terminal:
            bar = stack.enter_context(progress_bar())
            task = bar.add_task(_("items filed for searches"), total=None)

            def tell(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

        open_archive(config, tell=tell).close()
    say(_("schema {now} → {newest}").format(now=state.now, newest=state.newest))
