"""What a pass came to, source by source: a table and its sums for people, objects for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from crawler.cli.crawling.backfilled import history_object
from crawler.cli.screen import say, show_table
from crawler.language import _
from crawler.model import PollReport, Reason
from crawler.wording import reason_text, told


def show_outcome(reports: Sequence[PollReport], names: Mapping[str, str], *, only_failures: bool = False) -> None:
    """What a pass came to: a row a source, what was refused and why, and the sums."""
    shown = [report for report in reports if report.reason is not None] if only_failures else reports
    if shown:
        show_table(
            (_("source"), _("name"), _("result"), _("rows"), _("new"), _("stored"), _("relevant"), _("merged")),
            (
                (
                    report.source_id,
                    names.get(report.source_id),
                    result_text(report),
                    sum(page.rows for page in report.lists),
                    sum(page.new for page in report.lists),
                    report.stored,
                    report.relevant,
                    report.merged,
                )
                for report in shown
            ),
        )
    if only_failures:
        return
    for page in (page for report in reports for page in report.lists if page.reason is None and page.detail):
        say(_("{url}: only the first {count} rows were read (HRWATCH_MAX_ROWS)").format(url=page.url, count=page.rows))
    refused: Counter[Reason] = Counter()
    for report in reports:
        refused.update(report.refused)
    for reason, count in refused.most_common():
        say(_("left out {count}: {reason}").format(count=count, reason=f"{reason_text(reason)} ({reason})"))
    say(
        _(
            "{polled} sources polled, {failed} failed; {stored} items stored, {relevant} relevant, {merged} merged"
        ).format(
            polled=len(reports),
            failed=sum(report.reason is not None for report in reports),
            stored=sum(report.stored for report in reports),
            relevant=sum(report.relevant for report in reports),
            merged=sum(report.merged for report in reports),
        )
    )


def result_text(report: PollReport) -> str:
    """How a poll went, in a few words."""
    if report.reason is not None:
        return told(report.reason, report.detail)
    if report.skipped:
        reasons = [page.reason for page in report.lists if page.reason is not None]
        # a host that another run holds is named in the detail; a poll that we cut short has none
        if not reasons and not report.detail:
            return _("skipped: interrupted")
        reason = reasons[0] if reasons else Reason.BUSY
        return _("skipped: {reason}").format(reason=reason_text(reason))
    if report.lists and all(page.unchanged for page in report.lists):
        return _("unchanged")
    return _("ok")


def nothing_ran_text(reports: Sequence[PollReport]) -> str:
    """Why a pass polled nothing at all."""
    pages = [page for report in reports for page in report.lists]
    if any(page.reason is Reason.NOT_IN_WARC for page in pages):
        return _("Nothing was polled: the WARC files hold none of these lists.")
    return _("Nothing was polled: another run asks every host (--lock-wait waits for it).")


def report_object(report: PollReport, names: Mapping[str, str]) -> dict[str, object]:
    """For --json."""
    return {
        "source": report.source_id,
        "name": names.get(report.source_id),
        "ok": report.reason is None,
        "skipped": report.skipped,
        "reason": report.reason,
        "detail": report.detail,
        "started_at": report.started_at,
        "ended_at": report.ended_at,
        "rows": sum(page.rows for page in report.lists),
        "new": sum(page.new for page in report.lists),
        "fetched": report.fetched,
        "stored": report.stored,
        "relevant": report.relevant,
        "merged": report.merged,
        "refused": {str(reason): count for reason, count in report.refused.items()},
        "history": [history_object(history) for history in report.history],
        "lists": [
            {
                "url": page.url,
                "status": page.status,
                "rows": page.rows,
                "new": page.new,
                "newest": page.newest,
                "unchanged": page.unchanged,
                "reason": page.reason,
                "detail": page.detail,
            }
            for page in report.lists
        ],
    }
