"""The stored real feeds, in the charsets they came in: every item is a row, no title is damaged. Ids are the files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crawler.errors import RefusedError
from crawler.model import Reason
from tests.conftest import SHARED
from tests.spiders.golden import family, list_of

ITEM = re.compile(rb"<(?:item|entry)[\s>]", re.IGNORECASE)


def _stored(*, is_feed: bool) -> list[str]:
    """The files of the character-set collections that hold items, or none."""
    pages = SHARED / "pages"
    found = [path for folder in ("charset_chardet", "charset_char_dataset") for path in (pages / folder).rglob("*.*")]
    return sorted(
        str(path.relative_to(pages))
        for path in found
        if path.is_file() and bool(ITEM.search(path.read_bytes())) is is_feed
    )


@pytest.mark.parametrize("path", _stored(is_feed=True))
def test_every_item_of_a_real_feed_is_a_row(path: str, shared: Path) -> None:
    body = (shared / "pages" / path).read_bytes()
    rows = family("feed").read_rows(*list_of(body, "http://feed.example/rss.xml", family="feed"))
    assert len(rows) == len(ITEM.findall(body))
    assert not [row.title for row in rows if "\ufffd" in row.title]


@pytest.mark.parametrize("path", _stored(is_feed=False))
def test_what_is_no_feed_is_refused_whatever_its_charset(path: str, shared: Path) -> None:
    body = (shared / "pages" / path).read_bytes()
    with pytest.raises(RefusedError) as refused:
        family("feed").read_rows(*list_of(body, "http://feed.example/rss.xml", family="feed"))
    assert refused.value.reason is Reason.WRONG_TYPE
