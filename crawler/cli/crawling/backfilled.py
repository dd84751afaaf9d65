"""What a backfill came to, for people and for programs: pages walked in each list, and why they ended there."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.cli.screen import say, show_table
from crawler.language import _
from crawler.model import HistoryEnd, HistoryReport, PollReport
from crawler.polling.history import Walk
from crawler.wording import told


def show_histories(reports: Sequence[PollReport], *, only_failures: bool = False) -> None:
    """A row a list, and the sum."""
    histories = [(report.source_id, history) for report in reports for history in report.history]
    shown = [pair for pair in histories if not only_failures or pair[1].end is HistoryEnd.FAILED]
    if shown:
        show_table(
            (_("source"), _("list"), _("pages"), _("depth"), _("rows"), _("new"), _("stored"), _("ended")),
            (
                (
                    source_id,
                    history.url,
                    history.pages,
                    history.depth,
                    history.rows,
                    history.new,
                    history.stored,
                    end_text(history),
                )
                for source_id, history in shown
            ),
        )
    if not only_failures:
        say(
            _("{pages} pages of history walked in {lists} lists; {stored} items stored").format(
                pages=sum(history.pages for _source, history in histories),
                lists=len(histories),
                stored=sum(history.stored for _source, history in histories),
            )
        )


def end_text(history: HistoryReport) -> str:
    """Why a walk went no further, as a person would say it."""
    words = {
        HistoryEnd.OLDEST: _("nothing older is there"),
        HistoryEnd.DEPTH: _("as deep as asked"),
        HistoryEnd.REPEATED: _("the pages repeat themselves"),
        HistoryEnd.FAILED: _("failed; the next run goes on here"),
        HistoryEnd.ABSENT: _("not in the WARC files"),
        HistoryEnd.BUSY: _("another run is at it"),
        HistoryEnd.STOPPED: _("interrupted"),
    }
    if history.reason is not None:
        return f"{words[history.end]}: {told(history.reason, history.detail)}"
    if history.end.is_final and not history.pages and history.depth:
        return _("walked to its end before")
    return words[history.end]


def walking_text(walk: Walk) -> str:
    """The line beside the progress bar."""
    return _("{name}: {pages} pages back").format(name=walk.source.name, pages=walk.pages)


def history_object(history: HistoryReport) -> dict[str, object]:
    """For --json."""
    return {
        "url": history.url,
        "end": history.end,
        "pages": history.pages,
        "depth": history.depth,
        "rows": history.rows,
        "new": history.new,
        "fetched": history.fetched,
        "stored": history.stored,
        "relevant": history.relevant,
        "merged": history.merged,
        "reason": history.reason,
        "detail": history.detail,
    }
