"""The invented texts of the demonstration, read from texts/*.toml and filled with dates; facts stand beside them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

# "{event}" in a text: the day it tells of
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A headline and its paragraphs; regions, zones and topics are what a right judgement finds at least."""

    title: str
    paragraphs: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    document_number: str | None = None


def text_of(key: str, at: datetime, figures: Mapping[str, str]) -> Text:
    """The text named `key` as published at `at`; `figures` fill what is not a date."""
    facts = _facts(key)
    event, written = at - timedelta(days=1), at - timedelta(days=2)
    # A bulletin tells of the month before it.
    month_before = at.replace(day=1) - timedelta(days=1)
    values = {
        "year": str(at.year),
        "event": f"{event.month}月{event.day}日",
        "written": f"{written.year}年{written.month}月{written.day}日",
        "month": str(month_before.month),
        **figures,
    }

    def fill(template: str) -> str:
        return PLACEHOLDER.sub(lambda found: values[found.group(1)], template)

    number = facts.get("document_number")
    return Text(
        title=fill(facts["title"]),
        paragraphs=tuple(fill(line) for line in facts.get("body", "").splitlines() if line.strip()),
        regions=tuple(facts.get("regions", ())),
        zones=tuple(facts.get("zones", ())),
        topics=tuple(facts.get("topics", ())),
        document_number=fill(number) if number is not None else None,
    )


@cache
def _facts(key: str) -> dict[str, Any]:
    folder = files("crawler.demo") / "texts"
    titles = tomllib.loads((folder / "only-titles.toml").read_text("utf-8"))
    if key in titles:
        return {"title": titles[key]}
    return tomllib.loads((folder / f"{key}.toml").read_text("utf-8"))
