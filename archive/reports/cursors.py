"""A place in a list of stories as a text that programs hand back: 20260301T040000000000-123.

The time that orders the story, in UTC to the microsecond, and the story's id. It stays good while stories are added:
what is newer than it is not asked for, what lies behind it is seen once.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from archive.records import Cursor

# 20260301T040000000000-123
_CURSOR = re.compile(r"(\d{8}T\d{12})-([1-9]\d{0,17})", re.ASCII)
_FORM = "%Y%m%dT%H%M%S%f"


def cursor_text(cursor: Cursor) -> str:
    """The cursor as a text of digits, T and a hyphen."""
    # not by strftime: it writes the year 900 with three digits on Linux
    at = cursor.sorted_at.astimezone(UTC)
    return f"{at.year:04}{at:%m%dT%H%M%S%f}-{cursor.id}"


def read_cursor(text: str) -> Cursor | None:
    """The cursor that a text stands for; None where it is none."""
    found = _CURSOR.fullmatch(text.strip())
    if found is None:
        return None
    try:
        at = datetime.strptime(found[1], _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Cursor(sorted_at=at, id=int(found[2]))
