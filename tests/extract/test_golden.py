"""Stored pages read as a person says they must be; `pytest --accept` rewrites what has changed, and still fails."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import pytest

from tests.extract.conftest import FIELDS, PAGES, golden_cases, read_case

_read = lru_cache(maxsize=None)(read_case)


def _expected(case: str) -> dict[str, Any]:
    path = PAGES / case / "expected.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


@pytest.mark.parametrize("case", golden_cases())
@pytest.mark.parametrize("field", FIELDS)
def test_field(case: str, field: str, request: pytest.FixtureRequest) -> None:
    expected, found = _expected(case), _read(case)
    if found.get(field) == expected.get(field):
        return
    if request.config.getoption("--accept", default=False):
        changed = {name: value for name, value in {**expected, field: found.get(field)}.items() if value}
        text = json.dumps(changed, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        (PAGES / case / "expected.json").write_text(text, "utf-8")
    assert found.get(field) == expected.get(field)


@pytest.mark.parametrize("case", golden_cases())
def test_case_says_where_it_is_from(case: str) -> None:
    meta = json.loads((PAGES / case / "meta.json").read_text("utf-8"))
    assert meta["origin"] in ("synthetic", "captured")
    assert meta["url"].startswith("http")
    expected = _expected(case)
    assert expected, "a case without expectations tests nothing"
    assert all(expected.values()), "an absent field is left out, not empty"
    assert set(expected) <= set(FIELDS)
