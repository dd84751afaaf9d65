"""Whatever clocks do, however machines sleep and runs hang: no host has two runs that ask it, and no dead one."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from archive import Archive
from crawler.leases.heartbeat import Heartbeat
from crawler.leases.lease_clock import LeaseClock
from crawler.model import Lease

# Seconds that are counted, not waited for: the heartbeats' own threads sleep through the whole test.
TTL_S = 3000.0
NAMES = itertools.count()


@dataclass
class Machine:
    """Its clocks: what anybody may set, what stands still in sleep, and what goes on."""

    id: str
    wall_s: float = 1e9
    awake_s: float = 0.0
    passed_s: float = 0.0
    is_awake: bool = True

    def clock(self) -> LeaseClock:
        return LeaseClock(machine=self.id, now_s=lambda: self.awake_s)


@dataclass
class Run:
    """A process: it lives where `machine` is, and asks hosts while it is sure of its lease."""

    machine: Machine
    name: str
    heart: Heartbeat
    leases: list[Lease] = field(default_factory=list)

    def would_ask(self) -> list[Lease]:
        return [lease for lease in self.leases if self.machine.is_awake and self.heart.is_sure(lease)]


class Clocks(RuleBasedStateMachine):
    """Two machines, their runs, and one host that all of them want."""

    archive: Archive  # set before the first step
    patch: pytest.MonkeyPatch

    @initialize()
    def begin(self) -> None:
        self.host = f"h{next(NAMES)}.example"
        self.machines = [Machine(f"boot {next(NAMES)}") for _ in range(2)]
        self.runs: list[Run] = []
        self.all_want_the_host(0)

    def _on(self, machine: Machine) -> None:
        """What is done now is done on this machine, by its clocks."""
        self.archive.lease_clock = machine.clock()
        self.patch.setattr(time, "time", lambda: machine.wall_s)

    def _start(self, machine: Machine) -> Run:
        return Run(
            machine,
            f"elsewhere/{next(NAMES)}/x/1/y",
            Heartbeat(self.archive, ttl_s=TTL_S, on_lost=lambda lease: None, clock_s=lambda: machine.passed_s),
        )

    @rule(passed_s=st.sampled_from([TTL_S / 3, TTL_S * 0.74, TTL_S]), do_all_want=st.booleans())
    def time_passes(self, passed_s: float, do_all_want: bool) -> None:
        for machine in self.machines:
            machine.wall_s += passed_s
            machine.passed_s += passed_s
            machine.awake_s += passed_s if machine.is_awake else 0.0
        if do_all_want:
            self.all_want_the_host(0)

    @rule(which=st.integers(0, 1), by_s=st.sampled_from([-3600.0, 3600.0, -1e8, 1e8]))
    def a_clock_is_set(self, which: int, by_s: float) -> None:
        self.machines[which].wall_s += by_s

    @rule(which=st.integers(0, 1))
    def a_machine_sleeps_or_wakes(self, which: int) -> None:
        self.machines[which].is_awake = not self.machines[which].is_awake

    @rule(which=st.integers(0, 1))
    def a_machine_boots(self, which: int) -> None:
        for run in [run for run in self.runs if run.machine is self.machines[which]]:
            self._end(run)
        self.machines[which] = Machine(f"boot {next(NAMES)}")

    @rule(first=st.integers(0, 1))
    def all_want_the_host(self, first: int) -> None:
        for machine in (self.machines[first], self.machines[1 - first]):
            if machine.is_awake:
                self._want(machine)

    def _want(self, machine: Machine) -> None:
        run = next((run for run in self.runs if run.machine is machine), None)
        if run is None:
            run = self._start(machine)
            self.runs.append(run)
        self._on(machine)
        asked_s = run.heart.now_s()
        lease = self.archive.acquire_lease(self.host, run.name, TTL_S)
        if lease is not None:
            run.leases.append(lease)
            run.heart.hold(lease, asked_s=asked_s)

    @rule(which=st.integers(0, 1))
    def another_run_starts(self, which: int) -> None:
        if self.machines[which].is_awake and len(self.runs) < 4:
            self.runs.insert(0, self._start(self.machines[which]))

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def a_heart_beats(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(self.runs))
        if run.machine.is_awake:
            self._on(run.machine)
            run.heart.beat()

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def a_run_gives_back(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(self.runs))
        if run.machine.is_awake:
            for lease in run.leases:
                run.heart.drop(lease)
                self.archive.release_lease(lease)
            run.leases.clear()

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def a_run_is_killed(self, data: st.DataObject) -> None:
        self._end(data.draw(st.sampled_from(self.runs)))

    def _end(self, run: Run) -> None:
        run.heart.close()
        self.runs[:] = [other for other in self.runs if other is not run]

    @invariant()
    def one_run_at_most_would_ask(self) -> None:
        asking = [lease for run in getattr(self, "runs", []) for lease in run.would_ask()]
        assert len(asking) <= 1, asking

    def teardown(self) -> None:
        """All are killed; whoever looks again and again has the host within one lease's time."""
        for run in list(getattr(self, "runs", [])):
            self._end(run)
        if not hasattr(self, "host"):
            return
        looking = Machine("looking")
        for _ in range(5):
            self._on(looking)
            lease = self.archive.acquire_lease(self.host, "looking", TTL_S)
            if lease is not None:
                break
            looking.awake_s += TTL_S / 3
            looking.wall_s -= 3600.0
        assert lease is not None
        assert looking.awake_s <= TTL_S
        self.archive.release_lease(lease)


def test_never_two_and_never_a_dead_one(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    class Here(Clocks):
        pass

    Here.archive = archive
    Here.patch = monkeypatch
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Here,
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        ),
    )
