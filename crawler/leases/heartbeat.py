"""Keeps leases alive from a thread of its own: neither a busy event loop nor a full writer queue lets them lapse."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from crawler.errors import ArchiveError
from crawler.leases.lease_clock import passing_s
from crawler.model import Lease, LeaseStore

logger = logging.getLogger(__name__)

# Of a lease's life: two beats may fail. What is left is for the request that is out when the third fails, too.
SURE_FOR = 0.75


@dataclass(frozen=True, slots=True)
class _Held:
    lease: Lease
    since_s: float  # when it was last known to be ours, by `passing_s`


class Heartbeat:
    """Renews the leases it holds at a third of their life; tells `on_lost`, from its own thread, what has passed on.

    `clock_s` counts the seconds that pass; those in which the machine sleeps, too.
    """

    def __init__(
        self,
        leases: LeaseStore,
        *,
        ttl_s: float,
        on_lost: Callable[[Lease], None],
        clock_s: Callable[[], float] = passing_s,
    ) -> None:
        self._store = leases
        self._ttl_s = ttl_s
        self._on_lost = on_lost
        self._clock_s = clock_s
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def now_s(self) -> float:
        """The clock by which leases are held, to be asked before one is taken."""
        return self._clock_s()

    def hold(self, lease: Lease, *, asked_s: float) -> None:
        """Keep this lease alive from now on; it was asked for at `asked_s`."""
        with self._lock:
            self._held[lease.host] = _Held(lease, asked_s)
        if self._thread is None:
            self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
            self._thread.start()

    def drop(self, lease: Lease) -> None:
        """Let this lease be; whoever took it releases it."""
        with self._lock:
            self._let_go(lease)

    def is_sure(self, lease: Lease) -> bool:
        """True while nobody else can have taken it; False after a sleep, or where it could not be renewed for long."""
        with self._lock:
            held = self._held.get(lease.host)
        if held is None or held.lease != lease:
            return False
        return self._clock_s() - held.since_s < SURE_FOR * self._ttl_s

    def close(self) -> None:
        """Stop the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=self._ttl_s)

    def beat(self) -> None:
        """Renew everything that is held, now. Never raises."""
        with self._lock:
            held = tuple(held.lease for held in self._held.values())
        if not held:
            return
        asked_s = self._clock_s()
        try:
            lost = self._store.renew_leases(held, self._ttl_s)
        except ArchiveError as error:
            logger.warning("leases could not be renewed: %s", error)
            return
        except Exception:
            # Whatever it is, without this thread every lease would run out unseen.
            logger.exception("leases could not be renewed")
            return
        for lease in held:
            with self._lock:
                # given back by ourselves, or taken anew, while the database was asked: nothing is lost
                is_held = lease.host in self._held and self._held[lease.host].lease == lease
                if is_held and lease not in lost:
                    self._held[lease.host] = _Held(lease, asked_s)
                elif is_held:
                    del self._held[lease.host]
            if is_held and lease in lost:
                self._on_lost(lease)

    def _beat(self) -> None:
        while not self._stop.wait(self._ttl_s / 3):
            self.beat()

    def _let_go(self, lease: Lease) -> None:
        """A newer lease of the same host is another one, and stays."""
        held = self._held.get(lease.host)
        if held is not None and held.lease == lease:
            del self._held[lease.host]
