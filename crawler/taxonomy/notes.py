"""The reasons behind one judgement, collected as it is made."""

from __future__ import annotations

from collections import defaultdict

from crawler.model import Evidence
from crawler.taxonomy.reading import Read

# The tenth mention of one thing explains no more than the third.
MENTIONS = 3


class Notes:
    """The reasons collected for one judgement, each place and key once, not more than `most`."""

    def __init__(self, read: Read, most: int) -> None:
        self._read = read
        self._most = most
        self._found: dict[tuple[str, str, int], tuple[int, float]] = {}  # end and weight, by part, key and start
        self._count: dict[tuple[str, str], int] = defaultdict(int)

    def add(self, part: str, key: str, start: int, end: int, weight: float = 0.0) -> None:
        if self._count[part, key] >= MENTIONS or len(self._found) >= self._most * 4:
            return
        self._count[part, key] += 1
        self._found[part, key, start] = end, weight

    def evidence(self) -> tuple[Evidence, ...]:
        """The heaviest reasons of all kinds, in the order of the judgement's parts."""
        found = list(self._found.items())
        if len(found) > self._most:
            masks = [one for one in found if one[0][0] == "mask"]
            rest = [one for one in found if one[0][0] != "mask"]
            found = (rest + masks)[: self._most]
        return tuple(self._evidence(*key, *value) for key, value in found)

    def _evidence(self, part: str, key: str, start: int, end: int, weight: float) -> Evidence:
        where, first, last = self._read.where(start, end)
        text = self._read.original[start:end]
        return Evidence(part=part, key=key, text=text, where=where, start=first, end=last, weight=weight)
