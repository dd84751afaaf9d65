"""Rows into CSV, JSON Lines and Parquet, a few at a time. Knows no archive; what the columns are is told to it."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import Any, BinaryIO, Protocol, TypeVar

from crawler.cli.questions.sheets import Column, Kind
from crawler.errors import OutputError
from crawler.language import _

FORMATS = ("csv", "jsonl", "parquet")
BETWEEN = "; "  # of several values in one cell

_BOM = "\ufeff"  # without it Excel takes UTF-8 for the code page of the machine
# A cell that Excel would work out: =HYPERLINK(…), +1, -1, @SUM(…), with blanks before it or not; the wide forms count
# where the system's language is Chinese or Japanese. https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(r"[\s\x00-\x20]*[=+\-@＝＋－＠]|[\t\r\n]")
# 202611151234567890, of which Excel would keep the first fifteen digits and show 2.02611E+17
_LONG_NUMBER = re.compile(r"[0-9]{12,}")
# control characters but for tab and line feed: Excel stops reading at 0x1A, and shows a box for the others
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

# A row group is held in memory until it is full: 5,000 rows, or 4 million characters of texts.
_GROUP_ROWS = 5_000
_GROUP_CHARS = 4_000_000

Row = TypeVar("Row")


class RowWriter(Protocol):
    """Takes rows of one sheet; `finish` writes what is left, and is not called where something went wrong."""

    def write(self, row: Any) -> None: ...

    def finish(self) -> None: ...


@contextmanager
def row_writer(format_: str, stream: BinaryIO, columns: Sequence[Column[Any]]) -> Iterator[RowWriter]:
    """A writer of one of FORMATS into `stream`. Raises OutputError where the format's library is missing."""
    if format_ == "parquet":
        parquet = ParquetRows(stream, columns)
        try:
            yield parquet
            parquet.finish()
        finally:
            parquet.let_go()
        return
    writer: RowWriter = CsvRows(stream, columns) if format_ == "csv" else JsonRows(stream, columns)
    yield writer
    writer.finish()


class CsvRows:
    """RFC 4180 with a byte order mark, as Excel reads it; no cell is a formula."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column[Any]]) -> None:
        self._columns = columns
        self._lines = _Lines(stream)
        self._csv = csv.writer(self._lines)
        self._lines.write(_BOM)
        self._csv.writerow([column.name for column in columns])

    def write(self, row: Any) -> None:
        self._csv.writerow([_cell(column.value(row)) for column in self._columns])

    def finish(self) -> None:
        """Every line is written already."""


class _Lines:
    """What csv writes to: text in, bytes out."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        self._stream.write(text.encode("utf-8", "replace"))


class JsonRows:
    """One object a line, in UTF-8."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column[Any]]) -> None:
        self._stream = stream
        self._columns = columns

    def write(self, row: Any) -> None:
        line = {column.name: column.value(row) for column in self._columns}
        text = json.dumps(line, ensure_ascii=False, default=_iso) + "\n"
        self._stream.write(text.encode("utf-8", "replace"))

    def finish(self) -> None:
        """Every line is written already."""


class ParquetRows:
    """Times with their zone, lists as lists; needs pyarrow."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column[Any]]) -> None:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError as error:
            raise OutputError(_("Parquet needs pyarrow: pip install 'hrwatch[parquet]'")) from error
        kinds = {
            Kind.TEXT: pyarrow.string(),
            Kind.TEXTS: pyarrow.list_(pyarrow.string()),
            Kind.INTEGER: pyarrow.int64(),
            Kind.NUMBER: pyarrow.float64(),
            Kind.TRUTH: pyarrow.bool_(),
            Kind.DAY: pyarrow.date32(),
            Kind.TIME: pyarrow.timestamp("us", tz="Asia/Shanghai"),
        }
        self._pyarrow = pyarrow
        self._schema = pyarrow.schema([(column.name, kinds[column.kind]) for column in columns])
        self._file = pyarrow.parquet.ParquetWriter(stream, self._schema, compression="zstd")
        self._columns = columns
        self._forget()

    def write(self, row: Any) -> None:
        for column, held in zip(self._columns, self._held, strict=True):
            value = column.value(row)
            if isinstance(value, str):
                value = _storable(value)
                self._chars += len(value)
            elif isinstance(value, tuple):
                value = [_storable(part) for part in value]
                self._chars += sum(map(len, value))
            held.append(value)
        self._rows += 1
        if self._rows >= _GROUP_ROWS or self._chars >= _GROUP_CHARS:
            self._write_group()

    def finish(self) -> None:
        if self._rows:
            self._write_group()
        self._file.close()

    def let_go(self) -> None:
        """End it, however it went; what could not be written is told already."""
        with suppress(Exception):
            self._file.close()

    def _write_group(self) -> None:
        arrays = [
            self._pyarrow.array(held, type=field.type) for held, field in zip(self._held, self._schema, strict=True)
        ]
        self._file.write_table(self._pyarrow.Table.from_arrays(arrays, schema=self._schema))
        self._forget()

    def _forget(self) -> None:
        self._held: list[list[object]] = [[] for _column in self._columns]
        self._rows = 0
        self._chars = 0


def _cell(value: object) -> object:
    """A value as Excel takes it: texts shown as they are, numbers as numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, date | datetime):
        return _iso(value)
    text = BETWEEN.join(map(str, value)) if isinstance(value, Iterable) and not isinstance(value, str) else str(value)
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return f"'{text}" if _FORMULA.match(text) or _LONG_NUMBER.fullmatch(text) else text


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"not for JSON: {type(value).__name__}")


def _storable(text: str) -> str:
    """`text` without lone surrogates, which UTF-8 has no bytes for."""
    return text.encode("utf-8", "replace").decode("utf-8")
