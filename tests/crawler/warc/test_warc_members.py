"""WARC files as rows of gzip members: what stands where, what is torn or strange, and a file without some of them."""

from __future__ import annotations

import gzip
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.errors import WarcError
from crawler.model import Page, WarcPosition
from crawler.warc.hold import held
from crawler.warc.members import members, write_without
from crawler.warc.reading import read_page
from crawler.warc.writing import WarcFiles

AT = datetime(2026, 3, 2, 4, 5, 6, tzinfo=UTC)


def page(number: int, body: bytes | None = None) -> Page:
    content = random.Random(number).randbytes(3000) if body is None else body
    url = f"http://synthetic.example/{number}"
    return Page(url=url, status=200, headers={"content-type": "text/html"}, body=content, fetched_at=AT)


def written(folder: Path, *pages: Page) -> tuple[Path, list[WarcPosition]]:
    files = WarcFiles(folder, max_bytes=10**9, user_agent="hrwatch/test")
    places = [files.write(one) for one in pages]
    files.close()
    return folder / places[0].file, places


# the last: unpacked far more than is held at a time
BODIES = [b"", b"x", random.Random(1).randbytes(300_000), b"\0" * 30_000_000]


def test_members_stand_where_the_writer_said(tmp_path: Path) -> None:
    read: list[int] = []
    path, places = written(tmp_path, *(page(number, body) for number, body in enumerate(BODIES)))
    first, *answers = members(path, on_bytes=read.append)
    assert (first.kind, first.offset) == ("warcinfo", 0)
    assert [(one.offset, one.length) for one in answers] == [(place.offset, place.length) for place in places]
    assert {(one.kind, one.at, one.is_whole) for one in answers} == {("response", AT, True)}
    assert [one.url for one in answers] == [f"http://synthetic.example/{number}" for number in range(len(BODIES))]
    assert sum(read) == path.stat().st_size


@pytest.mark.parametrize("missing", [1, 8, 900])
def test_a_record_that_breaks_off_is_told(tmp_path: Path, missing: int) -> None:
    path, places = written(tmp_path, page(1), page(2))
    path.write_bytes(path.read_bytes()[:-missing])
    found = list(members(path))
    assert [one.is_whole for one in found] == [True, True, False]
    assert found[-1].offset == places[-1].offset


@pytest.mark.parametrize(
    "strange", [b"a letter", bytes(100), gzip.compress(b"no record"), b"\x1f\x8b" + bytes(100)], ids=range(4)
)
def test_what_is_no_record_is_named_with_its_place(tmp_path: Path, strange: bytes) -> None:
    path, _places = written(tmp_path, page(1))
    end = path.stat().st_size
    path.write_bytes(path.read_bytes() + strange)
    with pytest.raises(WarcError, match=rf"{path.name}.*{end}"):
        list(members(path))


def test_a_file_without_some_of_them(tmp_path: Path) -> None:
    path, places = written(tmp_path, *(page(number) for number in range(4)))
    kept = [one for one in members(path) if one.url is None or not one.url.endswith(("/0", "/2"))]
    offsets = write_without(path, tmp_path / "new.warc.gz", kept)
    assert sorted(offsets) == [0, places[1].offset, places[3].offset]
    for number in (1, 3):
        place = WarcPosition(file="new.warc.gz", offset=offsets[places[number].offset], length=0)
        assert read_page(tmp_path, place).body == page(number).body
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([path.name, "new.warc.gz"])


def test_a_source_that_changes_under_the_hand_makes_no_file(tmp_path: Path) -> None:
    path, _places = written(tmp_path, page(1), page(2))
    kept = list(members(path))
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(WarcError):
        write_without(path, tmp_path / "new.warc.gz", kept)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_writer_holds_its_file_until_it_closes_it(tmp_path: Path) -> None:
    files = WarcFiles(tmp_path, max_bytes=10**9, user_agent="hrwatch/test")
    path = tmp_path / files.write(page(1)).file
    with held(path) as is_ours:
        assert not is_ours
    files.close()
    with held(path) as is_ours:
        assert is_ours


def test_a_new_day_begins_a_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("crawler.warc.writing.time.monotonic", lambda: clock[0])
    files = WarcFiles(tmp_path, max_bytes=10**9, user_agent="hrwatch/test")
    names = []
    for passed in (0, 3600, 86400, 60):
        clock[0] += passed
        names.append(files.write(page(passed)).file)
    files.close()
    assert [names[0] == name for name in names] == [True, True, False, False]
    assert names[2] == names[3]
