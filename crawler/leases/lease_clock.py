"""The clocks by which leases are kept and passed on: none that anybody can set.

Who holds a lease counts the time that the machine slept, so as never to believe too long that it is theirs. Who
waits for it does not count it, so as never to take it too soon: after a sleep both wake at once.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crawler.leases.owner import machine_since_boot


def waking_s() -> float:
    """Seconds that this machine was awake since some moment; the same for all of its processes (CLOCK_MONOTONIC)."""
    return time.monotonic()


def passing_s() -> float:
    """Seconds that have passed since some moment, asleep or awake, where the system can tell (CLOCK_BOOTTIME)."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def _watcher() -> str:
    """Whose `waking_s` it is: those of one boot of one machine compare, and of one time namespace there."""
    machine = machine_since_boot()
    if machine is None:
        return f"process {secrets.token_hex(8)}"
    try:
        return f"{machine}.{Path('/proc/self/ns/time').stat().st_ino}"
    except OSError:
        return machine


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseClock:
    """How this machine tells that a lease has not been renewed for as long as it lasts."""

    machine: str = field(default_factory=_watcher)
    now_s: Callable[[], float] = waking_s
