"""Who may ask which host: one lease a host, with a token that grows with every owner.

A lease passes on when it is given back, when the process that held it has ended here, or when this machine has seen
it unrenewed for as long as it lasts (lease_watch.py). `expires_at` tells people; nothing is decided by it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from archive.database.upsert import insert_new
from archive.leases.lease_watch import forget, has_run_out
from archive.schema import leases
from crawler.errors import LeaseLostError
from crawler.language import _
from crawler.leases.lease_clock import LeaseClock
from crawler.leases.owner import is_gone, runs_here
from crawler.model import Lease

# Built once: what every poll runs costs more to put together than to run.
_ALL_HELD = (
    select(leases)
    .where(leases.c.host.in_(bindparam("of_hosts", expanding=True)))
    .order_by(leases.c.host)  # two that lock in one order never wait for each other in a circle
    .with_for_update()
)
_TAKE = (
    update(leases)
    .where(leases.c.host == bindparam("of_host"))
    .values(
        owner=bindparam("new_owner"),
        token=bindparam("new_token"),
        expires_at=bindparam("until"),
        lasts_s=bindparam("new_lasts_s"),
        beats=0,
    )
)
_OURS = update(leases).where(
    leases.c.host == bindparam("of_host"),
    leases.c.token == bindparam("our_token"),
    leases.c.owner == bindparam("our_owner"),
)
_RENEW = _OURS.values(expires_at=bindparam("until"), lasts_s=bindparam("new_lasts_s"), beats=leases.c.beats + 1)
_RELEASE = _OURS.values(owner=None, expires_at=0.0)


def acquire(connection: Connection, host: str, owner: str, ttl_s: float, clock: LeaseClock) -> Lease | None:
    """Take the lease of a host that nobody holds, or whose owner is gone or let it run out; None where held."""
    return take_all(connection, {host}, owner, ttl_s, clock)[0].get(host)


def renew(connection: Connection, held: Sequence[Lease], ttl_s: float) -> tuple[Lease, ...]:
    """Prolong leases that have not passed on, run out or not; return those that have."""
    expires_at = time.time() + ttl_s
    lost = []
    for lease in sorted(held, key=lambda lease: lease.host):
        renewed = connection.execute(_RENEW, _key(lease) | {"until": expires_at, "new_lasts_s": ttl_s})
        if renewed.rowcount == 0:
            lost.append(lease)
    return tuple(lost)


def release(connection: Connection, lease: Lease) -> None:
    """Give a lease back; nothing happens where it has passed on already."""
    connection.execute(_RELEASE, _key(lease))


def release_all(connection: Connection, given_back: Sequence[Lease], *, locking: set[str]) -> None:
    """Give several leases back, after locking the rows of all hosts that this transaction is about."""
    if locking:
        connection.execute(_ALL_HELD, {"of_hosts": sorted(locking)}).all()
    if given_back:
        connection.execute(_RELEASE, [_key(lease) for lease in given_back])


def take_all(
    connection: Connection, hosts: set[str], owner: str, ttl_s: float, clock: LeaseClock
) -> tuple[dict[str, Lease], dict[str, str]]:
    """Take those of `hosts` that are free: their leases by host, and of the others who holds them."""
    if not hosts:
        return {}, {}
    given = {"of_hosts": sorted(hosts)}
    rows = connection.execute(_ALL_HELD, given).all()
    if len(rows) < len(hosts):
        new = hosts - {row.host for row in rows}
        # two may find no row at once: the second waits here for the first, and then finds what it wrote
        insert_new(
            connection,
            leases,
            [{"host": host, "owner": None, "token": 0, "expires_at": 0.0} for host in sorted(new)],
        )
        rows = connection.execute(_ALL_HELD, given).all()
    held = {
        row.host: str(row.owner)
        for row in rows
        if row.owner is not None and not is_gone(row.owner) and not has_run_out(connection, row, clock)
    }
    forget(connection, {row.host for row in rows if row.owner is not None and row.host not in held})
    taken = {row.host: Lease(host=row.host, owner=owner, token=row.token + 1) for row in rows if row.host not in held}
    if taken:
        until = time.time() + ttl_s
        connection.execute(
            _TAKE,
            [
                {
                    "of_host": lease.host,
                    "new_owner": owner,
                    "new_token": lease.token,
                    "until": until,
                    "new_lasts_s": ttl_s,
                }
                for lease in taken.values()
            ],
        )
    return taken, held


def held_by(connection: Connection) -> dict[str, str]:
    """Who holds which host, for people: of a run elsewhere only its own clock tells whether it still does."""
    rows = connection.execute(select(leases).where(leases.c.owner.is_not(None)).order_by(leases.c.host))
    now = time.time()
    return {
        row.host: row.owner for row in rows if not is_gone(row.owner) and (runs_here(row.owner) or row.expires_at > now)
    }


def require(connection: Connection, lease: Lease | None) -> None:
    """Raise LeaseLostError where `lease` is no longer the host's current one; to be called inside the write."""
    if lease is None:
        return
    row = connection.execute(select(leases.c.owner, leases.c.token).where(leases.c.host == lease.host)).one_or_none()
    if row is None or row.token != lease.token or row.owner != lease.owner:
        raise LeaseLostError(_("{host}: the host has passed to another run").format(host=lease.host))


def _key(lease: Lease) -> dict[str, Any]:
    return {"of_host": lease.host, "our_token": lease.token, "our_owner": lease.owner}
