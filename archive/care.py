"""Is the archive well: how much it holds, and whether what belongs together is together."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from archive.records import Counts, Fault
from archive.schema import entries, feeds, items, pages, polls, stories


def count(connection: Connection, bytes_on_disk: int) -> Counts:
    """How much the archive holds."""

    def rows(of: object) -> int:
        return int(connection.execute(of).scalar_one())  # type: ignore[call-overload]

    several = select(items.c.story_id).group_by(items.c.story_id).having(func.count() > 1).subquery()
    return Counts(
        entries=rows(select(func.count()).select_from(entries)),
        pending=rows(select(func.count()).select_from(entries).where(entries.c.outcome == "pending")),
        refused=rows(select(func.count()).select_from(entries).where(entries.c.outcome == "refused")),
        pages=rows(select(func.count()).select_from(pages)),
        items=rows(select(func.count()).select_from(items)),
        stories=rows(select(func.count()).select_from(stories)),
        relevant=rows(select(func.count()).select_from(stories).where(stories.c.is_relevant)),
        merged=rows(select(func.count()).select_from(several)),
        feeds=rows(select(func.count()).select_from(feeds)),
        polls=rows(select(func.count()).select_from(polls)),
        bytes=bytes_on_disk,
    )


def check(connection: Connection) -> tuple[Fault, ...]:
    """What is wrong with the archive, as far as looking at it can tell; empty where all is well."""
    faults = [
        Fault(part="database", detail=str(line))
        for line in connection.execute(text("PRAGMA integrity_check(20)")).scalars()
        if line != "ok"
    ]
    faults += [
        Fault(part=str(row[0]), detail=f"row {row[1]}: no {row[2]}")
        for row in connection.execute(text("PRAGMA foreign_key_check")).fetchmany(20)
    ]
    try:
        connection.execute(text("INSERT INTO item_search (item_search) VALUES ('integrity-check')"))
    except DBAPIError as error:
        faults.append(Fault(part="item_search", detail=str(error.orig)))
    missing = text("SELECT count(*) FROM items WHERE id NOT IN (SELECT id FROM item_search_docsize)")
    orphans = text("SELECT count(*) FROM item_search_docsize WHERE id NOT IN (SELECT id FROM items)")
    for what, query in (("items not indexed", missing), ("indexed, but no items", orphans)):
        if number := connection.execute(query).scalar_one():
            faults.append(Fault(part="item_search", detail=f"{number} {what}"))
    empty = select(func.count()).select_from(stories).where(stories.c.id.not_in(select(items.c.story_id)))
    without = connection.execute(empty).scalar_one()
    if without:
        faults.append(Fault(part="stories", detail=f"{without} without a member"))
    return tuple(faults)
