"""The divisions of China to county level: today's and, with years, those that were. Codes are GB/T 2260."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

from crawler.errors import DataFileError
from crawler.taxonomy.datafile import path_of

Level = Literal["province", "prefecture", "county"]

FILE = "divisions.tsv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A place that holds, or held, a code. Years are those of the change; None: from the beginning, until today."""

    adcode: str
    name: str
    since: int | None
    until: int | None
    heirs: tuple[str, ...]  # codes that took over where `until` is set

    def held_on(self, on: date) -> bool:
        return (self.since is None or self.since <= on.year) and (self.until is None or on.year <= self.until)


class Divisions:
    """Names, ancestors and heirs of codes. A code is known if it is in force or ever was."""

    def __init__(self, holders: Iterator[Holder], short_names: dict[str, str] | None = None) -> None:
        self._holders: dict[str, list[Holder]] = defaultdict(list)
        self._past: dict[str, set[str]] = defaultdict(set)
        self._short = short_names or {}
        for holder in holders:
            self._holders[holder.adcode].append(holder)
        for rows in self._holders.values():
            rows.sort(key=lambda row: row.until or 9999, reverse=True)
        for adcode in self._holders:
            for heir in self.successors(adcode):
                self._past[heir].add(adcode)

    def __iter__(self) -> Iterator[Holder]:
        for rows in self._holders.values():
            yield from rows

    def is_known(self, adcode: str) -> bool:
        """True for a code in force and for one that once was."""
        return adcode in self._holders

    def is_current(self, adcode: str) -> bool:
        rows = self._holders.get(adcode)
        return rows is not None and rows[0].until is None

    def is_held_as(self, adcode: str, name: str, on: date | None = None) -> bool:
        """True where the code belongs to a place called `name` (full or short) on that day; None: today.

        Codes are reused: 500110 was 万盛区 before 2011, 綦江区 since. A name never seen with the code is an alias.
        """
        rows = [row for row in self._holders.get(adcode, ()) if row.name.startswith(name)]
        rows = rows or self._holders.get(adcode, [])
        return any(row.until is None if on is None else row.held_on(on) for row in rows)

    def name(self, adcode: str, on: date | None = None) -> str | None:
        """Who held the code on that day (the latest holder without a day); None where the code is unknown."""
        rows = self._holders.get(adcode)
        if not rows:
            return None
        if on is not None:
            for row in rows:
                if row.held_on(on):
                    return row.name
        return rows[0].name

    def holders(self, adcode: str) -> tuple[Holder, ...]:
        """The places that hold or held the code, the latest first."""
        return tuple(self._holders.get(adcode, ()))

    def names(self, adcode: str) -> tuple[str, ...]:
        """All names under which the code was ever held, the latest first."""
        return tuple(row.name for row in self._holders.get(adcode, ()))

    def short_name(self, adcode: str) -> str | None:
        """The name as people say it: 四川, 雅安, 凉山; the full name where a short one would be one character."""
        name = self.name(adcode)
        return self._short.get(name, name) if name is not None else None

    def find(self, name: str) -> tuple[str, ...]:
        """Codes of the places that people mean by a full or short name, today's before abolished ones.

        Of places with one short name the widest is meant: 甘孜 is the prefecture 513300, not the county in it.
        """
        rows = [row for row in self if row.name == name] or [row for row in self if self._short.get(row.name) == name]
        codes = {row.adcode for row in rows if row.until is None} or {row.adcode for row in rows}
        widest = min((len(prefix(code)) for code in codes), default=0)
        return tuple(sorted(code for code in codes if len(prefix(code)) == widest))

    def level(self, adcode: str) -> Level:
        """province (51….), prefecture (5118..) or county, by the form of the code."""
        if adcode.endswith("0000"):
            return "province"
        return "prefecture" if adcode.endswith("00") else "county"

    def parents(self, adcode: str) -> tuple[str, ...]:
        """Ancestors, the nearest first; a county right under its province (500106, 469001) has one."""
        above = (adcode[:4] + "00", adcode[:2] + "0000")
        return tuple(dict.fromkeys(code for code in above if code != adcode and code in self._holders))

    def contains(self, outer: str, inner: str) -> bool:
        """True where `inner` is `outer` or lies within it."""
        return inner.startswith(prefix(outer))

    def children(self, adcode: str) -> tuple[str, ...]:
        """Codes in force directly under this one."""
        return tuple(
            code for code in sorted(self._holders) if self.is_current(code) and self.parents(code)[:1] == (adcode,)
        )

    def successors(self, adcode: str) -> tuple[str, ...]:
        """Today's codes that took over an abolished one, through all changes between; () for one still in force."""
        if self.is_current(adcode):
            return ()
        found: set[str] = set()
        seen: set[Holder] = set()
        waiting = list(self.holders(adcode))
        while waiting:
            row = waiting.pop()
            if row in seen or row.until is None:
                continue
            seen.add(row)
            for heir in row.heirs:
                taker = self._taker(heir, row.until)
                if taker is not None:
                    (found.add(heir) if taker.until is None else waiting.append(taker))
        return tuple(sorted(found))

    def _taker(self, adcode: str, year: int) -> Holder | None:
        """Who had the code after that year, to today or until the place went on under another code.

        Codes are reused: 义马市 was 419001 until 1995 and then 411281; 419001 is 济源市 today.
        """
        for row in reversed(self._holders.get(adcode, [])):
            if row.until is None or (row.until > year and any(heir != adcode for heir in row.heirs)):
                return row
        return None

    def reach(self, adcode: str) -> tuple[str, ...]:
        """The codes to ask for, that news of a place may go by: its own, with all that lies below each; abolished ones
        whose places are now within it; and, for an abolished code, today's that took it over.

        两江新区 (500157) is also 江北区 (500105, abolished in 2025) and the other way round; 济南 holds 莱芜 (371200).
        """
        stem = prefix(adcode)
        past = {code for heir, codes in self._past.items() if heir.startswith(stem) for code in codes}
        other = {code for code in (*past, *self.successors(adcode)) if not code.startswith(stem)}
        return (adcode, *sorted(other))


@lru_cache(maxsize=8192)  # every code there is
def prefix(adcode: str) -> str:
    """The digits that a division's code shares with all below it: 51, 5118, 511802."""
    if adcode.endswith("0000"):
        return adcode[:2]
    return adcode[:4] if adcode.endswith("00") else adcode


def read_divisions(folder: Path) -> list[Holder]:
    """The rows of divisions.tsv; DataFileError naming the line."""
    path = path_of(FILE, folder)
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"{path}: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        try:
            adcode, name, since, until, heirs = line.split("\t")
            rows.append(
                Holder(
                    adcode=_code(adcode),
                    name=name,
                    since=int(since) if since else None,
                    until=int(until) if until else None,
                    heirs=tuple(_code(heir) for heir in heirs.split(",") if heir),
                )
            )
        except ValueError as error:
            raise DataFileError(f"{path.name}: line {number}: {error}") from error
    return rows


def _code(text: str) -> str:
    if len(text) != 6 or not text.isdecimal():
        raise ValueError(f"{text!r} is not a six-digit code")
    return text
