"""How the database stands: its schema, what takes room, and who holds which host."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from archive.care.checking import bytes_of
from archive.leases.holding import held_by
from archive.migrations.migrate import revision_of
from archive.records import Condition


def condition_of(connection: Connection, file: Path | None) -> Condition:
    """The state of a database; `file` is None for a server's."""
    log_bytes = free_bytes = failures = None
    if file is not None:
        log = file.with_name(file.name + "-wal")
        log_bytes = log.stat().st_size if log.exists() else 0
        free, size = (
            connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("freelist_count", "page_size")
        )
        free_bytes = int(free) * int(size)
    else:
        asked = text("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()")
        failures = connection.execute(asked).scalar()
    return Condition(
        schema=revision_of(connection) or "",
        bytes=bytes_of(connection, file),
        log_bytes=log_bytes,
        free_bytes=free_bytes,
        checksum_failures=failures,
        held=held_by(connection),
    )
