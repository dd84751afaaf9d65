"""Dates as Chinese pages write them: read from rows, URLs and labelled text, and judged against each other.

Nothing here looks at a clock: what "today" is comes in as the time of the fetch.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from crawler.model import Precision, RowDate, Stamp

EARLIEST_YEAR = 1990  # the Chinese web begins; earlier years are history, not publication
GRACE = timedelta(days=1)  # clocks and zones differ; a date further ahead than this is not believed

_YEAR = r"(?P<year>(?:19|20)\d\d)"
# `2021-08-09`, `2021/8/9`, `2021.08.09`, `2021年08月09日`, `2021 年 8 月 9 日`, `2021-08-09T10:20:00+08:00`
_MONTH, _DAY_OF_MONTH = r"(?P<month>1[0-2]|0?[1-9])", r"(?P<day>3[01]|[12]\d|0?[1-9])"
_DAY = rf"{_YEAR}\s*(?P<sep>[-/.年－—])\s*{_MONTH}\s*[-/.月－—]\s*{_DAY_OF_MONTH}(?!\d)\s*日?"
# ` 10:20`, `T10:20:33`, ` 16时20分`, ` 10∶08` (U+2236), `(星期二) 9：05`, `11:24`
_CLOCK = (
    r"(?:\s*[(（]?(?:星期|周)[一二三四五六日天][)）]?)?"
    r"(?:\s*T?\s*(?P<half>上午|下午|晚上|晚|凌晨|中午)?\s*(?P<hour>2[0-3]|[01]?\d)\s*[:：∶﹕时]\s*(?P<minute>[0-5]\d)(?:\s*[:：∶﹕分]\s*(?P<second>[0-5]\d))?\s*[分秒]?(?:\.\d+)?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
FULL_DATE = re.compile(rf"(?<![\d./-]){_DAY}{_CLOCK}")
# `20230419`, and nothing more in figures
_COMPACT = re.compile(rf"(?<!\d){_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
# gov.cn's tags: `2024-03-05-08:05:00`
_DASHED_CLOCK = re.compile(r"(\d\d-\d\d)-(\d\d:\d\d)")
# `04-22`, `[04-22]`, `4月22日`, `04/22 10:20`, at the end of a row; glued to a title `通知04-22`, never `3.15`
_SHORT = re.compile(
    r"(?:(?<![\d./\u4e00-\u9fff-])|(?<=[\u4e00-\u9fff])(?=\d\d-\d\d|\d{1,2}月))"
    rf"{_MONTH}\s*(?:[-/.]|月)\s*{_DAY_OF_MONTH}\s*日?" + _CLOCK + r"\s*[\])）】]?\s*$"
)
_FULL_AT_END = re.compile(rf"{_DAY}{_CLOCK}\s*[\])）】]?\s*$")

# `/202308/t20230819_123.html`
_URL_DATES = (
    # TRS: /t20230819_123.html, and its files /P020230819402979611996.pdf
    re.compile(rf"/[tPW]0?{_YEAR}(?P<month>\d\d)(?P<day>\d\d)[_/.\d]"),
    re.compile(rf"/art/{_YEAR}/(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})/"),
    re.compile(rf"/{_YEAR}/(?P<month>\d\d)-(?P<day>\d\d)/"),
    re.compile(rf"/{_YEAR}(?P<month>\d\d)(?P<day>\d\d)/"),
    re.compile(rf"/{_YEAR}/(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})/"),
    re.compile(rf"/{_YEAR}/(?P<month>\d\d)(?P<day>\d\d)/"),
    re.compile(rf"/{_YEAR}-(?P<month>\d\d)/(?P<day>\d\d)/"),
    re.compile(rf"/{_YEAR}(?P<month>\d\d)/(?P<day>\d\d)/"),
    re.compile(rf"/{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)[/_.-]"),
    re.compile(rf"/{_YEAR}(?P<month>\d\d)(?P<day>\d\d)\d*[_./-]"),  # Liaoning: the id begins with the day
)
_ROW_CHARS = 400  # a row's text is short; only its end is read
_AFTERNOON = frozenset(("下午", "晚上", "晚"))


def row_date(text: str) -> RowDate | None:
    """The date in a list row's text: full at any place where there is one only, else at the end; None if none."""
    text = _spaced(text)[-_ROW_CHARS:]
    match = _FULL_AT_END.search(text) or _only(FULL_DATE, text)
    if match is None:
        match = _SHORT.search(text) or _only(_COMPACT, text)
    if match is None:
        return None
    found = match.groupdict()
    year = int(found["year"]) if found.get("year") else None
    month, day = int(found["month"]), int(found["day"])
    if _real_day(year or 2000, month, day) is None:  # 2000 is a leap year
        return None
    hour, minute = _clock(found)
    return RowDate(month=month, day=day, year=year, hour=hour, minute=minute)


def _spaced(text: str) -> str:
    """Runs of white space as one blank: a row padded with 400 blanks would cost the optional parts above minutes."""
    return " ".join(text.split())


def _only(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The pattern's match where there is exactly one."""
    matches = list(pattern.finditer(text))
    return matches[0] if len(matches) == 1 else None


def url_date(url: str) -> date | None:
    """The full date that a URL's path carries; None for a month alone or none at all."""
    path = url.split("?", 1)[0][:2000]
    for pattern in _URL_DATES:
        for match in pattern.finditer(path):
            day = _real_day(int(match["year"]), int(match["month"]), int(match["day"]))
            if day is not None and day.year >= EARLIEST_YEAR:
                return day
    return None


def read_stamp(text: str, zone: str, origin: str) -> Stamp | None:
    """The date that `text`, a field meant to hold one, says; relative and Chinese-numeral forms are not read here."""
    text = _DASHED_CLOCK.sub(r"\1 \2", _spaced(text[:1000])[:100])
    match = FULL_DATE.search(text) or _COMPACT.search(text)
    return None if match is None else stamp_of(match, zone, origin)


def script_stamp(text: str | None, zone: str) -> Stamp | None:
    """A time held by a script: seconds or milliseconds since 1970, or a date."""
    if text is None or not text.isdigit():
        return None if text is None else read_stamp(text, zone, "script")
    seconds = int(text[:10])
    if not EARLIEST_YEAR < 1970 + seconds // 31_556_952 < 2100:
        return None
    return Stamp(at=datetime.fromtimestamp(seconds, zone_of(zone)), precision=Precision.MINUTE, origin="script")


def stamp_of(match: re.Match[str], zone: str, origin: str) -> Stamp | None:
    """The Stamp of a date match; midnight to the second means that only the day is known."""
    found = match.groupdict()
    day = _real_day(int(found["year"]), int(found["month"]), int(found["day"]))
    if day is None or day.year < EARLIEST_YEAR:
        return None
    hour, minute = _clock(found)
    at = datetime(day.year, day.month, day.day, hour or 0, minute or 0, tzinfo=zone_of(zone))
    if hour is None or (hour == minute == 0 and found.get("second") in (None, "00")):
        return Stamp(at=at.replace(hour=0, minute=0), precision=Precision.DAY, origin=origin)
    offset = found.get("zone")
    if offset:
        at = at.replace(tzinfo=None)
        at = datetime.fromisoformat(f"{at.isoformat()}{'+00:00' if offset == 'Z' else offset}").astimezone(
            zone_of(zone)
        )
    return Stamp(at=at, precision=Precision.MINUTE, origin=origin)


def _clock(found: dict[str, str | None]) -> tuple[int | None, int | None]:
    hour, minute = found.get("hour"), found.get("minute")
    if hour is None or minute is None:
        return None, None
    number = int(hour)
    if found.get("half") in _AFTERNOON and number < 12:
        number += 12
    return number, int(minute)


def _real_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@lru_cache
def zone_of(name: str) -> ZoneInfo:
    """The zone of that name; an unknown one is taken for Shanghai."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("Asia/Shanghai")


def day_stamp(day: date, zone: str, origin: str) -> Stamp:
    """A Stamp that knows the day only."""
    return Stamp(
        at=datetime(day.year, day.month, day.day, tzinfo=zone_of(zone)), precision=Precision.DAY, origin=origin
    )


def row_stamp(row: RowDate, zone: str, fetched_at: datetime) -> Stamp | None:
    """A row's date as a Stamp. Without a year it is the latest such day not after the fetch."""
    today = fetched_at.astimezone(zone_of(zone)).date()
    if row.year is not None:
        day = _real_day(row.year, row.month, row.day)
    else:
        years = range(today.year, today.year - 9, -1)  # 29 February comes every four years, but for 1900 and 2100
        days = (_real_day(year, row.month, row.day) for year in years)
        day = next((found for found in days if found is not None and found <= today), None)
    if day is None or day.year < EARLIEST_YEAR:
        return None
    origin = "row" if row.year is not None else "row-without-year"
    if row.hour is None or row.minute is None or (row.hour == 0 and row.minute == 0):
        return day_stamp(day, zone, origin)
    at = datetime(day.year, day.month, day.day, row.hour, row.minute, tzinfo=zone_of(zone))
    return Stamp(at=at, precision=Precision.MINUTE, origin=origin)


def judge_published(
    *,
    labelled: Stamp | None = None,
    row: RowDate | None = None,
    url: str = "",
    tagged: Stamp | None = None,
    generated: Stamp | None = None,
    other: Stamp | None = None,
    fetched_at: datetime,
    zone: str = "Asia/Shanghai",
) -> Stamp | None:
    """When an item was published, from the candidates there are; None where nothing says so.

    `labelled` is the visible date (own selector, 发布时间 …, or in the line beside the title), `tagged` PubDate,
    `generated` the time the page was generated, `other` JSON-LD or Open Graph. None may lie in the future.
    """
    labelled, tagged, other = (_believable(stamp, fetched_at) for stamp in (labelled, tagged, other))
    if tagged is not None and generated is not None and _same_time(tagged, generated):
        tagged = None
    from_row = None if row is None else _believable(row_stamp(row, zone, fetched_at), fetched_at)
    url_day = url_date(url)
    from_url = None if url_day is None else _believable(day_stamp(url_day, zone, "url"), fetched_at)
    if labelled is not None:
        return _sharpened(labelled, from_row, tagged)
    if from_row is not None and from_row.origin == "row":
        return _sharpened(from_row, tagged, other)
    for stamp in (from_url, tagged, other, from_row):
        if stamp is not None:
            return _sharpened(stamp, tagged, other)
    return None


def _sharpened(stamp: Stamp, *others: Stamp | None) -> Stamp:
    """`stamp`, or one of `others` that says the same day and knows the minute too."""
    if stamp.precision is Precision.DAY:
        for other in others:
            if other is not None and other.precision is Precision.MINUTE and other.at.date() == stamp.at.date():
                return Stamp(at=other.at, precision=Precision.MINUTE, origin=f"{stamp.origin}+{other.origin}")
    return stamp


def _believable(stamp: Stamp | None, fetched_at: datetime) -> Stamp | None:
    return None if stamp is None or stamp.at.astimezone(UTC) > fetched_at.astimezone(UTC) + GRACE else stamp


def _same_time(one: Stamp, other: Stamp) -> bool:
    """Equal, or within five minutes: a generator writes the tag when it starts and the note when it ends."""
    if Precision.DAY in (one.precision, other.precision):
        return one.at.date() == other.at.date()
    return abs(one.at - other.at) <= timedelta(minutes=5)
