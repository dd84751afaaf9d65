"""WARC in: single records by their place, and whole files as the pages of a replay. Files may be anybody's."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from w3lib.url import safe_url_string
from warcio.bufferedreaders import ChunkedDataReader
from warcio.limitreader import LimitReader

from crawler.errors import WarcError
from crawler.model import Page, WarcPosition
from crawler.warc.records import Records
from crawler.warc.writing import RENDERED

logger = logging.getLogger(__name__)
_PIECE = 64 * 1024  # bytes read at a time
_CHUNKED_FACTOR = 8  # a chunk of one byte takes six, and more where its size is written with zeros in front
_TOLD_CHARS = 200  # the parser quotes the line that it stumbled over, which may be no text
_GZIP = b"\x1f\x8b"  # how a gzip member begins


class WarcReplay:
    """The newest response of every address in a set of WARC files; bodies stay on disk."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Index the files; raises WarcError naming one that is missing or no WARC at all.

        A file that breaks off (a killed run) is used up to the break, with a warning.
        """
        self._places: dict[str, tuple[Path, int, int, str]] = {}
        self._urls: dict[str, str] = {}
        self.breaks: list[str] = []  # of files that break off: which, and how
        for path in paths:
            for url, offset, length, date in _scan(path, self.breaks):
                key = _exact(url)
                known = self._places.get(key)
                if known is None or date >= known[3]:
                    self._places[key] = (path, offset, length, date)
                    self._urls[key] = url

    def urls(self) -> tuple[str, ...]:
        """Every address held."""
        return tuple(self._urls.values())

    def find(self, url: str, *, max_bytes: int | None = None) -> Page | None:
        """The page kept for an address, its body as it came over the wire, `max_bytes` + 1 of it at most; or None."""
        place = self._places.get(_exact(url))
        if place is None:
            return None
        path, offset, length, _date = place
        record = read_record(path, offset, max_bytes=max_bytes)
        return _page(record, WarcPosition(file=path.name, offset=offset, length=length))


def kept_pages(path: Path, url: str, *, max_bytes: int) -> Iterator[Page]:
    """Every answer of 200 that a file keeps for an address, the newest first, `max_bytes` + 1 of each at most.

    Raises WarcError as a replay does.
    """
    key = _exact(url)
    places = [(date, offset) for at, offset, _, date in _scan(path) if _exact(at) == key]
    for _date, offset in sorted(places, reverse=True):
        record = read_record(path, offset, max_bytes=max_bytes)
        page = _page(record, WarcPosition(file=path.name, offset=offset, length=0))
        if page.status == 200:
            yield page


def read_page(folder: Path, place: WarcPosition, *, max_bytes: int | None = None) -> Page:
    """The page kept at `place` in a file of `folder`, as it came over the wire; `max_bytes` + 1 of it at most.

    Raises WarcError where the file is gone or no answer begins there.
    """
    path = folder / place.file
    return _page(read_record(path, place.offset, max_bytes=max_bytes), place)


def read_record(path: Path, offset: int, *, max_bytes: int | None = None) -> Any:
    """The answer that begins at `offset`, its body as `kept_body`, `max_bytes` + 1 of it at most.

    Raises WarcError naming file and offset, also where a record of another kind begins there.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            record = next(iter(Records(file)))
            if not _is_answer(record):
                raise ValueError(f"a {record.rec_type} record is no answer")
            stream = record.raw_stream
            # Other writers keep the chunks of the transfer; a content coding is undone later, as for live answers.
            head = record.http_headers
            if head is not None and "chunked" in (head.get_header("Transfer-Encoding") or "").lower():
                if max_bytes is not None:  # a chunk may say that it has 2 GiB, and is read in one piece
                    stream = LimitReader.wrap_stream(stream, max_bytes * _CHUNKED_FACTOR)
                stream = ChunkedDataReader(stream)
            record.kept_body = b"".join(_pieces(stream, max_bytes))
            return record
    except Exception as error:  # the parser answers broken bytes with whatever it stumbles over
        raise WarcError(f"{path}: no readable record at offset {offset}: {_fault(error)}") from error


def _pieces(stream: Any, max_bytes: int | None = None) -> Iterator[bytes]:
    """What a stream holds, up to a little more than `max_bytes`."""
    left = None if max_bytes is None else max_bytes + 1
    while left is None or left > 0:
        piece: bytes = stream.read(_PIECE if left is None else min(_PIECE, left))
        if not piece:
            return
        if left is not None:
            left -= len(piece)
        yield piece


def _scan(path: Path, breaks: list[str] | None = None) -> Iterator[tuple[str, int, int, str]]:
    """The answers of a file: address, offset, length in bytes, date; a record that is not all there is left out.

    Where the file breaks off, `breaks` is told, too.
    """
    if not path.is_file():
        raise WarcError(f"{path}: no such WARC file")
    found = False
    # The parser takes the end of the file for the end of a record: the last one waits until it is seen to be whole.
    last: tuple[str, int, int, str] | None = None
    with path.open("rb") as file:
        records = Records(file)
        end = 0
        try:
            for record in records:
                if record.format != "warc":  # any line of words passes for an ARC record
                    raise ValueError(f"{record.format} and not WARC")
                found = True
                if last is not None:
                    yield last
                    last = None
                url = record.rec_headers.get_header("WARC-Target-URI")
                date = record.rec_headers.get_header("WARC-Date") or ""
                has_answer = _is_answer(record)
                for _ in _pieces(record.raw_stream):
                    pass
                if getattr(record.raw_stream, "limit", 0) > 0:
                    raise EOFError(f"{record.raw_stream.limit} bytes are missing")
                offset, length = records.get_record_offset(), records.get_record_length()
                end = offset
                if url and has_answer:
                    # some writers put the address in angle brackets, as WARC 1.0 had it
                    last = (url.strip("<>"), offset, length, date)
            if found and (begin := _torn_member(file, end)) is not None:
                if begin == end:
                    last = None
                raise EOFError(f"the record at offset {begin} is not all there")
        except Exception as error:  # the parser answers broken bytes with whatever it stumbles over
            if not found:
                raise WarcError(f"{path}: not a WARC file: {_fault(error)}") from error
            told = f"{path} breaks off: {_fault(error)}; what stands before is used"
            logger.warning("%s", told)
            if breaks is not None:
                breaks.append(told)
        if last is not None:
            yield last
    if records.err_count:
        logger.warning("%s: behind %d records stands more than their lengths say", path, records.err_count)
    if not found:
        raise WarcError(f"{path}: holds no WARC records")


def _fault(error: Exception) -> str:
    return " ".join(str(error).split())[:_TOLD_CHARS]


def _torn_member(file: IO[bytes], offset: int) -> int | None:
    """Where a gzip member begins that the file ends within, of those from `offset` on; None where all are whole."""
    file.seek(offset)
    if file.read(len(_GZIP)) != _GZIP:
        return None
    file.seek(offset)
    begin, rest = offset, b""
    while rest or (rest := file.read(_PIECE)):
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)  # | 16: a gzip header and trailer around it (RFC 1952)
        while not member.eof:
            if not (rest or (rest := file.read(_PIECE))):
                return begin
            # a bounded piece out at a time: what a hostile member grows to is never held
            member.decompress(rest, _PIECE)
            rest = member.unconsumed_tail or member.unused_data
        begin = file.tell() - len(rest)
    return None


def _is_answer(record: Any) -> bool:
    """True for what a server answered, and for what our browser made of it; other conversions are not ours to read."""
    if record.rec_type == "conversion":
        return record.rec_headers.get_header(RENDERED) is not None
    return record.rec_type == "response" and record.http_headers is not None


def _page(record: Any, place: WarcPosition) -> Page:
    head = record.http_headers
    is_rendered = head is None  # only what was answered with 200 is rendered
    status = "200" if is_rendered else head.get_statuscode()
    date = record.rec_headers.get_header("WARC-Date") or ""
    try:
        fetched_at = datetime.fromisoformat(date)
    except ValueError:
        fetched_at = datetime.now(UTC)
    headers: dict[str, list[str]] = {}
    given = [(name, record.rec_headers.get_header(name) or "") for name in ("Content-Type", RENDERED)]
    for name, value in given if is_rendered else head.headers:
        headers.setdefault(name.lower(), []).append(value)
    return Page(
        url=record.rec_headers.get_header("WARC-Target-URI").strip("<>"),
        status=int(status) if re.fullmatch(r"[1-9]\d\d", status, re.ASCII) else 0,
        headers={name: ", ".join(values) for name, values in headers.items()},
        body=record.kept_body,
        fetched_at=fetched_at if fetched_at.tzinfo else fetched_at.replace(tzinfo=UTC),
        warc=place,
    )


def _exact(url: str) -> str:
    """Addresses that a server cannot tell apart: without fragment, the empty path as /."""
    # as Scrapy asks for it: some writers keep 中文 in an address, others %E4%B8%AD
    address = safe_url_string(url.partition("#")[0])
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}://{host.lower()}/{path if slash else ''}"
