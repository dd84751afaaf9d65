"""An archive as an older program left it: its migrations taken back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config

from archive import migrate
from archive.engine import open_sqlite, writing
from archive.views import drop_views


def take_back(file: Path, revision: str) -> None:
    """Bring the SQLite archive in `file` back to the schema `revision`."""
    engine = open_sqlite(file)
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    try:
        with writing(engine).begin() as connection:
            drop_views(connection)
            config.attributes["connection"] = connection
            command.downgrade(config, revision)
        with closing(engine.raw_connection()) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engine.dispose()
