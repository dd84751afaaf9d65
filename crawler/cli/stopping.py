"""What a command makes of Ctrl-C, `kill` and a closed terminal where it does not just end: start.py has the rule."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from crawler.cli import STOPS


@contextmanager
def minding(stopping: threading.Event) -> Iterator[None]:
    """The first Ctrl-C sets `stopping`, so that the batch under way ends whole; the second ends the program."""

    def stop(_number: int, _frame: object) -> None:
        if stopping.is_set():
            raise KeyboardInterrupt
        stopping.set()

    with _heard_by(stop):
        yield


@contextmanager
def seen_through() -> Iterator[None]:
    """One transaction is written and told, whatever comes meanwhile: "interrupted" would be said of what is done.

    Nobody waits for long: the database gives up a lock that is not to be had (30 seconds; 60 on PostgreSQL).
    """
    with _heard_by(lambda *_signal: None):
        yield


@contextmanager
def _heard_by(handler: Callable[[int, object], None]) -> Iterator[None]:
    heard = [number for number in STOPS if signal.getsignal(number) is not signal.SIG_IGN]  # as nohup leaves it
    before = {number: signal.signal(number, handler) for number in heard}
    try:
        yield
    finally:
        for number, handler_before in before.items():
            signal.signal(number, handler_before)
