"""docs/export.md names every column that is exported, of each kind of rows, and no other."""

from __future__ import annotations

import re

import pytest

from crawler.cli.questions.sheets import sheet_of
from crawler.taxonomy import load_taxonomy
from tests.conftest import ROOT

# "| `published`, `published_day` | when …"
ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \|", re.MULTILINE)


@pytest.mark.parametrize("what", ["stories", "items", "refused"])
def test_every_column_is_described(what: str) -> None:
    page = (ROOT / "docs" / "export.md").read_text("utf-8")
    chapter = page.partition(f"\n## {what.title()}\n")[2].partition("\n## ")[0]
    described = [name for row in ROW.findall(chapter) for name in re.findall(r"\w+", row)]
    columns = sheet_of(what, load_taxonomy(), with_body=True).columns
    assert sorted(described) == sorted(column.name for column in columns)
