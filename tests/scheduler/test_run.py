"""`hrwatch run` as a person starts and stops it: it comes up, polls, publishes, serves, and ends cleanly."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.archive import open_file
from crawler.demo import DemoServer, DemoSite
from crawler.demo.answer import Resource
from tests.cli.worlds import call
from tests.crawler.loopback import (
    LittleSite,
    article,
    crawl,
    demo_settings,
    demo_sources,
    html,
    list_page,
    little_server,
    settings,
    source_file,
    start,
)

# Far less than the page that keeps it waiting takes, far more than a loaded machine needs.
SOON_S, LATE_S = 60.0, 150.0


class Running:
    """A `hrwatch run` under way; `said` is what it has printed so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []

    def hear(self, words: str) -> str:
        """The next line that holds `words`."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if words in line:
                return line
        raise AssertionError(f"{words!r} was never said:\n{''.join(self.said)}\n{self._errors()}")

    @property
    def address(self) -> str:
        return next(word for line in self.said for word in line.split() if word.startswith("http://"))

    def fetch(self, path: str) -> bytes:
        with urllib.request.urlopen(self.address.rstrip("/") + path, timeout=60) as answer:
            return bytes(answer.read())

    def stop(self, number: int) -> tuple[int, float, str]:
        """Send a signal; exit code, seconds that it took, and what stood on standard error."""
        began = time.monotonic()
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=120)
        self.said.append(out)
        return self.process.returncode, time.monotonic() - began, err

    def _errors(self) -> str:
        self.process.kill()
        return self.process.communicate()[1]


@contextlib.contextmanager
def running(env: dict[str, str], data: Path, sources: Path) -> Iterator[Running]:
    process = start(env, data, "run", "--port", "0", "--sources", sources)
    try:
        yield Running(process)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def assert_clean(data: Path, hosts: tuple[str, ...]) -> None:
    """Nothing half-written, the archive whole, every lease free."""
    assert [path.name for path in data.rglob("*") if "tmp" in path.name or path.suffix == ".part"] == []
    with closing(open_file(data / "hrwatch.sqlite3")) as archive:
        assert archive.check() == ()
        for host in hosts:
            lease = archive.acquire_lease(host, "test", 5)
            assert lease is not None, host
            archive.release_lease(lease)


def test_comes_up_publishes_serves_and_stops_on_sigterm(tmp_path: Path) -> None:
    data = tmp_path / "D"
    with DemoServer(DemoSite(datetime.now(UTC))) as server:
        sources = demo_sources(tmp_path / "sources", server)
        with running(demo_settings(), data, sources) as hrwatch:
            hrwatch.hear("http://127.0.0.1:")
            hrwatch.hear("first pass done: 12 sources answered, 4 did not")
            named = "".join(hrwatch.hear("✗") for _ in range(4))
            for source in ("zhangai-blocked", "jinzhi-robots", "gaiban-redesigned", "neiwang-private"):
                assert source in named
            index = _wait_for_feeds(data)
            assert "川渝".encode() in hrwatch.fetch("/")
            feed = next(feed for feed in index if feed["key"] == "川渝")
            assert hrwatch.fetch(f"/feeds/{feed['rss']}") == (data / "feeds" / feed["rss"]).read_bytes()
            # a crawl by hand beside it
            crawl(demo_settings(), data, "--all", "--sources", sources, expect=None)
            code, took_s, err = hrwatch.stop(signal.SIGTERM)
        assert (code, err) == (0, "")
        assert took_s < SOON_S
        assert {host: most for host, most in server.most_at_once().items() if most > 1} == {}
    assert_clean(data, ("rsj.yanjiang.example", "epaper.shuwan.example"))


def _wait_for_feeds(data: Path) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 60
    while not (data / "feeds" / "index.json").exists():
        assert time.monotonic() < deadline, "no feeds"
        time.sleep(0.1)
    found: list[dict[str, Any]] = json.loads((data / "feeds" / "index.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_at_once_while_a_site_keeps_it_waiting(tmp_path: Path, number: int) -> None:
    data = tmp_path / "D"
    site = LittleSite()
    with little_server(site) as server:
        for host in ("slow", "quick"):
            source_file(tmp_path / "sources", host, f"{host}.example", port=server.port)
        site.pages["slow.example/list"] = Resource(body=html("late"), delay_s=LATE_S)
        site.pages["quick.example/list"] = list_page(*((f"/a/{n}", f"川渝人社合作动态第{n}期") for n in range(60)))
        site.pages |= {f"quick.example/a/{n}": article(f"川渝人社合作动态第{n}期") for n in range(60)}
        hosts = dict.fromkeys(("slow.example", "quick.example"), "127.0.0.1")
        env = settings(hosts, timeout_s=f"{LATE_S}", delay_s="0.05")
        with running(env, data, tmp_path / "sources") as hrwatch:
            hrwatch.hear("http://127.0.0.1:")
            while sum(visit.path.startswith("/a/") for visit in server.visits) < 5:
                time.sleep(0.05)
            code, took_s, err = hrwatch.stop(number)
        assert (code, err) == (0, "")
        assert took_s < SOON_S
        assert_clean(data, ("slow.example", "quick.example"))
        # neither source has been polled: both are due at once at the next start, and what was open is fetched then
        with closing(open_file(data / "hrwatch.sqlite3")) as archive:
            for state in archive.source_states():
                assert (state.next_poll_at, state.first_polled_at, state.failures) == (None, None, 0)
        assert not (data / "feeds" / "index.json").exists()
        site.pages["slow.example/list"] = list_page(("/a/1", "川渝社保转移接续办法"))
        site.pages["slow.example/a/1"] = article("川渝社保转移接续办法", "川渝两地人社部门协同办理社会保险转移。")
        fetched = {visit.path for visit in server.visits if visit.host == "quick.example" and visit.status == 200}
        server.forget_visits()
        reports = crawl(env | {"HRWATCH_DELAY_S": "0.001"}, data, "--all", "--sources", tmp_path / "sources")
        assert reports["slow"]["stored"] == 1
        again = {visit.path for visit in server.visits if visit.host == "quick.example"}
        assert len(again & fetched) <= 2  # the list, and one article that was on the wire
        with closing(open_file(data / "hrwatch.sqlite3")) as archive:
            assert archive.counts().items == 61


def test_without_a_network_it_comes_up_and_names_who_is_unreachable(tmp_path: Path) -> None:
    for source_id in ("one", "two"):
        source_file(tmp_path / "sources", source_id, f"{source_id}.invalid", port=80)
    with running(settings({}, allow_private="[]"), tmp_path / "D", tmp_path / "sources") as hrwatch:
        hrwatch.hear("http://127.0.0.1:")
        assert b"<html" in hrwatch.fetch("/").lower()
        hrwatch.hear("first pass done: 0 sources answered, 2 did not")
        named = "".join(hrwatch.hear("✗") for _ in range(2))
        for source_id in ("one", "two"):
            assert f"({source_id}): unreachable" in named
        assert b"<html" in hrwatch.fetch("/").lower()
        code, took_s, err = hrwatch.stop(signal.SIGINT)
    assert (code, err) == (0, "")
    assert took_s < SOON_S
    assert_clean(tmp_path / "D", ("one.invalid",))


def test_another_process_pauses_resumes_and_asks_for_a_poll(tmp_path: Path) -> None:
    data, folder = tmp_path / "D", tmp_path / "sources"
    site = LittleSite({f"{host}.example/list": list_page(("/a/1", "川渝人社合作动态")) for host in ("one", "two")})
    with little_server(site) as server:
        for host in ("one", "two"):
            source_file(folder, host, f"{host}.example", port=server.port)
        env = settings(dict.fromkeys(("one.example", "two.example"), "127.0.0.1"))

        def asked(host: str) -> int:
            return sum((visit.host, visit.path) == (f"{host}.example", "/list") for visit in server.visits)

        call(env, data, "sources", "pause", "two", "--sources", folder)
        with running(env, data, folder) as hrwatch:
            hrwatch.hear("first pass done: 1 sources answered")
            call(env, data, "sources", "poll", "one", "--sources", folder)
            _wait(lambda: asked("one") == 2)
            assert asked("two") == 0
            call(env, data, "sources", "resume", "two", "--sources", folder)
            _wait(lambda: asked("two") == 1)
            code, _took_s, err = hrwatch.stop(signal.SIGTERM)
    assert (code, err) == (0, "")
    assert asked("one") == 2
    assert_clean(data, ("one.example", "two.example", "hrwatch run"))


def _wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not is_so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


def test_a_port_in_use_is_said_and_nothing_is_left_running(tmp_path: Path) -> None:
    source_file(tmp_path / "sources", "one", "one.invalid", port=80)
    with little_server(LittleSite()) as server:
        process = start(
            settings({}), tmp_path / "D", "run", "--port", str(server.port), "--sources", tmp_path / "sources"
        )
        _out, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert err.startswith("hrwatch: ")
    assert "Traceback" not in err
