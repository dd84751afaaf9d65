"""Hosts taken and given back by many polls in one transaction, with what is known of the lists they will ask for.

A poll whose list has not changed writes little: beginning and committing for each costs several times what it does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from archive.leases.holding import release_all, take_all
from archive.schema import entries, validators
from archive.storing.entries import IS_OPEN, due_rows, validators_of
from crawler.leases.lease_clock import LeaseClock
from crawler.model import Entry, HostTaken, HostWanted, Lease, ListKnown

# Built once. Which of these sources have any open row: in a steady state hardly one, and only those are looked at.
_OPEN = (
    select(entries.c.source_id)
    .where(entries.c.source_id.in_(bindparam("of_sources", expanding=True)), IS_OPEN)
    .distinct()
)
_VALIDATORS = select(validators).where(validators.c.url.in_(bindparam("of_urls", expanding=True)))


def take_turn(
    connection: Connection,
    *,
    given_back: Sequence[Lease],
    wanted: Sequence[HostWanted],
    owner: str,
    ttl_s: float,
    now: datetime,
    clock: LeaseClock,
) -> tuple[HostTaken, ...]:
    """Give leases back, then take the hosts that are wanted, each once; the answers are in the order of `wanted`."""
    hosts = {lease.host for lease in given_back} | {want.host for want in wanted}
    release_all(connection, given_back, locking=hosts)
    taken, held = take_all(connection, {want.host for want in wanted}, owner, ttl_s, clock)
    known = _known(connection, [want for want in wanted if want.host in taken], now)
    return tuple(
        HostTaken(
            lease=taken.get(want.host),
            known=known.get((want.host, want.source_id), ()),
            held_by=held.get(want.host),
        )
        for want in wanted
    )


def _known(
    connection: Connection, wanted: Iterable[HostWanted], now: datetime
) -> dict[tuple[str, str], tuple[ListKnown, ...]]:
    lists = [(want, url) for want in wanted for url in want.lists]
    if not lists:
        return {}
    found = {
        row.url: validators_of(row)
        for row in connection.execute(_VALIDATORS, {"of_urls": sorted({url for _, url in lists})})
    }
    given = {"of_sources": sorted({want.source_id for want, _ in lists}), "now": now}
    is_open = {row.source_id for row in connection.execute(_OPEN, given)}
    known: defaultdict[tuple[str, str], list[ListKnown]] = defaultdict(list)
    for want, url in lists:
        due: tuple[Entry, ...] = ()
        if want.source_id in is_open:
            due = due_rows(connection, source_id=want.source_id, list_url=url, now=now)
        known[want.host, want.source_id].append(ListKnown(url=url, validators=found.get(url), due=due))
    return {key: tuple(of_host) for key, of_host in known.items()}
