"""Marks in a judged text: none over another, none beside the text; colours on a terminal. Synthetic."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from archive.records import JudgementRecord, Label, LabelRecord, UrlHistory, Verdict
from archive.storing.labels import PART
from crawler.cli import screen
from crawler.cli.questions import judged
from crawler.cli.questions.judged import label_text, marks_of, print_judgement
from crawler.language import use_language
from crawler.model import Evidence
from crawler.taxonomy import load_taxonomy
from web.api.explained import Labelled

TITLE, BODY = "川渝签署劳务协作协议", f"{'前' * 50}川渝劳务{'中' * 90}协作{'后' * 50}"
RECORD = LabelRecord(
    item_id=1,
    label=Label(relevant=False, by="kim", note="只是口号"),
    labelled_at=datetime(2026, 3, 2, 4, 0, tzinfo=UTC),
    machine=Verdict(relevant=True, score=0.9, regions=(), zones=("川渝",), topics=()),
)


def said(part: str, text: str, start: int, where: str = "title") -> Evidence:
    return Evidence(part=part, key=text, text=text, where=where, start=start, end=start + len(text), weight=3.0)


EVIDENCE = (
    Evidence(part=PART, key="not", text="kim 2026-03-02", where="title", start=0, end=0),
    said("zone", "川渝", 0),
    said("subject", "劳务", 4),
    said("cooperation", "劳务协作", 4),
    said("subject", "劳务", 52, "body"),
    said("cooperation", "协作", 144, "body"),
)


def printed(monkeypatch: pytest.MonkeyPatch, *, on_terminal: bool, capsys: pytest.CaptureFixture[str]) -> str:
    use_language("en")
    file = io.StringIO()
    console = Console(file=file, force_terminal=on_terminal, width=500, highlight=False)
    for module in (judged, screen):
        monkeypatch.setattr(module, "out", console)
    judgement = JudgementRecord(
        relevant=False,
        score=0.0,
        regions=(),
        zones=("川渝",),
        topics=(),
        agreements=(),
        event_date=None,
        evidence=EVIDENCE,
        version="test",
        label=RECORD,
    )
    history = UrlHistory(url="u", url_key="u", entry=None, folded_title=TITLE, folded_body=BODY, judgement=judgement)
    print_judgement(history, judgement, load_taxonomy())
    return file.getvalue() + capsys.readouterr().out


def test_marks_lie_side_by_side_within_the_text() -> None:
    marks = marks_of(TITLE, [one for one in EVIDENCE if one.where == "title"])
    assert [one.text for one in marks] == ["川渝", "劳务协作"]
    assert marks_of("短", [said("subject", "劳务", 0), said("subject", "劳务", 900)]) == []


def test_in_a_pipe_words_stand_in_brackets_with_the_text_around_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(monkeypatch, on_terminal=False, capsys=capsys).splitlines()
    assert lines[1] == "labelled not relevant by kim on 2026-03-02 12:00; the rules say relevant (0.90): 只是口号"
    assert "【川渝】签署【劳务协作】协议" in lines
    body = next(line for line in lines if "【劳务】" in line)
    assert body == f"…{'前' * 28}川渝【劳务】{'中' * 30}…{'中' * 30}【协作】{'后' * 30}…"
    assert any("劳务协作" in line and "+3.00" in line for line in lines)


def test_on_a_terminal_words_are_coloured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    shown = printed(monkeypatch, on_terminal=True, capsys=capsys)
    assert "\x1b[1;36m劳务协作\x1b[0m" in shown
    assert "【" not in shown


def test_a_label_is_told_with_what_it_overrides() -> None:
    use_language("en")
    assert "the rules say relevant (0.90)" in label_text(RECORD)
    assert Labelled.of(RECORD).model_dump(mode="json")["rules"] == {
        "relevant": True,
        "score": 0.9,
        "regions": [],
        "zones": ["川渝"],
        "topics": [],
    }
