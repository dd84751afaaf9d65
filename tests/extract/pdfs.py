"""Synthetic PDF files, written byte by byte: one font without glyphs whose codes are Unicode, as ToUnicode says."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

A4 = (595, 842)
LEFT, RIGHT, TOP = 90, 506, 760
BODY = 16  # 三号, as GB/T 9704 wants it

_TO_UNICODE = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Synthetic def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
1 beginbfrange <0000> <FFFF> <0000> endbfrange
endcmap CMapName currentdict /CMap defineresource pop end end"""


@dataclass(frozen=True)
class At:
    """A line of text on a page; `x` None: centred."""

    text: str
    y: float
    x: float | None = LEFT
    size: float = BODY


def width(text: str, size: float = BODY) -> float:
    """How wide a line is: ASCII takes half an em, everything else a whole one."""
    return sum(size / 2 if ord(char) < 128 else size for char in text)


def stream(body: bytes, more: str = "", *, packed: bool = False) -> bytes:
    if packed:
        body, more = zlib.compress(body), f"{more} /Filter /FlateDecode"
    return f"<< /Length {len(body)} {more} >>\nstream\n".encode() + body + b"\nendstream"


def content(lines: Sequence[At]) -> bytes:
    parts = []
    for line in lines:
        x = line.x if line.x is not None else (A4[0] - width(line.text, line.size)) / 2
        code = line.text.encode("utf-16-be").hex()
        parts.append(f"BT /F1 {line.size} Tf 1 0 0 1 {x:.2f} {line.y:.2f} Tm <{code}> Tj ET")
    return "\n".join(parts).encode()


def pdf(
    pages: Sequence[Sequence[At] | bytes],
    *,
    title: str | None = None,
    created: str | None = None,
    encrypt: str | None = None,
    rotate: int = 0,
    to_unicode: bytes = _TO_UNICODE,
    packed: bool = False,
) -> bytes:
    """A PDF of pages of lines, or of content streams."""
    objects: list[bytes] = [b""] * 6
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[2] = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Synthetic /Encoding /Identity-H /DescendantFonts [4 0 R]"
        b" /ToUnicode 6 0 R >>"
    )
    objects[3] = (
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Synthetic /CIDToGIDMap /Identity /DW 1000 /W [32 126 500]"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor 5 0 R >>"
    )
    objects[4] = (
        b"<< /Type /FontDescriptor /FontName /Synthetic /Flags 4 /FontBBox [0 -120 1000 880] /ItalicAngle 0"
        b" /Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 >>"
    )
    objects[5] = stream(to_unicode)
    kids = []
    for page in pages:
        body = page if isinstance(page, bytes) else content(page)
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {A4[0]} {A4[1]}] /Rotate {rotate}"
            f" /Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects) + 2} 0 R >>".encode()
        )
        objects.append(stream(body, packed=packed))
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>".encode()
    trailer = "/Root 1 0 R"
    if title is not None or created is not None:
        told = (f"/Title <FEFF{title.encode('utf-16-be').hex()}>" if title is not None else "") + (
            f" /CreationDate ({created})" if created is not None else ""
        )
        objects.append(f"<< {told} >>".encode())
        trailer += f" /Info {len(objects)} 0 R"
    if encrypt is not None:
        trailer += f" /Encrypt {encrypt} /ID [<{'00' * 16}> <{'00' * 16}>]"
    return assembled(objects, trailer)


def assembled(objects: Sequence[bytes], trailer: str) -> bytes:
    """Objects, numbered from 1, with their cross-reference table."""
    out = bytearray(b"%PDF-1.7\n%\xe5\x90\x88\xe6\x88\x90\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def typeset(paragraphs: Sequence[str], *, size: float = BODY, indent: int = 2, leading: float = 28) -> list[At]:
    """Paragraphs set as offices set them: lines filled to the right margin, the first indented by `indent` ems."""
    lines: list[At] = []
    y = float(TOP)
    for paragraph in paragraphs:
        x, line = LEFT + indent * size, ""
        for char in paragraph:
            if x + width(line + char, size) > RIGHT + 1 and char not in "，。；：、？！）》”":
                lines.append(At(line, y, x, size))
                x, line, y = LEFT, "", y - leading
            line += char
        lines.append(At(line, y, x, size))
        y -= leading
    return lines
