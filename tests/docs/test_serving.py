"""docs/serving.md: what other servers are told of the files is what the built-in one says."""

from __future__ import annotations

import re

from tests.conftest import ROOT
from web.feedfiles import CACHE_CONTROL, TYPES

PAGE = (ROOT / "docs" / "serving.md").read_text("utf-8")
# "application/rss+xml   rss;"
TYPE = re.compile(r"^ +(\w+/[\w+-]+) +(\w+);$", re.MULTILINE)


def test_nginx_is_told_the_type_of_every_file() -> None:
    block = re.search(r"```nginx\n(.*?)```", PAGE, re.DOTALL)
    assert block is not None
    told = {ending: kind for kind, ending in TYPE.findall(block[1])}
    assert told == {ending: kind.partition(";")[0] for ending, kind in TYPES.items()}
    charsets = re.search(r"charset_types([^;]+);", block[1])
    assert charsets is not None
    with_charset = {kind.partition(";")[0] for kind in TYPES.values() if "charset" in kind}
    assert with_charset <= {*charsets[1].split(), "text/html"}  # nginx gives that one without being asked
    assert f'"{CACHE_CONTROL}"' in block[1]


def test_caddy_is_told_too() -> None:
    block = re.search(r"```\n(feeds\.example\.org \{.*?)```", PAGE, re.DOTALL)
    assert block is not None
    for ending, kind in re.findall(r'header \*\.(\w+) Content-Type "([^"]+)"', block[1]):
        assert TYPES[ending] == kind
    endings = re.search(r"\\\.\(([a-z|]+)\)\$", block[1])
    assert endings is not None
    assert set(endings[1].split("|")) == set(TYPES)
