"""Polls by day on China's calendar, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime

from archive import Archive
from archive.records import PollDay
from crawler.model import ListReport, PollReport, Reason


def test_days_are_china_s_and_skipped_polls_are_none(archive: Archive) -> None:
    def poll(at: datetime, new: int = 0, reason: Reason | None = None, source_id: str = "a", **given: bool) -> None:
        listed = ListReport(url="https://a.example/", status=200, rows=9, new=new)
        archive.record_poll(
            PollReport(source_id=source_id, started_at=at, ended_at=at, lists=(listed,), reason=reason, **given)
        )

    poll(datetime(2026, 2, 1, tzinfo=UTC), new=9)  # before
    poll(datetime(2026, 3, 1, 15, 59, tzinfo=UTC), new=2)
    poll(datetime(2026, 3, 1, 16, 0, tzinfo=UTC), new=3)  # midnight in Beijing
    poll(datetime(2026, 3, 1, 18, 0, tzinfo=UTC), reason=Reason.TIMEOUT)
    poll(datetime(2026, 3, 4, tzinfo=UTC), skipped=True)
    poll(datetime(2026, 3, 3, tzinfo=UTC), source_id="b")
    assert archive.poll_days(since=datetime(2026, 2, 2, tzinfo=UTC)) == {
        "a": (
            PollDay(day=date(2026, 3, 1), polls=1, failed=0, new=2),
            PollDay(day=date(2026, 3, 2), polls=2, failed=1, new=3),
        ),
        "b": (PollDay(day=date(2026, 3, 3), polls=1, failed=0, new=0),),
    }
