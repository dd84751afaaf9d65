"""Keeps leases alive from a thread of its own: neither a busy event loop nor a full writer queue lets them lapse."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from crawler.errors import ArchiveError
from crawler.model import Lease, LeaseStore

logger = logging.getLogger(__name__)


class Heartbeat:
    """Renews the leases it holds at a third of their life; tells `on_lost`, from its own thread, what has passed on."""

    def __init__(self, leases: LeaseStore, *, ttl_s: float, on_lost: Callable[[Lease], None]) -> None:
        self._store = leases
        self._ttl_s = ttl_s
        self._on_lost = on_lost
        self._held: dict[str, Lease] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, lease: Lease) -> None:
        """Keep this lease alive from now on."""
        with self._lock:
            self._held[lease.host] = lease
        if self._thread is None:
            self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
            self._thread.start()

    def drop(self, lease: Lease) -> None:
        """Let this lease be; whoever took it releases it."""
        with self._lock:
            self._let_go(lease)

    def close(self) -> None:
        """Stop the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=self._ttl_s)

    def _beat(self) -> None:
        while not self._stop.wait(self._ttl_s / 3):
            with self._lock:
                held = tuple(self._held.values())
            if not held:
                continue
            try:
                lost = self._store.renew_leases(held, self._ttl_s)
            except ArchiveError as error:
                logger.warning("leases could not be renewed: %s", error)
                continue
            except Exception:
                # Whatever it is, without this thread every lease would run out unseen.
                logger.exception("leases could not be renewed")
                continue
            for lease in lost:
                with self._lock:
                    # given back by ourselves, or taken anew, while the database was asked: nothing is lost
                    was_held = self._let_go(lease)
                if was_held:
                    self._on_lost(lease)

    def _let_go(self, lease: Lease) -> bool:
        """True where it was held; a newer lease of the same host is another one, and stays."""
        if self._held.get(lease.host) != lease:
            return False
        del self._held[lease.host]
        return True
