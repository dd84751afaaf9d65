"""What a list is like, apart from what it says: measures by which a later poll is told from what was usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crawler.extract.decode import Decoded
from crawler.extract.recognise import shows_marks
from crawler.model import Entry, ListReport, Page
from crawler.text.urls import web_host


def measured(
    report: ListReport,
    page: Page,
    entries: Sequence[Entry],
    *,
    family: str,
    decoded: Decoded | None,
    meta: Mapping[str, Any],
) -> ListReport:
    """The report of a list that was read, with what was measured; `decoded` is None where its family reads no text.

    The page's own address says nothing of its family: it is the same after a redesign.
    """
    return replace(
        waited(report, meta),
        titled=sum(bool(entry.title) for entry in entries),
        dated=sum(entry.date is not None for entry in entries),
        linked=sum(web_host(entry.url) is not None for entry in entries),
        bytes=len(page.body),
        charset=decoded.charset if decoded is not None else None,
        shows_family=shows_marks(decoded.text, "", family) if decoded is not None else None,
        warc=page.warc,
    )


def waited(report: ListReport, meta: Mapping[str, Any]) -> ListReport:
    """The report with the time from the request to the beginning of the answer; a replay asks nobody."""
    latency_s = meta.get("download_latency")
    return report if latency_s is None else replace(report, wait_ms=round(latency_s * 1000))
