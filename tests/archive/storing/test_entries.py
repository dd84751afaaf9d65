from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from archive import Archive
from crawler.model import Entry, Reason, RowDate, RowsNoted, Validators
from tests.archive.making import NOW, entry, judged

LIST = "https://synthetic.example/list"


def note(
    archive: Archive, *rows: Entry, now: object = NOW, list_url: str = LIST, source_id: str = "synthetic"
) -> RowsNoted:
    return archive.note_rows(
        rows,
        list_url=list_url,
        source_id=source_id,
        now=now,
        validators=Validators(etag='"1"'),
        lease=None,  # type: ignore[arg-type]
    )


def test_new_rows_are_fetched_and_stored_ones_are_not(archive: Archive) -> None:
    rows = [entry(f"https://synthetic.example/{n}") for n in range(3)]
    noted = note(archive, *rows)
    assert (noted.new, noted.known, noted.to_fetch) == (3, 0, tuple(rows))
    archive.store(judged(rows[1].url, "正文"), now=NOW)
    noted = note(archive, *rows)
    assert (noted.new, noted.known) == (0, 3)
    assert [row.url for row in noted.to_fetch] == [rows[0].url, rows[2].url]


def test_kill_between_list_and_articles_loses_nothing(archive: Archive) -> None:
    row = replace(entry("https://synthetic.example/1"), date=RowDate(month=4, day=22), is_pinned=True, position=3)
    note(archive, row)
    assert archive.validators(LIST) == Validators(etag='"1"')
    assert archive.due_rows(source_id="synthetic", list_url=LIST, now=NOW) == (row,)
    # the row has fallen off the list meanwhile
    other = entry("https://synthetic.example/2")
    assert note(archive, other).to_fetch == (other, row)


def test_one_address_counts_once_and_keeps_the_date(archive: Archive) -> None:
    bare = entry("http://www.synthetic.example/1.html")
    dated = replace(
        entry("https://synthetic.example/1.html#top"), date=RowDate(year=2026, month=3, day=1, hour=9, minute=5)
    )
    noted = note(archive, bare, dated)
    assert noted.new == 1
    assert archive.due_rows(source_id="synthetic", list_url=LIST, now=NOW)[0].date == dated.date
    assert note(archive, bare, list_url="https://other.example/", source_id="other").to_fetch == ()


def test_failures_that_pass_are_tried_again_later_and_later(archive: Archive) -> None:
    row = entry("https://synthetic.example/1")
    note(archive, row)
    now = NOW
    for wait in (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3)):
        archive.settle(row, Reason.TIMEOUT, "30 s", now=now, lease=None)
        assert note(archive, row, now=now + wait - timedelta(seconds=1)).to_fetch == ()
        now += wait
        assert note(archive, row, now=now).to_fetch == (row,)
    archive.settle(row, Reason.TIMEOUT, "30 s", now=now, lease=None)
    assert note(archive, row, now=now + timedelta(days=400)).to_fetch == ()
    history = archive.explain(row.url)
    assert history is not None
    assert history.entry is not None
    assert (history.entry.outcome, history.entry.reason, history.entry.attempts) == ("refused", Reason.TIMEOUT, 6)


def test_final_refusals_are_not_tried_again(archive: Archive) -> None:
    row = entry("https://mp.elsewhere.example/s/1")
    note(archive, row)
    archive.settle(row, Reason.UNREGISTERED_HOST, "", now=NOW, lease=None)
    assert note(archive, row, now=NOW + timedelta(days=30)).to_fetch == ()
    assert archive.due_rows(source_id="synthetic", list_url=LIST, now=NOW + timedelta(days=30)) == ()


def test_open_rows_come_first_and_failures_last(archive: Archive) -> None:
    failed, fresh = entry("https://synthetic.example/1"), entry("https://synthetic.example/2")
    note(archive, failed)
    archive.settle(failed, Reason.SERVER_ERROR, "503", now=NOW, lease=None)
    later = NOW + timedelta(minutes=20)
    assert note(archive, failed, fresh, now=later).to_fetch == (fresh, failed)


def test_rows_of_yesterdays_list_are_taken_up(archive: Archive) -> None:
    row = entry("https://synthetic.example/1", list_url="https://synthetic.example/20260301/")
    note(archive, row, list_url=row.list_url)
    tomorrow = NOW + timedelta(days=1)
    assert archive.due_rows(source_id="synthetic", list_url="https://synthetic.example/20260302/", now=NOW) == ()
    assert archive.due_rows(source_id="synthetic", list_url="https://synthetic.example/20260302/", now=tomorrow) == (
        row,
    )


def test_what_is_stored_stays_stored(archive: Archive) -> None:
    item = judged("https://synthetic.example/1", "正文")
    archive.store(item, now=NOW)
    archive.settle(item.capture.entry, Reason.GONE, "404", now=NOW, lease=None)
    history = archive.explain("https://synthetic.example/1")
    assert history is not None
    assert history.entry is not None
    assert history.entry.outcome == "stored"
