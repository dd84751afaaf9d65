"""The pages in a real browser: Chromium reads them from the real server, without a script and without an error."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from crawler.config import Config
from tests.real.seeds import hrwatch
from web.server import WebProcess

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive and feeds of the demonstration."""
    folder = tmp_path_factory.mktemp("browser") / "D"
    hrwatch(folder, "demo", "--no-serve", language="zh")
    return folder


def dump(url: str, profile: Path) -> str:
    """What the browser made of a page, as markup."""
    command = [str(CHROMIUM), *QUIET, f"--user-data-dir={profile}", "--virtual-time-budget=2000", "--dump-dom", url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


def test_a_reader_finds_stories_feeds_and_reasons(data: Path, tmp_path: Path) -> None:
    web = WebProcess(Config(data=data, port=0, lang="zh"))
    address = web.start()
    try:
        home = dump(address, tmp_path / "1")
        assert '<html lang="zh-CN">' in home
        assert re.search(r'<link rel="alternate" type="application/rss\+xml"[^>]*href="/feeds/all.rss"', home)
        story = re.search(r'href="(/stories/\d+)"', home)
        assert story is not None
        page = dump(address.rstrip("/") + story[1], tmp_path / "2")
        assert "<mark>" in page
        directory = dump(address + "feeds/", tmp_path / "3")
        assert "川渝" in html.unescape(directory)
        assert dump(address + "search?q=川渝", tmp_path / "4").count("/stories/") > 3
        for name, root in (("all.rss", "<rss "), ("all.atom", "<feed ")):
            opened = dump(address + "feeds/" + name, tmp_path / name)
            assert opened.startswith(root), opened[:200]  # and no page with its text in a <pre>
    finally:
        web.stop()
