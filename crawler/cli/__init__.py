"""The `hrwatch` command. Each module here is one group of commands; this one only starts them."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import suppress

# Exit codes, as scripts and cron rely on them.
ALL_WELL = 0
SOME_FAILED = 1
WRONG_USE = 2
NOTHING_RAN = 3
INTERRUPTED = 130  # what shells expect of a program that Ctrl-C ended

# Ctrl-C, `kill` and a closed terminal; not every system knows all of them.
STOPS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def main() -> None:
    """Entry point of `hrwatch`: the only command of its process."""
    # The first to be registered is the last to be called: behind it Python only takes itself down, and would let a
    # signal end the process as if the work had not been done.
    atexit.register(_stop_no_more)
    # What is read first takes half a second, and nothing is under way yet that an end could leave in disorder.
    _end_with(INTERRUPTED, *STOPS)
    from crawler.cli.start import call, prepare

    hrwatch = prepare()
    code = call(hrwatch)
    # The work is done and told: a Ctrl-C that comes too late is no reason for Python to complain while it tidies up.
    with suppress(OSError, ValueError):  # a reader that has gone: Python says so itself at the end
        sys.stdout.flush()
    _end_with(code, *STOPS)
    sys.exit(code)


def _end_with(code: int, *numbers: int) -> None:
    """Let these signals end the process at once; one that is to be ignored (nohup) stays so."""
    for number in numbers:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_signal: os._exit(code))


def _stop_no_more() -> None:
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
