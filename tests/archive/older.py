"""An archive as another program left it: its schema brought to a revision of that time."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

import archive
from archive.database.engine import open_sqlite, writing
from archive.database.postgresql import open_postgresql


def open_place(place: Path | str) -> Engine:
    """An archive, a file or a server's address, as it is: its schema stays what it was."""
    return open_postgresql(str(place)) if str(place).startswith("postgresql:") else open_sqlite(Path(place))


def move(place: Path | str, revision: str) -> None:
    """Bring the schema of an archive, a file or a server's address, to a revision, up or down."""
    engine = open_place(place)
    config = Config()
    config.set_main_option("script_location", str(Path(archive.__file__).parent / "migrations"))
    with writing(engine).begin() as connection:
        config.attributes["connection"] = connection
        (command.upgrade if revision == "head" else command.downgrade)(config, revision)
    engine.dispose()
