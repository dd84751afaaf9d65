"""What a pass came to as one JSON object, for whatever watches cron: written to a file whole, or to standard output."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.cli import ALL_WELL, INTERRUPTED, NOTHING_RAN, SOME_FAILED
from crawler.cli.screen import print_line
from crawler.errors import OutputError
from crawler.model import PollReport, Reason

# In words, for whoever reads the file instead of the exit code.
OUTCOMES = {ALL_WELL: "well", SOME_FAILED: "failed", NOTHING_RAN: "nothing-ran", INTERRUPTED: "interrupted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass that is over. `not_due` and `paused` count sources that were not asked."""

    started_at: datetime
    ended_at: datetime
    exit_code: int
    reports: Sequence[PollReport]
    names: Mapping[str, str]
    not_due: int = 0
    paused: int = 0


def summary_of(done: Pass) -> dict[str, object]:
    """The sums of a pass, and each source that failed with its reason."""
    polled = [report for report in done.reports if not report.skipped]
    failed = [report for report in polled if report.reason is not None]
    refused: Counter[Reason] = Counter()
    for report in done.reports:
        refused.update(report.refused)
    pages = [page for report in done.reports for page in report.lists]
    return {
        "outcome": OUTCOMES[done.exit_code],
        "exit_code": done.exit_code,
        "started_at": done.started_at.isoformat(),
        "ended_at": done.ended_at.isoformat(),
        "took_s": round((done.ended_at - done.started_at).total_seconds(), 1),
        "polled": len(polled),
        "well": len(polled) - len(failed),
        "failed": len(failed),
        "skipped": len(done.reports) - len(polled),
        "not_due": done.not_due,
        "paused": done.paused,
        "rows": sum(page.rows for page in pages),
        "new": sum(page.new for page in pages),
        "fetched": sum(report.fetched for report in done.reports),
        "stored": sum(report.stored for report in done.reports),
        "relevant": sum(report.relevant for report in done.reports),
        "merged": sum(report.merged for report in done.reports),
        "refused": {reason.value: count for reason, count in sorted(refused.items())},
        "failures": [
            {
                "source": report.source_id,
                "name": done.names.get(report.source_id),
                "reason": report.reason,
                "detail": report.detail,
            }
            for report in failed
        ],
    }


def write_summary(done: Pass, to: Path) -> None:
    """Write the summary, the file whole or not at all; "-" is standard output. Raises OutputError naming the file."""
    text = json.dumps(summary_of(done), ensure_ascii=False, indent=2)
    if str(to) == "-":
        print_line(text)
        return
    part = to.with_name(f"{to.name}.part")
    try:
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(to)
    except OSError as error:
        raise OutputError(f"{to}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
