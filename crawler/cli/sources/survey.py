"""What a look at a source finds, held against what its file expects; and the shape that addresses of articles share.

Pure: asks nobody and speaks to nobody.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import urlsplit

from crawler.extract.dates import row_stamp, zone_of
from crawler.extract.decode import decode
from crawler.extract.families import family_selectors
from crawler.extract.recognise import families_of
from crawler.model import Article, Entry, Page, PollReport, Reason, Source


class Fault(StrEnum):
    """What may be wrong with a source, as a look shows it."""

    FAILED = "failed"  # the list was not read; the reason says why
    FEW_ROWS = "few-rows"
    SILENT = "silent"  # the newest row is older than the longest normal silence
    NO_ARTICLE_ROW = "no-article-row"  # rows, but none leads to an article that would be fetched
    ARTICLE_REFUSED = "article-refused"
    UNDATED_ARTICLE = "undated-article"
    NO_FAMILY_MARK = "no-family-mark"  # the article shows nothing of the family


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong; `reason` and `detail` where there is more to say."""

    fault: Fault
    reason: Reason | None = None
    detail: str = ""


@dataclass(kw_only=True)
class Look:
    """What one poll of one list, and of one article on it, showed."""

    entries: list[Entry] = field(default_factory=list)
    chosen: Entry | None = None
    article: Article | None = None
    page: Page | None = None
    refused: tuple[Reason, str] | None = None  # why the chosen article came to nothing


def newest_row(look: Look, source: Source, as_of: datetime) -> date | None:
    """The newest day on the list; a row without a year counts as the latest such day, one from the future not."""
    zone = zone_of(source.timezone)
    stamps = (row_stamp(entry.date, source.timezone, as_of) for entry in look.entries if entry.date is not None)
    days = (stamp.at.astimezone(zone).date() for stamp in stamps if stamp is not None)
    return max((day for day in days if day <= as_of.astimezone(zone).date()), default=None)


def findings_of(look: Look, report: PollReport, source: Source, as_of: datetime) -> tuple[Finding, ...]:
    """What is wrong with a source by its own file, the worst first; empty where all is as expected."""
    if report.reason is not None:
        return (Finding(fault=Fault.FAILED, reason=report.reason, detail=report.detail),)
    found = []
    if len(look.entries) < source.min_rows:
        found.append(Finding(fault=Fault.FEW_ROWS, detail=f"{len(look.entries)} < {source.min_rows}"))
    newest = newest_row(look, source, as_of)
    if newest is not None and source.max_silence_days is not None:
        silence = (as_of.astimezone(zone_of(source.timezone)).date() - newest).days
        if silence > source.max_silence_days:
            found.append(Finding(fault=Fault.SILENT, detail=f"{silence} > {source.max_silence_days}"))
    found += _article_findings(look, source)
    return tuple(found)


def _article_findings(look: Look, source: Source) -> Iterable[Finding]:
    if look.entries and look.chosen is None:
        yield Finding(fault=Fault.NO_ARTICLE_ROW, detail=look.entries[0].url)
    elif look.refused is not None:
        yield Finding(fault=Fault.ARTICLE_REFUSED, reason=look.refused[0], detail=look.refused[1])
    elif look.article is not None and look.page is not None:
        if look.article.published is None:
            yield Finding(fault=Fault.UNDATED_ARTICLE)
        if not _shows_family(look.article, look.page, source):
            yield Finding(fault=Fault.NO_FAMILY_MARK, detail=source.family)


def _shows_family(article: Article, page: Page, source: Source) -> bool:
    """True where the text stood in a box that the family names, or the page carries the family's marks.

    Families whose article pages have no marks of their own are never missed, nor are other hosts' articles.
    """
    if family_selectors(source.family).body is None or (urlsplit(page.url).hostname or "") not in source.hosts:
        return True
    if article.origins.get("body") != "generic":
        return True
    return source.family in families_of(decode(page.body, headers=page.headers).text, page.url)


# In the order of trial: the narrow ones first, so that a UUID is no run of digits.
_VARIABLE = re.compile(
    r"(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    r"|(?P<hex>(?<![0-9a-z])[0-9a-f]{32}(?![0-9a-z]))"
    r"|(?P<digits>\d+)"
)
_UUID = "[0-9a-f-]{36}"
_HEX = "[0-9a-f]{32}"
# "zhaopin-hui", "a1b2c3": names of files that have no number in them
_WORD = re.compile(r"^[^/.?]+(?=\.[a-z]+$|$)", re.IGNORECASE)

# A shape stands for a list only where so many of its rows have it; the rest are a banner or a neighbour's column.
SHARE = 0.7
# Two addresses are alike by chance.
MIN_ALIKE = 3


def article_shape(urls: Sequence[str], list_url: str) -> str | None:
    r"""A regex for the addresses that rows on the list's own host share, such as `/news/\d{8}/\d+\.html$`.

    The longest common part of the path is kept. None where rows are too few or too unlike.
    """
    host = urlsplit(list_url).hostname
    paths = [
        parts.path + (f"?{parts.query}" if parts.query else "")
        for parts in map(urlsplit, dict.fromkeys(urls))
        if parts.hostname == host
    ]
    # any name at all says nothing without the folder it stands in
    for shape_of, shortest in ((_numbered, 1), (_named, 2)):
        shape = _common_tail([shape_of(path) for path in paths], shortest)
        if shape is not None and not re.search(shape, urlsplit(list_url).path):
            return shape
    return None


def _common_tail(shapes: Sequence[tuple[str, ...]], shortest: int) -> str | None:
    """The longest tail of path segments that most rows share and in which something varies."""
    longest = max(map(len, shapes), default=0)
    for length in range(longest, shortest - 1, -1):
        tails = Counter(shape[-length:] for shape in shapes if len(shape) >= length)
        if not tails:
            continue
        tail, count = tails.most_common(1)[0]
        if count < max(MIN_ALIKE, SHARE * len(shapes)):
            continue
        pattern = "/" + "/".join(tail) + "$"
        if "[" not in tail[-1] and r"\d" not in tail[-1]:
            continue
        is_whole = all(len(shape) == length for shape in shapes if shape[-length:] == tail)
        return ("^" if is_whole else "") + pattern
    return None


def _numbered(path: str) -> tuple[str, ...]:
    """The segments of a path with numbers made general: dates keep their length, counters do not."""
    return tuple(map(_general, _segments(path)))


def _named(path: str) -> tuple[str, ...]:
    r"""As `_numbered`, with any name for the last segment: `/xwzx/[^/]+\.html`."""
    *folders, name = _segments(path)
    ending = _WORD.sub("", name)
    return (*map(_general, folders), rf"[^/]+{re.escape(ending)}")


def _segments(path: str) -> list[str]:
    """ "/news/12/" → news, 12/: what a slash ends is a name too."""
    return re.findall(r"[^/]+/$|[^/]+", path) or [""]


def _general(segment: str) -> str:
    parts: list[str] = []
    at = 0
    for found in _VARIABLE.finditer(segment):
        parts.append(re.escape(segment[at : found.start()]).replace(r"\-", "-"))
        parts.append(_class_of(found))
        at = found.end()
    parts.append(re.escape(segment[at:]).replace(r"\-", "-"))
    return "".join(parts)


def _class_of(found: re.Match[str]) -> str:
    if found["uuid"]:
        return _UUID
    if found["hex"]:
        return _HEX
    digits = found[0]
    # "2024", "202403", "20240301": a date; anything else may grow a digit
    is_date = len(digits) in (4, 6, 8) and digits.startswith("20")
    return rf"\d{{{len(digits)}}}" if is_date else r"\d+"
