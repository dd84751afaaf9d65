"""Who holds a lease: a name that tells whether its process still lives, so that a killed run blocks nobody.

A process is known by its number, where and since when it counts: none of that moves when a clock is set.
"""

from __future__ import annotations

import os
import secrets
import socket
from functools import cache
from pathlib import Path

import psutil

# "45678 (a) b) S 1 …": the name may hold anything; state is field 3 and the start, in ticks since the boot, field 22
_STATE, _STARTED = 0, 19


def owner_name() -> str:
    """A name for this process: host name, process id, where such ids count, its start there, and a part of chance."""
    pid = os.getpid()
    host = socket.gethostname().replace("/", "_") or "unknown"
    return f"{host}/{pid}/{_where_ids_count()}/{_start_of(pid)}/{secrets.token_hex(4)}"


def is_gone(owner: str) -> bool:
    """True where the owner ran here and its process has ended; of others nobody here can tell."""
    if not runs_here(owner):
        return False
    _host, pid, _where, started, _chance = owner.split("/")
    try:
        return _start_of(int(pid)) != started
    except (OSError, psutil.Error, ValueError):
        return False


def runs_here(owner: str) -> bool:
    """True where the owner's process, if it lives, is one that this process can see."""
    parts = owner.split("/")
    return len(parts) == 5 and parts[1].isdecimal() and parts[2] == _where_ids_count()


@cache
def _where_ids_count() -> str:
    """The boot of this machine and the process namespace: of two containers each may have a process 7."""
    machine = machine_since_boot()
    if machine is None:
        return socket.gethostname().replace("/", "_") or "unknown"
    try:
        return f"{machine}.{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return machine


@cache
def machine_since_boot() -> str | None:
    """What no other machine and no other boot of this one is called; None where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip() or None
    except OSError:
        return None


def _start_of(pid: int) -> str | None:
    """When a living process began, on a scale that is the same for all of this boot; None where it has ended.

    Raises OSError where that cannot be seen. Where there is no /proc it is the kernel's own note of the time, which is
    not set anew either.
    """
    if machine_since_boot() is None:
        try:
            process = psutil.Process(pid)
            return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
        except psutil.NoSuchProcess:
            return None
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
        raise  # it lives, hidden from us: hidepid, ProtectProc=
    # a zombie has ended; its parent has only not looked yet
    return None if fields[_STATE] in "ZX" else fields[_STARTED]
