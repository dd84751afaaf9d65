"""`hrwatch copy-archive` as an operator meets it: exit codes, words, and no password shown. Synthetic."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archive.archive import open_file
from tests.archive.making import NOW, judged, prose
from tests.cli.worlds import call
from tests.real.seeds import environment

ENV = environment("en")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with open_file(tmp_path / "D" / "hrwatch.sqlite3", authority="feeds.example.org") as archive:
        for number in range(3):
            archive.store(judged(f"https://a.example/{number}", prose(number)), now=NOW)
    return tmp_path / "D"


def test_a_move_from_the_first_call_to_the_check(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "new.sqlite3"
    with open_file(data / "hrwatch.sqlite3") as archive:
        lease = archive.acquire_lease("a.example", "elsewhere/1/0.0/ab", 60)
        assert lease is not None
        assert "elsewhere/1" in call(ENV, data, "copy-archive", target, expect=3)[1]
        assert not target.exists()
        assert "without --follow" in call(ENV, data, "copy-archive", "--follow", target)[0]
        archive.release_lease(lease)
    assert "0 rows brought over; every row is the same. The copy is ready" in call(ENV, data, "copy-archive", target)[0]
    assert "already" in call(ENV, data, "copy-archive", target, expect=3)[1]
    assert "hold the same" in call(ENV, data, "copy-archive", "--check", target)[0]
    with open_file(target) as archive:
        archive.store(judged("https://a.example/9", prose(9)), now=NOW)
    assert "differ" in call(ENV, data, "copy-archive", "--check", target, expect=1)[0]
    rows = json.loads(call(ENV, data, "copy-archive", "--check", "--json", target, expect=1)[0])
    (items,) = (row for row in rows if row["table"] == "items")
    assert (items["rows"], items["copied_rows"], items["same"], items["first_difference"]) == (3, 4, False, "4")


@pytest.mark.parametrize(
    ("args", "expect", "said"),
    [
        (("mysql://someone:geheim@db.example/x",), 2, "mysql:// is not supported"),
        (("postgresql://someone:geheim@127.0.0.1:1/x",), 3, "someone:***@127.0.0.1"),
        (("postgresql://someone@127.0.0.1:1/x?password=geheim",), 3, "someone@127.0.0.1"),
        (("postgresql://someone:geheim@127.0.0.1:port/x",), 3, "not the address"),
        (("--check", "--follow", "x.sqlite3"), 2, "--follow"),
        (("--check", "nowhere.sqlite3"), 3, "nowhere.sqlite3"),
    ],
)
def test_what_cannot_be_is_said_without_the_password(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], expect: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    out, err = call(ENV, data, "copy-archive", *args, expect=expect)
    assert said in err
    assert "geheim" not in out + err
    assert not (tmp_path / "nowhere.sqlite3").exists()


def test_without_an_archive_there_is_nothing_to_copy(tmp_path: Path) -> None:
    assert "no archive there" in call(ENV, tmp_path / "D", "copy-archive", tmp_path / "x.sqlite3", expect=3)[1]
    assert not (tmp_path / "x.sqlite3").exists()
