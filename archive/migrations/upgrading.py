"""Of which schema a database is, before anything opens it as an archive and so brings it to the newest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from archive.database.engine import not_opened, open_sqlite, reading
from archive.database.postgresql import name_of, open_postgresql
from archive.migrations.migrate import known_revisions, require_known, revision_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaState:
    """The schema of a database, None where it is empty, and the newest that this program knows."""

    now: str | None
    newest: str

    @property
    def is_newest(self) -> bool:
        """True where there is nothing to do."""
        return self.now == self.newest


def schema_state(place: Path | str) -> SchemaState:
    """The state of the database at `place` (a Path is a SQLite file, text an address), which is left as it is.

    Raises SchemaError where a newer hrwatch made it or it is no archive, ArchiveError where it cannot be read.
    """
    name = str(place) if isinstance(place, Path) else name_of(place)
    engine = open_sqlite(place) if isinstance(place, Path) else open_postgresql(place)
    try:
        with reading(engine).connect() as connection:
            now = revision_of(connection)
    except DBAPIError as error:
        raise not_opened(name, error) from error
    finally:
        engine.dispose()
    if now is not None:
        require_known(now, name)
    return SchemaState(now=now, newest=known_revisions()[0])
