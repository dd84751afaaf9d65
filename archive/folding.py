"""Folded text for what reaches the archive without it: readers' words, names of publishers, files to group."""

from __future__ import annotations

from crawler.text import fold as folding


def fold(text: str) -> str:
    """`text` simplified and repaired, as the archive compares and searches it."""
    return folding.fold(text).text
