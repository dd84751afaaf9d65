"""The process that reads one PDF: bytes on stdin, one JSON object with the lines of its pages on stdout.

Started by `pdf`, never imported by it: PDFium is native code and its input hostile. Imports nothing of ours.
"""

from __future__ import annotations

import ctypes
import json
import signal
import sys
import time
from typing import Any

MEMORY_BYTES = 1 << 30  # address space: Python and PDFium take 25 MB, the largest page read by hand 120 MB
CPU_S = 15  # a loop inside PDFium ends here; the pages themselves have BUDGET_S
BUDGET_S = 10.0  # no page is begun after this
MAX_PAGES = 1000  # 300 full pages take 0.2 s; the longest plans have about 200
MAX_CHARS = 500_000  # as many as an article may hold
MAX_LINES = 40_000
_META_BYTES = 4096  # of a title or a date
# FPDF_GetLastError
_FAULTS = {3: "damaged", 4: "encrypted", 5: "encrypted", 6: "damaged"}
_LINE_ENDS = frozenset((10, 13))
_HANZI = range(0x2E80, 0xFFE7)  # and their punctuation: whatever stands in a square of its own


def limit_process() -> None:
    """Bound memory, time and files of this process where the platform can; Ctrl-C ends it without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        import resource
    except ImportError:  # Windows: the parent's timeout is what there is
        return
    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(kind, (limit, limit))
        except (ValueError, OSError):  # macOS refuses RLIMIT_AS; a lower limit may be set from outside
            continue


def read(body: bytes) -> dict[str, Any]:
    """What the file holds: pages, lines (page, text, left, right, bottom, size), title and date; or its fault."""
    import pypdfium2_raw as pdfium  # type: ignore[import-untyped]  # 40 ms; pypdfium2 itself takes 80

    pdfium.FPDF_InitLibrary()
    document = pdfium.FPDF_LoadMemDocument64(body, len(body), None)
    if not document:
        return {"fault": _FAULTS.get(pdfium.FPDF_GetLastError(), "damaged")}
    count = pdfium.FPDF_GetPageCount(document)
    reading = _Reading(pdfium, time.monotonic() + BUDGET_S)
    read_pages = 0
    for number in range(min(count, MAX_PAGES)):
        if not reading.has_room():
            break
        reading.page(document, number)
        read_pages += 1
    return {
        "pages": count,
        "read": read_pages,
        "damaged": reading.damaged,
        "lines": reading.lines,
        "cut": reading.is_cut or read_pages < count or b"%%EOF" not in body[-2048:],
        "title": _meta(pdfium, document, b"Title"),
        "created": _meta(pdfium, document, b"CreationDate"),
    }


class _Reading:
    """The lines read so far, and what may still be spent."""

    def __init__(self, pdfium: Any, until: float) -> None:
        self.pdfium = pdfium
        self.until = until
        self.lines: list[tuple[int, str, float, float, float, float]] = []
        self.chars = 0
        self.damaged = 0
        self.is_cut = False

    def has_room(self) -> bool:
        return time.monotonic() < self.until and self.chars < MAX_CHARS and len(self.lines) < MAX_LINES

    def page(self, document: Any, number: int) -> None:
        pdfium = self.pdfium
        page = pdfium.FPDF_LoadPage(document, number)
        text = pdfium.FPDFText_LoadPage(page) if page else None
        if not text:
            self.damaged += 1
            return
        turn = pdfium.FPDFPage_GetRotation(page)
        count = pdfium.FPDFText_CountChars(text)
        room = MAX_CHARS - self.chars
        self.is_cut = self.is_cut or count > room
        codes: list[tuple[int, int]] = []
        for place in range(min(count, room)):
            code = pdfium.FPDFText_GetUnicode(text, place)
            if code not in _LINE_ENDS:
                codes.append((code, place))
            elif codes:
                self.line(text, number, turn, codes)
                codes = []
        if codes:
            self.line(text, number, turn, codes)
        self.chars += max(count, 0)
        pdfium.FPDFText_ClosePage(text)
        pdfium.FPDF_ClosePage(page)

    def line(self, text: Any, number: int, turn: int, codes: list[tuple[int, int]]) -> None:
        """Keep one line, without the blanks that PDFium saw in the setting of Chinese characters."""
        if len(self.lines) >= MAX_LINES:
            self.is_cut = True
            return
        first, last = self.box(text, codes[0][1], turn), self.box(text, codes[-1][1], turn)
        middle = self.box(text, codes[len(codes) // 2][1], turn)
        size = sorted(box[3] - box[1] for box in (first, middle, last))[1]
        kept: list[int] = []
        for at, (code, _place) in enumerate(codes):
            is_gap = code == 32 and 0 < at < len(codes) - 1
            if is_gap and codes[at - 1][0] in _HANZI and codes[at + 1][0] in _HANZI:
                left, right = self.box(text, codes[at - 1][1], turn), self.box(text, codes[at + 1][1], turn)
                if right[0] - left[2] < size:  # less than a character: the setting's, not the writer's
                    continue
            kept.append(code)
        written = b"".join(
            code.to_bytes(2, "little") if code < 0x10000 else chr(code).encode("utf-16-le")
            for code in kept
            if code < 0x110000
        ).decode("utf-16-le", "replace")
        self.lines.append((number, written, round(first[0], 1), round(last[2], 1), round(first[1], 1), round(size, 1)))

    def box(self, text: Any, place: int, turn: int) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of a character as the reader sees the page, in points."""
        found = self.pdfium.FS_RECTF()
        if not self.pdfium.FPDFText_GetLooseCharBox(text, place, ctypes.byref(found)):
            return 0.0, 0.0, 0.0, 0.0
        left, bottom, right, top = found.left, found.bottom, found.right, found.top
        if turn == 1:
            return bottom, -right, top, -left
        if turn == 2:
            return -right, -top, -left, -bottom
        return (-top, left, -bottom, right) if turn == 3 else (left, bottom, right, top)


def _meta(pdfium: Any, document: Any, name: bytes) -> str | None:
    buffer = ctypes.create_string_buffer(_META_BYTES)
    size = pdfium.FPDF_GetMetaText(document, name, buffer, _META_BYTES)
    if not 2 < size <= _META_BYTES:
        return None
    return buffer.raw[: size - 2].decode("utf-16-le", "replace").strip("\0 ") or None


def main() -> None:
    limit_process()
    try:
        answer = read(sys.stdin.buffer.read())
    except MemoryError:
        answer = {"fault": "memory"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
