"""`hrwatch export`: what a question finds, as a file for a spreadsheet, a notebook or another program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click

from archive.records import Question
from archive.reports.export import Export
from crawler.cli import SOME_FAILED
from crawler.cli.options import config_of, data_option, example
from crawler.cli.output.formats import FORMATS, row_writer
from crawler.cli.output.landing import STDOUT, landing
from crawler.cli.questions.asking import QuestionCommand, question_of, question_options
from crawler.cli.questions.sheets import Sheet, sheet_of
from crawler.cli.reading import archive_to_ask
from crawler.cli.screen import complain, err, out, progress_bar, say
from crawler.language import _, ngettext
from crawler.taxonomy import load_taxonomy

_STEP = 100  # rows between two moves of the progress bar
# what refused rows can be asked for: nothing else is known of them
_OF_REFUSED = {"source", "since", "until"}


@click.command(
    cls=QuestionCommand,
    help=_("Export what a question finds: CSV for Excel, JSON Lines, or Parquet."),
    epilog=example(
        "hrwatch export 川渝 --to chuanyu.csv",
        "hrwatch export --region 500000 --since 2024 --what items --format jsonl",
        "hrwatch export --body --to stories.parquet",
    ),
)
@question_options
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), help=_("Default: by the ending of the file, else csv.")
)
@click.option(
    "--to",
    metavar="FILE",
    default=STDOUT,
    show_default=True,
    help=_("File to write, whole or not at all; - is standard output."),
)
@click.option(
    "--what",
    type=click.Choice(("stories", "items", "refused")),
    default="stories",
    show_default=True,
    help=_("Stories; their members, each by itself; or list rows that were left out."),
)
@click.option("--body", "with_body", is_flag=True, help=_("Also the full text."))
@click.option("--all", "is_all", is_flag=True, help=_("Also stories that are not about the subject."))
@data_option
@click.pass_context
def export(
    ctx: click.Context, /, format_: str | None, to: str, what: str, with_body: bool, is_all: bool, **asked: Any
) -> None:
    """All rows are of one moment; exit code 1 where there is none."""
    given = {name for name, value in asked.items() if value}
    if what == "refused" and (with_body or is_all or given - _OF_REFUSED):
        raise click.UsageError(_("--what refused goes with --source, --since and --until only"))
    format_ = format_ or _format_of(to)
    if format_ == "parquet" and to == STDOUT and out.is_terminal:
        raise click.UsageError(_("Parquet is not for a terminal: give --to FILE"))
    question = question_of(ctx, relevant_only=not is_all, **asked)
    config = config_of(ctx)
    sheet = sheet_of(what, load_taxonomy(config.taxonomy), with_body=with_body)
    count = 0
    with (
        archive_to_ask(config) as archive,
        archive.exporting() as rows,
        landing(to) as stream,
        row_writer(format_, stream, sheet.columns) as writer,
    ):
        for row in _shown(sheet, rows, question, is_quiet=to == STDOUT and out.is_terminal):
            writer.write(row)
            count += 1
    if not count:
        complain(_("nothing found"))
        ctx.exit(SOME_FAILED)
    if to != STDOUT:
        say(ngettext("{count} row in {file}", "{count} rows in {file}", count).format(count=count, file=to))


def _format_of(to: str) -> str:
    ending = Path(to).suffix[1:].lower()
    return ending if ending in FORMATS else "csv"


def _shown(sheet: Sheet[Any], export: Export, question: Question, *, is_quiet: bool) -> Iterator[Any]:
    """The rows, with a bar on a terminal of how far they are."""
    rows: Iterable[Any] = sheet.rows(export, question)
    if is_quiet or not err.is_terminal:
        yield from rows
        return
    with progress_bar() as bar:
        task = bar.add_task(_("exporting"), total=sheet.count(export, question))
        left = iter(rows)
        while part := list(islice(left, _STEP)):
            yield from part
            bar.advance(task, len(part))
