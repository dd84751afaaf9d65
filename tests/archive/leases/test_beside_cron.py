"""`hrwatch run` and a line of a crontab on one archive at once: no host is asked by both at a time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from sqlalchemy import select

from archive import Archive
from archive.schema import lease_watches
from crawler.demo.answer import Answer
from crawler.demo.server import Visit
from tests.archive.places import Place
from tests.conftest import ROOT
from tests.crawler.loopback import LittleSite, article, list_page, little_server, settings, source_file, start

# Longer than anything here may take on a loaded machine; nothing is slow unless something is wrong.
AT_MOST_S = 600.0


@dataclass
class GatedSite(LittleSite):
    """Keeps whoever asks for `gated` waiting until the gate is opened."""

    gated: str = ""
    reached: threading.Event = field(default_factory=threading.Event)
    is_open: threading.Event = field(default_factory=threading.Event)

    def answer(self, method: str, host: str, path: str, headers: Mapping[str, str]) -> Answer:
        if host.partition(":")[0] + path == self.gated:
            self.reached.set()
            self.is_open.wait(AT_MOST_S)
        return super().answer(method, host, path, headers)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + AT_MOST_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def crontab(folder: Path, env: Mapping[str, str], line: str) -> list[str]:
    """What cron runs for `line` of a crontab that begins with these settings: its command by sh, nothing else set."""
    program = folder / "bin" / "hrwatch"
    program.parent.mkdir(exist_ok=True)
    # as an installed script: it knows its own interpreter and where the package is
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom crawler.cli import main\nmain()\n"
    )
    program.chmod(0o755)
    command = line.split(maxsplit=5)[5].replace("hrwatch", str(program), 1)
    assert "%" not in command  # cron makes a new line of it
    given = {"HOME": str(folder), "LOGNAME": "test", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
    told = given | {name: value for name, value in env.items() if name.startswith("HRWATCH_")}
    return ["/usr/bin/env", "-i", *(f"{name}={value}" for name, value in told.items()), "/bin/sh", "-c", command]


def who(visit: Visit) -> str:
    found = re.search(r"\+https://(\w+)\.example", visit.user_agent)
    return found[1] if found else visit.user_agent


@contextmanager
def house(folder: Path, place: Place) -> Iterator[tuple[GatedSite, Callable[[], tuple[Visit, ...]], dict[str, str]]]:
    """Two synthetic sources on a site of loopback, the third article of the first behind the gate."""
    site = GatedSite(gated="a.example/a/2")
    with little_server(site) as server:
        for name in "ab":
            source_file(folder / "sources", name, f"{name}.example", port=server.port)
            titles = [f"川渝人社合作动态第{n}期（{name}）" for n in range(4)]
            site.pages[f"{name}.example/list"] = list_page(*((f"/a/{n}", title) for n, title in enumerate(titles)))
            site.pages |= {f"{name}.example/a/{n}": article(title) for n, title in enumerate(titles)}
        env = settings(
            {"a.example": "127.0.0.1", "b.example": "127.0.0.1"},
            timeout_s=str(AT_MOST_S),
            sources=json.dumps([str(folder / "sources")]),
        )
        if place.name.startswith("postgresql:"):
            env["HRWATCH_DATABASE_URL"] = place.name
        try:
            yield site, lambda: server.visits, env
        finally:
            site.is_open.set()


def watched(archive: Archive) -> list[str]:
    """Hosts of which some machine has seen that another run holds them."""
    with archive._reading() as connection:
        return list(connection.execute(select(lease_watches.c.host)).scalars())


def test_a_crontab_line_and_the_daemon_never_ask_one_host_at_a_time(place: Place, tmp_path: Path) -> None:
    data = tmp_path / "D"
    with house(tmp_path, place) as (site, visits, env):
        daemon = start(env | {"HRWATCH_CONTACT": "https://daemon.example/"}, data, "run", "--port", "0")
        cron = env | {"HRWATCH_CONTACT": "https://cron.example/"}
        waiting: subprocess.Popen[str] | None = None
        try:
            assert site.reached.wait(AT_MOST_S)
            # what the daemon does at this moment need not be done again, and is nothing to write mails about
            due = f"*/5 * * * *  hrwatch --data {data} crawl --due --quiet --summary {data}/due.json"
            done = subprocess.run(crontab(tmp_path, cron, due), capture_output=True, text=True, timeout=AT_MOST_S)
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
            assert json.loads((data / "due.json").read_text("utf-8"))["failed"] == 0
            assert [who(visit) for visit in visits() if visit.host == "a.example"].count("cron") == 0

            line = f"0 8 * * *  hrwatch --data {data} crawl --all --quiet --lock-wait 600 --summary {data}/last.json"
            here = Place(place.name if "HRWATCH_DATABASE_URL" in env else str(data / "hrwatch.sqlite3"))
            with here.open() as archive:
                assert "a.example" in watched(archive)
                waiting = subprocess.Popen(
                    crontab(tmp_path, cron, line), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
                )
                # b.example is free: once it is asked, a.example is waited for, and there is nothing else to do
                wait_until(lambda: any(who(visit) == "cron" for visit in visits()))
                assert waiting.poll() is None
                site.is_open.set()
                out, err = waiting.communicate(timeout=AT_MOST_S)
                assert (waiting.returncode, out, err) == (0, "", "")
                states = {state.source_id: state for state in archive.source_states()}
                for state in states.values():
                    assert state.last_polled_at is not None
                    assert state.next_poll_at is not None
                    assert state.next_poll_at > state.last_polled_at
            summary = json.loads((data / "last.json").read_text("utf-8"))
            assert (summary["outcome"], summary["polled"], summary["well"]) == ("well", 2, 2)
        finally:
            site.is_open.set()
            for process in filter(None, (daemon, waiting)):
                if process.poll() is None:
                    process.terminate()
                process.communicate(timeout=AT_MOST_S)
        assert daemon.returncode == 0
        asked = visits()
        assert max(visit.at_once for visit in asked) == 1
        for host in ("a.example", "b.example"):
            of_host = sorted((visit for visit in asked if visit.host == host), key=lambda visit: visit.began_at)
            # whole polls, one after the other: neither process comes in between
            assert [run for run, _ in groupby(of_host, key=who)] == ["daemon", "cron"], host
