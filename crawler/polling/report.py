"""What a source's poll came to, over all its hosts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from crawler.edition import edition_pattern, is_dated
from crawler.model import ListReport, PollReport, Reason, Source
from crawler.polling.poll import Poll


def report_of(
    source: Source,
    polls: Iterable[Poll],
    *,
    started_at: datetime,
    ended_at: datetime,
    failure: tuple[Reason, str] | None = None,
    busy_host: str | None = None,
    is_interrupted: bool = False,
) -> PollReport:
    """The account of a source's poll over all its hosts.

    One bad list of several is a failure too: half a source silently missing is the worst outcome. A poll that was cut
    short by ourselves (`is_interrupted`), or left to another run, says nothing of the source: it counts as skipped.
    """
    polls = list(polls)
    lists = tuple(page for poll in polls for page in poll.lists)
    refused: Counter[Reason] = Counter()
    for poll in polls:
        refused.update(poll.refused)
    failures = [failure] if failure is not None else []
    failures += [
        (page.reason, page.detail) for page in lists if page.reason is not None and _counts(page, lists, source)
    ]
    failures += [poll.failure for poll in polls if poll.failure is not None]
    reason, detail = failures[0] if failures else (None, "")
    elsewhere = busy_host or next((poll.host for poll in polls if poll.is_lost), None)
    is_absent = bool(lists) and all(page.reason is Reason.NOT_IN_WARC for page in lists)
    return PollReport(
        source_id=source.id,
        started_at=started_at,
        ended_at=ended_at,
        lists=lists,
        fetched=sum(poll.fetched for poll in polls),
        stored=sum(poll.stored for poll in polls),
        relevant=sum(poll.relevant for poll in polls),
        merged=sum(poll.merged for poll in polls),
        read=sum(poll.read for poll in polls),
        read_dated=sum(poll.read_dated for poll in polls),
        read_sourced=sum(poll.read_sourced for poll in polls),
        refused=dict(refused),
        reason=reason,
        detail=detail or elsewhere or "",
        skipped=reason is None and (is_absent or is_interrupted or elsewhere is not None),
        retry_at=max(
            (poll.retry_at for poll in polls if poll.retry_at is not None and poll.host in source.hosts), default=None
        ),
    )


def _counts(page: ListReport, lists: Sequence[ListReport], source: Source) -> bool:
    """True where a list's failure is the source's."""
    if page.reason is Reason.NOT_IN_WARC:
        return False
    if page.reason is not Reason.GONE:
        return True
    # Today's edition is not there before it is printed, nor on days without a paper: one edition that is there will do.
    for listed in source.lists:
        pattern = edition_pattern(listed.url)
        if is_dated(listed.url) and pattern.fullmatch(page.url):
            return not any(other.reason is None and pattern.fullmatch(other.url) for other in lists)
    return True
