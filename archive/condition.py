"""How the database stands: its schema, what takes room, and leases that hold a host for longer than they should."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import Connection, func, select, text

from archive.care import bytes_of
from archive.migrate import revision_of
from archive.records import Condition
from archive.schema import leases

# Leases last a minute or so; one that ends in more than a day was written when a clock was wrong.
_LONGEST_LEASE_S = 24 * 3600.0


def condition_of(connection: Connection, file: Path | None) -> Condition:
    """The state of a database; `file` is None for a server's."""
    now = time.time()
    is_held = (leases.c.owner.is_not(None), leases.c.expires_at > now)
    held = int(connection.execute(select(func.count()).select_from(leases).where(*is_held)).scalar_one())
    stuck = connection.execute(
        select(leases.c.host)
        .where(leases.c.owner.is_not(None), leases.c.expires_at > now + _LONGEST_LEASE_S)
        .order_by(leases.c.host)
    ).scalars()
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
        leases=held,
        stuck=tuple(stuck),
    )
