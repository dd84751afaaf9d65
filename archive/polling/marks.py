"""How far back the histories of lists were walked: one mark a list, moved on with each page."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select

from archive.database.upsert import upsert
from archive.schema import history_marks
from crawler.model import HistoryEnd, HistoryMark


def save_mark(connection: Connection, mark: HistoryMark) -> None:
    """Keep the mark of a list in place of the one it had."""
    values = {
        "source_id": mark.source_id,
        "start": mark.start,
        "list_url": mark.list_url,
        "url": mark.url,
        "number": mark.number,
        "method": mark.method,
        "body": mark.body,
        "headers": [list(header) for header in mark.headers],
        "is_done": mark.is_done,
        "end": None if mark.end is None else mark.end.value,
        "source_digest": mark.source_digest,
        "updated_at": datetime.now(UTC),
    }
    upsert(connection, history_marks, ["source_id", "start"], values)


def forget_mark(connection: Connection, mark: HistoryMark) -> None:
    """Let the list's next walk begin at its first page."""
    connection.execute(
        delete(history_marks).where(history_marks.c.source_id == mark.source_id, history_marks.c.start == mark.start)
    )


def load_marks(connection: Connection, source_id: str) -> tuple[HistoryMark, ...]:
    """The marks of a source's lists."""
    found = select(history_marks).where(history_marks.c.source_id == source_id).order_by(history_marks.c.start)
    return tuple(
        HistoryMark(
            source_id=row.source_id,
            start=row.start,
            list_url=row.list_url,
            url=row.url,
            number=row.number,
            method=row.method,
            body=bytes(row.body),
            headers=tuple((name, value) for name, value in row.headers),
            is_done=row.is_done,
            end=None if row.end is None else HistoryEnd(row.end),
            source_digest=row.source_digest,
        )
        for row in connection.execute(found)
    )
