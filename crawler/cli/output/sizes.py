"""Sizes in bytes as people read them."""

from __future__ import annotations


def size_text(count: int) -> str:
    """1.5 GiB, 12 MiB, 3 KiB: three digits at most."""
    size, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1000:
            break
        size, unit = size / 1024, larger
    return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"
