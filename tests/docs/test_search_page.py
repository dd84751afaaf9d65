"""The page on searching is held to the parser: every query it shows is understood."""

from __future__ import annotations

import re

import pytest

from archive.search.asking import Filters, ask
from archive.search.ranking import MAX_RANKED
from crawler.taxonomy import load_taxonomy
from crawler.text.asked import read_query
from crawler.text.fields import FIELD_OF, KINDS
from crawler.text.query import Field, Phrase, leaves
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "search.md").read_text("utf-8")
ROWS = re.findall(r"^\| `(.+?)` \| (.*) \|$", PAGE, re.MULTILINE)
# what else a row shows between backquotes: queries, but for the marks of a phrase and of an operator
QUERIES = [query for first, rest in ROWS for query in (first, *re.findall(r"`([^`]+)`", rest)) if "…" not in query]


def test_the_page_has_queries() -> None:
    assert len(ROWS) > 15
    assert len(QUERIES) > 30


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_the_page_is_understood(query: str) -> None:
    query = query.replace("\\|", "|")
    assert ask(query, Filters(), load_taxonomy(None)).slips == ()
    expression = read_query(query).expression
    assert expression is not None
    names = {leaf.name for leaf in leaves(expression) if isinstance(leaf, Field)}
    named = {FIELD_OF[name] for name in re.findall(r"([a-z]+|[一-鿿]+):", query)}
    assert names == named - {"title"}
    assert ("title" in named) == any(isinstance(leaf, Phrase) and leaf.is_title for leaf in leaves(expression))


def test_the_page_names_every_field_kind_and_bound() -> None:
    shown = " ".join(QUERIES)
    assert {FIELD_OF[name] for name in re.findall(r"([a-z]+|[一-鿿]+):", shown)} == set(FIELD_OF.values())
    assert all(f"({kind})" in PAGE for kind in KINDS)
    assert f"{MAX_RANKED:,}" in PAGE
