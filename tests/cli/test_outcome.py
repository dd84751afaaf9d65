"""What a pass that polled nothing says of it. Synthetic reports."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.cli import NOTHING_RAN
from crawler.cli.crawling.crawl import exit_code
from crawler.cli.crawling.outcome import nothing_ran_text
from crawler.model import ListReport, PollReport, Reason

pytestmark = pytest.mark.usefixtures("english")

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reason", "said"), [(None, "another run asks every host"), (Reason.NOT_IN_WARC, "the WARC files hold none")]
)
def test_why_nothing_ran(reason: Reason | None, said: str) -> None:
    lists = () if reason is None else (ListReport(url="https://a.example/", status=None, reason=reason),)
    reports = [PollReport(source_id="a", started_at=NOW, ended_at=NOW, lists=lists, skipped=True)]
    assert exit_code(reports) == NOTHING_RAN
    assert said in nothing_ran_text(reports)
