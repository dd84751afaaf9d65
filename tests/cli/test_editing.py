"""Source files changed in place: what is not meant to change does not. Synthetic."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from crawler.cli.sources.editing import Change, changed
from crawler.errors import CatalogueError

DAY = date(2026, 11, 22)
FILE = """# synthetic: the head
id = "x"
family = "trs"  # seen on its pages
article = '/t\\d+_\\d+\\.html$'
column = "notices"

# why this list: nothing else was seen
[[list]]
url = "https://x.example/tzgg/"
name = "通知公告"

# the second one
[[list]]
url = "https://x.example/zcwj/"

[expect]
min_rows = 3

[[notes]]
date = 2026-09-01
text = "An old note."
"""


def test_a_list_is_put_first_and_comments_stay() -> None:
    new = changed(
        FILE,
        Change(
            keys={"column": "mixed"},
            new_list={"url": "https://x.example/gzdt/", "name": "工作动态", "rows": "ul.a > li"},
            note="找到的",
            day=DAY,
        ),
    )
    facts = tomllib.loads(new)
    assert [listed["url"][-6:] for listed in facts["list"]] == ["/gzdt/", "/tzgg/", "/zcwj/"]
    assert (facts["column"], facts["list"][0]["rows"]) == ("mixed", "ul.a > li")
    assert [note["text"] for note in facts["notes"]] == ["An old note.", "找到的"]
    assert facts["notes"][1]["date"] == DAY
    lines = new.splitlines()
    # every old line but the changed one is there, in its order, and comments stand above what they are about
    kept = [line for line in FILE.splitlines() if not line.startswith("column")]
    rest = iter(lines)
    assert all(line in rest for line in kept)
    assert lines[lines.index("# why this list: nothing else was seen") + 2] == 'url = "https://x.example/tzgg/"'


def test_keys_of_the_first_list_are_set_and_removed() -> None:
    new = changed(
        FILE,
        Change(
            keys={"article": None}, first_list={"rows": "#a > li", "name": None, "article": r"\d+'x"}, note="n", day=DAY
        ),
    )
    facts = tomllib.loads(new)
    assert facts["list"][0] == {"url": "https://x.example/tzgg/", "rows": "#a > li", "article": r"\d+'x"}
    assert facts["list"][1] == {"url": "https://x.example/zcwj/"}
    assert "article" not in facts
    assert "# the second one\n[[list]]" in new


def test_line_ends_of_windows_stay() -> None:
    new = changed(FILE.replace("\n", "\r\n"), Change(keys={"column": "mixed"}, note="n", day=DAY))
    assert new.count("\n") == new.count("\r\n")
    assert tomllib.loads(new)["column"] == "mixed"


@pytest.mark.parametrize(
    "text",
    [
        'id = "x"\nlist = [{ url = "https://x.example/" }]\n',
        FILE.replace('column = "notices"', 'why = """\ncolumn = "news"\n"""\ncolumn = "notices"'),
    ],
)
def test_what_lines_cannot_change_is_left_to_hands(text: str) -> None:
    with pytest.raises(CatalogueError, match="by hand"):
        changed(text, Change(keys={"column": "mixed"}, first_list={"rows": "li"}, note="n", day=DAY))
