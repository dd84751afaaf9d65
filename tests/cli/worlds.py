"""A little site that was crawled once, and the command on its archive: made once a module, copied for each test."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

from crawler.cli.start import call as call_command
from crawler.cli.start import prepare
from crawler.taxonomy.datafile import DATA
from tests.crawler.loopback import LittleSite, little_server, run, settings, source_file


@contextmanager
def opened(data: Path) -> Iterator[sqlite3.Connection]:
    """The archive's file, as any SQL tool opens it."""
    with closing(sqlite3.connect(data / "hrwatch.sqlite3")) as database, database:
        yield database


def call(env: Mapping[str, str], data: Path, *args: str | Path, expect: int | None = 0) -> tuple[str, str]:
    """What `hrwatch --data DATA ARGS` prints, called in this process: starting one takes longer than what it does."""
    out, err = _stream(), _stream()
    words = ["hrwatch", "--data", str(data), *map(str, args)]
    with (
        mock.patch.dict(os.environ, dict(env)),
        mock.patch.object(sys, "argv", words),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            code = call_command(prepare())
        except SystemExit as end:
            code = int(end.code or 0)
    told = _written(out), _written(err)
    assert expect is None or code == expect, f"exit {code}\n{told[0]}\n{told[1]}"
    return told


def _stream() -> io.TextIOWrapper:
    """Standard output as a program has it: a file that is exported goes to the bytes below it."""
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


@dataclass(frozen=True, slots=True)
class World:
    """A crawled archive, its source file, and the command on it."""

    data: Path
    sources: Path
    env: Mapping[str, str]
    port: int

    def call(self, *args: str | Path, expect: int = 0, **more: str) -> tuple[str, str]:
        sources = {"HRWATCH_SOURCES": json.dumps([str(self.sources)])}
        return call({**self.env, **sources, **more}, self.data, *args, expect=expect)

    def run(self, *args: str, expect: int = 0, **more: str) -> str:
        """What `hrwatch reprocess` prints."""
        return self.call("reprocess", *args, expect=expect, **more)[0]

    def objects(self, *args: str, expect: int = 0, **more: str) -> list[dict[str, Any]]:
        """What `hrwatch reprocess --json` prints."""
        found: list[dict[str, Any]] = json.loads(self.run(*args, "--json", expect=expect, **more))
        return found

    def source(self, more: str = "") -> None:
        source_file(self.sources, "news", "news.example", port=self.port, more=more)

    def titles(self) -> set[str]:
        with opened(self.data) as database:
            return {title for (title,) in database.execute("SELECT title FROM items")}


@contextmanager
def crawled_world(folder: Path, site: LittleSite) -> Iterator[World]:
    """The world of `news.example`, crawled and published; the site answers until the end."""
    with little_server(site) as server:
        world = World(folder / "D", folder / "sources", settings({"news.example": "127.0.0.1"}), server.port)
        world.source()
        run(world.env, world.data, "crawl", "news", "--sources", world.sources)
        call(world.env, world.data, "publish")
        yield world


def copy_of(world: World, folder: Path) -> World:
    """A world of its own for one test to spoil."""
    shutil.copytree(world.data, folder / "D")
    copy = replace(world, data=folder / "D", sources=folder / "sources")
    copy.source()
    return copy


def analysts_folder(folder: Path) -> Path:
    """Data files of an analyst's own: nothing but one threshold differs, so that no item is relevant."""
    folder.mkdir()
    text = (DATA / "judgement.toml").read_text("utf-8")
    changed = re.sub(r"(?m)^(threshold = )8\.0", r"\g<1>99.0", text, count=1)
    assert changed != text
    (folder / "judgement.toml").write_text(changed, "utf-8")
    return folder
