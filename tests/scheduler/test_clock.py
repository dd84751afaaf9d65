"""The clock over a runner that only counts: plans, pauses, wishes, other runs, a clock that jumps, source files.

The clock looks around when a test says so; time is this machine's, moved by hand.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

import scheduler
from archive import Archive
from archive.archive import open_file
from archive.records import Pause
from crawler.catalogue import Catalogue, load_catalogue
from crawler.catalogue.watching import WatchedFolders
from crawler.config import Config
from crawler.model import ListReport, PollReport, Reason, Source
from crawler.services import Services
from crawler.taxonomy import load_taxonomy
from tests.archive.making import source
from tests.archive.places import new_file
from tests.crawler.loopback import source_file

HOUR = timedelta(hours=1)
# for a machine that does much besides
PATIENCE_S = 60.0


class MovedServices(Services):
    """Services on a clock that a test can set."""

    moved = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.moved


class Counting:
    """Stands for the runner: each poll goes as `outcome` says, and is in the archive when it ends."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.polled: list[Source] = []
        self.renewed = 0
        self.outcome: Callable[[PollReport], PollReport] = lambda report: report

    async def poll(self, wanted: Source) -> PollReport:
        now = self.services.now()
        read = ListReport(url=wanted.home, status=200, rows=20)
        report = PollReport(source_id=wanted.id, started_at=now, ended_at=now, lists=(read,))
        report = self.outcome(report)
        await asyncio.to_thread(self.services.archive.record_poll, report)
        self.polled.append(wanted)
        return report

    @contextlib.asynccontextmanager
    async def claim(self, name: str) -> AsyncIterator[bool]:
        lease = await asyncio.to_thread(self.services.archive.acquire_lease, name, "test", 60)
        yield lease is not None
        if lease is not None:
            await asyncio.to_thread(self.services.archive.release_lease, lease)

    def renew(self) -> None:
        self.renewed += 1

    async def stop(self) -> None:
        return

    async def close(self) -> None:
        return


class Clock:
    """A clock under test, with what it stands on."""

    def __init__(self, archive: Archive, services: MovedServices, folders: WatchedFolders | None) -> None:
        self.archive = archive
        self.services = services
        self.scheduler = scheduler.Scheduler(services, archive, publish=lambda: None, folders=folders)
        self.runner = cast(Counting, self.scheduler._runner)
        self.stopping = asyncio.Event()

    @property
    def polled(self) -> list[str]:
        return [one.id for one in self.runner.polled]

    def times(self, source_id: str) -> int:
        return self.polled.count(source_id)

    async def look(self) -> None:
        await self.scheduler.look()

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                await asyncio.sleep(0.01)

    async def until_planned(self, *source_ids: str) -> None:
        """Wait until each of these was polled and planned anew, in the archive too."""
        await self.until(lambda: all(self.plan(one) > self.services.now() for one in source_ids))
        await self.until(lambda: not self.scheduler._polling and self.scheduler._planner.has_learned)

    def plan(self, source_id: str) -> datetime:
        due = self.scheduler._plans.get(source_id)
        return datetime.min.replace(tzinfo=UTC) if due is None or source_id not in self.polled else due.at

    def why(self, source_id: str) -> str:
        return self.scheduler._plans[source_id].why.value


@pytest.fixture(autouse=True)
def _looks_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "Runner", Counting)
    monkeypatch.setattr(scheduler, "LOOK_S", 3600.0)
    monkeypatch.setattr(scheduler, "FOLDERS_S", 0.0)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_file(new_file(tmp_path / "hrwatch.sqlite3")) as opened:
        yield opened


@contextlib.asynccontextmanager
async def running(archive: Archive, *sources: Source, folder: Path | None = None) -> AsyncIterator[Clock]:
    taxonomy = load_taxonomy()
    given: dict[str, object] = {"families": ("generic",), "is_adcode": taxonomy.divisions.is_known}
    catalogue = Catalogue(sources) if folder is None else load_catalogue([folder], **given)  # type: ignore[arg-type]
    services = MovedServices(config=Config(), catalogue=catalogue, archive=archive, taxonomy=taxonomy, owner="test")
    folders = None if folder is None else WatchedFolders([folder], catalogue, **given)  # type: ignore[arg-type]
    clock = Clock(archive, services, folders)
    task = asyncio.ensure_future(clock.scheduler.run(clock.stopping))
    try:
        yield clock
    finally:
        clock.stopping.set()
        await asyncio.wait_for(task, PATIENCE_S)


def a(source_id: str, **facts: object) -> Source:
    return replace(source(source_id), **facts)  # type: ignore[arg-type]


def test_what_is_due_is_polled_and_the_plan_kept_for_a_restart(archive: Archive) -> None:
    async def work() -> None:
        async with running(archive, a("one"), a("two", every_min=120)) as clock:
            await clock.until_planned("one", "two")
        states = {state.source_id: state for state in archive.source_states()}
        assert {state.next_why for state in states.values()} == {"interval"}
        async with running(archive, a("one"), a("two", every_min=120)) as again:
            await again.until(lambda: len(again.scheduler._plans) == 2)
            plans = {source_id: due.at for source_id, due in again.scheduler._plans.items()}
        assert plans == {source_id: state.next_poll_at for source_id, state in states.items()}
        assert again.polled == []

    asyncio.run(work())


def test_a_paused_source_waits_until_it_is_resumed_and_holds_up_no_first_pass(archive: Archive) -> None:
    archive.pause(("one",), Pause(since=datetime.now(UTC)))

    async def work() -> None:
        async with running(archive, a("one"), a("two")) as clock:
            await clock.until_planned("two")
            await clock.until(lambda: clock.scheduler._outgoing.is_open)
            assert clock.polled == ["two"]
            archive.resume(("one",))
            await clock.look()
            await clock.until_planned("one")
        assert clock.polled == ["two", "one"]

    asyncio.run(work())


def test_a_pause_ends_by_itself(archive: Archive) -> None:
    now = datetime.now(UTC)
    archive.pause(("one",), Pause(since=now, until=now + HOUR))

    async def work() -> None:
        async with running(archive, a("one")) as clock:
            await clock.until(lambda: "one" in clock.scheduler._plans)
            await clock.look()
            assert clock.polled == []
            clock.services.moved = 2 * HOUR
            await clock.look()
            await clock.until_planned("one")
        assert clock.polled == ["one"]

    asyncio.run(work())


def test_what_a_person_wants_is_polled_at_once_paused_or_not(archive: Archive) -> None:
    async def work() -> None:
        async with running(archive, a("one"), a("two")) as clock:
            await clock.until_planned("one", "two")
            archive.pause(("two",), Pause(since=datetime.now(UTC)))
            archive.want(("one", "two", "no-such-source"), now=datetime.now(UTC))
            await clock.look()
            await clock.until(lambda: clock.times("one") == clock.times("two") == 2)
            await clock.look()
            await clock.until_planned("one", "two")
        assert sorted(clock.polled) == ["one", "one", "two", "two"]
        assert archive.wishes(datetime.now(UTC)).wanted == {}

    asyncio.run(work())


def test_others_see_that_a_clock_runs_while_it_does(archive: Archive) -> None:
    async def work() -> None:
        async with running(archive, a("one")) as clock:
            await clock.until_planned("one")
            assert archive.acquire_lease("hrwatch run", "another", 60) is None
        lease = archive.acquire_lease("hrwatch run", "another", 60)
        assert lease is not None

    asyncio.run(work())


def test_what_another_run_polled_is_not_polled_again(archive: Archive) -> None:
    async def work() -> None:
        async with running(archive, a("one"), a("two")) as clock:
            await clock.until_planned("one", "two")
            now = clock.services.now()
            for source_id in ("one", "two"):
                archive.record_poll(PollReport(source_id=source_id, started_at=now, ended_at=now))
            archive.plan("one", now + 5 * HOUR, why="rhythm")  # the other knew when next; of "two" it said nothing
            await clock.look()
            assert (clock.plan("one"), clock.why("one")) == (now + 5 * HOUR, "rhythm")
            assert now < clock.plan("two") <= now + 2 * HOUR
        assert sorted(clock.polled) == ["one", "two"]

    asyncio.run(work())


@pytest.mark.parametrize("back", [HOUR, timedelta(days=400)])
def test_a_clock_set_back_puts_nothing_off(archive: Archive, back: timedelta) -> None:
    async def work() -> None:
        async with running(archive, a("one")) as clock:
            await clock.until_planned("one")
            clock.services.moved = -back
            await clock.look()
            assert clock.plan("one") <= clock.services.now() + 1.2 * HOUR
        assert clock.polled == ["one"]

    asyncio.run(work())


def test_a_machine_that_slept_polls_once_on_waking(archive: Archive) -> None:
    async def work() -> None:
        async with running(archive, a("one")) as clock:
            await clock.until_planned("one")
            clock.services.moved = 10 * HOUR
            await clock.look()
            await clock.until(lambda: clock.times("one") == 2)
            await clock.until_planned("one")
            await clock.look()
            assert clock.plan("one") > clock.services.now()
        assert clock.polled == ["one", "one"]

    asyncio.run(work())


def test_a_host_in_another_runs_hands_is_asked_again_soon(archive: Archive) -> None:
    async def work() -> None:
        async with running(archive, a("one")) as clock:
            clock.runner.outcome = lambda report: replace(report, skipped=True, detail="one.example")
            await clock.until_planned("one")
            wait = clock.plan("one") - clock.services.now()
            assert clock.why("one") == "busy"
            assert wait <= timedelta(seconds=2 * Config().lease_ttl_s)

    asyncio.run(work())


def test_what_a_site_asks_holds_for_all_sources_on_its_host(archive: Archive) -> None:
    async def work() -> None:
        hosts = ("shared.example",)
        async with running(archive, a("one", hosts=hosts)) as clock:
            until = clock.services.now() + 3 * HOUR
            clock.runner.outcome = lambda report: replace(report, reason=Reason.SERVER_ERROR, retry_at=until)
            await clock.until_planned("one")
            assert (clock.plan("one") >= until, clock.why("one")) == (True, "retry-after")
        # after a restart, too, and for a source that is new there
        async with running(archive, a("one", hosts=hosts), a("two", hosts=hosts)) as clock:
            await clock.until(lambda: clock.scheduler._plans["two"].at >= until if clock.scheduler._plans else False)
            assert clock.polled == []

    asyncio.run(work())


def test_source_files_are_taken_up_while_it_runs(
    archive: Archive, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "sources"
    for source_id in ("gone", "kept"):
        source_file(folder, source_id, f"{source_id}.example", port=80)

    async def work() -> None:
        async with running(archive, folder=folder) as clock:
            await clock.until_planned("gone", "kept")
            (folder / "gone.toml").unlink()
            source_file(folder, "kept", "kept.example", port=80, more="every_min = 5\ndelay_s = 9")
            source_file(folder, "new", "new.example", port=80)
            await clock.look()
            await clock.until_planned("new")
            assert clock.runner.renewed == 1  # crawls from now on know the new pace
            assert "gone" not in clock.scheduler._plans
            assert clock.services.catalogue.of_host("gone.example") is None
            assert clock.plan("kept") <= clock.services.now() + 0.2 * HOUR  # not in an hour, as planned before
            broken = source_file(folder, "kept", "kept.example", port=80, more='cron = "61 * * * *"')
            await clock.look()
            assert f"{broken}: cron: " in caplog.text
            archive.want(("kept",), now=datetime.now(UTC))
            await clock.look()
            await clock.until(lambda: clock.times("kept") == 2)
            assert clock.runner.polled[-1].every_min == 5  # its facts are those of before
        assert clock.times("gone") == 1

    asyncio.run(work())
    left = {state.source_id for state in archive.source_states()}
    assert left == {"gone", "kept", "new"}


def test_a_fault_while_looking_stops_nothing(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(since: datetime) -> None:
        raise RuntimeError("synthetic")

    async def work() -> None:
        async with running(archive, a("one")) as clock:
            monkeypatch.setattr(archive, "wishes", fail)
            await clock.look()
            await clock.until_planned("one")

    asyncio.run(work())
    assert "the clock could not look around" in caplog.text
