"""The one thread of a process that writes: operations queue up and are committed together.

Each operation has its own savepoint, so that a bad one costs itself and not its batch; its future is resolved once
the batch is on disk. Leases do not pass through here: a heartbeat must not wait behind a queue (`aside`).
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from archive.database.engine import is_unwritable, writing
from archive.database.fault import fault_text
from crawler.errors import ArchiveError, UnwritableError
from crawler.language import _

_BATCH_OPERATIONS = 50  # beyond that a commit is cheap beside what it holds
_BATCH_S = 0.25  # the longest that another process waits for the write lock, and a caller for its answer

# SQLite's lock has no queue: whoever asks again at once gets it again. Those who wait sleep up to 100 ms between looks.
_LET_GO_FIRST_S = 1.0  # the longest that a batch waits for short writes of this process
_PAUSE_S = 0.005  # after a full batch, for other processes

T = TypeVar("T")
_Operation = tuple[Callable[[Connection], Any], "Future[Any]"]


class Writer:
    """Runs operations one after the other on a connection of its own; safe to call from any thread."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = writing(engine)
        self._name = name
        self._queue: queue.SimpleQueue[_Operation | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._turn = threading.Condition()
        self._aside = 0  # short writes that wait or are under way
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="archive-writer", daemon=True)
        self._thread.start()

    def submit(self, operation: Callable[[Connection], T]) -> Future[T]:
        """Queue `operation`; the future holds its result once it is committed, or what it raised."""
        future: Future[T] = Future()
        with self._lock:
            if self._is_closed:
                raise ArchiveError(_("{file}: the archive is closed").format(file=self._name))
            self._queue.put((operation, future))
        return future

    @contextmanager
    def aside(self) -> Iterator[None]:
        """A short write on another connection, which the batch under way lets go next, whatever is queued."""
        with self._turn:
            self._aside += 1
        try:
            yield
        finally:
            with self._turn:
                self._aside -= 1
                self._turn.notify_all()

    def close(self) -> None:
        """Write what is queued and end the thread."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            with self._turn:
                self._turn.wait_for(lambda: self._aside == 0, timeout=_LET_GO_FIRST_S)
            if not self._write_batch(first):
                return
            if not self._queue.empty():
                time.sleep(_PAUSE_S)

    def _write_batch(self, first: _Operation) -> bool:
        """Write `first` and what has queued up behind it; False where the end of the queue was met."""
        done: list[tuple[Future[Any], Any]] = []
        current: _Operation | None = first
        is_open = True
        try:
            with self._engine.begin() as connection:
                started = time.monotonic()
                while current is not None:
                    self._perform(connection, current, done)
                    current = None
                    is_long = len(done) >= _BATCH_OPERATIONS or time.monotonic() - started >= _BATCH_S
                    if not is_long and self._aside == 0:
                        try:
                            current = self._queue.get_nowait()
                        except queue.Empty:
                            break
                        is_open = current is not None
        except BaseException as error:  # noqa: BLE001 (whatever it is, nobody may wait for an answer without end)
            fault = self._fault(error)
            for future, _result in done:
                future.set_exception(fault)
            if current is not None and not current[1].done():
                current[1].set_exception(fault)
            return is_open
        for future, result in done:
            future.set_result(result)
        return is_open

    def _perform(self, connection: Connection, operation: _Operation, done: list[tuple[Future[Any], Any]]) -> None:
        call, future = operation
        if not future.set_running_or_notify_cancel():
            return
        savepoint = connection.begin_nested()
        try:
            result = call(connection)
            savepoint.commit()
        except Exception as error:
            if connection.invalidated or not connection.in_transaction():  # a server that went away takes the batch
                raise
            savepoint.rollback()
            future.set_exception(self._fault(error))
            return
        done.append((future, result))

    def _fault(self, error: BaseException) -> BaseException:
        if isinstance(error, DBAPIError):
            kind = UnwritableError if is_unwritable(error.orig) else ArchiveError
            fault = kind(_("{file}: nothing was written: {error}").format(file=self._name, error=fault_text(error)))
            fault.__cause__ = error
            return fault
        return error
