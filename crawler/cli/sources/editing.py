"""A source file changed in place: only the lines that must change, so that comments and notes survive.

Every change is checked by reading the file before and after: what was not meant to change has not.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crawler.cli.sources.writing import as_regex, as_text
from crawler.errors import CatalogueError

# "[expect]", "[[list]]  # the front page"
_HEADER = re.compile(r"^\s*\[\[?\s*([\w.-]+)\s*\]\]?\s*(?:#.*)?$")
# "family = ", "rows="
_KEY = re.compile(r"^\s*([\w-]+)\s*=")
# "column = 'news'  # seen in 2026": what stands behind a plain string
_REMARK = re.compile(r"""=\s*(?:"[^"\\]*"|'[^']*')\s*(#.*)$""")
# Keys whose values are regular expressions or selectors, easier to read without escapes
_LITERAL = frozenset({"article", "rows"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to change: keys of the file, of its first list (None removes one), a list put first, and why."""

    keys: Mapping[str, str | None] = field(default_factory=dict)
    first_list: Mapping[str, str | None] = field(default_factory=dict)
    new_list: Mapping[str, str] | None = None
    note: str
    day: date


def changed(text: str, change: Change) -> str:
    """The file with the change made and a dated note added; raises CatalogueError where it must be made by hand."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines()
    for key, value in change.first_list.items():
        start, end = _section(lines, "list")
        _set(lines, start + 1, end, key, value)
    if change.new_list is not None:
        at = _above(lines, _section(lines, "list")[0])
        block = ["[[list]]", *(f"{key} = {_written(key, value)}" for key, value in change.new_list.items()), ""]
        lines[at:at] = block
    for key, value in change.keys.items():
        _set(lines, 0, _end_of_keys(lines), key, value)
    while lines and not lines[-1].strip():
        lines.pop()
    lines += ["", "[[notes]]", f"date = {change.day.isoformat()}", f"text = {as_text(change.note)}"]
    new = newline.join(lines) + newline
    _check(text, new, change)
    return new


def _set(lines: list[str], start: int, end: int, key: str, value: str | None) -> None:
    for n in range(start, end):
        found = _KEY.match(lines[n])
        if found is not None and found[1] == key:
            remark = _REMARK.search(lines[n])
            tail = "" if remark is None else f"  {remark[1]}"
            lines[n : n + 1] = [f"{key} = {_written(key, value)}{tail}"] if value is not None else []
            return
    if value is None:
        return
    while end > start and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    lines.insert(end, f"{key} = {_written(key, value)}")


def _section(lines: list[str], name: str) -> tuple[int, int]:
    """The first section of that name: its header's line, and the line behind its last."""
    start = next((n for n, line in enumerate(lines) if (found := _HEADER.match(line)) and found[1] == name), None)
    if start is None:
        # no list yet: before the other tables
        at = _end_of_keys(lines)
        return at, at
    end = next((n for n in range(start + 1, len(lines)) if _HEADER.match(lines[n])), len(lines))
    return start, _above(lines, end)


def _end_of_keys(lines: list[str]) -> int:
    """The line behind the last key that stands before any table."""
    end = next((n for n, line in enumerate(lines) if _HEADER.match(line)), len(lines))
    return _above(lines, end)


def _above(lines: list[str], at: int) -> int:
    """The first of the comment lines right above a line: they are about what follows."""
    while at > 0 and lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return at


def _written(key: str, value: str) -> str:
    return as_regex(value) if key in _LITERAL else as_text(value)


def _check(old: str, new: str, change: Change) -> None:
    wanted: dict[str, Any] = tomllib.loads(old)
    lists: list[dict[str, Any]] = wanted.get("list", [])
    _apply(lists[0] if lists else {}, change.first_list)
    if change.new_list is not None:
        wanted["list"] = [dict(change.new_list), *lists]
    _apply(wanted, change.keys)
    wanted["notes"] = [*wanted.get("notes", []), {"date": change.day, "text": change.note}]
    try:
        is_as_wanted = tomllib.loads(new) == wanted
    except tomllib.TOMLDecodeError:
        is_as_wanted = False
    if not is_as_wanted:
        raise CatalogueError("the file is laid out in a way that is only changed by hand")


def _apply(table: dict[str, Any], values: Mapping[str, str | None]) -> None:
    for key, value in values.items():
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
