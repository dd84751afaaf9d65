"""How far lists were walked back, and that only what such a walk found counts as found there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from archive import Archive
from crawler.model import HistoryEnd, HistoryMark
from tests.archive.making import NOW, entry, judged, poll, prose, source

MARK = HistoryMark(
    source_id="synthetic",
    start="0" * 64,
    list_url="https://synthetic.example/list",
    url="https://synthetic.example/list",
    number=7,
    method="POST",
    body=b"__VIEWSTATE=%2FwEP\x00\xff",
    headers=(("Referer", "https://synthetic.example/"), ("Content-Type", "application/json")),
    source_digest="d",
)


def test_a_mark_is_kept_moved_and_forgotten(archive: Archive) -> None:
    assert archive.history_marks("synthetic") == ()
    archive.save_history_mark(MARK)
    assert archive.history_marks("synthetic") == (MARK,)
    moved = replace(MARK, number=8, is_done=True, end=HistoryEnd.OLDEST)
    archive.save_history_mark(moved)
    other = replace(MARK, start="1" * 64, method="GET", body=b"", headers=())
    archive.save_history_mark(other)
    assert archive.history_marks("synthetic") == (moved, other)
    assert archive.history_marks("another") == ()
    archive.forget_history_mark(moved)
    assert archive.history_marks("synthetic") == (other,)


@pytest.mark.parametrize("is_backfill", [True, False])
def test_an_item_is_of_a_backfill_where_its_row_was_found_by_one(archive: Archive, is_backfill: bool) -> None:
    archive.record_poll(poll(at=NOW))
    later = NOW + timedelta(days=1)
    url = "https://synthetic.example/1"

    def note(*, as_backfill: bool) -> None:
        archive.note_rows(
            [entry(url)], list_url="l", source_id="synthetic", now=later, validators=None, lease=None,
            is_backfill=as_backfill,
        )  # fmt: skip

    # seen by both: whoever was first
    note(as_backfill=is_backfill)
    note(as_backfill=not is_backfill)
    archive.store(judged(url, prose(1), of=source()), now=later)
    query = text("SELECT is_backfill FROM items")
    assert archive.submit(lambda connection: bool(connection.execute(query).scalar_one())).result() is is_backfill
