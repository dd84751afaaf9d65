"""Who holds a lease: a name that tells whether its process still lives, so that a killed run blocks nobody."""

from __future__ import annotations

import os
import secrets
import socket

import psutil

# A start is counted from the boot, whose time on the clock moves a little whenever the clock is set.
SAME_START_S = 2.0


def owner_name() -> str:
    """A name for this process: machine, process id, its start time, and a part of chance."""
    pid = os.getpid()
    return f"{_machine()}/{pid}/{psutil.Process(pid).create_time():.2f}/{secrets.token_hex(4)}"


def is_gone(owner: str) -> bool:
    """True where the owner ran on this machine and its process has ended; of other machines nobody here can tell."""
    machine, _, rest = owner.partition("/")
    pid, _, rest = rest.partition("/")
    started, _, _chance = rest.partition("/")
    if machine != _machine() or not pid.isdecimal():
        return False
    try:
        process = psutil.Process(int(pid))
        # a zombie has ended; its parent has only not looked yet
        is_alive = (
            process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - float(started)) < SAME_START_S
        )
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, ValueError):
        return False
    return not is_alive


def _machine() -> str:
    return socket.gethostname().replace("/", "_") or "unknown"
