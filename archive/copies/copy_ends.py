"""The two ends of a copy: opened, named in errors, and which archive each of them holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, literal, select
from sqlalchemy.exc import DBAPIError

from archive.care.copy_target import Mark, load_mark
from archive.database.engine import open_sqlite
from archive.database.engine import reading as for_reading
from archive.database.fault import fault_text
from archive.database.postgresql import name_of, open_postgresql
from archive.migrations.migrate import revision_of
from archive.schema import entries, facts, feeds, item_checks, labels, pages, polls, rulings, sources
from crawler.errors import ArchiveError
from crawler.language import _

_SEEN = (entries, pages, polls, feeds)  # an archive where these are empty has never been used
_GROWING = (
    entries.c.last_seen_at,
    pages.c.id,
    polls.c.id,
    rulings.c.id,
    labels.c.labelled_at,
    item_checks.c.checked_at,
    feeds.c.last_position,
    sources.c.last_polled_at,
)


@dataclass(frozen=True, slots=True)
class Place:
    engine: Engine
    name: str  # without its password


@contextmanager
def opened(place: Path | str, *, is_source: bool = False) -> Iterator[Place]:
    if isinstance(place, Path):
        if is_source and not place.exists():
            raise ArchiveError(_("{file}: no archive there").format(file=place))
        held = Place(open_sqlite(place), str(place))
    else:
        held = Place(open_postgresql(place), name_of(place))
    try:
        yield held
    finally:
        held.engine.dispose()


@contextmanager
def told(source: Place, target: Place) -> Iterator[None]:
    """What a database complains of, with the names of both."""
    try:
        yield
    except Exception as error:
        is_theirs = any(isinstance(error, place.engine.dialect.loaded_dbapi.Error) for place in (source, target))
        if not is_theirs and not isinstance(error, DBAPIError):
            raise
        raise ArchiveError(
            _("{source} → {target}: broken off: {error}").format(
                source=source.name, target=target.name, error=fault_text(error)
            )
        ) from error


def mark_of(reader: Connection, name: str) -> Mark:
    if load_mark(reader) is not None:
        raise ArchiveError(_("{file}: itself a copy that is not finished").format(file=name))
    names = ("created_at", "tag_authority", "tag_date")
    made = {row.name: row.value for row in reader.execute(select(facts).where(facts.c.name.in_(names)))}
    identity = hashlib.sha256("\n".join(made.get(fact, "") for fact in names).encode()).hexdigest()
    return Mark(source=name, identity=identity, schema=revision_of(reader) or "")


def refuse_other(place: Place, mark: Mark) -> None:
    """Raise ArchiveError where the target holds anything but an earlier call's part of the same copy."""
    with for_reading(place.engine).connect() as connection:
        if revision_of(connection) is None:
            return
        held = load_mark(connection)
        if held is None:
            if any(connection.execute(select(literal(1)).select_from(table).limit(1)).first() for table in _SEEN):
                raise ArchiveError(
                    _("{file}: holds an archive already; it was left untouched (--check compares the two)").format(
                        file=place.name
                    )
                )
        elif held.identity != mark.identity:
            raise ArchiveError(
                _("{file}: begun as a copy of another archive, {other}; it was left untouched").format(
                    file=place.name, other=held.source
                )
            )
        elif held.schema != mark.schema:
            raise ArchiveError(
                _("{file}: begun by another version of hrwatch; empty it and begin again").format(file=place.name)
            )


def stamp_of(connection: Connection) -> tuple[Any, ...]:
    """Changes when crawling, an operator or a publisher writes."""
    seq = select(facts.c.value).where(facts.c.name == "seq").scalar_subquery()
    newest = [select(func.max(column)).scalar_subquery() for column in _GROWING]
    return tuple(connection.execute(select(seq, *newest)).one())


def stamp_now(engine: Engine) -> tuple[Any, ...]:
    with for_reading(engine).connect() as connection:
        return stamp_of(connection)
