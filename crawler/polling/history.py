"""A walk back through one list's history: which page comes next, and where it ends. Asks nobody and keeps nothing.

Goes by what pages show. What a pager declares is a claim: a page declared last that is as full as any other is followed
by one more, and pages that show nothing new end a walk whatever count they name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from crawler.edition import edition_day, edition_url
from crawler.model import HistoryEnd, HistoryMark, HistoryReport, ListPage, ListReport, Reason, Source
from crawler.polling.poll import ListJob, PageSeen, Poll

# One page may well repeat another: `index_1` that is page 1 once more, rows that moved on while the walk went.
MAX_BARREN = 2
# No paper appears in the week of the Spring Festival; two weeks without one are its beginning.
MAX_DAYS_WITHOUT = 14
# "index_1.html" and "index_2.html": the second page, counted from 0 or from 1
SECOND = re.compile(r"_([12])(?=\.s?html?$)")
# What servers without a page answer, some with status 200
ABSENT = frozenset({Reason.GONE, Reason.EMPTY, Reason.NO_ROWS})
# `您访问的页面不存在`, `404 Not Found`; but not `系统维护`
SAID_ABSENT = re.compile(r"不存在|删除|失效|找不到|未找到|无法找到|下线|过期|走丢|丢失|404|not found", re.IGNORECASE)
# What a page that nobody declared may answer besides.
REFUSALS = frozenset({Reason.HTTP_ERROR, Reason.SERVER_ERROR, Reason.SOFT_ERROR, Reason.WRONG_TYPE})


class Walk:
    """The walk through one list. `end` is None as long as there is a page to ask for."""

    def __init__(self, source: Source, page: ListPage, start: str, depth: int, mark: HistoryMark | None = None) -> None:
        self.source = source
        self.page = page
        self.start = start
        self.depth = depth
        self.mark = mark
        self.end: HistoryEnd | None = None
        self.reason: Reason | None = None
        self.detail = ""
        self.pages = 0  # walked in this run
        self.polls: list[Poll] = []
        self._done_before = mark.number if mark is not None and mark.is_done else None
        self._rows = 0
        self._new = 0
        self._shown: set[str] = set()
        self._fullest = 0
        self._barren = 0
        self._is_beyond = False
        self._is_other_numbering = False

    def begin(self, first: PageSeen | None) -> ListJob | None:
        """The first page to ask for: where the mark stands, or else what page 1 leads to; None where `end` says why."""
        mark = self.mark
        if mark is None:
            return self._after([] if first is None else [first])
        if mark.is_done and (mark.end is not None or mark.number > self.depth):
            return self._stop(mark.end or HistoryEnd.DEPTH)
        return job_of(mark, self.page)

    def read(self, job: ListJob, seen: Sequence[PageSeen]) -> ListJob | None:
        """Count a page that was read, with the lists it led to; return the next one to ask for."""
        self.pages += job.number != self._done_before
        self._rows += sum(len(page.addresses) for page in seen)
        self._new += sum(page.new for page in seen)
        return self._after(seen)

    def miss(self, job: ListJob, report: ListReport) -> ListJob | None:
        """A page that could not be had: the end of the history, a matter of numbering, or a failure."""
        if report.reason is Reason.NOT_IN_WARC:
            return self._stop(HistoryEnd.ABSENT)
        if not self._is_absent(report):
            self.fail(report.reason or Reason.ERROR, report.detail)
            return None
        return self._beside(job) or self._stop(HistoryEnd.OLDEST)

    def fail(self, reason: Reason, detail: str) -> None:
        """End with a failure; the mark stays where it is."""
        self.reason, self.detail = reason, detail
        self._stop(HistoryEnd.FAILED)

    def stop(self, end: HistoryEnd, detail: str = "") -> None:
        """End because of ourselves."""
        self.detail = detail
        self._stop(end)

    def mark_at(self, job: ListJob, *, is_done: bool) -> HistoryMark:
        """What is to be remembered once `job` was read; `is_done` once its articles were asked for, too."""
        self.mark = HistoryMark(
            source_id=self.source.id,
            start=self.start,
            list_url=self.page.url,
            url=job.url,
            number=job.number,
            method=job.method,
            body=job.body,
            headers=job.headers,
            is_done=is_done,
            end=self.end if is_done and self.end is not None and self.end.is_final else None,
            source_digest=self.source.digest,
        )
        return self.mark

    def report(self) -> HistoryReport:
        """How it went."""
        return HistoryReport(
            url=self.page.url,
            end=self.end or HistoryEnd.STOPPED,
            pages=self.pages,
            depth=self.mark.number - 1 if self.mark is not None else 0,
            rows=self._rows,
            new=self._new,
            fetched=sum(poll.fetched for poll in self.polls),
            stored=sum(poll.stored for poll in self.polls),
            relevant=sum(poll.relevant for poll in self.polls),
            merged=sum(poll.merged for poll in self.polls),
            reason=self.reason,
            detail=self.detail,
        )

    def _after(self, seen: Sequence[PageSeen]) -> ListJob | None:
        addresses = {address for page in seen for address in page.addresses}
        is_fresh = not addresses <= self._shown
        self._barren = 0 if is_fresh else self._barren + 1
        is_full = is_fresh and len(addresses) >= self._fullest
        self._shown |= addresses
        self._fullest = max(self._fullest, len(addresses))
        if self._barren >= MAX_BARREN:
            return self._stop(HistoryEnd.REPEATED)
        following = next((page.following for page in seen if page.following is not None), None)
        self._is_beyond = following is None
        if following is None and is_full:
            following = next((page.beyond for page in seen if page.beyond is not None), None)
        return self._within_depth(following)

    def _within_depth(self, job: ListJob | None) -> ListJob | None:
        if job is None:
            return self._stop(HistoryEnd.OLDEST)
        return job if job.number <= self.depth + 1 else self._stop(HistoryEnd.DEPTH)

    def _is_absent(self, report: ListReport) -> bool:
        if report.reason is Reason.SOFT_ERROR and SAID_ABSENT.search(report.detail):
            return True
        return report.reason in ABSENT or (self._is_beyond and report.reason in REFUSALS)

    def _beside(self, job: ListJob) -> ListJob | None:
        """The second page under its other number: whether pages count from 0 or from 1 is a claim, too."""
        found = SECOND.search(job.url)
        if found is None or job.number != 2 or job.method != "GET" or self._is_other_numbering:
            return None
        self._is_other_numbering = True
        return replace(job, url=SECOND.sub("_2" if found[1] == "1" else "_1", job.url))

    def _stop(self, end: HistoryEnd) -> ListJob | None:
        """No page follows."""
        self.end = end
        return None


class EditionWalk(Walk):
    """The walk through a newspaper's editions, day by day: `number` counts them; days without a paper are passed."""

    def __init__(
        self, source: Source, page: ListPage, depth: int, newest: date, mark: HistoryMark | None = None
    ) -> None:
        super().__init__(source, page, digest(page.url), depth, mark)
        self._newest = newest
        self._days_without = 0

    def begin(self, first: PageSeen | None) -> ListJob | None:
        job = super().begin(None) if self.mark is not None else self._edition(self._newest, 2)
        if job is None or self.mark is None:
            return job
        # an edition that was read whole does not change any more
        return self._before(job) if self.mark.is_done else replace(job, is_first=True)

    def read(self, job: ListJob, seen: Sequence[PageSeen]) -> ListJob | None:
        super().read(job, seen)
        # an edition names no older one, and papers of two days may have nothing in common
        self.end, self._is_beyond, self._days_without = None, False, 0
        return self._before(job)

    def _beside(self, job: ListJob) -> ListJob | None:
        self._days_without += 1
        day = edition_day(self.page.url, job.url)
        if day is None or self._days_without >= MAX_DAYS_WITHOUT:
            return None
        return self._edition(day - timedelta(days=1), job.number)

    def _before(self, job: ListJob) -> ListJob | None:
        day = edition_day(self.page.url, job.url)
        return self._within_depth(None if day is None else self._edition(day - timedelta(days=1), job.number + 1))

    def _edition(self, day: date, number: int) -> ListJob:
        return ListJob(self.page, edition_url(self.page.url, day), number=number)


def digest(key: str) -> str:
    """What stands for the request of a list's first page: such a request may be long."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def job_of(mark: HistoryMark, page: ListPage) -> ListJob:
    """The request that a mark remembers."""
    return ListJob(
        page,
        mark.url,
        is_first=False,
        number=mark.number,
        method=mark.method,
        body=mark.body,
        headers=mark.headers,
    )


def walks_of(
    source: Source, page: ListPage, depth: int, seen: Iterable[PageSeen], marks: Iterable[HistoryMark]
) -> list[tuple[Walk, PageSeen | None]]:
    """The walks that a list's poll gives rise to: from its marks, or else from the first pages that lead to older ones.

    A list whose rows are all new has moved on by more than a page since anybody looked: its walk begins again.
    """
    mine = [page_seen for page_seen in seen if page_seen.job.page.url == page.url]
    marked = {mark.start: mark for mark in marks if mark.list_url == page.url}
    if not mine:
        return [(Walk(source, page, start, depth, mark), None) for start, mark in marked.items()]
    # a shell, whose rows come from elsewhere, has neither rows nor older pages
    leading = [one for one in mine if one.following is not None or one.beyond is not None]
    leading = leading or [one for one in mine if one.addresses] or mine[:1]
    walks: list[tuple[Walk, PageSeen | None]] = []
    for first in leading:
        start = digest(first.job.key)
        has_gap = 0 < len(first.addresses) <= first.new
        walks.append((Walk(source, page, start, depth, None if has_gap else marked.get(start)), first))
    return walks
