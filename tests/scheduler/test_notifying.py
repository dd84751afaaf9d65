"""People are told by the clock: not before the feeds are open, one telling at a time, and a fault stops nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import scheduler
from archive.archive import open_file
from crawler.catalogue import Catalogue
from crawler.config import Config
from crawler.services import Services
from crawler.taxonomy import load_taxonomy


class Idle:
    """Stands for the runner: there is nothing to poll."""

    def __init__(self, services: Services) -> None:
        return

    @asynccontextmanager
    async def claim(self, name: str) -> AsyncIterator[bool]:
        yield False

    async def stop(self) -> None:
        return

    async def close(self) -> None:
        return


@pytest.fixture(autouse=True)
def _nothing_is_polled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "Runner", Idle)


class Telling:
    """Counts what it is asked, and how many are at it at once."""

    def __init__(self, act: Callable[[], None] = lambda: None) -> None:
        self._act = act
        self._lock = threading.Lock()
        self.calls = 0
        self.is_alone = True

    def __call__(self) -> None:
        self.is_alone &= self._lock.acquire(blocking=False)
        self.calls += 1
        try:
            self._act()
        finally:
            self._lock.release()


def run(tmp_path: Path, telling: Telling, *, calls: int, may_publish: bool = True) -> None:
    """Let the clock run over an archive without sources until `telling` has been asked so often."""
    config = Config(data=tmp_path)

    async def work() -> None:
        with open_file(config.database) as archive:
            services = Services(
                config=config, catalogue=Catalogue(()), archive=archive, taxonomy=load_taxonomy(), owner="test"
            )
            clock = scheduler.Scheduler(services, archive, publish=lambda: None, notify=telling)
            stopping = asyncio.Event()
            running = asyncio.ensure_future(clock.run(stopping))
            if not may_publish:
                await clock._outgoing.notify_now()
                assert telling.calls == 0
            async with asyncio.timeout(120):
                while telling.calls < calls:
                    await asyncio.gather(*(clock._outgoing.notify_now() for _time in range(3)))
            stopping.set()
            await running

    asyncio.run(work())


def test_nobody_is_told_before_the_feeds_are_open(tmp_path: Path) -> None:
    run(tmp_path, Telling(), calls=1, may_publish=False)


def test_one_telling_at_a_time(tmp_path: Path) -> None:
    telling = Telling(lambda: threading.Event().wait(0.05) and None)
    run(tmp_path, telling, calls=2)
    assert telling.is_alone
    assert telling.calls == 2


def test_a_fault_is_logged_and_the_next_minute_tells(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise OSError("disk full")

    run(tmp_path, Telling(fail), calls=2)
    assert caplog.text.count("notifications could not be sent") == 2
