"""Words put into and taken out of the lists of a data file, as text: comments and layout stay. Pure.

Every change is checked by reading the file before and after: what was not meant to change has not.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crawler.errors import DataFileError

# "[[subject]]", "[event]  # 11月27日"
_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.-]+)\s*\]\]?\s*(?:#.*)?$")
# one piece of an array: a comment, a string of either kind, a bracket, a comma, or anything else
_PIECE = re.compile(r"""#[^\n]*|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[][,]|[^][,"'#]+""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A list of words: `key` of the first table of the array `table` whose values are `where` (None: has no such key).

    `table` "" is the file itself.
    """

    file: str
    table: str
    key: str = "words"
    where: Mapping[str, str | float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A word taken out of one list and put into another; either may be None."""

    word: str
    out_of: Place | None = None
    into: Place | None = None


def revised(files: Mapping[str, str], revisions: Iterable[Revision]) -> dict[str, str]:
    """The texts of the files that change, changed; DataFileError naming the file where it must be done by hand."""
    found: dict[str, str] = {}
    for revision in revisions:
        for place, change in ((revision.out_of, _take), (revision.into, _put)):
            if place is None:
                continue
            old = found.get(place.file, files[place.file])
            new = change(old, place, revision.word)
            _check(old, new, place, revision.word, is_put=change is _put)
            found[place.file] = new
    return found


def _put(text: str, place: Place, word: str) -> str:
    span = _table(text, place)
    if span is None:
        keys = "".join(f"{key} = {json.dumps(value)}\n" for key, value in place.where.items() if value is not None)
        return f"{text.rstrip()}\n\n[[{place.table}]]\n{keys}{place.key} = [{_quoted(word)}]\n"
    found = _array(text, span, place.key)
    if found is None:
        end = len(text[: span[1]].rstrip())
        while (line := text[:end].rpartition("\n")[2].strip()).startswith("#") or (not line and end > span[0]):
            end = len(text[: end - len(line)].rstrip())  # comments above the next table are about that
        return f"{text[:end]}\n{place.key} = [{_quoted(word)}]{text[end:]}"
    start, end = found
    pieces = [piece for piece in _PIECE.finditer(text, start + 1, end) if piece.group().strip()]
    values = [piece for piece in pieces if not piece.group().startswith("#")]
    needs_comma = bool(values) and values[-1].group() != ","
    at = values[-1].end() if values else start + 1
    head = text[:at] + ("," if needs_comma else "")
    rest = text[at:end]
    if "\n" in rest:  # the bracket stands on a line of its own
        kept, _newline, indent = rest.rpartition("\n")
        return f"{head}{kept}\n  {_quoted(word)},\n{indent}{text[end:]}"
    return f"{head}{' ' if values else ''}{_quoted(word)}{text[end:]}"


def _take(text: str, place: Place, word: str) -> str:
    span = _table(text, place, word)
    found = None if span is None else _array(text, span, place.key)
    if found is None:
        raise DataFileError(f"{place.file}: {place.table}: {place.key}: {word!r} does not stand there")
    start, end = found
    for piece in _PIECE.finditer(text, start + 1, end):
        if piece.group()[0] in "\"'" and _value(piece.group()) == word:
            comma = re.compile(r"\s*,[ \t]*").match(text, piece.end(), end)
            after = comma.end() if comma else piece.end()
            before = text[: piece.start()]
            if before.rpartition("\n")[2].strip() == "" and text[after : after + 1] == "\n":
                before = before.rstrip(" \t").removesuffix("\n")  # it stood on a line of its own
            elif comma is None:
                before = re.sub(r",[ \t]*$", "", before)
            return before + text[after:]
    raise DataFileError(f"{place.file}: {place.table}: {place.key}: {word!r} does not stand there")


def _table(text: str, place: Place, holding: str | None = None) -> tuple[int, int] | None:
    """Where the keys of the first table stand that is like that, and holds the word; None where there is none."""
    headers = [(0, "", 0)]
    at = 0
    for line in text.splitlines(keepends=True):
        if header := _HEADER.match(line):
            headers.append((at, header[2] if header[1] == "[[" else f"[{header[2]}]", at + len(line)))
        at += len(line)
    for (_start, name, begin), (end, _name, _begin) in zip(headers, [*headers[1:], (at, "", at)], strict=True):
        if name != place.table:
            continue
        if not place.table:
            return begin, end
        try:
            values = tomllib.loads(text[begin:end])
        except tomllib.TOMLDecodeError:
            continue
        if _is_meant(values, place, holding):
            return begin, end
    return None


def _array(text: str, span: tuple[int, int], key: str) -> tuple[int, int] | None:
    """The places of [ and ] of the array under `key`."""
    opening = re.compile(rf"^[ \t]*{re.escape(key)}[ \t]*=[ \t]*\[", re.MULTILINE).search(text, *span)
    if opening is None:
        return None
    start, depth = opening.end() - 1, 0
    for piece in _PIECE.finditer(text, start, span[1]):
        depth += {"[": 1, "]": -1}.get(piece.group(), 0)
        if not depth:
            return start, piece.start()
    return None


def _check(old: str, new: str, place: Place, word: str, *, is_put: bool) -> None:
    wanted = tomllib.loads(old)
    tables = [wanted] if not place.table else wanted.setdefault(place.table, [])
    table = next((one for one in tables if _is_meant(one, place, None if is_put else word)), None)
    if table is None:
        table = {key: value for key, value in place.where.items() if value is not None}
        tables.append(table)
    words: list[Any] = table.setdefault(place.key, [])
    (words.append if is_put else words.remove)(word)
    try:
        is_as_wanted = tomllib.loads(new) == wanted
    except tomllib.TOMLDecodeError:
        is_as_wanted = False
    if not is_as_wanted:
        raise DataFileError(f"{place.file}: {place.table}: {place.key}: laid out in a way that is only changed by hand")


def _is_meant(values: Mapping[str, Any], place: Place, holding: str | None) -> bool:
    is_like = all(values.get(key) == value for key, value in place.where.items())
    return is_like and (holding is None or holding in values.get(place.key, ()))


def _quoted(word: str) -> str:
    return json.dumps(word, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(piece: str) -> object:
    return tomllib.loads(f"x = {piece}")["x"]
