"""When a notification is due, and when one that failed is tried again. Pure: the time is given."""

from __future__ import annotations

from datetime import datetime, timedelta

from feeds.item import CHINA
from feeds.notify.wanted import Notification

# After the first failure, and at most: a server that restarts is back in minutes, one whose token was withdrawn waits
# for a person.
_FIRST_RETRY = timedelta(minutes=5)
_LAST_RETRY = timedelta(hours=12)


def last_moment(notification: Notification, now: datetime) -> datetime | None:
    """The last time by the clock, at or before `now`, that the notification names; None where it is told at once.

    What was noticed before it is told; what comes later waits for the next, so that an empty morning is no excuse for
    a message at noon.
    """
    if notification.every == "now":
        return None
    local = now.astimezone(CHINA)
    moment = datetime.combine(local.date(), notification.at, CHINA)
    step = timedelta(days=1)
    if notification.every == "weekly":
        moment -= timedelta(days=(moment.weekday() - notification.weekday) % 7)
        step = timedelta(days=7)
    return moment if moment <= local else moment - step


def retry_at(failures: int, now: datetime) -> datetime:
    """When to try again after so many failures in a row, the last one included."""
    doubled = _FIRST_RETRY * (1 << min(max(failures - 1, 0), 10))
    return now + min(doubled, _LAST_RETRY)
