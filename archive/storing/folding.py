"""Folded text for what reaches the archive without it: readers' words, names of publishers, files to group."""

from __future__ import annotations

from functools import lru_cache

from crawler.text.fold import fold_text


def fold(text: str) -> str:
    """`text` simplified and repaired, as the archive compares and searches it."""
    return fold_text(text)


@lru_cache(maxsize=4096)  # there are some thousand publishers, and a story asks for each of its members' again
def fold_name(name: str) -> str:
    """A publisher's name, folded."""
    return fold_text(name[:200])
