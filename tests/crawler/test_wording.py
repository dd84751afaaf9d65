"""Details of reasons are shown in the reader's language, whatever stands in their places."""

from __future__ import annotations

import pytest

from crawler.model import Reason
from crawler.wording import detail_text, told
from tests.conftest import ROOT

ROOMS = [
    path
    for room in ("crawler/extract", "crawler/health", "crawler/net", "crawler/warc", "crawler/cli/importing", "spiders")
    for path in (ROOT / room).glob("*.py")
]


@pytest.mark.parametrize(
    ("detail", "shown"),
    [
        ("0 rows, at least 1 expected", "0 行，至少应有 1 行"),
        ("a.example is 10.0.0.1", "a.example 指向 10.0.0.1"),
        ("no showlist list: it looks like trs, ucap", "不是 showlist 列表，看来是 trs, ucap"),
        ("its pages are damaged", "各页已损坏"),
        ("https://a.example/x", "https://a.example/x"),
        ("", ""),
        ("{count} rows left out", "{count} 行未读"),  # no name of a detail is ever filled in
    ],
)
def test_a_detail_is_told_in_chinese(detail: str, shown: str) -> None:
    assert detail_text(detail) == shown


def test_a_reason_is_told_with_its_detail() -> None:
    assert told(Reason.NO_ROWS, "2 rows, at least 5 expected").endswith("(2 行，至少应有 5 行)")
    assert "(" not in told(Reason.TIMEOUT, "")


def test_the_wordings_are_those_of_the_rooms() -> None:
    from crawler.wording import _DETAILS

    said = "\n".join(path.read_text("utf-8") for path in ROOMS)
    for message in _DETAILS:
        longest = max((part.partition("{")[0] for part in message.split("}")), key=len).strip()
        assert longest in said, message
