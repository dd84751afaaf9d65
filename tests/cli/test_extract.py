"""`hrwatch extract --jsonl`: a line for every input as it comes, an error object for what fails, and never an end."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.crawler.loopback import article
from tests.real.seeds import HRWATCH, environment

TITLE = "川渝人社部门签署合作协议（合成）"


def good(path: Path) -> Path:
    path.write_bytes(article(TITLE).body)
    return path


def extract(*paths: Path, **more: str) -> tuple[int, list[dict[str, object]], str]:
    done = subprocess.run(
        [*HRWATCH, "extract", "--jsonl", *map(str, paths)],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment("en") | more,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_a_page_that_fails_is_a_line_and_the_others_go_on(tmp_path: Path) -> None:
    first, last = good(tmp_path / "first.html"), good(tmp_path / "last.html")
    (folder := tmp_path / "folder").mkdir()
    (broken := tmp_path / "broken.html").symlink_to(tmp_path / "nowhere.html")
    (empty := tmp_path / "empty.html").write_bytes(b"")
    os.mkfifo(pipe := tmp_path / "pipe.html")
    with (huge := tmp_path / "huge.html").open("wb") as file:
        file.truncate(200 * 2**20)
    (pdf := tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 40)
    (noise := tmp_path / "noise.html").write_bytes(bytes(range(256)) * 400)
    (soft := tmp_path / "soft.html").write_text(
        "<html><body><p>对不起，您访问的页面不存在！</p></body></html>", "utf-8"
    )
    (deep := tmp_path / "deep.html").write_bytes(b"<html><body>" + b"<div>" * 200_000)
    (odd := tmp_path / "odd\udcff.html").write_bytes(b"<html>")
    missing = tmp_path / "missing.html"
    given = [first, folder, broken, empty, pipe, huge, pdf, noise, soft, deep, odd, missing, last]
    code, lines, told = extract(*given)
    assert code == 1
    assert "Traceback" not in told
    assert f"{len(given) - 2} of {len(given)} pages gave no article" in told
    assert [str(line["path"]) for line in lines] == [str(path).replace("\udcff", "?") for path in given]
    reasons = {Path(str(line["path"])).name: line.get("reason") for line in lines}
    assert reasons.pop("first.html") is None
    assert reasons.pop("last.html") is None
    assert lines[0]["title"] == lines[-1]["title"] == TITLE
    assert reasons.pop("empty.html") == "empty"
    assert reasons.pop("huge.html") == "too-large"
    assert reasons.pop("soft.html") == "soft-error"
    for name in ("folder", "broken.html", "pipe.html", "missing.html"):
        assert reasons.pop(name) == "unreadable", name
    assert all(reasons.values()), reasons
    for line in lines[1:-1]:
        assert line["file"] == line["path"]
        assert line["error"], line


def test_all_well_is_zero(tmp_path: Path) -> None:
    code, lines, told = extract(good(tmp_path / "a.html"), good(tmp_path / "b.html"))
    assert (code, [line["title"] for line in lines], told) == (0, [TITLE, TITLE], "")


def test_lines_come_as_pages_are_read(tmp_path: Path) -> None:
    page = good(tmp_path / "a.html")
    process = subprocess.Popen(
        [*HRWATCH, "extract", "--jsonl", *[str(page)] * 2000],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment("en"),
    )
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["title"] == TITLE
        assert process.poll() is None, "the first line came while there was more to read"
    finally:
        process.kill()
        process.communicate(timeout=120)
