"""Lets the database give up a question that takes too long; the transaction goes on."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

_STEPS = 20_000  # of SQLite's machine between two looks at the clock: about a millisecond


class OverdueError(Exception):
    """A question was given up."""


@contextmanager
def within(connection: Connection, limit_s: float | None) -> Iterator[None]:
    """Raise OverdueError once `limit_s` seconds have passed (None: no limit). What fails inside fails alone."""
    if connection.dialect.name == "sqlite":
        held: Any = connection.connection.driver_connection
        if limit_s is not None:
            deadline = time.monotonic() + limit_s
            held.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        try:
            with _told():
                yield
        except OverdueError:
            # sqlite3 drops what is raised within its handler, and ends the statement all the same: this was Ctrl-C
            if limit_s is not None and time.monotonic() <= deadline:
                raise KeyboardInterrupt from None
            raise
        finally:
            with suppress(sqlite3.ProgrammingError):  # Ctrl-C within a statement has closed it
                held.set_progress_handler(None, 0)
        return
    # after an error PostgreSQL hears nothing but the end of the transaction, or of this part of it
    savepoint = connection.begin_nested()
    try:
        if limit_s is not None:
            connection.execute(text(f"SET LOCAL statement_timeout = {max(1, int(limit_s * 1000))}"))
        with _told():
            yield
    finally:
        savepoint.rollback()  # nothing was written, and the limit goes with it


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if _is_given_up(error.orig):
            raise OverdueError from error
        raise


def _is_given_up(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        return error.args[:1] == ("interrupted",)
    return getattr(error, "sqlstate", None) == "57014"  # query_canceled
