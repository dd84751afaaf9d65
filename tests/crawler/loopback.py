"""Sites on loopback for tests: the demonstration's or a few pages of one's own, crawled by the command itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from crawler.demo import DemoServer, DemoSite, demo_addresses, write_sources
from crawler.demo.answer import Answer, Resource, answer_with
from tests.real.seeds import HRWATCH, environment

GONE = Resource(body=b"<html><body>synthetic: 404</body></html>", status=404)


@dataclass
class LittleSite:
    """Synthetic pages by "host/path"; what is not there answers 404, robots.txt among it."""

    pages: dict[str, Resource] = field(default_factory=dict)

    def answer(self, method: str, host: str, path: str, headers: Mapping[str, str]) -> Answer:
        name, _, port = host.partition(":")
        asked = {key.lower(): value for key, value in headers.items()}
        return answer_with(self.pages.get(f"{name}{path}", GONE), port, asked)


def little_server(site: LittleSite, *, think_s: float = 0.0) -> DemoServer:
    """A server of `site`; everything it does is the demonstration's own, visits included."""
    return DemoServer(cast(DemoSite, site), think_s=think_s)


def html(body: str, title: str = "合成") -> bytes:
    head = f"<meta charset='utf-8'><title>{title}</title>"
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


def list_page(*rows: tuple[str, str]) -> Resource:
    """A synthetic list; a row is an href and a headline."""
    items = "".join(f'<li><a href="{href}">{title}</a><span>2026-03-02</span></li>' for href, title in rows)
    return Resource(body=html(f'<ul class="list">{items}</ul>'))


def article(title: str, sentence: str = "川渝两地人社部门签署人力资源合作协议，共建公共就业服务平台。") -> Resource:
    body = "".join(f"<p>{sentence}第{n}项工作已经落实（合成）。</p>" for n in range(1, 9))
    return Resource(
        body=html(f"<h1>{title}</h1><div>发布时间：2026-03-02 10:20</div><div class='content'>{body}</div>", title)
    )


def source_file(
    folder: Path,
    source_id: str,
    *hosts: str,
    port: int,
    more: str = "",
    in_list: str = "",
    article: str = r"^/a/",
) -> Path:
    """Write a synthetic source with one list at /list; `article` is its pattern, `in_list` more keys of the list."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{source_id}.toml"
    path.write_text(
        f"""# synthetic
id = "{source_id}"
name = "合成{source_id}"
kind = "news"
level = "media"
adcode = "510000"
home = "http://{hosts[0]}:{port}/"
hosts = {json.dumps(list(hosts))}
family = "generic"
article = '{article}'
{more}

[[list]]
url = "http://{hosts[0]}:{port}/list"
rows = "ul.list > li"
{in_list}
""",
        encoding="utf-8",
    )
    return path


def settings(names: Mapping[str, str], **more: str) -> dict[str, str]:
    """The environment in which `names` are on loopback."""
    return environment("en") | {
        "HRWATCH_RESOLVE": json.dumps(dict(names)),
        "HRWATCH_ALLOW_PRIVATE": '["127.0.0.1/32"]',
        "HRWATCH_DELAY_S": "0.005",
        "HRWATCH_TIMEOUT_S": "30",  # no page is late for want of a processor
        **{f"HRWATCH_{name.upper()}": value for name, value in more.items()},
    }


def demo_settings(**more: str) -> dict[str, str]:
    return settings(demo_addresses(), **more)


def demo_sources(folder: Path, server: DemoServer) -> Path:
    write_sources(folder, server.port)
    return folder


def run(
    env: Mapping[str, str], data: Path, *args: str | Path, expect: int | None = 0, timeout_s: float = 240
) -> subprocess.CompletedProcess[str]:
    """Run `hrwatch --data DATA ARGS` to its end."""
    done = subprocess.run(
        [*HRWATCH, "--data", str(data), *map(str, args)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env=dict(env),
        cwd=data.parent if data.parent.is_dir() else None,
    )
    assert expect is None or done.returncode == expect, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def start(env: Mapping[str, str], data: Path, *args: str | Path) -> subprocess.Popen[str]:
    """Start `hrwatch --data DATA ARGS` and return at once."""
    return subprocess.Popen(
        [*HRWATCH, "--data", str(data), *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(env) | {"PYTHONUNBUFFERED": "1"},
        cwd=data.parent if data.parent.is_dir() else None,
    )


def crawl(env: Mapping[str, str], data: Path, *args: str | Path, expect: int | None = 0) -> dict[str, dict[str, Any]]:
    """One pass with --json; the reports by source."""
    printed = run(env, data, "crawl", "--json", *args, expect=expect).stdout
    return {report["source"]: report for report in json.loads(printed)}


def scrapy(env: Mapping[str, str], data: Path, *args: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parent.parent.parent
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *args],
        capture_output=True,
        text=True,
        timeout=120,
        env=dict(env) | {"HRWATCH_DATA": str(data), "PYTHONPATH": os.fspath(root)},
        cwd=root,
    )
