"""Tables on a narrow terminal: nothing is cut off."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from crawler.cli import screen


def test_a_narrow_table_keeps_dates_whole_and_long_titles_to_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = StringIO()
    monkeypatch.setattr(screen, "out", Console(file=shown, width=60, force_terminal=True, color_system=None))
    title = "合成新闻：川渝两地人社部门签署人力资源合作协议并举行座谈会"
    address = "http://rsj.heping.example/zwxx_182/gzdt/202611/t20261118_1600588.html"
    screen.show_table(("date", "title", "address"), [("2026-11-18 08:05", title, address)])
    lines = shown.getvalue().splitlines()
    assert any(line.startswith("2026-11-18 08:05 ") for line in lines)
    parts = [line[18:].split() for line in lines[1:]]
    assert "".join(part for line in parts for part in line if part[0] > "\u3000") == title
    assert "".join(part for line in parts for part in line if part[0] < "\u3000") == address
    assert "…" not in shown.getvalue()
