"""`hrwatch prune`: let go of the bytes of old pages, to save room; texts, judgements and addresses stay."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import click

from archive import open_archive
from archive.records import KeepLimits
from crawler.cli import SOME_FAILED
from crawler.cli.care.backup import interruptible
from crawler.cli.options import config_of, data_option, example, json_option
from crawler.cli.output.sizes import size_text
from crawler.cli.screen import complain, err, progress_bar, say, show_json, show_table
from crawler.language import _
from crawler.warc.retention import Fate, Pruned, limits_of, prune, warc_files

# "365d", "365"
_DAYS = re.compile(r"(\d{1,5})\s*d?", re.IGNORECASE)


class Days(click.ParamType[int]):
    """A number of days, at least one."""

    name = "days"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = _DAYS.fullmatch(str(value).strip())
        if found is None or int(found[1]) < 1:
            self.fail(_("{value}: not a number of days such as 365d").format(value=value), param, ctx)
        return int(found[1])


@click.command(
    name="prune",
    help=_("Let go of the bytes of old pages, to save room.")
    + "\n\n"
    + _(
        "Texts, judgements and addresses stay; such pages can no longer be read again by hrwatch reprocess. Pages of"
        " labelled items are always kept, and files that a run still writes are left alone. Without options the"
        " settings count."
    ),
    epilog=example(
        "hrwatch prune --older-than 365d --dry-run",
        "hrwatch prune --older-than 365d --irrelevant-older-than 90d",
        "HRWATCH_KEEP_IRRELEVANT_PAGES_DAYS=90 hrwatch prune",
    ),
)
@click.option("--older-than", metavar="DAYS", type=Days(), help=_("Let go of pages fetched so long ago."))
@click.option(
    "--irrelevant-older-than",
    metavar="DAYS",
    type=Days(),
    help=_("Let go of pages so old that no relevant item was read from, and of lists."),
)
@click.option("--dry-run", is_flag=True, help=_("Say what would go, and change nothing."))
@json_option
@data_option
@click.pass_context
def prune_command(
    ctx: click.Context, older_than: int | None, irrelevant_older_than: int | None, dry_run: bool, as_json: bool
) -> None:
    """Exit code 1 where a file could not be freed."""
    config = config_of(ctx)
    now = datetime.now(UTC)
    limits = limits_of(config, now)
    if older_than is not None:
        limits = replace(limits, since=now - timedelta(days=older_than))
    if irrelevant_older_than is not None:
        limits = replace(limits, irrelevant_since=now - timedelta(days=irrelevant_older_than))
    if limits == KeepLimits():
        if as_json:
            show_json(())
        else:
            say(_("All pages are kept: give --older-than or --irrelevant-older-than, or set HRWATCH_KEEP_PAGES_DAYS."))
        return
    done: list[Pruned] = []
    if config.has_archive:
        words = _("Interrupted; every page stands where the archive says, and the same command goes on.")
        with interruptible(ctx, words), open_archive(config) as archive, ExitStack() as stack:
            files = warc_files(config.warc_dir)
            told: Callable[[int], None] | None = None
            if err.is_terminal:
                bar = stack.enter_context(progress_bar())
                task = bar.add_task(_("MiB read"), total=round(sum(path.stat().st_size for path in files) / 2**20))

                def told(count: int) -> None:
                    bar.advance(task, count / 2**20)

            for one in prune(archive, config.warc_dir, limits, now=now, is_dry=dry_run, on_bytes=told):
                done.append(one)
                if one.fate is Fate.FAILED:
                    complain(one.detail)
    if as_json:
        show_json(_object(one) for one in done)
    else:
        _show(done, is_dry=dry_run)
    if any(one.fate is Fate.FAILED for one in done):
        ctx.exit(SOME_FAILED)


def _show(done: list[Pruned], *, is_dry: bool) -> None:
    freed = [one for one in done if one.fate in (Fate.REMOVED, Fate.REWRITTEN)]
    if freed:
        show_table(
            (_("file"), "", _("pages kept"), _("let go"), _("freed")),
            ((one.file, _fate_text(one.fate), one.kept, one.let_go, size_text(one.freed)) for one in freed),
        )
    left = [one for one in done if one.fate in (Fate.IN_USE, Fate.FOREIGN)]
    for one in left:
        say(f"{one.file}: {_fate_text(one.fate)}")
    words = _("{pages} pages would be let go, {size} freed") if is_dry else _("{pages} pages let go, {size} freed")
    say(words.format(pages=sum(one.let_go for one in freed), size=size_text(sum(one.freed for one in freed))))


def _fate_text(fate: Fate) -> str:
    return {
        Fate.REMOVED: _("removed"),
        Fate.REWRITTEN: _("written anew"),
        Fate.KEPT: _("kept"),
        Fate.IN_USE: _("in use, or was an hour ago; left as it is"),
        Fate.FOREIGN: _("not written by hrwatch; left as it is"),
        Fate.FAILED: _("failed"),
    }[fate]


def _object(one: Pruned) -> dict[str, object]:
    return {
        "file": one.file,
        "fate": one.fate,
        "kept": one.kept,
        "let_go": one.let_go,
        "records": one.records,
        "freed": one.freed,
        "detail": one.detail,
    }
