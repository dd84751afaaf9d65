"""Addresses of lists that hold exactly the stories that were counted; none where no question says that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from crawler.text.asked import read_query
from crawler.text.query import joined
from web.query import WORDS_LENGTH, StoryQuery

UNDATED = "日期:无"
_FIELDS = {"region": "地区", "topic": "主题"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was asked for when the stories were counted; `has_undated` says that some of them have no date."""

    query: StoryQuery
    has_undated: bool

    def list_of(self, *fields: str, **keys: str) -> str | None:
        """Those of the stories with all these fields, as in words, and these keys: a region, a topic."""
        free = {name: key for name, key in keys.items() if getattr(self.query, name) is None}
        # of two regions both must hold
        taken = [f"{_FIELDS[name]}:{key}" for name, key in keys.items() if name not in free]
        return self._list((*fields, *taken), free)

    def list_of_days(self, first: date, last: date, *fields: str) -> str | None:
        """Those of the stories with a date from `first` to `last`."""
        since, until = self.query.since or first, self.query.until or last
        days = {"since": max(first, since), "until": min(last, until)}
        # a filter by day takes an undated story by when it was first seen, and a count by period leaves it out
        return self._list((*fields, f"-{UNDATED}") if self.has_undated else fields, days)

    def _list(self, fields: tuple[str, ...], changed: dict[str, str] | dict[str, date]) -> str | None:
        words = self.query.q
        for field in fields:
            words = _with(words, field)
            if words is None:
                return None
        return f"/search?{self.query.to_string(page=1, q=words, **changed)}"


def _with(words: str | None, field: str) -> str | None:
    """Words that ask for both; None where a reader's are too many for that, or brackets and quotes do not match."""
    if words is None:
        return field
    asked, more = read_query(words).expression, read_query(field).expression
    if asked is None or more is None:
        return None
    both = joined((asked, more))
    for text in (f"{words} {field}", f"({words}) {field}"):
        if len(text) <= WORDS_LENGTH and read_query(text).expression == both:
            return text
    return None
