"""PDF → text: PDFium reads in a child process, so that a hostile file costs neither the process nor its time.

What the text means to an article is `pdf_article`'s business.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from crawler.errors import RefusedError
from crawler.extract.pdf_lines import Line, measure_of, paragraphs_of, tidied, without_furniture
from crawler.extract.pdf_title import first_line, title_of, title_told
from crawler.model import Page, Reason

MAX_BYTES = 50_000_000  # a plan with maps in it; pages are bounded lower by the setting of their own
TIMEOUT_S = 20.0  # the child stops by itself after 10
# Children at once: each may take a core and a gigabyte.
_CHILDREN = BoundedSemaphore(2)
_CHILD = Path(__file__).with_name("pdf_child.py")
_LOOK = 1024  # readers accept some bytes before the mark (ISO 32000-1, annex H)
_MARK = re.compile(rb"%PDF-\d")
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_FEWEST = 10  # letters; a scan has none, or a stamp's
_UNREADABLE = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
_DETAILS = {
    "encrypted": "it is encrypted",
    "damaged": "damaged, or no PDF",
    "memory": "it needs too much memory",
}
# `D:20240105093000+08'00'`, `D:20240105`
_CREATED = re.compile(
    r"(?:D:)?(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?P<clock>\d{6}|\d{4})?"
    r"(?:(?P<sign>[+-])(?P<hours>\d\d)'?(?P<minutes>\d\d)?|(?P<utc>Z))?"
)
_CHINA = timezone(timedelta(hours=8))  # of a file that does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfText:
    """What a PDF says: its paragraphs, headings among them, without running heads and page numbers.

    `is_cut` where a part is missing: beyond the limits, or the file itself ends early.
    """

    paragraphs: tuple[str, ...]
    title: str | None
    pages: int
    is_cut: bool
    created: datetime | None


def is_pdf(page: Page | bytes) -> bool:
    """True where the bytes are a PDF's, whatever type was declared."""
    start = (page if isinstance(page, bytes) else page.body)[:_LOOK]
    mark = _MARK.search(start)
    return mark is not None and _MARKUP.search(start, 0, mark.start()) is None


def is_pdf_address(url: str) -> bool:
    """True for an address whose path names a PDF: a row may lead straight to one, whatever its articles look like."""
    return url.partition("#")[0].partition("?")[0].lower().endswith(".pdf")


def pdf_text(body: bytes) -> PdfText:
    """The text of a PDF; blocks for up to half a minute, so never on the event loop.

    Raises RefusedError: BAD_PDF, NO_TEXT, TOO_LARGE, WRONG_TYPE for what is no PDF, ERROR where the reader was stopped.
    """
    if not is_pdf(body):
        raise RefusedError(Reason.WRONG_TYPE, "no PDF")
    if len(body) > MAX_BYTES:
        raise RefusedError(Reason.TOO_LARGE, f"{len(body)} bytes of PDF")
    found = _read(body)
    if (fault := found.get("fault")) is not None:
        whole = fault != "damaged" or b"%%EOF" in body[-2048:]
        raise RefusedError(Reason.BAD_PDF, _DETAILS.get(fault, fault) if whole else "cut short: its end is missing")
    pages = int(found["pages"])
    if pages < 1:
        raise RefusedError(Reason.BAD_PDF, "it has no pages")
    lines = without_furniture(
        tidied(
            [
                Line(page=page, text=text, left=left, right=right, bottom=bottom, size=size)
                for page, text, left, right, bottom, size in found["lines"]
            ]
        )
    )
    if sum(char.isalnum() for line in lines for char in line.text) < _FEWEST:
        if found["damaged"] == found["read"]:
            raise RefusedError(Reason.BAD_PDF, "its pages are damaged")
        raise RefusedError(Reason.NO_TEXT, f"pages read: {found['read']}")
    chars = sum(len(line.text) for line in lines)
    if sum(len(_UNREADABLE.findall(line.text)) for line in lines) * 5 > chars:
        raise RefusedError(Reason.NO_TEXT, "its fonts do not say which characters they draw")
    measure = measure_of(lines)
    return PdfText(
        paragraphs=tuple(paragraphs_of(lines, measure)),
        title=title_of(lines, measure) or title_told(found["title"]) or first_line(lines),
        pages=pages,
        is_cut=bool(found["cut"]),
        created=created_at(found["created"]),
    )


def _read(body: bytes) -> dict[str, Any]:
    """What the child answered; raises RefusedError where it crashed, ran out of time or was stopped."""
    # -P: names of ours beside the script, such as `select`, must not hide the library's
    command = [sys.executable, "-P", str(_CHILD)]
    try:
        with _CHILDREN:
            done = subprocess.run(  # noqa: S603  # our own program; the file is its input
                command, input=body, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=TIMEOUT_S, check=False
            )
    except subprocess.TimeoutExpired as error:
        raise RefusedError(Reason.BAD_PDF, f"not read within {TIMEOUT_S:g} s") from error
    except OSError as error:
        raise RefusedError(Reason.ERROR, f"the reader of PDF files did not start: {error}") from error
    if done.returncode in (-signal.SIGINT, -signal.SIGTERM):
        raise RefusedError(Reason.ERROR, "stopped while it was being read")
    if done.returncode < 0:
        raise RefusedError(Reason.BAD_PDF, f"the reader broke on it ({signal.Signals(-done.returncode).name})")
    if done.returncode > 0:
        raise RefusedError(Reason.ERROR, f"the reader of PDF files ended with {done.returncode}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def created_at(told: str | None) -> datetime | None:
    """When the file says it was made (ISO 32000-1, 7.9.4); None where it does not or cannot have been."""
    match = _CREATED.match(told.strip()) if told else None
    if match is None:
        return None
    zone = UTC if match["utc"] else _CHINA
    clock = match["clock"] or "0000"
    try:
        if match["sign"]:
            offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
            zone = timezone(offset if match["sign"] == "+" else -offset)
        return datetime(
            int(match["year"]), int(match["month"]), int(match["day"]), int(clock[:2]), int(clock[2:4]), tzinfo=zone
        )
    except ValueError:
        return None
