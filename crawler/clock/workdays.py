"""Working days of China, as its State Council arranges them: make-up days among weekends count, holidays do not.

Years that are not arranged yet are the `holidays` package's estimate: the festivals by the moon, no make-up days.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from holidays import HolidayBase, country_holidays


# A history of 8 weeks and a look ahead of some days touch about 100 days; ten years are cheap to keep.
@lru_cache(maxsize=4096)
def is_working_day(day: date) -> bool:
    """True on a day on which offices in China work."""
    return _calendar(day.year).is_working_day(day)


@lru_cache(maxsize=8)
def _calendar(year: int) -> HolidayBase:
    return country_holidays("CN", years=year, expand=False)
