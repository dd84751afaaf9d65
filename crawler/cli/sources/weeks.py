"""A small picture of a source's last weeks: a line a week, a mark a day, for people who would rather look than read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from archive.records import PollRecord
from crawler.cli.screen import CHINA
from crawler.language import _

WEEKS = 6
# Marks are one cell wide on every terminal: block elements rise with the new rows of a day, by eyesight.
_HEIGHTS = ((1, "▁"), (2, "▂"), (4, "▃"), (8, "▄"), (16, "▅"), (32, "▆"), (64, "▇"))
_FULL = "█"
NOTHING_NEW, FAILED, NOT_POLLED = "·", "×", " "


def picture(polls: Iterable[PollRecord], today: date) -> Iterator[str]:
    """The last weeks, the oldest first: the Monday that each begins with, then a mark for each of its days."""
    days: defaultdict[date, list[PollRecord]] = defaultdict(list)
    for poll in polls:
        if not poll.skipped:
            days[poll.ended_at.astimezone(CHINA).date()].append(poll)
    monday = today - timedelta(days=today.weekday())
    yield "        " + " ".join((_("Mo"), _("Tu"), _("We"), _("Th"), _("Fr"), _("Sa"), _("Su")))
    for weeks in range(WEEKS - 1, -1, -1):
        first = monday - timedelta(weeks=weeks)
        marks = (mark(days.get(first + timedelta(days=n), ())) for n in range(7))
        yield f"{first:%m-%d}   " + "  ".join(marks).rstrip()
    yield _("▁ to █: new rows; ·: nothing new; ×: every poll failed; blank: not polled")


def mark(polls: Iterable[PollRecord]) -> str:
    """What a day's polls came to, in one character."""
    found = list(polls)
    if not found:
        return NOT_POLLED
    new = sum(poll.new for poll in found)
    if new:
        return next((height for most, height in _HEIGHTS if new <= most), _FULL)
    return FAILED if all(poll.reason is not None for poll in found) else NOTHING_NEW
