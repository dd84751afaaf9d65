"""Addresses that hold a day: {YYYY}, {MM}, {DD} in a list's address stand for the day of an edition. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

FIELDS = frozenset({"YYYY", "MM", "DD"})
# "{YYYY}" in "/shtml/rb/{YYYY}{MM}{DD}/v01.html"
_FIELD = re.compile(r"\{([^{}]*)\}")


def is_dated(url: str) -> bool:
    """True for an address that stands for one list a day."""
    return _FIELD.search(url) is not None


def unknown_fields(url: str) -> Iterator[str]:
    """What stands in braces and is no part of a day."""
    return (field for field in _FIELD.findall(url) if field not in FIELDS)


def edition_url(url: str, day: date) -> str:
    """The address of that day's edition; `day` on the source's own clock."""
    return url.replace("{YYYY}", f"{day:%Y}").replace("{MM}", f"{day:%m}").replace("{DD}", f"{day:%d}")


def edition_pattern(url: str) -> re.Pattern[str]:
    """What the addresses of all its editions look like."""
    return re.compile("".join(_parts(url)))


def edition_day(url: str, edition: str) -> date | None:
    """The day of an edition's address, where that is one of `url`'s and names year, month and day."""
    found: dict[str, int] = {}
    if (match := re.fullmatch("".join(_parts(url, grouped=True)), edition)) is not None:
        found = {field: int(part) for field, part in zip(_FIELD.findall(url), match.groups(), strict=True)}
    try:
        return date(found["YYYY"], found["MM"], found["DD"])
    except (KeyError, ValueError):  # no day in the address, or 30 February
        return None


def _parts(url: str, *, grouped: bool = False) -> Iterator[str]:
    end = 0
    for field in _FIELD.finditer(url):
        yield re.escape(url[end : field.start()])
        digits = r"\d" * len(field[1])
        yield f"({digits})" if grouped else digits
        end = field.end()
    yield re.escape(url[end:])
