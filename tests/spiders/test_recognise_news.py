"""The news families' own golden lists are recognised as theirs, and by nobody else's marks first."""

from __future__ import annotations

import json

import pytest

from crawler.extract.decode import decode
from crawler.extract.recognise import families_of
from tests.spiders.golden import PAGES

CASES = (
    "people/list-channel-gbk",
    "xinhua/list-shell-with-datasource",
    "xinhua/list-datasource",
    "chinanews/list-rolling",
    "govcn/list-yaowen",
    "thecover/list-channel",
    "sitemap/list-news",
    "sitemap/list-index",
)


@pytest.mark.parametrize("case", CASES)
def test_the_family_is_the_likeliest(case: str) -> None:
    folder = PAGES / case
    url = json.loads((folder / "meta.json").read_text("utf-8"))["url"]
    text = decode(next(folder.glob("list.*")).read_bytes()).text
    assert families_of(text, url)[:1] == (case.split("/", maxsplit=1)[0],)
