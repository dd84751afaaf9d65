"""WARC (ISO 28500) out and in: what was fetched is kept as it came, and a replay answers from such files alone."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from w3lib.url import safe_url_string
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.errors import WarcError
from crawler.model import Page, WarcPosition
from crawler.net.failure import NotInWarcError
from crawler.net.page import headers_of
from crawler.net.warc_hold import hold
from crawler.services import PageWriter, services_of

logger = logging.getLogger(__name__)

_PIECE = 64 * 1024  # bytes read at a time
_GZIP = b"\x1f\x8b"  # how a gzip member begins
_FILE_AGE_S = 24 * 3600.0  # a file in use cannot be freed of its oldest pages: a day's later ones stand in another
# Marks a page as the DOM that a browser made of an answer: with which browser. Such pages are `conversion` records.
RENDERED = "X-Hrwatch-Rendered"


class WarcFiles:
    """Writes response records into files of this process; each record is whole on disk before its place is told."""

    def __init__(self, folder: Path, *, max_bytes: int, user_agent: str) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._user_agent = user_agent
        self._file: IO[bytes] | None = None
        self._opened_at = 0.0
        self._writer: Any = None

    def write(self, page: Page, *, reason_phrase: str = "") -> WarcPosition:
        """Append one response record; raises WarcError naming the file where the disk will not have it."""
        try:
            file = self._open()
            offset = file.tell()
            self._writer.write_record(self._record(page, reason_phrase))
            file.flush()
            return WarcPosition(file=Path(file.name).name, offset=offset, length=file.tell() - offset)
        except OSError as error:
            # Behind half a record nothing can be read: this file is left, the next record begins another.
            with suppress(OSError):
                self.close()
            self._file = None
            raise WarcError(f"{self._folder}: {error}") from error

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> IO[bytes]:
        if self._file is not None:
            is_old = time.monotonic() - self._opened_at >= _FILE_AGE_S
            if is_old or self._file.tell() >= self._max_bytes:
                self.close()
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
            # The process and a random part: two runs that begin in one second never share a file.
            name = f"hrwatch-{stamp}-{os.getpid()}-{secrets.token_hex(3)}.warc.gz"
            self._file = (self._folder / name).open("xb")
            hold(self._file)  # nobody writes it anew before we are through with it
            self._opened_at = time.monotonic()
            self._writer = WARCWriter(self._file, gzip=True)
            self._writer.write_record(
                self._writer.create_warcinfo_record(
                    name, {"software": self._user_agent, "format": "WARC File Format 1.0"}
                )
            )
        return self._file

    def _record(self, page: Page, reason_phrase: str) -> Any:
        date = page.fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if (program := page.headers.get(RENDERED.lower())) is not None:
            return self._writer.create_warc_record(
                page.url,
                "conversion",
                payload=BytesIO(page.body),
                length=len(page.body),
                warc_content_type=page.headers["content-type"],
                warc_headers_dict={"WARC-Date": date, RENDERED: program},
            )
        headers = [(name.title(), value) for name, value in page.headers.items() if name != "transfer-encoding"]
        head = StatusAndHeaders(f"{page.status} {reason_phrase}".rstrip(), headers, protocol="HTTP/1.1")
        return self._writer.create_warc_record(
            page.url,
            "response",
            payload=BytesIO(page.body),
            length=len(page.body),  # without it warcio copies the body into temporary files, and forgets one
            http_headers=head,
            warc_headers_dict={"WARC-Date": date},
        )


class KeepWarc:
    """Downloader middleware nearest the network: keeps every answer as it came and notes when and where."""

    def __init__(self, crawler: Crawler) -> None:
        services = services_of(crawler)
        self._warc = services.warc
        self._now = services.now

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> KeepWarc:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        is_replayed = "replayed" in response.flags
        if not is_replayed:
            request.meta["fetched_at"] = self._now()
            request.meta["warc"] = None
        # 304 has no body to keep; of a replay only articles are taken over, so that they can be read again later
        is_list = "source_digest" in request.meta or "is_robots" in request.meta
        # what a browser asks for is kept as what the browser made of it, by RenderPages
        is_for_browser = "is_rendered" in request.meta or "is_part_of_page" in request.meta
        if not (response.status == 304 or is_for_browser or (is_replayed and is_list)):
            keep_page(self._warc, request, response)
        return response


def keep_page(warc: PageWriter | None, request: Request, response: Response) -> None:
    """Keep an answer and note where; a list is kept by KeepChangedLists, once it is known to have changed."""
    if warc is None:
        return
    page = Page(
        url=response.url,
        status=response.status,
        headers=headers_of(response),
        body=response.body,
        fetched_at=request.meta["fetched_at"],
    )
    if "source_digest" in request.meta:
        request.meta["kept_raw"] = page
    else:
        request.meta["warc"] = warc.write(page, reason_phrase="")


class KeepChangedLists:
    """Downloader middleware outside ConditionalGet: of the lists, keeps those that had changed.

    Most servers do not answer 304: without this every poll of every list would be kept.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._warc = services_of(crawler).warc

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> KeepChangedLists:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        page = request.meta.pop("kept_raw", None)
        if page is not None and self._warc is not None and not request.meta.get("is_unchanged"):
            request.meta["warc"] = self._warc.write(page, reason_phrase="")
        return response


class WarcReplay:
    """The newest response of every address in a set of WARC files; bodies stay on disk."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Index the files; raises WarcError naming one that is missing or no WARC at all.

        A file that breaks off (a killed run) is used up to the break, with a warning.
        """
        self._places: dict[str, tuple[Path, int, int, str]] = {}
        self._urls: dict[str, str] = {}
        for path in paths:
            for url, offset, length, date in _scan(path):
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
            record = next(iter(ArchiveIterator(file, no_record_parse=False, arc2warc=False)))
            if not _is_answer(record):
                raise ValueError(f"a {record.rec_type} record is no answer")
            stream = record.raw_stream
            # Other writers keep the chunks of the transfer; a content coding is undone later, as for live answers.
            head = record.http_headers
            if head is not None and "chunked" in (head.get_header("Transfer-Encoding") or "").lower():
                stream = ChunkedDataReader(stream)
            record.kept_body = b"".join(_pieces(stream, max_bytes))
            return record
    except Exception as error:  # the parser answers broken bytes with whatever it stumbles over
        raise WarcError(f"{path}: no readable record at offset {offset}: {error}") from error


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


def _scan(path: Path) -> Iterator[tuple[str, int, int, str]]:
    """The answers of a file: address, offset, length in bytes, date; a record that is not all there is left out."""
    if not path.is_file():
        raise WarcError(f"{path}: no such WARC file")
    found = False
    # The parser takes the end of the file for the end of a record: the last one waits until it is seen to be whole.
    last: tuple[str, int, int, str] | None = None
    with path.open("rb") as file:
        records = ArchiveIterator(file)
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
                raise WarcError(f"{path}: not a WARC file: {error}") from error
            logger.warning("%s breaks off: %s; what stands before is used", path, error)
        if last is not None:
            yield last
    if not found:
        raise WarcError(f"{path}: holds no WARC records")


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
    headers: dict[str, str] = {}
    given = [(name, record.rec_headers.get_header(name) or "") for name in ("Content-Type", RENDERED)]
    for name, value in given if is_rendered else head.headers:
        lower = name.lower()
        headers[lower] = f"{headers[lower]}, {value}" if lower in headers else value
    return Page(
        url=record.rec_headers.get_header("WARC-Target-URI").strip("<>"),
        status=int(status) if status and status.isdigit() else 0,
        headers=headers,
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


class ReplayHandler(BaseDownloadHandler):
    """Download handler of a replay: answers every request from WARC files, so that no network is touched."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        replay = services_of(crawler).replay
        if replay is None:
            raise WarcError("a replay needs WARC files")
        self._replay = replay
        self._max_bytes = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    async def download_request(self, request: Request) -> Response:
        page = await asyncio.to_thread(self._replay.find, request.url, max_bytes=self._max_bytes)
        if page is None:
            raise NotInWarcError(request.url)
        if len(page.body) > self._max_bytes:
            raise DownloadCancelledError(f"{request.url}: over {self._max_bytes} bytes")
        request.meta["fetched_at"] = page.fetched_at
        request.meta["warc"] = None  # a place in somebody's file: KeepWarc makes a copy of our own
        headers = Headers({name: value for name, value in page.headers.items() if name != "transfer-encoding"})
        kind = responsetypes.from_args(headers=headers, url=request.url, body=page.body)
        return kind(url=request.url, status=page.status, headers=headers, body=page.body, flags=["replayed"])
