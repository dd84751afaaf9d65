"""`hrwatch copy-archive`: the archive into another database, so that it can go on living there."""

from __future__ import annotations

from pathlib import Path

import click
from rich.progress import Progress as Bar
from rich.progress import TaskID

from archive.copies.copying import Copied, Progress, Purpose, compare, copy, users_of
from crawler.cli import ALL_WELL, INTERRUPTED, SOME_FAILED
from crawler.cli.options import config_of, data_option, example, json_option
from crawler.cli.screen import complain, progress_bar, say, show_json, show_table
from crawler.errors import ArchiveError
from crawler.language import _

_SHOWN_DIGITS = 12  # of a digest: enough to see that two are not the same


@click.command(
    "copy-archive",
    help=_("Copy the archive into another database: PostgreSQL, or a SQLite file.")
    + "\n\n"
    + _(
        "May be broken off and called again: it goes on where it was. In the end every row of every table is compared "
        "with its copy. The database must be empty; WARC files and feeds stay where they are."
    )
    + "\n\n"
    + _("Exit code 0: the copy is the same; 1: it is not, or not finished; 2: wrong use; 3: it cannot be used."),
    epilog=example(
        "hrwatch copy-archive postgresql://hrwatch@db.example/hrwatch",
        "hrwatch copy-archive --follow postgresql://hrwatch@db.example/hrwatch",
        "hrwatch copy-archive --check postgresql://hrwatch@db.example/hrwatch",
        "HRWATCH_DATABASE_URL=postgresql://hrwatch@db.example/hrwatch hrwatch copy-archive back.sqlite3",
    ),
)
@click.argument("target", metavar="URL|FILE")
@click.option("--check", is_flag=True, help=_("Compare only; write nothing."))
@click.option("--follow", is_flag=True, help=_("Begin while hrwatch runs; a last call without this ends it."))
@json_option
@data_option
@click.pass_context
def copy_archive(ctx: click.Context, target: str, check: bool, follow: bool, as_json: bool) -> None:
    """Exit code 0 where the copy can be opened, or was brought up to date with --follow."""
    if check and follow:
        raise click.UsageError(_("--check writes nothing; --follow has no meaning with it."))
    place = _place_of(target)
    config = config_of(ctx)
    source = config.database_url or config.database
    if not (check or follow) and (users := users_of(source)):
        raise ArchiveError(
            _("the archive is being written by {users}: stop hrwatch first, or begin with --follow").format(
                users=", ".join(users)
            )
        )
    try:
        with progress_bar() as bar:
            shown = _Shown(bar)
            if check:
                copied = compare(source, place, tell=shown)
            else:
                copied = copy(source, place, purpose=Purpose.FOLLOW if follow else Purpose.MOVE, tell=shown)
    except KeyboardInterrupt:
        complain(_("Stopped: nothing is half-written; the same call goes on where it was."))
        ctx.exit(INTERRUPTED)
    _show(copied, as_json=as_json)
    if not as_json:
        say(_outcome(copied, place, is_check=check, is_follow=follow))
    is_well = copied.is_same if check else copied.is_finished or follow
    ctx.exit(ALL_WELL if is_well else SOME_FAILED)


def _place_of(target: str) -> Path | str:
    """A path, or the address of a server. An address that is wrong is not quoted: it may hold a password."""
    scheme, mark, rest = target.partition("://")
    if not mark:
        return Path(target)
    if scheme == "sqlite" and rest.startswith("/"):
        return Path(rest[1:])
    if scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise click.BadParameter(
            _("{scheme}:// is not supported; postgresql:// and files are").format(scheme=scheme), param_hint="URL|FILE"
        )
    return f"postgresql://{rest}"


class _Shown:
    """Progress on a terminal: one line, of the table under way."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task: TaskID | None = None

    def __call__(self, progress: Progress) -> None:
        words = _("comparing {table}") if progress.is_check else _("copying {table}")
        text = words.format(table=progress.table)
        if self._task is None:
            self._task = self._bar.add_task(text, total=None)
        self._bar.update(self._task, description=text, total=progress.total, completed=progress.done)


def _show(copied: Copied, *, as_json: bool) -> None:
    if as_json:
        show_json(
            {
                "table": table.table,
                "rows": table.source_rows,
                "copied_rows": table.target_rows,
                "digest": table.source_digest,
                "copied_digest": table.target_digest,
                "same": table.is_same,
                "first_difference": table.first_difference,
            }
            for table in copied.tables
        )
        return
    show_table(
        ("", _("table"), _("rows"), _("rows copied"), _("digest"), _("first difference")),
        (
            (
                "✓" if table.is_same else "✗",
                table.table,
                table.source_rows,
                table.target_rows,
                table.target_digest[:_SHOWN_DIGITS],
                table.first_difference,
            )
            for table in copied.tables
        ),
    )


def _outcome(copied: Copied, place: Path | str, *, is_check: bool, is_follow: bool) -> str:
    if is_check:
        return _("The two hold the same.") if copied.is_same else _("The two differ.")
    words = _("{rows} rows brought over; every row is the same.").format(rows=copied.written) + " "
    if copied.is_finished and isinstance(place, Path):
        return words + _("The copy is ready: as hrwatch.sqlite3 in a data folder, with the WARC files of this one.")
    if copied.is_finished:
        return words + _("The copy is ready: set HRWATCH_DATABASE_URL to it; keep the data folder with its WARC files.")
    if is_follow:
        return words + _("When hrwatch is stopped, the same call without --follow brings the rest.")
    return words + _("But the archive was written meanwhile: stop hrwatch and call again for the rest.")
