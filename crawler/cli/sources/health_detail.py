"""All that is known of how one source stands: its verdict, its weeks at a glance, and its last polls with measures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import median

from archive.records import PollRecord, SourceHealth
from crawler.cli.output.sizes import size_text
from crawler.cli.screen import CHINA, cell_text, say, show_table
from crawler.cli.sources.remedies import next_try, remedy, since, verdict_text
from crawler.cli.sources.weeks import picture
from crawler.health.silence import is_refuted, longest_silence
from crawler.health.standing import Expected
from crawler.language import _
from crawler.wording import detail_text, told

_SHOWN = 12  # polls


def show_detail(found: SourceHealth, polls: Sequence[PollRecord], expected: Expected, now: datetime) -> None:
    """The whole account of one source; `polls` are the newest first, `expected` is by its file."""
    say(f"{found.name} ({found.source_id})  {found.home or ''}".rstrip())
    for label, text in (
        (_("health"), verdict_text(found, now)),
        (_("since"), cell_text(since(found, now))),
        (_("what to do"), remedy(found, now)),
        (_("last good"), cell_text(found.good_at)),
        (_("kept as"), _kept(found)),
        (_("newest"), cell_text(found.freshest_at and found.freshest_at.astimezone(CHINA).date())),
        (_("last news"), cell_text(found.news_at)),
        (_("usual"), _usual(found, expected.max_silence_days)),
        (_("next try"), cell_text(next_try(found, now))),
    ):
        if text:
            say(f"  {label}: {text}")
    say()
    for line in picture(polls, now.astimezone(CHINA).date()):
        say(f"  {line}")
    say()
    if polls:
        _show_polls(polls[:_SHOWN])


def _kept(found: SourceHealth) -> str:
    """Where the last good list stands, and how to look at it."""
    if found.snapshot is None or found.snapshot.warc is None:
        return ""
    place = f"{found.snapshot.warc.file}:{found.snapshot.warc.offset}"
    seen = _("hrwatch sources health {id} --last-good FILE").format(id=found.source_id)
    return f"{place} ({cell_text(found.snapshot.at)}); {seen}"


def _usual(found: SourceHealth, expected_days: int | None) -> str:
    """Its rhythm in words, and after how long it is silent: `verdicts` takes what is sooner."""
    gaps = found.usual.gaps
    by_file = ""
    if expected_days is not None and not is_refuted(expected_days, gaps):
        by_file = _("silent after {days} days by its file").format(days=expected_days)
    if not gaps:
        return by_file
    usually = f"{median(gaps):g}"
    text = _("news every {median} working days, {longest} at most").format(median=usually, longest=max(gaps))
    bound = longest_silence(gaps)
    if bound is not None:
        text += _("; silent after {days}").format(days=bound)
    return f"{text}; {by_file}" if by_file else text


def _show_polls(polls: Sequence[PollRecord]) -> None:
    show_table(
        (
            _("poll"),
            _("result"),
            _("rows"),
            _("new"),
            _("newest"),
            _("dated"),
            _("size"),
            _("charset"),
            _("family"),
            _("answer"),
            _("articles read"),
        ),
        (
            (
                poll.ended_at,
                result_text(poll),
                poll.rows,
                poll.new,
                poll.newest,
                poll.dated,
                None if poll.bytes is None else size_text(poll.bytes),
                poll.charset,
                None if poll.shows_family is None else "✓" if poll.shows_family else "✗",
                None if poll.wait_ms is None else _("{seconds} s").format(seconds=f"{poll.wait_ms / 1000:.1f}"),
                _articles(poll),
            )
            for poll in polls
        ),
    )


def result_text(poll: PollRecord) -> str:
    """How a poll went, in a few words."""
    if poll.reason is not None:
        return told(poll.reason, poll.detail)
    if poll.skipped:
        return _("skipped")
    text = _("unchanged") if poll.unchanged and not poll.rows else _("ok")
    return f"{text} ({detail_text(detail)})" if (detail := _left_out(poll)) else text


def _left_out(poll: PollRecord) -> str:
    """What was not read of lists that were read otherwise."""
    return next((page.detail for page in poll.lists if page.reason is None and page.detail), "")


def _articles(poll: PollRecord) -> str | None:
    """ "3 (with date 3, with source 2)"; nothing where none was read."""
    if not poll.read:
        return None
    return _("{count} (with date {dated}, with source {sourced})").format(
        count=poll.read, dated=poll.read_dated, sourced=poll.read_sourced
    )


def poll_object(poll: PollRecord) -> dict[str, object]:
    """A poll with its measures, for programs."""
    return {
        "started_at": poll.started_at,
        "ended_at": poll.ended_at,
        "skipped": poll.skipped,
        "reason": poll.reason,
        "detail": poll.detail or _left_out(poll),
        "rows": poll.rows,
        "new": poll.new,
        "newest": poll.newest,
        "unchanged": poll.unchanged,
        "dated": poll.dated,
        "bytes": poll.bytes,
        "charset": poll.charset,
        "shows_family": poll.shows_family,
        "wait_ms": poll.wait_ms,
        "read": poll.read,
        "read_dated": poll.read_dated,
        "read_sourced": poll.read_sourced,
    }
