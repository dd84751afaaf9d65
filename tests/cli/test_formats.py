"""CSV, JSON Lines and Parquet give back what was put in, whatever it holds. All texts are synthetic."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crawler.cli.output.formats import row_writer
from crawler.cli.questions.sheets import Column, Kind
from crawler.cli.screen import CHINA
from crawler.errors import OutputError

pyarrow = pytest.importorskip("pyarrow")

COLUMNS: tuple[Column[dict[str, Any]], ...] = tuple(
    Column(name, kind, lambda row, name=name: row.get(name))  # type: ignore[misc]
    for name, kind in (
        ("id", Kind.INTEGER),
        ("title", Kind.TEXT),
        ("at", Kind.TIME),
        ("day", Kind.DAY),
        ("score", Kind.NUMBER),
        ("is_so", Kind.TRUTH),
        ("zones", Kind.TEXTS),
    )
)
AT = datetime(2026, 3, 1, 16, 30, tzinfo=UTC).astimezone(CHINA)
PLAIN = {
    "id": 1,
    "title": "川渝",
    "at": AT,
    "day": date(2026, 3, 2),
    "score": 0.9,
    "is_so": True,
    "zones": ("甲", "乙"),
}
EMPTY = {"id": 2, "zones": ()}
ODD = (
    'says "so", twice',
    "two\nlines",
    "x" * 5_000,
    "a,b;c\td",
    "emoji 🎉 and 𠮷",
    "'quoted'",
    "\u2028\ufeff",
)


def written(format_: str, *rows: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    with row_writer(format_, stream, COLUMNS) as writer:
        for row in rows:
            writer.write(row)
    return stream.getvalue()


def csv_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def json_of(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.decode("utf-8").split("\n")[:-1]]


def parquet_of(content: bytes) -> list[dict[str, Any]]:
    from pyarrow import parquet

    rows: list[dict[str, Any]] = parquet.read_table(io.BytesIO(content)).to_pylist()
    return rows


def test_csv_opens_in_excel() -> None:
    content = written("csv", PLAIN, EMPTY)
    assert content.startswith(b"\xef\xbb\xbfid,title,")
    assert content.count(b"\r\n") == 3
    assert csv_of(content) == [
        {
            "id": "1",
            "title": "川渝",
            "at": "2026-03-02T00:30:00+08:00",
            "day": "2026-03-02",
            "score": "0.9",
            "is_so": "true",
            "zones": "甲; 乙",
        },
        {"id": "2", "title": "", "at": "", "day": "", "score": "", "is_so": "", "zones": ""},
    ]


def test_json_lines_keep_lists_and_what_is_absent() -> None:
    assert json_of(written("jsonl", PLAIN, EMPTY)) == [
        PLAIN | {"at": "2026-03-02T00:30:00+08:00", "day": "2026-03-02", "zones": ["甲", "乙"]},
        dict.fromkeys(PLAIN) | {"id": 2, "zones": []},
    ]


def test_parquet_keeps_types() -> None:
    first, second = parquet_of(written("parquet", PLAIN, EMPTY))
    assert first == PLAIN | {"zones": ["甲", "乙"]}
    assert str(first["at"].tzinfo) == "Asia/Shanghai"
    assert second == dict.fromkeys(PLAIN) | {"id": 2, "zones": []}


@pytest.mark.parametrize("title", ODD, ids=lambda title: ascii(title[:12]))
def test_odd_texts_come_back_as_they_were(title: str) -> None:
    row = PLAIN | {"title": title}
    assert csv_of(written("csv", row))[0]["title"] == title
    assert json_of(written("jsonl", row))[0]["title"] == title
    assert parquet_of(written("parquet", row))[0]["title"] == title


def test_what_no_text_should_hold_breaks_no_file() -> None:
    row = PLAIN | {"title": "a\x00b\x1ac\x07\ud800d\r\ne\rf", "zones": ("\udfff\x00",)}
    assert csv_of(written("csv", row, EMPTY))[0]["title"] == "abc?d\ne\nf"
    assert json_of(written("jsonl", row, EMPTY))[0]["title"] == "a\x00b\x1ac\x07?d\r\ne\rf"
    assert parquet_of(written("parquet", row, EMPTY))[0]["title"] == "a\x00b\x1ac\x07?d\r\ne\rf"


@pytest.mark.parametrize(
    "title",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\n=1", "＝1+1", "＠A", '=HYPERLINK("http://x.example";"x")'],
)
def test_no_cell_of_csv_is_a_formula(title: str) -> None:
    row = PLAIN | {"title": title, "zones": (title, "乙")}
    found = csv_of(written("csv", row))[0]
    assert found["title"] == f"'{title}"
    assert found["zones"] == f"'{title}; 乙"
    assert json_of(written("jsonl", row))[0]["title"] == title
    assert parquet_of(written("parquet", row))[0]["title"] == title


def test_a_number_too_long_for_a_spreadsheet_stays_whole() -> None:
    rows = [
        PLAIN | {"title": title} for title in ("20261115123456789", "51180020261", "川人社发〔2026〕123456789012号")
    ]
    assert [row["title"] for row in csv_of(written("csv", *rows))] == [
        "'20261115123456789",
        "51180020261",
        "川人社发〔2026〕123456789012号",
    ]
    assert json_of(written("jsonl", *rows))[0]["title"] == "20261115123456789"


def test_numbers_below_zero_stay_numbers() -> None:
    assert csv_of(written("csv", PLAIN | {"score": -0.5}))[0]["score"] == "-0.5"


def test_many_rows_and_long_texts_make_several_row_groups() -> None:
    from pyarrow import parquet

    rows = [PLAIN | {"id": n} for n in range(6_000)] + [PLAIN | {"title": "长" * 400_000}] * 20
    file = parquet.ParquetFile(io.BytesIO(written("parquet", *rows)))
    assert file.metadata.num_rows == len(rows)
    assert file.num_row_groups == 3
    assert file.read(columns=["id"]).to_pylist()[5_999] == {"id": 5_999}


@pytest.mark.parametrize("format_", ["csv", "jsonl", "parquet"])
def test_a_pipe_will_do(format_: str) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as stream, row_writer(format_, stream, COLUMNS) as writer:
        writer.write(PLAIN)
    with os.fdopen(reading, "rb") as stream:
        content = stream.read()
    read = {"csv": csv_of, "jsonl": json_of, "parquet": parquet_of}[format_]
    assert [row["title"] for row in read(content)] == ["川渝"]


class Full(io.BytesIO):
    """A disk with room for a kilobyte."""

    def write(self, content: Any, /) -> int:
        if self.tell() + len(content) > 1024:
            raise OSError(28, "No space left on device")
        return super().write(content)


@pytest.mark.parametrize("format_", ["csv", "jsonl", "parquet"])
def test_a_full_disk_is_told(format_: str) -> None:
    row = PLAIN | {"title": "".join(map(chr, range(0x4E00, 0x4E00 + 3_000)))}
    with pytest.raises(OSError, match="No space left"), row_writer(format_, Full(), COLUMNS) as writer:
        writer.write(row)


def test_without_pyarrow_parquet_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(OutputError, match=r"pip install 'hrwatch\[parquet\]'"):
        written("parquet")
