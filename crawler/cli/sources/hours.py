"""Pictures of polls by the hour: those that were made up to now, and those that are planned from now on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from archive.records import PollMade
from crawler.cli.screen import CHINA, say, show_table
from crawler.cli.sources.weeks import FAILED
from crawler.language import _

HOUR = timedelta(hours=1)
# More than two days are shown by the day.
MANY_HOURS = 48
# "▃": polls of an hour beside the busiest hour; a dot for none
_STEPS = "▁▂▃▄▅▆▇█"
_NONE, _NOW = "·", "|"
_MADE, _PLANNED = "▒", "█"
_BAR_WIDTH = 40


def hours_from(since: datetime, until: datetime) -> list[datetime]:
    """The full hours that the period touches."""
    first = since.replace(minute=0, second=0, microsecond=0)
    return [first + n * HOUR for n in range(-(-(until - first) // HOUR))]


def line_of(
    hours: Sequence[datetime], sources: Sequence[tuple[Sequence[PollMade], Sequence[datetime]]], *, now: datetime
) -> Iterator[str]:
    """Of each source its polls by the hour, one character each: made, a bar that is now, and planned: "▁×▁|··▃█▁·"."""
    this_hour = (now - hours[0]) // HOUR
    counts = [
        (_by_hour((poll.at for poll in made), hours), _by_hour(planned, hours), _failed(made, hours))
        for made, planned in sources
    ]
    most = max((count for made, planned, _hours in counts for count in (*made, *planned)), default=0)
    for made, planned, failed in counts:
        done = [FAILED if n in failed else _mark(made[n], most) for n in range(this_hour + 1)]
        to_come = [_mark(count, most) for count in planned[max(this_hour, 0) :]]
        yield "".join((*done, _NOW, *to_come) if done else to_come)


def show_hours(hours: Sequence[datetime], *, made: Sequence[PollMade], planned: Sequence[datetime]) -> None:
    """How many polls each hour had and will have, as bars; by day where there are many hours."""
    names = [f"{hour.astimezone(CHINA):%m-%d %H:00}" for hour in hours]
    head = _("hour")
    if len(hours) > MANY_HOURS:
        names, head = [f"{hour.astimezone(CHINA):%m-%d}" for hour in hours], _("day")
    done, to_come = Counter[str](), Counter[str]()
    for name, was, will in zip(
        names, _by_hour((poll.at for poll in made), hours), _by_hour(planned, hours), strict=True
    ):
        done[name] += was
        to_come[name] += will
    most = max(done[name] + to_come[name] for name in names) or 1
    show_table(
        (head, _("made"), _("planned"), ""),
        (
            (name, done[name] or None, to_come[name], _bar(done[name], to_come[name], most))
            for name in dict.fromkeys(names)
        ),
    )
    if failed := sum(not poll.is_well for poll in made):
        say(_("{failed} of {count} polls made failed").format(failed=failed, count=len(made)))


def _bar(done: int, to_come: int, most: int) -> str:
    return "".join(
        sign * max(round(count / most * _BAR_WIDTH), int(count > 0))
        for sign, count in ((_MADE, done), (_PLANNED, to_come))
    )


def _by_hour(times: Iterable[datetime], hours: Sequence[datetime]) -> list[int]:
    counts = [0] * len(hours)
    for at in times:
        counts[min((at - hours[0]) // HOUR, len(hours) - 1)] += 1
    return counts


def _failed(made: Iterable[PollMade], hours: Sequence[datetime]) -> set[int]:
    """The hours in which every poll failed."""
    made = list(made)
    return {(poll.at - hours[0]) // HOUR for poll in made if not poll.is_well} - {
        (poll.at - hours[0]) // HOUR for poll in made if poll.is_well
    }


def _mark(count: int, most: int) -> str:
    return _STEPS[-(-count * len(_STEPS) // most) - 1] if count else _NONE
