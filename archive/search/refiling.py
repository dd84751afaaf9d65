"""The search index against the whole archive, some hundred items at a time: filled by a migration, looked over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from archive.schema import UtcTime
from archive.search import search_index
from archive.search.facets import facets

_BATCH = 500
# Their columns when the index was made: a migration runs before later ones have added theirs.
_items = sa.table(
    "items",
    sa.column("id", sa.BigInteger()),
    sa.column("story_id", sa.BigInteger()),
    sa.column("search_facets", sa.Text()),
)
_stories = sa.table(
    "stories",
    sa.column("id", sa.BigInteger()),
    sa.column("sorted_at", UtcTime()),
    sa.column("is_relevant", sa.Boolean()),
)
_INDEX = (
    # not fastupdate: its list of what is not in the index yet is read through by every question
    "CREATE INDEX ix_items_search ON items USING gin (search_tokens(folded_title, folded_body, search_facets))"
    " WITH (fastupdate = off) WHERE search_facets IS NOT NULL",
    # ANALYZE would make the tokens of 30,000 rows, and the planner learn little
    "ALTER INDEX ix_items_search ALTER COLUMN 1 SET STATISTICS 0",
)
_KEYS = (("story_regions", "adcode"), ("story_zones", "zone"), ("story_topics", "topic"))


def file_all(connection: sa.Connection) -> None:
    """File all items that are not filed yet by what their stories show. PostgreSQL's index is made when all are."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP INDEX IF EXISTS ix_items_search")
    _file(connection, _items.c.search_facets.is_(None))
    if connection.dialect.name == "postgresql":
        for statement in _INDEX:
            connection.exec_driver_sql(statement)
    else:
        search_index.gather(connection)


def file_anew(
    connection: sa.Connection,
    *,
    written: Callable[[str], str] = str,
    tell: Callable[[int, int], None] | None = None,
) -> None:
    """File those items otherwise that are filed under something else than what their stories show.

    `written` makes of it what a program of another time files; `tell` hears how many items of how many were looked at.
    """
    _file(connection, _items.c.search_facets.is_not(None), written=written, tell=tell)
    if connection.dialect.name == "sqlite":
        search_index.gather(connection)


def _file(
    connection: sa.Connection,
    which: sa.ColumnElement[bool],
    *,
    written: Callable[[str], str] = str,
    tell: Callable[[int, int], None] | None = None,
) -> None:
    last, done, total = 0, 0, 0
    if tell is not None:
        total = connection.execute(sa.select(sa.func.count()).select_from(_items).where(which)).scalar_one()
    while rows := _after(connection, last, which):
        last, done = rows[-1].id, done + len(rows)
        shown = facets_of(connection, {row.story_id for row in rows})
        meant = [(row, written(shown[row.story_id])) for row in rows if row.story_id in shown]
        search_index.refile(connection, {row.id: filed for row, filed in meant if filed != row.search_facets})
        if tell is not None:
            tell(done, total)


def count_misfiled(connection: sa.Connection) -> int:
    """How many items are filed under something else than what their stories show."""
    last, number = 0, 0
    while rows := _after(connection, last, _items.c.search_facets.is_not(None)):
        last = rows[-1].id
        shown = facets_of(connection, {row.story_id for row in rows})
        number += sum(row.search_facets != shown.get(row.story_id) for row in rows)
    return number


def _after(connection: sa.Connection, last: int, which: sa.ColumnElement[bool]) -> Sequence[Any]:
    """Some hundred of these items, behind the one of that number."""
    asked = sa.select(_items.c.id, _items.c.story_id, _items.c.search_facets).where(_items.c.id > last, which)
    return connection.execute(asked.order_by(_items.c.id).limit(_BATCH)).all()


def facets_of(connection: sa.Connection, story_ids: set[int]) -> dict[int, str]:
    """What the members of some hundred stories are to be filed under."""
    keys: dict[str, dict[int, list[str]]] = {}
    for name, column in _KEYS:
        table = sa.table(name, sa.column("story_id"), sa.column(column))
        keys[name] = defaultdict(list)
        asked = sa.select(table.c.story_id, table.c[column].label("key")).where(table.c.story_id.in_(story_ids))
        for row in connection.execute(asked):
            keys[name][row.story_id].append(row.key)
    shown: Any = connection.execute(sa.select(_stories).where(_stories.c.id.in_(story_ids)))
    return {
        row.id: facets(row.sorted_at, row.is_relevant, *(keys[name].get(row.id, ()) for name, _column in _KEYS))
        for row in shown
    }
