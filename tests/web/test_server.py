"""The web side as a process: it comes up, answers, and ends with its parent or a signal, leaving nothing behind."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from queue import SimpleQueue

import httpx
import pytest

from crawler.cli.house import keep_serving
from crawler.config import Config
from crawler.errors import HrwatchError
from web.server import WebProcess, _wait_for_stop

STARTS_AND_WAITS = """
import sys, time
from pathlib import Path
from crawler.config import Config
from web.server import WebProcess
if __name__ == "__main__":
    web = WebProcess(Config(data=Path(sys.argv[1]), port=0))
    print(web.start(), flush=True)
    time.sleep(120)
"""


def is_gone(address: str, within_s: float = 60) -> bool:
    """True once nothing listens there any more."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            httpx.get(address, timeout=60)
        except httpx.TransportError:
            return True
        time.sleep(0.1)
    return False


def test_a_child_serves_and_stops(tmp_path: Path) -> None:
    web = WebProcess(Config(data=tmp_path, port=0, lang="en"))
    address = web.start()
    assert "The first pass has not finished" in httpx.get(address, timeout=60).text
    assert web.is_alive()
    web.stop()
    assert not web.is_alive()
    assert is_gone(address)
    assert not (tmp_path / "hrwatch.sqlite3-wal").exists()  # the archive was closed


def test_run_starts_it_again_where_it_was_killed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    web, others = WebProcess(Config(data=tmp_path, port=0, lang="en")), multiprocessing.active_children()
    first = web.start()
    (child,) = (one for one in multiprocessing.active_children() if one not in others)
    child.kill()
    assert is_gone(first)

    async def until_it_is_back() -> str:
        stopping = asyncio.Event()
        kept = asyncio.create_task(keep_serving(web, stopping, look_s=0.05))
        async with asyncio.timeout(60):
            while not (told := re.search(r"http://[0-9.:]+/", capsys.readouterr().out)):
                await asyncio.sleep(0.05)
            stopping.set()
            await kept
        return told[0]

    again = asyncio.run(until_it_is_back())
    assert httpx.get(again, timeout=60).status_code == 200
    web.stop()
    assert is_gone(again)


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(HrwatchError, match=rf"127\.0\.0\.1:{port}"):
            WebProcess(Config(data=tmp_path, port=port)).start()


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(STARTS_AND_WAITS, "utf-8")
    parent = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert parent.stdout is not None
    with parent.stdout:
        address = parent.stdout.readline().strip()
        assert httpx.get(address, timeout=60).status_code == 200
        parent.kill()
        parent.wait()
        assert is_gone(address)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_alone_it_ends_cleanly_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "web"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "HRWATCH_DATA": str(tmp_path), "HRWATCH_PORT": "0"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        address = process.stdout.readline().strip()
        assert httpx.get(address, timeout=60).status_code == 200
        process.send_signal(number)
        assert process.wait(60) == 0
        assert "Traceback" not in process.stderr.read()


def test_a_stop_that_comes_before_it_listens_for_one_is_heard(tmp_path: Path) -> None:
    program = (
        "import signal; from crawler.config import load_config; from web.server import serve;"
        "serve(load_config(), ready=lambda _address: signal.raise_signal(signal.SIGTERM))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "HRWATCH_DATA": str(tmp_path), "HRWATCH_PORT": "0"},
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_without_a_terminal_a_hangup_is_not_heeded(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from crawler.cli import main; main()", "serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "HRWATCH_DATA": str(tmp_path), "HRWATCH_PORT": "0", "HRWATCH_LANG": "en"},
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        try:
            (address,) = re.findall(r"http://\S+", process.stdout.readline())  # said at once, to a pipe too
            process.send_signal(signal.SIGHUP)
            assert "SIGHUP" in process.stderr.readline()
            assert httpx.get(address, timeout=60).status_code == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()


def test_where_a_terminal_hangs_up_the_web_side_stops() -> None:
    stops: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGHUP, signal.SIGHUP, signal.SIGTERM):
        stops.put(number)
    _wait_for_stop(stops, hangs_up=True)
    assert stops.get() == signal.SIGHUP
    stops.put(signal.SIGHUP)
    _wait_for_stop(stops, hangs_up=False)
    assert stops.get() == signal.SIGHUP, "SIGTERM ended the wait"
