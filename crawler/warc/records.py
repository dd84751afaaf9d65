"""The library's reading of WARC records, with a bound on what it reads line by line. Files may be anybody's."""

from __future__ import annotations

from typing import IO, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import DecompressingBufferedReader

# Headers of a record and of the answer in it; browsers and curl give up at 256 and 300 KiB. Beyond it a line without an
# end costs its length squared: 50 MB took a minute.
MAX_HEADER_BYTES = 2**20
MAX_HEADER_LINES = 2000  # of records and answers together; servers send a hundred at most


class Records(ArchiveIterator):  # type: ignore[misc]  # warcio has no types
    """The records from where `file` stands on. Raises ValueError naming the offset where a header is too long."""

    # Where more stands behind a record than an empty line the library writes all of that to stderr; it counts it, too.
    INC_RECORD = ""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self.reader = _Lines(file)

    def _next_record(self, next_line: bytes | None) -> Any:
        self.reader.begin(self.offset)
        return super()._next_record(next_line)


class _Lines(DecompressingBufferedReader):  # type: ignore[misc]
    """A reader that gives so many bytes as lines for each record, and as many as are asked for otherwise."""

    _offset, _left, _lines = 0, MAX_HEADER_BYTES, 0

    def begin(self, offset: int) -> None:
        self._offset = offset
        self._refuse_more()  # the first line of a record was read with what stands behind the one before
        self._left, self._lines = MAX_HEADER_BYTES, 0

    def readline(self, length: int | None = None) -> bytes:
        self._refuse_more()
        left = self._left + 1 if length is None else min(length, self._left + 1)
        line = b""
        # given a length the library gives up a line after some 180 KB of it
        while left and not line.endswith(b"\n") and (piece := super().readline(left)):
            line += piece
            left -= len(piece)
        self._left -= len(line)
        self._lines += 1
        return line

    def _refuse_more(self) -> None:
        at = self._offset
        if self._left < 0:
            raise ValueError(f"a header of over {MAX_HEADER_BYTES} bytes at or behind the record at offset {at}")
        if self._lines > MAX_HEADER_LINES:
            raise ValueError(f"a header of over {MAX_HEADER_LINES} lines at or behind the record at offset {at}")
