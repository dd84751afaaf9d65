"""Views for people, with stable columns: made, and taken out of the way of migrations.

They are made anew after every upgrade of the schema and whenever their text has changed; no program reads them.
Each list in them is a subquery of its row, so that one row, or the newest fifty, cost no more in a large archive.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, inspect, select

from archive.database.upsert import upsert
from archive.schema import facts
from archive.views.item_views import items_view, source_health_view
from archive.views.story_views import region_pairs_view, stories_view
from archive.views.view_sql import POSTGRESQL, SQLITE, Speech, View

_DIGEST = "views_digest"  # name of the fact


def people_views(speech: Speech) -> tuple[View, ...]:
    """All views, as one database is told of them."""
    return stories_view(speech), items_view(speech), region_pairs_view(speech), source_health_view(speech)


def are_current(connection: Connection) -> bool:
    """True where the archive has the views of this program."""
    return connection.execute(select(facts.c.value).where(facts.c.name == _DIGEST)).scalar() == _digest()


def make_views(connection: Connection) -> None:
    """Make the views anew."""
    drop_views(connection)
    for view in people_views(POSTGRESQL if connection.dialect.name == "postgresql" else SQLITE):
        connection.exec_driver_sql(view.statement)
    upsert(connection, facts, ["name"], {"name": _DIGEST, "value": _digest()})


def drop_views(connection: Connection) -> None:
    """Take the views out of the way of a migration: neither database changes a table that a view reads."""
    there = set(inspect(connection).get_view_names())
    for view in people_views(SQLITE):
        if view.name in there:
            connection.exec_driver_sql(f"DROP VIEW {view.name}")


def _digest() -> str:
    """Of all views on both databases: a copy of the archive in the other one has the same."""
    told = "\n".join(view.statement for speech in (SQLITE, POSTGRESQL) for view in people_views(speech))
    return hashlib.sha256(told.encode()).hexdigest()[:16]
