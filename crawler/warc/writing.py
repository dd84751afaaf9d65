"""WARC out: what was fetched is kept as it came; what a browser made of it, as a conversion."""

from __future__ import annotations

import os
import secrets
import time
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.errors import WarcError
from crawler.model import Page, WarcPosition
from crawler.warc.hold import hold

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
