"""Rows of lists that come as data: JSON and JSONP answers, objects of scripts. Pure; knows no endpoint's names.

Says what is wrong where an endpoint answers something else: a page of HTML, an error, too deep a nesting.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from crawler.errors import RefusedError
from crawler.extract.dates import row_date, script_stamp
from crawler.extract.decode import decode
from crawler.extract.rows import CUT, MARKS, PINNED, TEMPLATE, Row, matches
from crawler.model import Page, Reason, RowDate, Source
from crawler.text.urls import web_address

# "callback({…});", "jQuery1102_1690({…})"
_JSONP = re.compile(r"^\s*[\w$.]{1,100}\s*\((.*)\)\s*;?\s*$", re.DOTALL)
# "国家广播电视总局令（第16号）<br/>微短剧"
_BREAK = re.compile(r"<(?:br|/?p)\b[^<>]{0,100}>", re.IGNORECASE)
# "<em>人社</em>"; a lone "<" stays
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
# "1790758800000", "1790758800": milliseconds or seconds since 1970, from 2001 to 2033
_EPOCH = re.compile(r"^1\d{9}(?:\d{3})?$")
# What is shown of an answer that is not what was asked for.
_SHOWN_CHARS = 60


def is_json(page: Page) -> bool:
    """True for an answer that begins as JSON does, whatever its headers say."""
    return page.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def json_of(page: Page, source: Source) -> Any:
    """What a JSON endpoint answered; raises RefusedError where it answered something else, such as an error page."""
    text = decode(page.body, headers=page.headers, charset=source.charset).text.lstrip("\ufeff \t\r\n")
    shown = " ".join(text[: _SHOWN_CHARS * 4].split())[:_SHOWN_CHARS]
    if text.startswith("<"):
        raise RefusedError(Reason.WRONG_TYPE, f"HTML instead of JSON: {shown}")
    if (wrapped := _JSONP.match(text)) is not None:
        text = wrapped[1]
    try:
        return json.loads(text)
    # RecursionError: "[[[[…"; ValueError also for a number of more than 4,300 figures
    except (ValueError, RecursionError) as error:
        raise RefusedError(Reason.WRONG_TYPE, f"no JSON ({error}): {shown}") from error


def items_in(value: Any, *path: str) -> Iterator[dict[str, Any]]:
    """The objects of the list at `path`; raises RefusedError, naming the path, where there is no list."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    if not isinstance(value, list):
        raise RefusedError(Reason.WRONG_TYPE, f"no list at {'.'.join(path) or 'the top'} of the answer")
    return (item for item in value if isinstance(item, dict))


def first_text(item: dict[str, Any], *names: str) -> str:
    """The first of these fields that holds text or a number, as text; "" where none does."""
    for name in names:
        value = item.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def total_of(item: dict[str, Any], name: str) -> float:
    """The count of records that an answer declares; infinite where it declares none: an empty page is the end then."""
    value = first_text(item, name)
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else float("inf")


def json_row(*, title: str, href: str, stamp: str, base_url: str, zone: str, article: str | None) -> Row | None:
    """A row of data as a Row; None for one without a title, or of an unrendered template."""
    headline = " ".join(html.unescape(_TAG.sub("", _BREAK.sub(" ", title))).split())
    is_pinned = PINNED.match(headline) is not None
    headline = MARKS.sub("", PINNED.sub("", headline)).strip()
    if not headline or TEMPLATE.search(headline) or TEMPLATE.search(href):
        return None
    url = web_address(base_url, href)
    return Row(
        href=href,
        url=url,
        title=headline,
        date=_date(stamp, zone),
        is_pinned=is_pinned,
        is_article=url is not None and article is not None and matches(re.compile(article), url),
    )


def unique(rows: Iterable[Row | None]) -> tuple[Row, ...]:
    """The rows there are, each address once; a headline that is whole takes the place of one that is cut."""
    found: dict[str, Row] = {}
    for row in rows:
        if row is None:
            continue
        key = row.url or f"{row.href} {row.title}"
        if key not in found or (CUT.search(found[key].title) and not CUT.search(row.title)):
            found[key] = row
    return tuple(found.values())


def _date(stamp: str, zone: str) -> RowDate | None:
    """`2026-05-25 11:06`, `2026.09.30`, `20260911`, seconds or milliseconds since 1970."""
    if not _EPOCH.match(stamp):
        return row_date(stamp)
    known = script_stamp(stamp, zone)
    if known is None:
        return None
    at = known.at
    has_clock = (at.hour, at.minute) != (0, 0)  # midnight means that only the day is known
    return RowDate(
        year=at.year,
        month=at.month,
        day=at.day,
        hour=at.hour if has_clock else None,
        minute=at.minute if has_clock else None,
    )
