"""Fields that a reader may name in a query, in Chinese or English, and what stands in them: kinds of source, days."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

NAMES = {
    "title": ("标题", "题目", "title"),
    "region": ("地区", "region"),
    "pair": ("对", "两地", "pair"),
    "zone": ("区域", "zone"),
    "topic": ("主题", "topic"),
    "source": ("来源", "source"),
    "kind": ("类型", "kind"),
    "date": ("日期", "date"),
    "since": ("自", "since"),
    "until": ("至", "until"),
}
FIELD_OF = {name: field for field, names in NAMES.items() for name in names}

# Kinds of source as the registry has them; a kind takes in those that begin with it: "gov" also "gov-hrss".
KINDS = {
    "gov": ("政府", "机关", "government"),
    "gov-hrss": ("人社", "人社部门", "人力社保", "hrss"),
    "news": ("媒体", "新闻", "报纸", "media"),
    "park": ("产业园", "园区"),
    "association": ("协会", "行业协会"),
}
UNDATED = ("无", "none")  # 日期:无
_KIND_OF = {name: kind for kind, names in KINDS.items() for name in (kind, *names)}

# the days that databases and zones of the clock can reckon with; no news site is older
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
# 2023, 2023-06, 2023-06-01, 2023/6/1, 2023.6, 2023年6月1日, 20230601, 202306
_DAYS = re.compile(r"([12]\d{3})(?:[-/.年]?(\d{2})|[-/.年](\d))?(?:[-/.月]?(\d{2})|[-/.月](\d))?[日年月]?", re.ASCII)
# 2023-01..2023-06, 2023..., ..2023-06, 2023~2024, 2023-01至2023-06
_BETWEEN = re.compile(r"\.{2,}|[~至到—–]+")


def kind_of(name: str) -> str | None:
    """The kind of source that a reader means by its id or by a Chinese name; None where there is none."""
    return _KIND_OF.get(name.strip().lower())


def days_of(text: str) -> tuple[date, date] | None:
    """The first and the last day of a year, month or day; None where it is none: "2023-06" is 06-01 and 06-30."""
    found = _DAYS.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day = int(found[1]), found[2] or found[3], found[4] or found[5]
    if not FIRST_DAY.year <= year <= LAST_DAY.year:
        return None
    try:
        first = date(year, int(month or 1), int(day or 1))
    except ValueError:
        return None
    if day is not None:
        return first, first
    if month is not None:
        return first, first.replace(day=calendar.monthrange(year, first.month)[1])
    return first, date(year, 12, 31)


def range_of(text: str) -> tuple[date | None, date | None] | None:
    """The first day and the day after the last of "2023-01..2023-06", "2023..", "..2023" or "2023"."""
    ends = _BETWEEN.split(text.strip(), maxsplit=1)
    begin, end = ends[0], ends[-1]
    since, until = days_of(begin) if begin else None, days_of(end) if end else None
    if (begin and since is None) or (end and until is None) or not (begin or end):
        return None
    return since[0] if since else None, until[1] + timedelta(days=1) if until else None
