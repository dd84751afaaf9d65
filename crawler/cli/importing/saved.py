"""Files that a person saved → Pages: HTML, PDF, MHTML (RFC 2557), WARC (ISO 28500). Says what it passes over, and why.

Asks nobody and stores nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.policy import EmailPolicy
from email.utils import parsedate_to_datetime
from pathlib import Path

from crawler.cli.own_address import LOOK, own_address
from crawler.errors import RefusedError, WarcError
from crawler.extract.pdf import is_pdf
from crawler.model import Page, Reason
from crawler.warc.reading import WarcReplay

# "<!-- saved from url=(0042)https://rsj.example.gov.cn/a/1.html -->": how browsers mark what they save
SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d+\)(https?://[^\s>]+)\s*-->", re.IGNORECASE)
# text/html, application/xhtml+xml, application/pdf (which may be gzipped)
_READABLE = re.compile(r"html|/pdf\b", re.IGNORECASE)
# Pictures make an MHTML file this many times larger than its page.
MHTML_FACTOR = 8
# A page with more parts than this has no use for them.
MAX_PARTS = 2000
# Lines that may begin a part ("------MultipartBoundary--…", and an HTML comment's "-->"): reading each takes 0.3 ms.
MAX_MARKS = 5 * MAX_PARTS
# Characters of a header: an address takes 8 KiB at most. What is longer is as good as none.
MAX_HEADER = 8192
# Characters of all parts' Content-Type, each some 30: the library reads it of every part, and takes 0.1 ms for each.
MAX_TYPES = 2**16


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A page that a file holds, or why it holds none. `told` is the address that the browser which saved it wrote down.

    `is_one_of_many` where the file is a WARC.
    """

    path: Path
    url: str | None
    page: Page | None = None
    told: str | None = None
    refused: tuple[Reason, str] | None = None
    is_one_of_many: bool = False


# What a folder of saved pages holds besides: their pictures and scripts.
_WARC_SUFFIXES = (".warc", ".warc.gz")
SUFFIXES = (".html", ".htm", ".shtml", ".mhtml", ".mht", ".pdf", *_WARC_SUFFIXES)


def files_in(path: Path) -> list[Path]:
    """The file itself; of a folder the pages in it, by name, without those of its folders."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.name.lower().endswith(SUFFIXES) and file.is_file())


def read_saved(path: Path, url: str | None, *, max_bytes: int) -> Iterator[Saved]:
    """What a file holds. `url` is believed before what the page says of itself; a WARC knows better."""
    try:
        with path.open("rb") as file:
            start = file.read(4096)
        size = path.stat().st_size
    except OSError as error:
        yield Saved(path=path, url=url, refused=(Reason.ERROR, str(error)))
        return
    if start.startswith((b"\x1f\x8b", b"WARC/")) or path.name.lower().endswith(_WARC_SUFFIXES):
        yield from _from_warc(path, max_bytes)
        return
    is_mhtml = _is_mhtml(start)
    if size > max_bytes * (MHTML_FACTOR if is_mhtml else 1):
        yield Saved(path=path, url=url, refused=(Reason.TOO_LARGE, f"{size} bytes"))
        return
    try:
        body, at = path.read_bytes(), datetime.fromtimestamp(path.stat().st_mtime, UTC)
        yield _of_mhtml(path, body, url, at) if is_mhtml else _of_file(path, body, url, at)
    except OSError as error:
        yield Saved(path=path, url=url, refused=(Reason.ERROR, str(error)))
    except RefusedError as error:
        yield Saved(path=path, url=url, refused=(error.reason, error.detail))


def _of_file(path: Path, body: bytes, url: str | None, at: datetime) -> Saved:
    if is_pdf(body):
        told, headers = None, {"content-type": "application/pdf"}
    else:
        told, headers = _saved_from(body), {}
        url = url or told or own_address(body)
    if url is None:
        return Saved(path=path, url=None)
    page = Page(url=url, status=200, headers=headers, body=body, fetched_at=at)
    return Saved(path=path, url=url, page=page, told=told)


def _bounded_headers() -> EmailPolicy:
    """The library's reading of one file's headers, with bounds on them: it reads a long one in quadratic time."""
    types = 0

    class Headers(EmailPolicy):
        def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
            nonlocal types
            name, value = super().header_source_parse(sourcelines)
            if name.lower() == "content-type":
                types += len(value)
                if types > MAX_TYPES:
                    raise RefusedError(Reason.WRONG_TYPE, "MHTML: its headers are too long")
            return name, value if len(value) <= MAX_HEADER else ""

    return Headers()


def _is_mhtml(start: bytes) -> bool:
    head = start.lower()
    return b"multipart/related" in head and b"mime-version:" in head and not head.lstrip().startswith(b"<")


def _of_mhtml(path: Path, body: bytes, url: str | None, at: datetime) -> Saved:
    if body.count(b"\n--") > MAX_MARKS:
        raise RefusedError(Reason.WRONG_TYPE, f"MHTML: over {MAX_PARTS} parts")
    try:
        message = message_from_bytes(body, policy=_bounded_headers())
        part = _html_part(message)
        found = part.get_payload(decode=True) if part is not None else None
        # the headers are whatever a browser wrote: a broken one is as good as none
        told = _header(message, "Snapshot-Content-Location") or (part and _header(part, "Content-Location"))
        date = _header(message, "Date")
        charset = part.get_content_charset() if part is not None else None
    except (MessageError, ValueError, LookupError, RecursionError) as error:
        raise RefusedError(Reason.WRONG_TYPE, f"MHTML: cannot be read: {error}") from error
    if not isinstance(found, bytes) or not found.strip():
        raise RefusedError(Reason.EMPTY, "MHTML without a page")
    told = told if told and told.startswith(("http://", "https://")) else None
    address = url or told or _saved_from(found) or own_address(found)
    if address is None:
        return Saved(path=path, url=None)
    kind = f"text/html; charset={charset}" if charset else "text/html"
    headers = {"content-type": kind}
    page = Page(url=address, status=200, headers=headers, body=found, fetched_at=_date(date, at))
    return Saved(path=path, url=address, page=page, told=told)


def _html_part(message: Message | EmailMessage) -> Message | None:
    for count, part in enumerate(message.walk()):
        if count > MAX_PARTS:
            return None
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            return part
    return None


def _header(message: Message, name: str) -> str | None:
    value = message.get(name)
    return str(value).strip() or None if value is not None else None


def _date(text: str | None, otherwise: datetime) -> datetime:
    try:
        at = parsedate_to_datetime(text) if text else otherwise
    except ValueError:
        return otherwise
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return min(at, datetime.now(UTC))


def _from_warc(path: Path, max_bytes: int) -> Iterator[Saved]:
    """Every page of HTML and every PDF that was answered with 200."""
    try:
        replay = WarcReplay([path])
    except WarcError as error:
        yield Saved(path=path, url=None, refused=(Reason.WRONG_TYPE, str(error)))
        return
    for url in replay.urls():
        try:
            page = replay.find(url, max_bytes=max_bytes)
        except WarcError as error:
            yield Saved(path=path, url=url, refused=(Reason.ERROR, str(error)), is_one_of_many=True)
            continue
        if page is None or page.status != 200 or url.endswith("/robots.txt"):
            continue
        if _READABLE.search(page.headers.get("content-type", "text/html")) is not None or is_pdf(page):
            yield Saved(path=path, url=page.url, page=page, is_one_of_many=True)
    for told in replay.breaks:
        yield Saved(path=path, url=None, refused=(Reason.WRONG_TYPE, told))


def _saved_from(body: bytes) -> str | None:
    saved = SAVED_FROM.search(body[:LOOK])
    return saved[1].decode("latin-1") if saved is not None else None
