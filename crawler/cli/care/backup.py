"""`hrwatch backup`, `hrwatch restore`: a copy of the archive while others write, and putting it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.progress import TaskID

from archive.copies.backup import BackedUp, Tell, back_up
from archive.copies.restore import restore
from archive.database.postgresql import name_of
from crawler.cli import INTERRUPTED
from crawler.cli.options import config_of, data_option, example, json_option
from crawler.cli.output.sizes import size_text
from crawler.cli.screen import complain, err, progress_bar, say, show_json
from crawler.config import Config
from crawler.language import _
from crawler.warc.retention import warc_files


@click.command(
    "backup",
    help=_("Copy the archive into one SQLite file, while hrwatch runs.")
    + "\n\n"
    + _(
        "The copy is of one moment, from PostgreSQL too, and is checked before it gets its name. It holds the database:"
        " texts, judgements, what was announced. The WARC files are not in it, nor the feeds, which hrwatch publish"
        " makes again."
    ),
    epilog=example("hrwatch backup /backup/hrwatch.sqlite3", "hrwatch backup --force /backup/hrwatch.sqlite3"),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help=_("Replace FILE if it is there."))
@json_option
@data_option
@click.pass_context
def backup(ctx: click.Context, file: Path, force: bool, as_json: bool) -> None:
    """Exit code 3 where no copy was made."""
    config = config_of(ctx)
    with interruptible(ctx, _("Interrupted: no copy was made.")), _shown() as tell:
        made = back_up(config.database_url or config.database, file, is_replacing=force, tell=tell)
    _show_backup(made, config, as_json=as_json)


@click.command(
    "restore",
    help=_("Put a copy back that hrwatch backup made. hrwatch must be stopped.")
    + "\n\n"
    + _(
        "The copy is checked first, and brought to this program's schema. An archive that is there is replaced only"
        " with --force, and stays beside under another name. With HRWATCH_DATABASE_URL the copy goes into that"
        " database, which must be empty. Stories announced since the copy was made may be announced again."
    ),
    epilog=example("hrwatch restore /backup/hrwatch.sqlite3", "hrwatch --data D restore --force hrwatch.sqlite3"),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help=_("Replace the archive that is there."))
@data_option
@click.pass_context
def restore_command(ctx: click.Context, file: Path, force: bool) -> None:
    """Exit code 3 where nothing was put back."""
    config = config_of(ctx)
    target = config.database_url or config.database
    with interruptible(ctx, _("Interrupted: nothing was put back.")), _shown() as tell:
        done = restore(file, target, folder=config.data, now=datetime.now(UTC), is_replacing=force, tell=tell)
    name = name_of(target) if isinstance(target, str) else str(target)
    say(
        _("{file} is back in {place}: {items} items, {stories} stories").format(
            file=file, place=name, items=done.items, stories=done.stories
        )
    )
    if done.old is not None:
        say(_("what was there is kept as {file}: remove it when all is well").format(file=done.old))
    say(_("then: hrwatch doctor, hrwatch publish"))


def _show_backup(made: BackedUp, config: Config, *, as_json: bool) -> None:
    files = warc_files(config.warc_dir)
    warc_bytes = sum(path.stat().st_size for path in files)
    if as_json:
        show_json(
            [
                {
                    "file": str(made.file),
                    "bytes": made.bytes,
                    "schema": made.schema,
                    "items": made.items,
                    "stories": made.stories,
                    "warc_files_not_in_it": len(files),
                    "warc_bytes_not_in_it": warc_bytes,
                }
            ]
        )
        return
    say(
        _("{file}: {size}, {items} items, {stories} stories, checked").format(
            file=made.file, size=size_text(made.bytes), items=made.items, stories=made.stories
        )
    )
    if files:
        say(
            _("not in it: {count} WARC files ({size}) in {folder}; copy them after it").format(
                count=len(files), size=size_text(warc_bytes), folder=config.warc_dir
            )
        )


@contextmanager
def interruptible(ctx: click.Context, words: str) -> Iterator[None]:
    """Ctrl-C ends the command with `words`."""
    try:
        yield
    except KeyboardInterrupt:
        complain(words)
        ctx.exit(INTERRUPTED)


@contextmanager
def _shown() -> Iterator[Tell]:
    """Progress on a terminal: one line, of what is under way."""
    if not err.is_terminal:
        yield lambda _part, _done, _total: None
        return
    with progress_bar() as bar:
        tasks: list[TaskID] = []

        def tell(part: str, done: int, total: int) -> None:
            text = part or _("pages of the database")
            if not tasks:
                tasks.append(bar.add_task(text, total=total))
            bar.update(tasks[0], description=text, total=total, completed=done)

        yield tell
