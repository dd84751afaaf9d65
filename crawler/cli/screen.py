"""How commands show things: tables on a terminal, tab-separated lines in a pipe, a list of objects with --json."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.table import Table

CHINA = ZoneInfo("Asia/Shanghai")

out = Console(soft_wrap=False, highlight=False)
err = Console(stderr=True, highlight=False)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """Rows as a table on a terminal, as tab-separated lines (first the column names) in a pipe."""
    if out.is_terminal:
        table = Table(*columns, title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
        for row in rows:
            table.add_row(*(escape(cell_text(cell)) for cell in row))
        out.print(table)
        return
    print_line("\t".join(columns))
    for row in rows:
        print_line("\t".join(" ".join(cell_text(cell).split()) for cell in row))


def show_json(rows: Iterable[object]) -> None:
    """A list of objects, one a line, so that it can be read by a program and by eye."""
    print_line("[")
    last: str | None = None
    for row in rows:
        if last is not None:
            print_line(f"{last},")
        last = json.dumps(row, ensure_ascii=False, default=_plain)
    if last is not None:
        print_line(last)
    print_line("]")


def print_json_line(row: object) -> None:
    """One object on a line of its own (JSON Lines)."""
    print_line(json.dumps(row, ensure_ascii=False, default=_plain))


def print_line(text: str) -> None:
    """A plain line on standard output, whatever it holds: lone surrogates of a broken page are replaced."""
    sys.stdout.write(text.encode("utf-8", "replace").decode("utf-8") + "\n")


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
