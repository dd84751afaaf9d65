"""Opens a PostgreSQL database as an engine: whose it is, and one writer at a time as on SQLite.

Knows no table. psycopg comes with the extra `postgresql`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from archive.database.engine import not_opened
from archive.schema import json_text
from crawler.errors import ArchiveError, SchemaError
from crawler.language import _

# Two writers that each look for likes of their item and then store it would make two stories of one report.
# The key is "hrwt" again: advisory locks are numbers that programs of one database agree on.
_WRITE_LOCK = 0x68727774
_CONNECT_TIMEOUT_S = 10
_LOCK_TIMEOUT_S = 60  # a batch holds the lock for a quarter of a second; an analyst's open transaction, for hours
_IDLE_TIMEOUT_S = 120  # a writer whose machine went away must not hold the lock until TCP gives up


def name_of(url: str) -> str:
    """The address of a database without its password, for errors and logs. Raises ArchiveError where it is none."""
    return _shown(_parsed(url))


def open_postgresql(url: str) -> Engine:
    """An engine on the database at `url` (postgresql://user:password@host/name).

    Raises ArchiveError where it cannot be reached or psycopg is missing, SchemaError where it is another program's.
    """
    parsed = _parsed(url)
    name = _shown(parsed)
    try:
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=16,
            max_overflow=48,
            pool_pre_ping=True,
            json_serializer=json_text,
            connect_args={"connect_timeout": _CONNECT_TIMEOUT_S, "application_name": "hrwatch"},
        )
    except ImportError as error:
        raise ArchiveError(
            _("{file}: PostgreSQL needs psycopg: pip install 'hrwatch[postgresql]'").format(file=name)
        ) from error
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    try:
        with engine.connect() as connection:
            tables = set(inspect(connection).get_table_names())
    except DBAPIError as error:
        engine.dispose()
        raise not_opened(name, error) from error
    if tables and not {"alembic_version", "facts", "stories"} <= tables:
        engine.dispose()
        raise SchemaError(_("{file}: not an archive of hrwatch; it was left untouched").format(file=name))
    return engine


def _shown(parsed: URL) -> str:
    return parsed.set(query={}).render_as_string(hide_password=True)  # a password may stand among the options, too


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        # the error of SQLAlchemy quotes the address, and with it the password
        raise ArchiveError(_("HRWATCH_DATABASE_URL: not the address of a database")) from error
    if parsed.get_backend_name() != "postgresql":
        raise ArchiveError(
            _("HRWATCH_DATABASE_URL: {kind} is not supported; postgresql:// is").format(kind=parsed.get_backend_name())
        )
    return parsed


def _on_connect(connection: Any, _record: Any) -> None:
    # Of what is asked here it takes most for dear, and compiles half a second long what takes some milliseconds. Set
    # here and not among the options of the address, which are the user's.
    connection.autocommit = True
    connection.execute("SET jit = off")
    connection.autocommit = False


def _on_begin(connection: Connection) -> None:
    if connection.get_execution_options().get("is_writing") != "items":
        return
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT_S}s'")
    connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = '{_IDLE_TIMEOUT_S}s'")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})")
