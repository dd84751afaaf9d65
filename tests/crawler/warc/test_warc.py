"""WARC files: what is written can be read back, what breaks off is used up to the break, what is none is named."""

from __future__ import annotations

import gzip
import logging
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.limitreader import LimitReader

from crawler.errors import WarcError
from crawler.model import Page, WarcPosition
from crawler.warc.reading import WarcReplay, read_record
from crawler.warc.records import MAX_HEADER_BYTES, MAX_HEADER_LINES
from crawler.warc.writing import WarcFiles

AT = datetime(2026, 3, 2, 4, 5, 6, tzinfo=UTC)


def url(n: int) -> str:
    return f"http://synthetic.example/{n}"


def page(n: int, body: bytes | None = None, at: datetime = AT) -> Page:
    content = random.Random(n).randbytes(3000) if body is None else body
    return Page(url=url(n), status=200, headers={"content-type": "text/html"}, body=content, fetched_at=at)


def write(folder: Path, *pages: Page, max_bytes: int = 10**9) -> list[WarcPosition]:
    files = WarcFiles(folder, max_bytes=max_bytes, user_agent="hrwatch/test")
    places = [files.write(one) for one in pages]
    files.close()
    return places


def held(path: Path) -> dict[str, bytes]:
    replay = WarcReplay([path])
    return {address: found.body for address in replay.urls() if (found := replay.find(address)) is not None}


def test_what_is_written_can_be_read_back(tmp_path: Path) -> None:
    pages = [page(n) for n in range(3)]
    places = write(tmp_path, *pages)
    replay = WarcReplay([tmp_path / places[0].file])
    for one, place in zip(pages, places, strict=True):
        found = replay.find(one.url)
        assert found is not None
        assert (found.body, found.status, found.fetched_at, found.warc) == (one.body, 200, AT, place)
        assert read_record(tmp_path / place.file, place.offset).kept_body == one.body
    with (tmp_path / places[0].file).open("rb") as file:
        assert [record.rec_type for record in ArchiveIterator(file, check_digests="raise")] == ["warcinfo"] + [
            "response"
        ] * 3


def test_a_file_that_is_full_is_followed_by_another(tmp_path: Path) -> None:
    places = write(tmp_path, *(page(n) for n in range(4)), max_bytes=5000)
    assert len({place.file for place in places}) == 2
    assert len(WarcReplay(tmp_path.iterdir()).urls()) == 4


def test_nothing_fetched_is_no_file(tmp_path: Path) -> None:
    write(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_newest_answer_counts_and_addresses_are_as_a_server_hears_them(tmp_path: Path) -> None:
    older, newer = page(1, b"older"), page(1, b"newer", AT.replace(hour=5))
    odd = Page(url="http://synthetic.example/中文?a=1", status=200, headers={}, body=b"odd", fetched_at=AT)
    (place, *_) = write(tmp_path, newer, older, odd)
    replay = WarcReplay([tmp_path / place.file])
    found = replay.find("HTTP://Synthetic.example/1#top")
    assert found is not None
    assert found.body == b"newer"
    escaped = replay.find("http://synthetic.example/%E4%B8%AD%E6%96%87?a=1")
    assert escaped is not None
    assert escaped.body == b"odd"
    assert replay.find("http://synthetic.example/2") is None


def test_at_most_so_much_of_a_body_is_read(tmp_path: Path) -> None:
    (place,) = write(tmp_path, page(1, b"x" * 10_000_000))
    found = WarcReplay([tmp_path / place.file]).find(url(1), max_bytes=1000)
    assert found is not None
    assert len(found.body) == 1001


@pytest.mark.parametrize("is_packed", [True, False])
def test_chunks_of_other_writers_are_put_together(tmp_path: Path, is_packed: bool) -> None:
    body = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    http = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n" + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: <{url(1)}>\r\n"
        f"WARC-Date: 2026-03-02T04:05:06Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    ).encode()
    record = head + http + b"\r\n\r\n"
    path = tmp_path / "other.warc"
    path.write_bytes(gzip.compress(record) if is_packed else record)
    assert held(path) == {url(1): b"hello world"}


@pytest.mark.parametrize("is_packed", [True, False])
def test_a_file_that_breaks_off_is_used_up_to_the_break(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, is_packed: bool
) -> None:
    (tmp_path / "whole").mkdir()
    places = write(tmp_path / "whole", *(page(n) for n in range(3)))
    raw = (tmp_path / "whole" / places[0].file).read_bytes()
    end = places[2].offset + 1500  # in the middle of the last record
    if not is_packed:
        raw = gzip.decompress(raw)
        end = len(raw) - 1500
    torn = tmp_path / "torn.warc"
    torn.write_bytes(raw[:end])
    with caplog.at_level(logging.WARNING):
        found = held(torn)
    # half a page is no page
    assert found == {url(n): page(n).body for n in range(2)}
    assert f"{torn} breaks off" in caplog.text


def test_wherever_a_file_breaks_off_it_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "whole").mkdir()
    places = write(tmp_path / "whole", *(page(n) for n in range(3)))
    raw = (tmp_path / "whole" / places[0].file).read_bytes()
    ends = [place.offset + place.length for place in places]
    torn = tmp_path / "torn.warc.gz"
    for end in sorted(
        {*range(places[0].offset + 1, len(raw), 13), *(at - 1 for at in ends), *(at + 1 for at in ends[:-1])}
    ):
        torn.write_bytes(raw[:end])
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            found = held(torn)
        is_between = end in ends
        assert found == {url(n): page(n).body for n in range(3) if ends[n] <= end}, end
        assert (f"{torn} breaks off" in caplog.text) is not is_between, end


def test_broken_bytes_raise_what_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    (place, *_) = write(tmp_path / "whole", *(page(n) for n in range(3)))
    whole = (tmp_path / "whole" / place.file).read_bytes()
    rng = random.Random(1)
    path = tmp_path / "broken.warc"
    for raw in (whole, gzip.decompress(whole)):
        for _ in range(150):
            broken = bytearray(raw)
            for _ in range(3):
                broken[rng.randrange(min(1500, len(broken)))] ^= rng.randrange(1, 256)
            path.write_bytes(bytes(broken))
            try:
                held(path)
            except WarcError as error:
                assert str(path) in str(error)  # noqa: PT017 - most are read in spite of it


def record(n: int, *, more: bytes = b"", http: bytes = b"", body: bytes = b"<p>x", behind: bytes = b"") -> bytes:
    """A response as another writer keeps it, with more in its header, in that of the answer, and behind it."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + http + b"\r\n" + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url(n)}\r\nWARC-Date: 2026-03-02T04:05:06Z\r\n"
        f"Content-Length: {len(answer)}\r\n"
    ).encode()
    return head + more + b"\r\n" + answer + b"\r\n\r\n" + behind


@pytest.mark.parametrize("is_packed", [True, False])
@pytest.mark.parametrize(
    "bad",
    [
        record(1, more=b"X: " + b"x" * 2 * MAX_HEADER_BYTES + b"\r\n"),
        record(1, http=b"X: " + b"x" * 2 * MAX_HEADER_BYTES + b"\r\n"),
        record(1, more=b"a:\n" * MAX_HEADER_LINES),
        record(1, http=b"a:\n" * MAX_HEADER_LINES),
        record(1, behind=b"\n" * MAX_HEADER_LINES),
    ],
    ids=["record-line", "answer-line", "record-lines", "answer-lines", "empty-lines"],
)
def test_a_header_without_end_is_a_break_at_its_offset(tmp_path: Path, bad: bytes, is_packed: bool) -> None:
    path = tmp_path / "hostile.warc"
    parts = [gzip.compress(part) if is_packed else part for part in (record(0), bad)]
    path.write_bytes(b"".join(parts))
    replay = WarcReplay([path])
    assert url(0) in replay.urls()
    (told,) = replay.breaks
    assert f"{path} breaks off: a header of over " in told
    assert f" at or behind the record at offset {len(parts[0])};" in told
    assert len(told) < 500


def test_a_first_line_without_end_costs_no_record_before_it(tmp_path: Path) -> None:
    path = tmp_path / "hostile.warc"
    path.write_bytes(record(0) + b"x" * 2 * MAX_HEADER_BYTES)
    replay = WarcReplay([path])
    assert replay.urls() == (url(0),)
    assert f"at or behind the record at offset {len(record(0))};" in replay.breaks[0]


def test_a_long_line_within_the_bounds_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "other.warc"
    path.write_bytes(record(1, http=b"X: " + b"x" * (MAX_HEADER_BYTES // 2) + b"\r\nx: y\r\n"))
    found = WarcReplay([path]).find(url(1))
    assert found is not None
    assert found.headers["x"] == "x" * (MAX_HEADER_BYTES // 2) + ", y"


def test_what_stands_behind_a_record_is_told_without_quoting_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.warc"
    path.write_bytes(record(1)[:-4] + b"\x1b[31mrest\r\n\r\n" + record(2))
    with caplog.at_level(logging.WARNING):
        assert set(held(path)) == {url(1), url(2)}
    assert f"{path}: behind 1 records stands more than their lengths say" in caplog.text
    assert capsys.readouterr().err == ""


def test_a_chunk_is_not_read_beyond_what_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "other.warc"
    body = b"7fffffff\r\n" + b"x" * 100_000
    path.write_bytes(record(1, http=b"Transfer-Encoding: chunked\r\n", body=body))
    read: list[int] = []
    whole = LimitReader.read

    def watched(self: Any, length: int | None = None) -> bytes:
        found: bytes = whole(self, length)
        read.append(len(found))
        return found

    replay = WarcReplay([path])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(LimitReader, "read", watched)
        found = replay.find(url(1), max_bytes=1000)
    assert found is not None
    assert len(found.body) == 1001
    assert sum(read) < 10_000


@pytest.mark.parametrize("content", [b"", b"not a WARC at all\n", b"\x1f\x8b\x08\x00junk", b"\x00" * 100])
def test_what_is_no_warc_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "none.warc.gz"
    path.write_bytes(content)
    with pytest.raises(WarcError, match=r"none\.warc\.gz"):
        WarcReplay([path])
    with pytest.raises(WarcError, match="no such WARC file"):
        WarcReplay([tmp_path / "nowhere.warc"])


class Full:
    """A disk that is full in the middle of a record."""

    def __init__(self, file: object) -> None:
        self._file = file
        self.left = 100

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        if len(data) > self.left:
            raise OSError(28, "No space left on device")
        self.left -= len(data)
        written: int = self._file.write(data)  # type: ignore[attr-defined]
        return written


def test_after_half_a_record_another_file_is_begun(tmp_path: Path) -> None:
    files = WarcFiles(tmp_path, max_bytes=10**9, user_agent="hrwatch/test")
    first = files.write(page(1))
    files._writer.out = Full(files._writer.out)
    with pytest.raises(WarcError, match="No space left"):
        files.write(page(2))
    second = files.write(page(3))
    files.close()
    assert second.file != first.file
    replay = WarcReplay(tmp_path.iterdir())
    assert set(replay.urls()) == {url(1), url(3)}
