"""Leases in use: a dead owner's is taken over, a living one's is not, and a poll whose lease is gone stops."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from archive.archive import Archive, open_file
from crawler.catalogue import Catalogue
from crawler.config import Config
from crawler.errors import ArchiveError
from crawler.leases.heartbeat import Heartbeat
from crawler.leases.lease_clock import passing_s
from crawler.leases.owner import is_gone, owner_name, runs_here
from crawler.model import Lease, ListPage, Reason, Source
from crawler.polling.dispatch import Dispatcher
from crawler.polling.poll import ListJob, Poll
from crawler.polling.waiting import Waiting
from crawler.services import Services
from crawler.taxonomy import load_taxonomy
from tests.archive.making import source
from tests.archive.places import new_file

HOST = "synthetic.example"


@pytest.fixture
def archive(tmp_path: Path) -> Any:
    with open_file(new_file(tmp_path / "hrwatch.sqlite3")) as opened:
        yield opened


def sleeper(then: str = "") -> tuple[subprocess.Popen[str], str]:
    """A process of ours that tells its name as an owner and waits."""
    told = "from crawler.leases.owner import owner_name; print(owner_name(), flush=True)"
    code = f"{told}; import time; time.sleep(60){then}"
    root = str(Path(__file__).parents[3])
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": root}
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_a_dead_owner_is_gone_and_a_living_one_is_not(archive: Archive) -> None:
    process, owner = sleeper()
    try:
        assert archive.acquire_lease(HOST, owner, 600) is not None
        assert not is_gone(owner)
        assert archive.acquire_lease(HOST, owner_name(), 600) is None
    finally:
        process.send_signal(signal.SIGKILL)
    # not yet waited for, it is a zombie: it asks nobody any more
    wait_until(lambda: is_gone(owner))
    taken = archive.acquire_lease(HOST, owner_name(), 600)
    assert taken is not None
    assert taken.token == 2
    process.communicate()
    assert is_gone(owner)


def test_of_another_machine_nobody_can_tell() -> None:
    machine, pid, where, started, chance = owner_name().split("/")
    assert not is_gone(f"{machine}/{pid}/elsewhere/{started}/{chance}")  # of the same name, or before a boot
    assert not is_gone(f"{machine}/{pid}/{started}/{chance}")  # as earlier versions were called
    assert is_gone(f"{machine}/{pid}/{where}/{int(started) - 3600}/{chance}")  # the number was used before
    assert runs_here(f"another-name/{pid}/{where}/{started}/{chance}")  # a machine may be called otherwise meanwhile
    for junk in ("", "/", "a/b/c/d", "a/b/c/d/e", f"{machine}/x/{where}/y/z"):
        assert not is_gone(junk)


def test_a_process_that_is_hidden_is_not_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with hidepid or ProtectProc=invisible: another user's process has no entry in /proc, and may not be asked."""
    machine, pid, where, _started, chance = owner_name().split("/")

    def hidden(path: Path, *_given: Any) -> str:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "read_text", hidden)
    assert not is_gone(f"{machine}/{pid}/{where}/1/{chance}")

    def refuse(_pid: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert not is_gone(f"{machine}/{pid}/{where}/1/{chance}")


class Renewing:
    """A lease store that does as the test says at each renewal."""

    def __init__(self) -> None:
        self.renewed: list[tuple[Lease, ...]] = []
        self.lost: Sequence[Lease] = ()
        self.error: Exception | None = None
        self.meanwhile: Any = None
        self.beat = threading.Event()

    def acquire_lease(self, host: str, owner: str, ttl_s: float) -> Lease | None:
        raise NotImplementedError

    def release_lease(self, lease: Lease) -> None:
        raise NotImplementedError

    def renew_leases(self, leases: Sequence[Lease], ttl_s: float) -> Sequence[Lease]:
        self.renewed.append(tuple(leases))
        if self.meanwhile is not None:
            self.meanwhile()
        error, self.error = self.error, None
        self.beat.set()
        if error is not None:
            raise error
        return self.lost


def lease(token: int) -> Lease:
    return Lease(host=HOST, owner="me", token=token)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_heartbeat_renews_and_tells_what_is_lost_once() -> None:
    store, lost = Renewing(), []
    store.lost = [lease(1)]
    heart = Heartbeat(store, ttl_s=0.06, on_lost=lost.append)
    heart.hold(lease(1), asked_s=heart.now_s())
    wait_until(lambda: lost == [lease(1)])
    heart.hold(lease(2), asked_s=heart.now_s())
    wait_until(lambda: len(store.renewed) > 3)
    heart.close()
    assert lost == [lease(1)]
    assert set(store.renewed[1:]) == {(lease(2),)}


@pytest.mark.parametrize("error", [ArchiveError("locked"), RuntimeError("anything")])
def test_heartbeat_outlives_an_error(error: Exception) -> None:
    store = Renewing()
    store.error = error
    heart = Heartbeat(store, ttl_s=0.06, on_lost=lambda lease: None)
    heart.hold(lease(1), asked_s=heart.now_s())
    wait_until(lambda: len(store.renewed) > 2)
    heart.close()


def test_a_lease_given_back_while_it_was_renewed_is_not_lost_and_the_next_one_is_kept() -> None:
    store, lost = Renewing(), []
    heart = Heartbeat(store, ttl_s=0.09, on_lost=lost.append)

    def give_back_and_take_anew() -> None:
        store.meanwhile = None
        heart.drop(lease(1))
        heart.hold(lease(2), asked_s=heart.now_s())
        store.lost = [lease(1)]

    store.meanwhile = give_back_and_take_anew
    heart.hold(lease(1), asked_s=heart.now_s())
    wait_until(lambda: len(store.renewed) > 2)
    heart.close()
    assert lost == []
    assert store.renewed[1:3] == [(lease(2),), (lease(2),)]


def test_who_holds_a_lease_is_sure_of_it_while_nobody_else_can_have_taken_it() -> None:
    store, clock = Renewing(), [1000.0]
    heart = Heartbeat(store, ttl_s=3000, on_lost=lambda lease: None, clock_s=lambda: clock[0])
    asked_s = heart.now_s()
    clock[0] += 1000  # the archive took its time
    heart.hold(lease(1), asked_s=asked_s)
    assert heart.is_sure(lease(1))
    assert not heart.is_sure(lease(2))
    clock[0] += 1300
    assert not heart.is_sure(lease(1))
    store.error = ArchiveError("locked")
    heart.beat()
    assert not heart.is_sure(lease(1))
    heart.beat()
    assert heart.is_sure(lease(1))
    heart.drop(lease(1))
    assert not heart.is_sure(lease(1))
    heart.close()


def services(archive: Archive, tmp_path: Path, *sources: Source, **settings: Any) -> Services:
    config = Config(data=tmp_path, **{"lease_ttl_s": 5, **settings})
    return Services(
        config=config,
        catalogue=Catalogue(sources),
        archive=archive,
        taxonomy=load_taxonomy(),
        owner=owner_name(),
    )


def listed(source_id: str = "synthetic", *hosts: str) -> Source:
    from dataclasses import replace

    hosts = hosts or (HOST,)
    lists = tuple(ListPage(url=f"http://{host}/list") for host in hosts)
    return replace(source(source_id), hosts=hosts, lists=lists)


def test_a_poll_whose_lease_has_passed_on_stops(archive: Archive, tmp_path: Path) -> None:
    async def scenario() -> None:
        given: list[Poll] = []
        dispatcher = Dispatcher(services(archive, tmp_path, listed()), lambda family, poll: given.append(poll))
        polling = asyncio.ensure_future(dispatcher.poll(listed()))
        while not given:
            await asyncio.sleep(0.01)
        (poll,) = given
        job = poll.next_job()
        assert isinstance(job, ListJob)
        assert poll.lease is not None
        archive.release_lease(poll.lease)
        other = archive.acquire_lease(HOST, "another machine", 600)
        assert other is not None
        while not poll.is_stopped:
            await asyncio.sleep(0.05)
        poll.jobs.append(job)
        assert poll.next_job() is None
        poll.done()
        report = await asyncio.wait_for(polling, 60)
        assert (report.skipped, report.reason, report.detail) == (True, None, HOST)
        await dispatcher.close()
        # what is theirs stays theirs
        assert archive.renew_leases([other], 600) == ()

    asyncio.run(asyncio.wait_for(scenario(), 120))


@pytest.mark.parametrize("is_taken", [False, True])
def test_after_a_sleep_a_poll_asks_the_archive_before_the_host(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_taken: bool
) -> None:
    slept_s = [0.0]
    asleep = partial(Heartbeat, clock_s=lambda: passing_s() + slept_s[0])
    monkeypatch.setattr("crawler.polling.holding.Heartbeat", asleep)

    async def scenario() -> None:
        given: list[Poll] = []
        # a heart that beats so seldom says nothing by itself
        calm = services(archive, tmp_path, listed(), lease_ttl_s=3000)
        dispatcher = Dispatcher(calm, lambda family, poll: given.append(poll))
        polling = asyncio.ensure_future(dispatcher.poll(listed()))
        while not given:
            await asyncio.sleep(0.01)
        (poll,) = given
        assert poll.may_ask is not None
        assert poll.lease is not None
        assert await poll.may_ask()
        if is_taken:
            archive.release_lease(poll.lease)
            assert archive.acquire_lease(HOST, "another machine", 600) is not None
            assert await poll.may_ask()  # it cannot know yet: whoever takes a lease over waits longer than this
        slept_s[0] = 10_000
        assert await poll.may_ask() is not is_taken
        poll.stop()
        await polling
        await dispatcher.close()

    asyncio.run(asyncio.wait_for(scenario(), 60))


@pytest.mark.parametrize("then", ["given back", "stopped", "waited for long enough"])
def test_a_host_of_another_run_is_waited_for(archive: Archive, tmp_path: Path, then: str) -> None:
    async def scenario() -> None:
        other = archive.acquire_lease(HOST, "another machine", 600)
        assert other is not None
        told: list[dict[str, str]] = []
        tasks: list[asyncio.Task[None]] = []

        async def work(poll: Poll) -> None:
            while poll.next_job() is not None:
                poll.done()

        waiting = Waiting(
            at_most_s=0.2 if then == "waited for long enough" else 3600, tell=lambda hosts: told.append(dict(hosts))
        )
        free = listed("free", "free.example")
        # one place: whoever waits does not keep it from others
        dispatcher = Dispatcher(
            services(archive, tmp_path, listed(), free, concurrent_hosts=1),
            lambda family, poll: tasks.append(asyncio.ensure_future(work(poll))),
            waiting=waiting,
        )
        polling = asyncio.ensure_future(dispatcher.poll(listed()))
        while not told:
            await asyncio.sleep(0.01)
        assert told == [{HOST: "another machine"}]
        assert not (await dispatcher.poll(free)).skipped
        if then == "given back":
            archive.release_lease(other)
        elif then == "stopped":
            await dispatcher.stop()
        report = await polling
        assert (report.skipped, report.reason) == (then != "given back", None)
        assert told[-1] == {}
        if then == "waited for long enough":
            # not once more for every source of the host
            assert (await dispatcher.poll(listed())).skipped
            assert len(told) == 2
        await dispatcher.close()

    asyncio.run(asyncio.wait_for(scenario(), 60))


@pytest.mark.parametrize("then", ["given back", "stopped", "waited for long enough"])
def test_a_walk_of_another_run_is_waited_for(archive: Archive, tmp_path: Path, then: str) -> None:
    async def scenario() -> None:
        other = archive.acquire_lease("backfill synthetic", "another machine", 600)
        assert other is not None
        told: list[dict[str, str]] = []
        waiting = Waiting(
            at_most_s=0.2 if then == "waited for long enough" else 3600, tell=lambda hosts: told.append(dict(hosts))
        )
        dispatcher = Dispatcher(
            services(archive, tmp_path, concurrent_hosts=1), lambda family, poll: pytest.fail("asked"), waiting=waiting
        )

        async def claim() -> bool:
            async with dispatcher.claim("backfill synthetic") as is_ours:
                return is_ours

        claiming = asyncio.ensure_future(claim())
        while not told:
            await asyncio.sleep(0.01)
        assert told == [{"backfill synthetic": "another machine"}]
        if then == "given back":
            archive.release_lease(other)
        elif then == "stopped":
            await dispatcher.stop()
        assert await claiming == (then == "given back")
        assert told[-1] == {}
        await dispatcher.close()
        # and what was had is given back
        assert (archive.acquire_lease("backfill synthetic", "a third", 600) is not None) == (then == "given back")

    asyncio.run(asyncio.wait_for(scenario(), 60))


def test_a_busy_host_is_left_alone(archive: Archive, tmp_path: Path) -> None:
    async def scenario() -> None:
        archive.acquire_lease(HOST, "another machine", 600)
        dispatcher = Dispatcher(services(archive, tmp_path, listed()), lambda family, poll: pytest.fail("asked"))
        report = await dispatcher.poll(listed())
        assert (report.skipped, report.reason) == (True, None)
        await dispatcher.close()

    asyncio.run(scenario())


def test_sources_of_one_host_are_polled_one_after_the_other(archive: Archive, tmp_path: Path) -> None:
    async def scenario() -> None:
        under_way = most = 0

        async def work(poll: Poll) -> None:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            while poll.next_job() is not None:
                await asyncio.sleep(0.02)
                poll.done()
            under_way -= 1

        tasks: list[asyncio.Task[None]] = []
        sources = [listed(f"s{n}") for n in range(4)]
        dispatcher = Dispatcher(
            services(archive, tmp_path, *sources),
            lambda family, poll: tasks.append(asyncio.ensure_future(work(poll))),
        )
        reports = await asyncio.gather(*(dispatcher.poll(one) for one in sources))
        assert [report.reason for report in reports] == [None] * 4
        assert (most, len(tasks)) == (1, 4)
        await dispatcher.close()

    asyncio.run(scenario())


def test_a_poll_that_takes_too_long_is_cut_and_says_which_lists_are_missing(archive: Archive, tmp_path: Path) -> None:
    async def scenario() -> None:
        one = listed("synthetic", HOST)
        from dataclasses import replace

        one = replace(one, lists=(*one.lists, ListPage(url=f"http://{HOST}/second")))
        given: list[Poll] = []
        dispatcher = Dispatcher(
            services(archive, tmp_path, one, poll_timeout_s=0.2, timeout_s=0.2),
            lambda family, poll: (given.append(poll), poll.next_job())[0],
        )
        report = await dispatcher.poll(one)
        assert report.reason is Reason.TIMEOUT
        assert [page.url for page in report.lists] == [f"http://{HOST}/second"]
        await dispatcher.close()
        assert archive.acquire_lease(HOST, "next", 5) is not None

    asyncio.run(scenario())


def test_a_stop_reaches_polls_that_wait_for_their_host(archive: Archive, tmp_path: Path) -> None:
    async def scenario() -> None:
        given: list[Poll] = []
        sources = [listed("one"), listed("two")]
        dispatcher = Dispatcher(services(archive, tmp_path, *sources), lambda family, poll: given.append(poll))
        polls = [asyncio.ensure_future(dispatcher.poll(one)) for one in sources]
        while not given:
            await asyncio.sleep(0.01)
        await dispatcher.stop()
        reports = await asyncio.wait_for(asyncio.gather(*polls), 60)
        assert [(report.skipped, report.reason) for report in reports] == [(True, None)] * 2
        assert len(given) == 1
        assert all(state.first_polled_at is None for state in archive.source_states())
        await dispatcher.close()

    asyncio.run(scenario())


def test_an_archive_that_fails_is_reported_and_not_raised(archive: Archive, tmp_path: Path) -> None:
    async def scenario() -> None:
        dispatcher = Dispatcher(services(archive, tmp_path, listed()), lambda family, poll: poll.stop())
        archive.close()
        report = await dispatcher.poll(listed())
        assert report.reason is Reason.ERROR
        assert report.started_at <= datetime.now(UTC)
        await dispatcher.close()

    asyncio.run(scenario())
