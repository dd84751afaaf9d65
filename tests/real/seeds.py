"""The five real documents as a WARC, a crawl over them through the command, and what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parent.parent / "seed_sources"
HRWATCH = [sys.executable, "-c", "from crawler.cli import main; main()"]


def hrwatch(data: Path, *args: str | Path, expect: int | None = 0, language: str = "en") -> str:
    """Run the command in a process of its own and return what it printed."""
    done = subprocess.run(
        [*HRWATCH, "--data", str(data), *map(str, args)],
        capture_output=True,
        text=True,
        timeout=240,
        env=environment(language),
        cwd=data.parent,
    )
    assert expect is None or done.returncode == expect, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def environment(language: str = "en") -> dict[str, str]:
    """The environment of a command under test: nothing of the developer's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HRWATCH_")}
    root = str(Path(__file__).parent.parent.parent)
    return kept | {"HRWATCH_LANG": language, "PYTHONPATH": root, "PYTHONWARNINGS": "error::ResourceWarning"}


def crawl_args(warc: Path) -> list[str | Path]:
    return ["crawl", "--all", "--sources", SOURCES, "--replay", warc]


def make_warc(shared: Path, path: Path) -> Path:
    subprocess.run(
        [sys.executable, str(shared / "tools" / "seed_site.py"), "--warc", str(path)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return path


def feed_index(data: Path) -> list[dict[str, Any]]:
    index: list[dict[str, Any]] = json.loads((data / "feeds" / "index.json").read_text("utf-8"))
    return index
