"""What a database says of a fault, for errors of one line: psycopg's text runs over three, or quotes the statement."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError


def fault_text(error: BaseException | None) -> str:
    """The words of the driver, on one line."""
    return " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())
