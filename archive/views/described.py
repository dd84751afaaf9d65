"""What tables, columns and ready queries mean to people, as columns.toml and queries.toml tell it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_ABOUT = "about"


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedTable:
    name: str
    about: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyQuery:
    """A query with `:name` for what it asks; `samples` has a value for each."""

    name: str
    title: str
    about: str
    sql: str
    samples: Mapping[str, str] = field(default_factory=dict)


@cache
def described_tables() -> Mapping[str, DescribedTable]:
    """The tables by name, in the order of the file."""
    return {
        name: DescribedTable(
            name=name, about=told[_ABOUT], columns={column: text for column, text in told.items() if column != _ABOUT}
        )
        for name, told in _read("columns.toml").items()
    }


@cache
def ready_queries() -> tuple[ReadyQuery, ...]:
    """The queries in the order of the file."""
    return tuple(
        ReadyQuery(name=name, **{key: value.strip() if key == "sql" else value for key, value in told.items()})
        for name, told in _read("queries.toml").items()
    )


def _read(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
