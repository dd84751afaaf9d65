"""`hrwatch crawl` as cron and services run it: what is due, what is said, exit codes, the summary, waiting, signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from archive import Archive
from archive.archive import open_file
from archive.schema import lease_watches
from crawler.cli import ALL_WELL, INTERRUPTED, NOTHING_RAN, SOME_FAILED, WRONG_USE
from crawler.demo import DemoServer
from crawler.leases.owner import owner_name
from tests.crawler.loopback import LittleSite, article, list_page, little_server, run, settings, source_file
from tests.real.seeds import HRWATCH

AT_MOST_S = 600.0
# The first terminal that the leader of a session opens is the session's.
IN_TERMINAL = "import os, sys; os.close(os.open(sys.argv[1], os.O_RDWR)); os.execv(sys.argv[2], sys.argv[2:])"


@dataclass
class House:
    """A synthetic source that answers, one that does not, and their archive."""

    server: DemoServer
    env: dict[str, str]
    data: Path
    folder: Path

    def crawl(self, *args: str | Path, expect: int) -> subprocess.CompletedProcess[str]:
        return run(self.env, self.data, "crawl", "--sources", self.folder, *args, expect=expect, timeout_s=AT_MOST_S)

    def asked(self) -> list[str]:
        found = [visit.host for visit in self.server.visits if visit.path == "/list"]
        self.server.forget_visits()
        return sorted(found)

    def open(self) -> Archive:
        return open_file(self.data / "hrwatch.sqlite3")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    site = LittleSite()
    site.pages["good.example/list"] = list_page(("/a/1", "川渝人社合作动态（合成）"))
    site.pages["good.example/a/1"] = article("川渝人社合作动态（合成）")
    with little_server(site) as server:
        for name in ("good", "bad"):
            source_file(tmp_path / "sources", name, f"{name}.example", port=server.port)
        env = settings(dict.fromkeys(("good.example", "bad.example"), "127.0.0.1"))
        yield House(server, env, tmp_path / "D", tmp_path / "sources")


def summary(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def test_a_pass_polls_what_is_due_and_says_what_failed(house: House, tmp_path: Path) -> None:
    done = house.crawl("--due", "--quiet", "--summary", tmp_path / "s.json", expect=SOME_FAILED)
    assert house.asked() == ["bad.example", "good.example"]
    assert "bad" in done.stdout
    assert "good" not in done.stdout
    assert done.stderr == ""
    told = summary(tmp_path / "s.json")
    assert (told["outcome"], told["exit_code"]) == ("failed", SOME_FAILED)
    assert (told["polled"], told["well"], told["failed"], told["stored"]) == (2, 1, 1, 1)
    assert [(one["source"], one["reason"]) for one in told["failures"]] == [("bad", "gone")]

    # both are planned: neither is asked again before its time
    done = house.crawl("--due", "--quiet", "--summary", tmp_path / "s.json", expect=ALL_WELL)
    assert (house.asked(), done.stdout, done.stderr) == ([], "", "")
    assert (summary(tmp_path / "s.json")["outcome"], summary(tmp_path / "s.json")["not_due"]) == ("well", 2)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []

    with house.open() as archive:
        states = {state.source_id: state for state in archive.source_states()}
        # what fails is asked later than what does not
        good, bad = states["good"].next_poll_at, states["bad"].next_poll_at
        assert good is not None
        assert bad is not None
        assert good < bad
        archive.plan("bad", datetime.now(UTC) - timedelta(minutes=1))
    done = house.crawl("--due", "-qq", expect=SOME_FAILED)
    assert (house.asked(), done.stdout, done.stderr) == (["bad.example"], "", "")
    # a name is a person's word
    done = house.crawl("good", "--summary", "-", expect=ALL_WELL)
    assert house.asked() == ["good.example"]
    assert json.loads(done.stdout)["well"] == 1


def test_what_another_run_has_is_left_to_it(house: House, tmp_path: Path) -> None:
    with house.open() as archive:
        for host in ("good.example", "bad.example"):
            assert archive.acquire_lease(host, owner_name(), 600) is not None
        done = house.crawl("--all", "-qq", "--summary", tmp_path / "s.json", expect=NOTHING_RAN)
        assert done.stdout == ""
        assert "another run asks every host" in done.stderr
        assert (summary(tmp_path / "s.json")["outcome"], summary(tmp_path / "s.json")["skipped"]) == ("nothing-ran", 2)
        # what is due is being done
        done = house.crawl("--due", "--quiet", expect=ALL_WELL)
        assert (done.stdout, done.stderr) == ("", "")
        # and stays due, for whoever comes when that run does not
        assert all(state.next_poll_at is None for state in archive.source_states())
    assert house.asked() == []


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((), "--all or --due"),
        (("--all", "good"), "Name the sources"),
        (("--all", "--json", "--summary", "-"), "--summary a file"),
        (("--all", "--lock-wait", "-1"), "--lock-wait"),
        (("--all", "--lock-wait", "soon"), "--lock-wait"),
    ],
)
def test_wrong_use_asks_nobody(house: House, args: tuple[str, ...], told: str) -> None:
    done = house.crawl(*args, expect=WRONG_USE)
    assert told in done.stderr
    assert done.stdout == ""
    assert house.asked() == []


def test_a_summary_that_cannot_be_written_is_said(house: House, tmp_path: Path) -> None:
    to = tmp_path / "absent" / "s.json"
    done = house.crawl("good", "--quiet", "--summary", to, expect=NOTHING_RAN)
    assert str(to) in done.stderr
    assert house.asked() == ["good.example"]


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + AT_MOST_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_waited_for(archive: Archive) -> bool:
    with archive._reading() as connection:
        return connection.execute(select(lease_watches.c.host)).first() is not None


def test_without_a_terminal_a_hangup_is_not_heeded_and_sigterm_ends_the_wait(house: House, tmp_path: Path) -> None:
    with house.open() as archive, (tmp_path / "err").open("w") as err:
        assert archive.acquire_lease("good.example", owner_name(), 600) is not None
        process = subprocess.Popen(
            [*HRWATCH, "--data", house.data, "crawl", "--sources", house.folder, "good", "--lock-wait", "3600"],
            env=house.env,
            stdout=subprocess.DEVNULL,
            stderr=err,
            start_new_session=True,
        )
        try:
            wait_until(lambda: is_waited_for(archive))
            process.send_signal(signal.SIGHUP)
            wait_until(lambda: "SIGHUP" in (tmp_path / "err").read_text("utf-8"))
            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            assert process.wait(AT_MOST_S) == INTERRUPTED
        finally:
            process.kill()
            process.wait()
    assert house.asked() == []


def test_in_a_terminal_that_is_closed_it_stops_in_good_order(house: House) -> None:
    terminal, far_end = os.openpty()
    name = os.ttyname(far_end)
    with house.open() as archive:
        assert archive.acquire_lease("good.example", owner_name(), 600) is not None
        words = ["--data", house.data, "crawl", "--sources", house.folder, "good", "--lock-wait", "3600"]
        process = subprocess.Popen(
            [sys.executable, "-c", IN_TERMINAL, name, *HRWATCH, *words],
            env=house.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            wait_until(lambda: is_waited_for(archive))
            os.close(far_end)
            os.close(terminal)
            assert process.wait(AT_MOST_S) == INTERRUPTED
        finally:
            process.kill()
            process.wait()
    assert house.asked() == []
