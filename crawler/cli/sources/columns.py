"""How commands name what the lists of a source hold, and count the sources by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from crawler.language import _
from crawler.model import Source


def column_text(column: str) -> str:
    """What a source's lists hold, in a word."""
    return {"news": _("news"), "notices": _("notices"), "policy": _("policy")}.get(column) or _("mixed")


def columns_text(sources: Iterable[Source]) -> str:
    """How many sources hold what; those with notices or policy only want a news column."""
    count = Counter(source.column for source in sources)
    return _("with news: {news}, mixed: {mixed}, notices only: {notices}, policy only: {policy}").format(
        news=count["news"], mixed=count["mixed"], notices=count["notices"], policy=count["policy"]
    )
