"""What a visitor asks for: the query string as a checked value, and the value as a query string again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Literal
from urllib.parse import urlencode

from crawler.language import _
from crawler.text.fields import days_of
from crawler.text.harmless import harmless

# Of the words: what the API takes too; a query with fields and brackets may be long.
WORDS_LENGTH = 1000

# Of a name; longer than any agreement's.
_NAME_LENGTH = 200

# Addresses longer than this are refused by most servers that could have published them.
URL_LENGTH = 2000

PAGE_SIZE = 30

# Enough for 30,000 stories by hand; who needs more exports the archive.
_LAST_PAGE = 1000


class BadQueryError(Exception):
    """A query cannot be understood; the message says which part and why."""


_DEFAULTS = {"order": "time", "page": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryQuery:
    """Which stories to list. All parts are optional and narrow the list together."""

    q: str | None = None
    zone: str | None = None
    region: str | None = None
    topic: str | None = None
    source: str | None = None
    since: date | None = None
    until: date | None = None
    order: Literal["time", "relevance"] = "time"
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        """True where any part was given."""
        return any(getattr(self, part.name) is not None for part in fields(self) if part.name not in _DEFAULTS)

    def to_string(self, **changed: object) -> str:
        """The query string of this query with `changed` parts; None takes a part away, defaults go unsaid."""
        parts = {part.name: getattr(self, part.name) for part in fields(self)} | changed
        given = {name: value for name, value in parts.items() if value not in (None, _DEFAULTS.get(name))}
        return urlencode(given)


def read_query(parameters: Mapping[str, str]) -> StoryQuery:
    """The query in `parameters`; unknown ones are passed over. Raises BadQueryError."""
    words = _text(parameters, "q")
    if words is not None and len(words) > WORDS_LENGTH:
        raise BadQueryError(_("The search has {n} characters; at most {most}.").format(n=len(words), most=WORDS_LENGTH))
    return StoryQuery(
        q=words,
        zone=_short(parameters, "zone"),
        region=_short(parameters, "region"),
        topic=_short(parameters, "topic"),
        source=_short(parameters, "source"),
        since=_day(parameters, "since"),
        until=_day(parameters, "until", is_last=True),
        order="relevance" if _text(parameters, "order") == "relevance" else "time",
        page=_page(parameters),
    )


def read_url(parameters: Mapping[str, str]) -> str | None:
    """The `url` in `parameters`. Raises BadQueryError where it is too long to be one."""
    url = _text(parameters, "url")
    if url is not None and len(url) > URL_LENGTH:
        raise BadQueryError(_("The address has {n} characters; at most {most}.").format(n=len(url), most=URL_LENGTH))
    return url


def _text(parameters: Mapping[str, str], name: str) -> str | None:
    return " ".join(harmless(parameters.get(name, "")).split()) or None


def _short(parameters: Mapping[str, str], name: str) -> str | None:
    text = _text(parameters, name)
    if text is not None and len(text) > _NAME_LENGTH:
        raise BadQueryError(_("There is no such {name}.").format(name=name))
    return text


def _day(parameters: Mapping[str, str], name: str, *, is_last: bool = False) -> date | None:
    """A day, or the first or last one of a month or year, as the commands and the HTTP interface take it."""
    text = _text(parameters, name)
    if text is None:
        return None
    days = days_of(text)
    if days is None:
        raise BadQueryError(
            _("{value}: a day is written 2026-03-01, a month 2026-03, a year 2026").format(value=text[:_NAME_LENGTH])
        )
    return days[1] if is_last else days[0]


def _page(parameters: Mapping[str, str]) -> int:
    text = parameters.get("page", "1")
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and 1 <= int(text) <= _LAST_PAGE):
        raise BadQueryError(_("There is no such page of the list."))
    return int(text)
