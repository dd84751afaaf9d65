"""What `hrwatch stats` and `hrwatch cooperations` share: bars of characters, tables that fit, and what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from rich.cells import cell_len
from rich.markup import escape

from archive.reports.dimensions import LEVELS
from crawler.cli.options import F
from crawler.cli.output.chart import check_target
from crawler.cli.screen import err, out, show_table
from crawler.language import _

TOP = 40  # rows of a screen or picture: more is for --csv and --json
MOST_DRAWN = 200  # whatever --top says: no picture can be higher
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_BAR_CELLS = 30


def output_options(command: F) -> F:
    """--level, --top, --csv and --plot, as `level`, `top`, `csv_file` and `plot_file`."""
    for option in (
        click.option("--plot", "plot_file", metavar="FILE", callback=_checked, help=_("Draw a chart: .png or .svg.")),
        click.option("--csv", "csv_file", metavar="FILE", help=_("Write all rows for Excel; - is standard output.")),
        click.option("--top", metavar="N", type=click.IntRange(1), help=_("Only the N with most stories.")),
        click.option(
            "--level",
            type=click.Choice(LEVELS),
            default="province",
            show_default=True,
            help=_("What regions are rolled up to; own: as stories name them."),
        ),
    ):
        command = option(command)
    return command


def show_grid(columns: Sequence[str], rows: Sequence[Sequence[object]], *, kept: int, is_latest: bool) -> int:
    """A table of which the first `kept` columns always show, and of the rest as many as the terminal has room for.

    `is_latest`: the last of them, for periods, else the first. Returns how many were left out.
    """
    if not out.is_terminal:
        show_table(columns, rows)
        return 0
    # two cells lie between columns
    widths = [max(cell_len(name), *(cell_len(str(row[at])) for row in rows)) + 2 for at, name in enumerate(columns)]
    room = out.width - sum(widths[:kept])
    order = range(kept, len(columns))
    chosen: list[int] = []
    for at in reversed(order) if is_latest else order:
        room -= widths[at]
        if room < 0 and chosen:
            break
        chosen.append(at)
    shown = [*range(kept), *sorted(chosen)]
    # a zero says less than an empty place
    show_table(
        [columns[at] for at in shown],
        [["·" if at >= kept and row[at] == 0 else row[at] for at in shown] for row in rows],
    )
    return len(order) - len(chosen)


def bar(value: int, most: int) -> str:
    """`value` as a bar of characters, the longest for `most`."""
    eighths = round(value / max(1, most) * _BAR_CELLS * 8)
    eighths = max(eighths, 1) if value else 0
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def curve(values: Sequence[int]) -> str:
    """Values as a line of small columns, one character each: ▁▁▃█."""
    most = max(values, default=0)
    return "".join(_HEIGHTS[round(value / most * (len(_HEIGHTS) - 1))] if most else _HEIGHTS[0] for value in values)


def remark(text: str) -> None:
    """A sentence about a table, on standard error, so that a pipe holds the table alone."""
    err.print(escape(text), soft_wrap=True)


def asked_text(asked: dict[str, Any], top: int | None) -> str:
    """What was asked for as it was given, for the head of a chart."""
    told: list[str] = []
    if asked["words"]:
        told.append("“{}”".format(" ".join(asked["words"])))
    for name, text in (("regions", _("region")), ("zones", _("zone")), ("topics", _("topic"))):
        if asked[name]:
            told.append("{} {}".format(text, "、".join(asked[name])))
    if asked["pair"]:
        told.append("—".join(asked["pair"]))
    for name, text in (("source", _("source")), ("kind", _("kind of source"))):
        if asked[name]:
            told.append(f"{text} {asked[name]}")
    if asked["since"] or asked["until"]:
        told.append("{} … {}".format(asked["since"] or "", asked["until"] or "").strip())
    if top is not None:
        told.append(_("the {top} with most stories").format(top=top))
    return _("relevant stories") + ("".join(f" · {part}" for part in told))


def _checked(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        check_target(value)
    return value
