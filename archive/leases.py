"""Who may ask which host: one lease a host, with a token that grows with every owner.

Times are those of the machine that holds the database; for SQLite that is this one.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from archive.schema import leases
from crawler.errors import LeaseLostError
from crawler.language import _
from crawler.model import Lease
from crawler.owner import is_gone


def acquire(connection: Connection, host: str, owner: str, ttl_s: float) -> Lease | None:
    """Take the lease of a host that nobody holds, or whose owner let it run out or was killed; None where held."""
    now = time.time()
    row = connection.execute(select(leases).where(leases.c.host == host).with_for_update()).one_or_none()
    if row is None:
        connection.execute(insert(leases).values(host=host, owner=owner, token=1, expires_at=now + ttl_s))
        return Lease(host=host, owner=owner, token=1)
    if row.owner is not None and row.expires_at > now and not is_gone(row.owner):
        return None
    token = row.token + 1
    connection.execute(
        update(leases).where(leases.c.host == host).values(owner=owner, token=token, expires_at=now + ttl_s)
    )
    return Lease(host=host, owner=owner, token=token)


def renew(connection: Connection, held: Sequence[Lease], ttl_s: float) -> tuple[Lease, ...]:
    """Prolong leases that have not passed on, run out or not; return those that have."""
    expires_at = time.time() + ttl_s
    lost = []
    for lease in sorted(held, key=lambda lease: lease.host):
        renewed = connection.execute(
            update(leases)
            .where(leases.c.host == lease.host, leases.c.token == lease.token, leases.c.owner == lease.owner)
            .values(expires_at=expires_at)
        )
        if renewed.rowcount == 0:
            lost.append(lease)
    return tuple(lost)


def release(connection: Connection, lease: Lease) -> None:
    """Give a lease back; nothing happens where it has passed on already."""
    connection.execute(
        update(leases)
        .where(leases.c.host == lease.host, leases.c.token == lease.token, leases.c.owner == lease.owner)
        .values(owner=None, expires_at=0.0)
    )


def require(connection: Connection, lease: Lease | None) -> None:
    """Raise LeaseLostError where `lease` is no longer the host's current one; to be called inside the write."""
    if lease is None:
        return
    row = connection.execute(select(leases.c.owner, leases.c.token).where(leases.c.host == lease.host)).one_or_none()
    if row is None or row.token != lease.token or row.owner != lease.owner:
        raise LeaseLostError(_("{host}: the host has passed to another run").format(host=lease.host))
