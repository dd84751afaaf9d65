"""`hrwatch export` as people call it, on both databases: whole files or none. All texts are synthetic."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.model import Reason
from tests.archive.making import NOW, entry, judged, judgement, prose
from tests.archive.places import Place
from tests.archive.reports.test_export import fill
from tests.real.seeds import HRWATCH, environment

ALL_WELL, SOME_FAILED, WRONG_USE, NOTHING_RAN, INTERRUPTED = 0, 1, 2, 3, 130
FORMULA = '=HYPERLINK("https://elsewhere.example")'


class Desk:
    """An archive, and a folder to export into."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place = place
        self.folder = folder
        self.env = environment("en") | {"HRWATCH_DATA": str(folder.parent / "D")}
        if place.name.startswith("postgresql:"):
            self.env |= {"HRWATCH_DATABASE_URL": place.name}

    def export(self, *words: str, expect: int = ALL_WELL, **options: Any) -> subprocess.CompletedProcess[bytes]:
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            [*HRWATCH, "export", *words],
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 120} | options,
            env=self.env,
            cwd=self.folder,
        )
        assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout!r:.2000}\n{done.stderr!r:.2000}"
        assert b"Traceback" not in (done.stderr or b"")
        return done

    @property
    def files(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
def desk(new_place: Callable[[], Place], tmp_path: Path) -> Desk:
    """Three stories about the subject, one of two members, one that is not; and a row that was refused."""
    place = new_place()
    return filled(place, tmp_path) if place.name.startswith("postgresql:") else on_file(tmp_path)


@pytest.fixture
def file_desk(tmp_path: Path) -> Desk:
    """The same, for what has nothing to do with the database."""
    return on_file(tmp_path)


def on_file(tmp_path: Path) -> Desk:
    return filled(Place(str(tmp_path / "D" / "hrwatch.sqlite3")), tmp_path)


def filled(place: Place, tmp_path: Path) -> Desk:
    with place.open() as archive:
        for number, title in enumerate(("川渝\n合作，“签署”", FORMULA, "长" * 5_000)):
            day = NOW - number * timedelta(days=1)
            archive.store(judged(f"https://a.example/{number}", prose(number), title=title, published=day), now=NOW)
        later = NOW + timedelta(hours=1)
        archive.store(judged("https://b.example/0", prose(0), title="转载", published=later), now=NOW)
        other = judgement(relevant=False)
        archive.store(judged("https://a.example/9", prose(9), title="无关", verdict=other), now=NOW)
        row = entry("https://synthetic.example/gone", title="已删")
        archive.note_rows([row], list_url=row.list_url, source_id=row.source_id, now=NOW, validators=None, lease=None)
        archive.settle(row, Reason.GONE, "404", now=NOW, lease=None)
    folder = tmp_path / "desk"
    folder.mkdir()
    return Desk(place, folder)


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_formats_and_where_they_land(desk: Desk) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    shown = table(desk.export().stdout)
    assert [row["title"][:2] for row in shown] == ["川渝", "'=", "长长"]
    assert shown[0]["title"] == "川渝\n合作，“签署”"
    assert shown[2]["title"] == "长" * 5_000
    assert shown[0]["members"] == "2"
    assert shown[0]["member_urls"] == "https://a.example/0; https://b.example/0"
    assert shown[0]["published"] == "2026-03-02T12:00:00+08:00"
    assert shown[0]["published_day"] == "2026-03-02"
    assert shown[0]["regions"] == "500000; 510000"
    assert shown[0]["region_names"] == "重庆市; 四川省"
    done = desk.export("--to", "x.csv")
    assert done.stdout.decode() == "3 rows in x.csv\n"
    assert table((desk.folder / "x.csv").read_bytes()) == shown
    lines = [json.loads(line) for line in desk.export("--format", "jsonl", "--body").stdout.splitlines()]
    assert [line["body"] for line in lines] == [prose(0), prose(1), prose(2)]
    assert lines[1]["title"] == FORMULA
    desk.export("--to", "x.parquet", "--all")
    rows = parquet.read_table(desk.folder / "x.parquet").to_pylist()
    assert {row["title"] for row in rows} >= {"无关", FORMULA}
    assert list(rows[0]) == list(shown[0])
    piped = desk.export("--format", "parquet").stdout
    assert len(parquet.read_table(io.BytesIO(piped))) == 3
    assert desk.files == {"x.csv", "x.parquet"}


def test_items_and_refused_rows(file_desk: Desk) -> None:
    items = table(file_desk.export("--what", "items").stdout)
    assert [row["is_first"] for row in items] == ["true", "false", "true", "true"]
    assert len({row["story"] for row in items}) == 3
    (refused,) = table(file_desk.export("--what", "refused", "--source", "synthetic").stdout)
    assert (refused["title"], refused["reason"], refused["reason_text"], refused["detail"]) == (
        "已删",
        "gone",
        "not found",
        "404",
    )
    for words in (("川渝",), ("--body",)):
        assert b"--what refused" in file_desk.export("--what", "refused", *words, expect=WRONG_USE).stderr


def test_nothing_found_leaves_no_older_answer(file_desk: Desk) -> None:
    (file_desk.folder / "x.csv").write_text("yesterday's")
    done = file_desk.export("--region", "西藏", "--to", "x.csv", expect=SOME_FAILED)
    assert done.stderr.decode() == "nothing found\n"
    content = (file_desk.folder / "x.csv").read_bytes()
    assert table(content) == []
    assert content.startswith(b"\xef\xbb\xbfid,guid,")
    assert file_desk.export("--region", "西藏", "--format", "jsonl", expect=SOME_FAILED).stdout == b""


def test_what_cannot_be_written_is_named(file_desk: Desk) -> None:
    assert b"nowhere/x.csv: No such file" in file_desk.export("--to", "nowhere/x.csv", expect=NOTHING_RAN).stderr
    (file_desk.folder / "folder").mkdir()
    assert b"folder: Is a directory" in file_desk.export("--to", "folder", expect=NOTHING_RAN).stderr
    with Path("/dev/full").open("wb") as full:
        done = file_desk.export(expect=NOTHING_RAN, stdout=full)
    assert b"standard output: No space left" in done.stderr
    assert b"/dev/full: No space left" in file_desk.export("--to", "/dev/full", expect=NOTHING_RAN).stderr
    assert file_desk.files == {"folder"}


def test_a_full_disk_leaves_the_older_file(desk: Desk) -> None:
    with desk.place.open() as archive:
        fill(archive, range(200))
    (desk.folder / "x.csv").write_text("yesterday's")

    def little_room() -> None:  # enough for the index of SQLite's log, 32 KiB
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, resource.RLIM_INFINITY))

    for format_ in ("csv", "jsonl"):
        words = ("--body", "--format", format_, "--to", "x.csv")
        done = desk.export(*words, expect=NOTHING_RAN, preexec_fn=little_room)
        assert done.stderr == b"hrwatch: x.csv: File too large\n"
        assert (desk.folder / "x.csv").read_text() == "yesterday's"
        assert desk.files == {"x.csv"}


def test_a_link_stays_a_link_and_a_pipe_a_pipe(file_desk: Desk) -> None:
    (file_desk.folder / "x.csv").symlink_to("real.csv")
    file_desk.export("--to", "x.csv")
    assert (file_desk.folder / "x.csv").is_symlink()
    assert len(table((file_desk.folder / "real.csv").read_bytes())) == 3
    os.mkfifo(file_desk.folder / "pipe")
    with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE, cwd=file_desk.folder) as cat:
        file_desk.export("--to", "pipe")
        assert len(table(cat.communicate(timeout=60)[0])) == 3
    assert file_desk.files == {"x.csv", "real.csv", "pipe"}


def test_a_reader_that_has_seen_enough_is_no_fault(desk: Desk) -> None:
    with desk.place.open() as archive:
        fill(archive, range(2_000))
    with subprocess.Popen(["head", "-c", "3"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as head:
        done = desk.export(stdout=head.stdin)
        assert head.communicate(timeout=60)[0] == b"\xef\xbb\xbf"
    assert done.stderr == b""


def test_on_a_terminal_there_is_a_bar_and_no_parquet(file_desk: Desk) -> None:
    here, there = pty.openpty()
    try:
        assert file_desk.export("--to", "x.csv", stderr=there).stdout == b"3 rows in x.csv\n"
        shown = os.read(here, 65_536).decode()
        assert "exporting" in shown
        assert "3/3" in shown
        assert b"--to FILE" in file_desk.export("--format", "parquet", expect=WRONG_USE, stdout=there).stderr
    finally:
        os.close(here)
        os.close(there)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "kill"])
def test_stopped_in_the_middle_it_leaves_nothing(desk: Desk, number: int) -> None:
    with desk.place.open() as archive:
        fill(archive, range(20_000))
    child = subprocess.Popen(
        ["nice", *HRWATCH, "export", "--to", "x.csv"],  # it must not be done before the signal comes
        env=desk.env,
        cwd=desk.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + 120
        while not any(path.stat().st_size > 10_000 for path in desk.folder.iterdir()):
            assert child.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        child.send_signal(number)
        said, complained = child.communicate(timeout=120)
    finally:
        child.kill()
        child.communicate()
    assert (child.returncode, said) == (INTERRUPTED, b"")
    assert b"Traceback" not in complained
    assert desk.files == set()
