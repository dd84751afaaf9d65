"""Tables on a narrow terminal, where nothing is cut off; and nothing of the web commands a terminal."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from rich.console import Console
from rich.text import Text

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


# sets the window's title, clears the screen (ESC and its one-character form), turns the writing round
HOSTILE = "川渝\x1b]0;x\x07\x1b[2J\x9b2J\x7f\u202e合作\ud800"
CALMED = "川渝]0;x[2J2J合作"


def test_no_title_commands_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = StringIO()
    monkeypatch.setattr(screen, "out", screen.Screen(file=shown, width=60, force_terminal=True, color_system=None))
    screen.out.print(Text.assemble((HOSTILE, "bold")))
    screen.say(HOSTILE)
    screen.show_table(("title",), [(HOSTILE,)])
    assert [line.strip() for line in shown.getvalue().splitlines()] == [CALMED, CALMED, "title", CALMED]


def test_nor_through_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    screen.say(HOSTILE)
    screen.show_table(("title",), [(HOSTILE,)])
    screen.print_json_line(HOSTILE)
    *lines, last = capsys.readouterr().out.splitlines()
    assert lines == [CALMED, "title", CALMED]
    assert all(character.isprintable() for character in last)
    assert json.loads(last) == HOSTILE.replace("\ud800", "?")  # what a program reads is whole
