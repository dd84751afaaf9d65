"""A change of a field as a person reads it: old → new, what was added and removed, or the lines that differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Any

from archive.records import FieldChange
from crawler.cli.questions.judged import topic_text
from crawler.cli.screen import cell_text
from crawler.language import _
from crawler.model import Role
from crawler.taxonomy import Taxonomy
from crawler.wording import part_text, role_text

MAX_LINES = 20  # of one field; --json has all of them
MAX_CHARS = 160  # of one line; where two lines differ late, what stands around the difference
_SHORT = 80  # texts up to this length are shown as old → new on one line
_MATCHED_LINES = 1500  # difflib takes time in the square of the lines
_BEFORE = 30  # characters shown before the first difference
_TEXTS = ("title", "body", "body_html", "folded_title", "folded_body")
# <p>, </table>, <h2 class="…">: where cleaned HTML is broken into lines
_BLOCK = re.compile(r"(?=<(?:p|div|table|tr|h\d|li|ul|ol|figure|img|blockquote)\b)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a difference; `sign` is -, +, or blank for what belongs to neither."""

    sign: str
    text: str


def field_text(name: str) -> str:
    """A field's name in the reader's language."""
    words = {
        "title": _("title"),
        "body": _("text"),
        "body_html": _("formatted text"),
        "published_at": _("published"),
        "precision": _("precision of the date"),
        "published_from": _("date read from"),
        "written": _("written"),
        "source_name": _("source named"),
        "author": _("author"),
        "document_number": _("document number"),
        "site_code": _("site code"),
        "site_name": _("site"),
        "source_id": _("source"),
        "charset": _("encoding"),
        "attachments": _("attachments"),
        "origins": _("read from"),
        "repairs": _("repaired"),
        "folded_title": _("folded title"),
        "folded_body": _("folded text"),
        "relevant": _("relevant"),
        "regions": _("regions"),
        "zones": _("zones"),
        "topics": _("topics"),
        "agreements": _("agreements"),
        "event_date": _("day of the event"),
        "score": _("score"),
        "evidence": _("evidence"),
        "version": _("version of the rules"),
        "machine": _("by the rules, without the label"),
    }
    return words.get(name, name)


def worth_showing(changes: Sequence[FieldChange]) -> tuple[FieldChange, ...]:
    """Changes without those that follow from another one, or tell only that the rules have another version."""
    names = {change.name for change in changes}
    follow = {"version", "folded_title", "folded_body"}
    if "body" not in names and "title" not in names:
        follow -= {"folded_title", "folded_body"}
    if "body" in names:
        follow.add("body_html")
    return tuple(change for change in changes if change.name not in follow and not _is_moved(change))


def lines_of(change: FieldChange, taxonomy: Taxonomy) -> tuple[Line, ...]:
    """The difference, at most MAX_LINES lines of MAX_CHARS characters."""
    old, new = change.old, change.new
    if change.name in _TEXTS:
        lines = list(_text_lines(_split(change.name, old), _split(change.name, new)))
    elif isinstance(old, list | None) and isinstance(new, list):
        lines = list(_list_lines(_names(change.name, old or [], taxonomy), _names(change.name, new, taxonomy)))
    elif isinstance(new, dict):
        before = old if isinstance(old, dict) else {}
        keys = [key for key in {**before, **new} if before.get(key) != new.get(key)]
        lines = [Line(" ", f"{key}: {_plain(before.get(key))} → {_plain(new.get(key))}") for key in keys]
    else:
        lines = [Line(" ", f"{_plain(old)} → {_plain(new)}")]
    if len(lines) > MAX_LINES:
        left = len(lines) - MAX_LINES
        lines = [*lines[:MAX_LINES], Line(" ", _("… and {count} more lines").format(count=left))]
    return tuple(Line(line.sign, _cut(line.text)) for line in lines)


def _is_moved(change: FieldChange) -> bool:
    """True for evidence of which only the places have changed."""
    if change.name != "evidence" or not isinstance(change.old, list) or not isinstance(change.new, list):
        return False
    return Counter(map(_evidence, change.old)) == Counter(map(_evidence, change.new))


def _plain(value: object) -> str:
    if value is None or value == "":
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime | date):
        return cell_text(value)
    return " ".join(str(value).split())


def _split(name: str, value: object) -> list[str]:
    text = "" if value is None else str(value)
    lines = _BLOCK.split(text) if name == "body_html" else text.split("\n")
    return [line for line in lines if line.strip()]


def _text_lines(old: list[str], new: list[str]) -> Iterator[Line]:
    if len(old) <= 1 and len(new) <= 1 and all(len(line) <= _SHORT for line in (*old, *new)):
        yield Line(" ", f"{_plain(''.join(old))} → {_plain(''.join(new))}")
        return
    # what stands at both ends unchanged is passed over first: most changes touch a few paragraphs
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(old), len(new)) > _MATCHED_LINES:
        blocks = [("replace", 0, len(old), 0, len(new))]
    else:
        blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()  # type: ignore[assignment]
    for kind, i1, i2, j1, j2 in blocks:
        if kind == "equal":
            continue
        pairs = list(zip(old[i1:i2], new[j1:j2], strict=False)) if kind == "replace" else []
        for one, other in pairs:
            skip = _first_difference(one, other)
            yield Line("-", _around(one, skip))
            yield Line("+", _around(other, skip))
        yield from (Line("-", line) for line in old[i1 + len(pairs) : i2])
        yield from (Line("+", line) for line in new[j1 + len(pairs) : j2])


def _first_difference(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _around(line: str, place: int) -> str:
    """The line from a little before `place` on, where all up to it would not fit."""
    start = max(0, place - _BEFORE)
    return line if len(line) <= MAX_CHARS or start == 0 else f"…{line[start:]}"


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARS else f"{text[: MAX_CHARS - 1]}…"


def _names(name: str, values: list[Any], taxonomy: Taxonomy) -> list[str]:
    if name == "evidence":
        return [_evidence(value) for value in values]
    if name == "attachments":
        return [f"{value['name']} {value['url']}" for value in values]
    if name == "regions":
        pairs = [value.split(" ") for value in values]
        return [f"{taxonomy.divisions.name(code) or '?'} {code} ({role_text(Role(role))})" for code, role in pairs]
    if name == "topics":
        return [topic_text(taxonomy, value) for value in values]
    return [str(value) for value in values]


def _evidence(value: dict[str, Any]) -> str:
    weight = f" {value['weight']:+.2f}" if value["weight"] else ""
    key = f" {value['key']}" if value["key"] != value["text"] else ""
    return f"{part_text(value['part'])}{key}: {value['text']}{weight}"


def _list_lines(old: list[str], new: list[str]) -> Iterator[Line]:
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    if not gone and not come:
        yield Line(" ", _("in another order"))
    for sign, values in (("-", gone), ("+", come)):
        for value, count in values.items():
            yield Line(sign, f"{value} ×{count}" if count > 1 else value)
