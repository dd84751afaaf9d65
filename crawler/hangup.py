"""What a hangup (SIGHUP) is to work that goes on until it is stopped: the end of its terminal, or nothing at all."""

from __future__ import annotations

import logging
import os
import signal

_log = logging.getLogger(__name__)


def has_terminal() -> bool:
    """True where somebody may hang up: the process has a terminal that it belongs to."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def outlast_hangup() -> None:
    """Where there is no terminal, let SIGHUP end nothing from here on, not even while a service still starts."""
    if not has_terminal() and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        signal.signal(signal.SIGHUP, lambda *_signal: say_unheeded())


def say_unheeded() -> None:
    """Tell whoever expected a service to read its settings again, or to end."""
    _log.warning("SIGHUP is heeded in a terminal only: sources are taken up as they change, settings at a restart")
