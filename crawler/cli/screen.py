"""How commands show things: tables on a terminal, tab-separated lines in a pipe, a list of objects with --json."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.table import Table

from crawler.text.harmless import harmless

CHINA = ZoneInfo("Asia/Shanghai")
# The longest id of the registry; "2026-11-20 08:05" fits.
KEPT_WHOLE = 19

# What a program may read and a terminal would obey: DEL, the C1 controls, direction overrides. The others JSON escapes.
_OBEYED = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Screen(Console):
    """A console that hands no command of a web page to the terminal: an ESC in a title could clear it, or worse."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(harmless(segment.text), segment.style)


out = Screen(soft_wrap=False, highlight=False)
err = Screen(stderr=True, highlight=False)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """Rows as a table on a terminal, as tab-separated lines (first the column names) in a pipe."""
    if out.is_terminal:
        out.print(_table(columns, [[cell_text(cell) for cell in row] for row in rows], title))
        return
    print_line("\t".join(columns))
    for row in rows:
        print_line("\t".join(" ".join(cell_text(cell).split()) for cell in row))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str | None) -> Table:
    """Long cells go on in the next line, as Chinese has no spaces to break at; columns of short ones stay whole."""
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for n, name in enumerate(columns):
        is_short = all(cell_len(row[n]) <= KEPT_WHOLE for row in rows)
        table.add_column(name, overflow="fold", no_wrap=is_short)
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def show_json(rows: Iterable[object]) -> None:
    """A list of objects, one a line, so that it can be read by a program and by eye."""
    print_line("[")
    last: str | None = None
    for row in rows:
        if last is not None:
            print_line(f"{last},")
        last = _json_text(row)
    if last is not None:
        print_line(last)
    print_line("]")


def print_json_line(row: object) -> None:
    """One object on a line of its own (JSON Lines)."""
    print_line(_json_text(row))


def _json_text(row: object) -> str:
    text = json.dumps(row, ensure_ascii=False, default=_plain).encode("utf-8", "replace").decode("utf-8")
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def print_line(text: str) -> None:
    """A plain line on standard output, without what a terminal would obey, which a pipe may end in."""
    sys.stdout.write(harmless(text) + "\n")


def show_at_once() -> None:
    """From here on each line goes out when it is said: what a service says must not wait for 8 KiB to come together."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)


def progress_bar() -> Progress:
    """How far something is, on standard error; gone when it ends."""
    return Progress(
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=err,
        transient=True,
        redirect_stdout=out.is_terminal,  # else what goes into a file would be shown on the terminal instead
    )


def say(text: str = "") -> None:
    """A sentence for a person, on standard output."""
    if out.is_terminal:
        out.print(escape(text))
    else:
        print_line(text)


def complain(text: str) -> None:
    """An error for a person, on standard error."""
    err.print(f"[bold red]{escape(text)}[/]" if err.is_terminal else escape(text), soft_wrap=True)


def cell_text(cell: object) -> str:
    """A value as people read it: times on China's clock, None as nothing, lists with 、between."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell.astimezone(CHINA):%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, tuple | list):
        return "、".join(cell_text(part) for part in cell)
    return str(cell)


def _plain(value: Any) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"not for JSON: {type(value).__name__}")
