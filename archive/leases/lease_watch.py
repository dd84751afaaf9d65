"""Leases of others as a machine sees them: one that it has not seen renewed for as long as it lasts has run out.

No time of day is compared: a clock that is set, here or there, neither gives a living run's host away nor keeps a
dead one's.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select

from archive.database.upsert import upsert
from archive.schema import lease_watches
from crawler.leases.lease_clock import LeaseClock

_SEEN = select(lease_watches).where(
    lease_watches.c.host == bindparam("of_host"), lease_watches.c.machine == bindparam("of_machine")
)
_FORGET_OLD = delete(lease_watches).where(
    lease_watches.c.host == bindparam("of_host"), lease_watches.c.token != bindparam("of_token")
)
_FORGET = delete(lease_watches).where(lease_watches.c.host.in_(bindparam("of_hosts", expanding=True)))


def has_run_out(connection: Connection, lease: Row[Any], clock: LeaseClock) -> bool:
    """True where `lease`, a locked row that somebody holds, was not renewed for its time; begins to watch it if new."""
    now_s = clock.now_s()
    seen = connection.execute(_SEEN, {"of_host": lease.host, "of_machine": clock.machine}).one_or_none()
    if seen is not None and (seen.token, seen.beats) == (lease.token, lease.beats):
        return bool(now_s - seen.since_s >= lease.lasts_s)
    connection.execute(_FORGET_OLD, {"of_host": lease.host, "of_token": lease.token})
    upsert(
        connection,
        lease_watches,
        ("host", "machine"),
        {
            "host": lease.host,
            "machine": clock.machine,
            "token": lease.token,
            "beats": lease.beats,
            "since_s": now_s,
        },
    )
    return False


def forget(connection: Connection, hosts: Collection[str]) -> None:
    """The leases of these hosts have passed on: what was seen of them is over."""
    if hosts:
        connection.execute(_FORGET, {"of_hosts": sorted(hosts)})
