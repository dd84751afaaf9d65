"""HRWATCH_LOG=json as a whole: a poll that fails, the web side's child process, and a fatal error are objects too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT
from tests.crawler.loopback import LittleSite, article, list_page, little_server, settings, source_file

HRWATCH = [sys.executable, "-c", "from crawler.cli import main; main()"]
SETTINGS = {"HRWATCH_LOG": "json", "HRWATCH_LANG": "en"}


def run(*args: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **SETTINGS, **settings}
    return subprocess.run(
        [*HRWATCH, *args], capture_output=True, text=True, cwd=ROOT, env=environment, timeout=240, check=False
    )


def objects(told: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told.splitlines()]


def test_each_poll_is_an_object_with_its_fields(tmp_path: Path) -> None:
    listed = list_page(("/a/1.html", "合成新闻川渝人力资源合作第一条"))
    site = LittleSite({"a.example/list": listed, "a.example/a/1.html": article("合成新闻川渝人力资源合作第一条")})
    with little_server(site) as server:
        source_file(tmp_path / "sources", "a", "a.example", port=server.port)
        options = ["--data", str(tmp_path / "D"), "crawl", "--all", "-v", "--sources", str(tmp_path / "sources")]
        done = run(*options, **settings({"a.example": "127.0.0.1"}), HRWATCH_LOG="json")
    (polled,) = (one for one in objects(done.stderr) if one["logger"] == "crawler.polling.dispatch")
    assert (polled["source"], polled["rows"], polled["new"]) == ("a", 1, 1)
    assert "reason" not in polled
    assert polled["seconds"] >= 0


def test_a_fatal_error_is_an_object_and_keeps_its_exit_code(tmp_path: Path) -> None:
    done = run("--data", str(tmp_path), "search", "x", HRWATCH_DATABASE_URL="postgresql://me:SECRET@127.0.0.1:1/none")
    assert done.returncode == 3
    (told,) = objects(done.stderr)
    assert told["level"] == "ERROR"
    assert "127.0.0.1" in told["message"]
    assert "SECRET" not in done.stderr


def test_an_unknown_form_is_refused() -> None:
    done = run("sources", "list", HRWATCH_LOG="xml")
    assert done.returncode == 2
    assert "log" in done.stderr


@pytest.mark.parametrize("is_child", [False, True])
def test_the_web_side_writes_objects_too(tmp_path: Path, is_child: bool) -> None:
    script = """
import sys
from crawler.config import load_config
from web.server import WebProcess
if __name__ == "__main__":
    web = WebProcess(load_config(), verbose=2)
    print(web.start(), flush=True)
    sys.stdin.read()
    web.stop()
"""
    file = tmp_path / "parent.py"
    file.write_text(script, "utf-8")
    command = [sys.executable, str(file)] if is_child else [*HRWATCH, "serve", "-vv"]
    settings = {**SETTINGS, "HRWATCH_DATA": str(tmp_path / "D"), "HRWATCH_PORT": "0", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **settings},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    address = line[line.index("http") :].split()[0]
    assert httpx.get(address, timeout=60).status_code == 200
    if not is_child:
        process.terminate()
    _out, told = process.communicate("", timeout=240)
    assert process.returncode == 0
    assert any(one["logger"].startswith("uvicorn") for one in objects(told))
