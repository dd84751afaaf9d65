"""Brings a database to the schema of this program through Alembic, and refuses what a newer one made."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from archive.database.engine import not_opened, writing
from archive.schema import APPLICATION_ID
from archive.views import making
from crawler.errors import SchemaError
from crawler.language import _

_SCRIPTS = Path(__file__).parent

_log = logging.getLogger(__name__)

Tell = Callable[[int, int], None]  # items done, of how many


def migrate(engine: Engine, name: str, tell: Tell | None = None) -> None:
    """Make or upgrade the schema, in one transaction; `name` stands for the database in errors.

    `tell` hears how far a step is that goes through all items.

    Safe when two processes open a new archive at once: the second waits and then finds nothing to do.
    """
    try:
        with engine.connect() as connection:
            if _is_current(connection, name) and making.are_current(connection):
                return
        with writing(engine).begin() as connection:
            is_current = _is_current(connection, name)
            if not is_current:
                held, newest = revision_of(connection), known_revisions()[0]
                if held is not None:  # else whoever waits would take it for dead
                    _log.warning("%s: schema %s is brought to %s; this may take minutes", name, held, newest)
                making.drop_views(connection)
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
                config = _config()
                config.attributes.update(connection=connection, tell=tell)
                command.upgrade(config, "head")
            if not is_current or not making.are_current(connection):
                making.make_views(connection)
    except DBAPIError as error:
        raise not_opened(name, error) from error


def revision_of(connection: Connection) -> str | None:
    """The schema's revision; None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def known_revisions() -> tuple[str, ...]:
    """The revisions of the schema that this program knows, the newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


def require_known(revision: str, name: str) -> None:
    """Raise SchemaError where this program does not know the schema: a newer one made it."""
    if revision not in known_revisions():
        raise SchemaError(
            _("{file}: made by a newer hrwatch (schema {revision}); upgrade the program to open it").format(
                file=name, revision=revision
            )
        )


def require_current(connection: Connection, name: str) -> None:
    """Raise SchemaError unless a database that cannot be written has the schema of this program."""
    revision = revision_of(connection)
    if revision is None:
        raise SchemaError(_("{file}: not an archive of hrwatch").format(file=name))
    require_known(revision, name)
    if revision != known_revisions()[0]:
        raise SchemaError(
            _(
                "{file}: made by an older hrwatch (schema {revision}); it must be upgraded first, and it cannot be"
                " written here: copy it to where it can"
            ).format(file=name, revision=revision)
        )


def _is_current(connection: Connection, name: str) -> bool:
    revision = revision_of(connection)
    if revision is None:
        return False
    require_known(revision, name)
    return revision == known_revisions()[0]
