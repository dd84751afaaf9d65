"""Is the archive well: how much it holds, and whether what belongs together is together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, column, exists, func, inspect, or_, select, table, text
from sqlalchemy.exc import DBAPIError

from archive.database.deadline import OverdueError, within
from archive.database.fault import fault_text
from archive.records import Counts, Fault
from archive.schema import entries, feeds, items, metadata, pages, polls, stories
from archive.search.refiling import count_misfiled

_MAX_FAULTS = 20  # of one kind; more say no more
_SAMPLED = 20  # newest pages of each WARC file


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


def bytes_of(connection: Connection, file: Path | None) -> int:
    """Bytes of the database: of its file with the log beside it, or as the server says."""
    if file is None:
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    parts = (file, file.with_name(file.name + "-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


def check(connection: Connection, warc_dir: Path | None, *, limit_s: float | None = None) -> tuple[Fault, ...]:
    """What is wrong, as far as reading can tell; empty where all is well. A part that cannot be read is a fault.

    No part is looked at for longer than `limit_s`; one that takes longer is told as unfinished.
    """
    looks: list[tuple[str, Callable[[Connection], Iterator[Fault]]]] = [
        ("item_search", _check_indexed),
        ("stories", _check_stories),
    ]
    if connection.dialect.name == "sqlite":  # a server looks after its own files, and holds to its foreign keys
        looks = [("database", _check_database), ("tables", _check_tables), ("references", _check_references), *looks]
    if warc_dir is not None:
        looks.append(("pages", partial(_check_warc, warc_dir=warc_dir)))
    faults: list[Fault] = []
    for part, look in looks:
        try:
            with within(connection, limit_s):
                faults += look(connection)
        except OverdueError:
            faults.append(Fault(part=part, detail="", is_unfinished=True))
        except DBAPIError as error:
            if connection.invalidated:  # the server went away, with it the answers to all further questions
                raise
            faults.append(Fault(part=part, detail=fault_text(error)))
    return tuple(faults)


def check_index(connection: Connection) -> tuple[Fault, ...]:
    """What is wrong inside the search index. The index is asked by a write, so `connection` must be one that writes."""
    if connection.dialect.name != "sqlite":
        return ()
    try:
        connection.execute(text("INSERT INTO item_search (item_search) VALUES ('integrity-check')"))
    except DBAPIError as error:
        return (Fault(part="item_search", detail=fault_text(error)),)
    return ()


def _check_database(connection: Connection) -> Iterator[Fault]:
    # quick: all but whether each index agrees with its table, which takes minutes where this takes seconds
    for line in connection.execute(text(f"PRAGMA quick_check({_MAX_FAULTS})")).scalars():
        if line != "ok":
            yield Fault(part="database", detail=str(line))


def _check_tables(connection: Connection) -> Iterator[Fault]:
    for name in sorted(set(metadata.tables) - set(inspect(connection).get_table_names())):
        yield Fault(part="tables", detail=f"no {name}")


def _check_references(connection: Connection) -> Iterator[Fault]:
    for row in connection.execute(text("PRAGMA foreign_key_check")).fetchmany(_MAX_FAULTS):
        yield Fault(part=str(row[0]), detail=f"row {row[1]}: no {row[2]}")


def _check_indexed(connection: Connection) -> Iterator[Fault]:
    filed = items.c.search_facets.is_not(None)
    looks = [("items not indexed", select(func.count()).select_from(items).where(~filed))]
    if connection.dialect.name == "sqlite":  # PostgreSQL's index is of the table itself
        held = table("item_search_docsize", column("id"))
        missing = select(func.count()).select_from(items).where(filed, items.c.id.not_in(select(held.c.id)))
        orphans = select(func.count()).select_from(held).where(held.c.id.not_in(select(items.c.id).where(filed)))
        looks += [("items missing from the index", missing), ("indexed, but no items", orphans)]
    for what, query in looks:
        if number := connection.execute(query).scalar_one():
            yield Fault(part="item_search", detail=f"{number} {what}")
    if number := count_misfiled(connection):
        yield Fault(part="item_search", detail=f"{number} items indexed under what their stories no longer show")


def _check_stories(connection: Connection) -> Iterator[Fault]:
    own = items.alias()
    shown = (stories.c.first_item_id, stories.c.text_item_id)
    strange = [~exists().where(own.c.id == item_id, own.c.story_id == stories.c.id) for item_id in shown]
    for what, condition in (
        ("without a member", stories.c.id.not_in(select(items.c.story_id))),
        ("that show an item which is not a member", or_(*strange)),
    ):
        if number := connection.execute(select(func.count()).select_from(stories).where(condition)).scalar_one():
            yield Fault(part="stories", detail=f"{number} {what}")


def _check_warc(connection: Connection, warc_dir: Path) -> Iterator[Fault]:
    """Each file must be there and reach as far as the last record in it; of some records the first bytes are read."""
    end = func.max(pages.c.warc_offset + pages.c.warc_length)
    files = select(pages.c.warc_file, end, func.count()).where(pages.c.warc_file.is_not(None))
    for name, last, count in connection.execute(files.group_by(pages.c.warc_file).order_by(pages.c.warc_file)):
        file = warc_dir / name
        if not file.is_file():
            yield Fault(part="pages", detail=f"{file}: not there; {count} pages cannot be read again")
            continue
        if (size := file.stat().st_size) < (last or 0):
            yield Fault(part="pages", detail=f"{file}: {size} bytes, but a page ends at {last}")
        places = select(pages.c.warc_offset).where(pages.c.warc_file == name, pages.c.warc_offset < size)
        for offset in connection.execute(places.order_by(pages.c.id.desc()).limit(_SAMPLED)).scalars():
            with file.open("rb") as stream:
                stream.seek(offset)
                if not _is_record(stream.read(5)):
                    yield Fault(part="pages", detail=f"{file}: no record begins at {offset}")


def _is_record(head: bytes) -> bool:
    return head.startswith((b"\x1f\x8b", b"WARC/"))  # a gzip member (RFC 1952), or a record as it is
