"""docs/archive.md, made from tables, views and ready queries: `python -m archive.schema_page > docs/archive.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer, LargeBinary, Table

from archive.schema import UtcTime, metadata
from archive.views.described import described_tables, ready_queries
from archive.views.making import people_views
from archive.views.view_sql import SQLITE
from crawler.model import Reason

# columns that name a row elsewhere without a foreign key: what they name may be gone, or never have been there
_LOOSE = (
    ("sources", "polls", "source_id"),
    ("sources", "items", "source_id"),
    ("sources", "entries", "source_id"),
    ("regions", "story_regions", "adcode"),
    ("regions", "region_names", "adcode"),
    ("zones", "story_zones", "zone"),
    ("topics", "story_topics", "topic"),
)


def schema_page() -> str:
    """The whole page as Markdown."""
    head = Path(__file__).with_name("schema_page.md").read_text(encoding="utf-8")
    parts = {"{views}": _views(), "{queries}": _queries(), "{picture}": _picture(), "{tables}": _tables()}
    for mark, lines in parts.items():
        head = head.replace(mark, "\n".join(lines).strip())
    return head.replace("{reasons}", ", ".join(f"`{reason.value}`" for reason in Reason))


def kind_of(column: Column[object]) -> str:
    """What a column holds, in the page's words."""
    kinds = (
        (UtcTime, "time"),
        (JSON, "JSON"),
        (Boolean, "boolean"),
        (Date, "date"),
        (Float, "real"),
        (Integer, "integer"),
        (LargeBinary, "bytes"),
    )
    return next((name for kind, name in kinds if isinstance(column.type, kind)), "text")


def _views() -> Iterator[str]:
    for view in people_views(SQLITE):
        yield from _section(view.name, view.about)
        yield from ("| column | type | means |", "|---|---|---|")
        yield from (f"| `{column.name}` | {column.kind} | {_cell(column.about)} |" for column in view.columns)
        yield ""


def _queries() -> Iterator[str]:
    for query in ready_queries():
        yield from (f"**{query.title}** (`{query.name}`): {query.about}", "", "```sql", query.sql, "```", "")


def _tables() -> Iterator[str]:
    for name, told in described_tables().items():
        table = metadata.tables[name]
        yield from _section(name, told.about)
        yield from ("| column | type | key | means |", "|---|---|---|---|")
        for column in table.columns:
            kind = kind_of(column) + (", or NULL" if column.nullable else "")
            means = _cell(told.columns[column.name])
            yield f"| `{column.name}` | {kind} | {', '.join(_keys(table, column))} | {means} |"
        yield ""


def _section(name: str, about: str) -> Iterable[str]:
    return f"### `{name}`", "", about, ""


def _keys(table: Table, column: Column[object]) -> Iterator[str]:
    if column.primary_key:
        yield "primary"
    if column.unique:
        yield "unique"
    for key in sorted(column.foreign_keys, key=lambda key: key.target_fullname):
        yield f"`{key.target_fullname}`"


def _picture() -> Iterator[str]:
    yield from ("```mermaid", "erDiagram")
    for table in metadata.sorted_tables:
        for column in table.columns:
            for key in column.foreign_keys:
                yield f"  {key.column.table.name} ||--o{{ {table.name} : {column.name}"
    for one, many, column_name in _LOOSE:
        yield f"  {one} |o..o{{ {many} : {column_name}"
    yield "```"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(schema_page())
