"""Brings a database to the schema of this program through Alembic, and refuses what a newer one made."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from archive.engine import writing
from archive.schema import APPLICATION_ID
from crawler.errors import ArchiveError, SchemaError
from crawler.language import _

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(engine: Engine, name: str) -> None:
    """Make or upgrade the schema, in one transaction; `name` stands for the database in errors.

    Safe when two processes open a new archive at once: the second waits and then finds nothing to do.
    """
    config = AlembicConfig()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    try:
        with engine.connect() as connection:
            if _is_current(connection, scripts, name):
                return
        with writing(engine).begin() as connection:
            if not _is_current(connection, scripts, name):
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    except DBAPIError as error:
        raise ArchiveError(
            _("{file}: the archive cannot be opened: {error}").format(file=name, error=error.orig)
        ) from error


def revision_of(connection: Connection) -> str | None:
    """The schema's revision; None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def _is_current(connection: Connection, scripts: ScriptDirectory, name: str) -> bool:
    revision = revision_of(connection)
    if revision is None:
        return False
    if revision not in {script.revision for script in scripts.walk_revisions()}:
        raise SchemaError(
            _("{file}: made by a newer hrwatch (schema {revision}); upgrade the program to open it").format(
                file=name, revision=revision
            )
        )
    return revision == scripts.get_current_head()
