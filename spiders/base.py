"""What all families share: working off polls, noting rows, fetching articles. A family says how its list is read.

Does not extract articles (pipelines do), nor decide when a source is polled (dispatcher and scheduler do).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from lxml.html import HtmlElement
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.dispatch import Dispatcher
from crawler.errors import RefusedError
from crawler.extract.decode import decode
from crawler.extract.refusal import refusal_of
from crawler.extract.rows import Row, parse_list, rows_of
from crawler.model import Capture, Entry, ListReport, Page, Reason, RowsNoted, Source, Stored
from crawler.net.failure import IgnoredError, reason_of
from crawler.net.guard import refused_addresses
from crawler.net.page import page_of
from crawler.poll import ArticleJob, Job, ListJob, Poll, PollQueue
from crawler.services import Services, queue_of, services_of

logger = logging.getLogger(__name__)


class ListSpider(Spider):
    """Base of the families. A family overrides `read_rows`, and `more_lists` where one list leads to others.

    Started by a runner it works off the queue bound to its crawler; started by `scrapy crawl NAME -a sources=a,b` it
    polls those sources once.
    """

    # CSS selectors of a row, tried in this order where a source gives none; the first that matches is used.
    row_selectors: ClassVar[tuple[str, ...]] = ()
    # True where `more_lists` is overridden: the first list is then always read in full, so that a pass that was killed
    # between two pages of an edition finds the rest.
    follows_lists: ClassVar[bool] = False
    # What an article's path looks like, where a source does not say.
    article_pattern: ClassVar[str | None] = None

    services: Services

    def __init__(self, name: str | None = None, sources: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self._source_ids = [part.strip() for part in (sources or "").split(",") if part.strip()]

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> ListSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.services = services_of(crawler)
        crawler.signals.connect(spider._on_scraped, signal=signals.item_scraped)
        crawler.signals.connect(spider._on_dropped, signal=signals.item_dropped)
        crawler.signals.connect(spider._on_item_error, signal=signals.item_error)
        return spider

    # What a family may override

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        """The rows of a list, in page order; raises RefusedError where the page is no list of this family."""
        tree = self.tree_of(page, source)
        article = job.page.article or source.article or self.article_pattern
        if job.page.rows is not None:
            return rows_of(tree, page.url, selector=job.page.rows, article=article)
        for selector in self.row_selectors:
            rows = rows_of(tree, page.url, selector=selector, article=article)
            if rows:
                return rows
        return rows_of(tree, page.url, article=article)

    def more_lists(self, page: Page, job: ListJob, source: Source) -> Iterable[str]:
        """Addresses of further lists that this one leads to (pages of an edition); most families have none."""
        return ()

    def tree_of(self, page: Page, source: Source) -> HtmlElement:
        """The page as a tree, decoded by the design's order."""
        return parse_list(decode(page.body, headers=page.headers, charset=source.charset).text)

    # Polls

    async def start(self) -> AsyncIterator[Any]:
        queue = queue_of(self.crawler)
        task: asyncio.Task[None] | None = None
        if queue is None:
            queue = PollQueue()
            task = asyncio.ensure_future(self._poll_once(queue))
        async for poll in queue:
            async for request in self._next(poll):
                yield request
        if task is not None:
            await task

    async def _poll_once(self, queue: PollQueue) -> None:
        """`scrapy crawl`: poll the sources named, or all active ones of this family, then end."""
        catalogue = self.services.catalogue
        if self._source_ids:
            sources = catalogue.select(self._source_ids)
        else:
            sources = tuple(source for source in catalogue.active() if source.family == self.name)
        dispatcher = Dispatcher(self.services, lambda _family, poll: queue.put(poll))
        try:
            reports = await asyncio.gather(*(dispatcher.poll(source) for source in sources))
            for report in reports:
                if report.reason is not None:
                    logger.error("%s: %s %s", report.source_id, report.reason, report.detail)
        finally:
            await dispatcher.close()
            queue.close()

    async def _next(self, poll: Poll) -> AsyncIterator[Request]:
        """The poll's next request, if any: one at a time, so that a host is never asked twice at once."""
        while (job := poll.next_job()) is not None:
            meta: dict[str, Any] = {"poll": poll, "job": job}
            if isinstance(job, ListJob) and not (self.follows_lists and job.is_first):
                meta["source_digest"] = poll.source.digest
            try:
                yield Request(
                    job.url, callback=self._on_response, errback=self._on_failure, meta=meta, dont_filter=True
                )
                return
            except ValueError as error:
                await self._fail(poll, job, Reason.BAD_LINK, str(error))
                poll.done()

    async def _on_response(self, response: Response) -> AsyncIterator[Any]:
        poll, job = response.meta["poll"], response.meta["job"]
        try:
            if isinstance(job, ListJob):
                async for capture in self._on_list(poll, job, response):
                    yield capture
            else:
                async for capture in self._on_article(poll, job, response):
                    yield capture
        except Exception as error:
            # A fault of ours on one page must not leave the poll waiting for ever.
            logger.exception("%s: %s", poll.source.id, response.url)
            await self._fail(poll, job, Reason.ERROR, f"{type(error).__name__}: {error}")
        async for request in self._next(poll):
            yield request
        poll.done()

    async def _on_failure(self, failure: Failure) -> AsyncIterator[Any]:
        request: Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy
        poll, job = request.meta["poll"], request.meta["job"]
        error = failure.value or RuntimeError("a failure without an error")
        reason, detail = reason_of(error, request.url, refused_addresses.of)
        if isinstance(error, IgnoredError) and error.is_registered and isinstance(job, ArticleJob):
            poll.elsewhere.append(ArticleJob(job.entry, error.detail))
        else:
            if reason is Reason.ERROR and not isinstance(error, IgnoreRequest):
                logger.error("%s: %s: %s", poll.source.id, request.url, detail)
            await self._fail(poll, job, reason, detail)
        async for following in self._next(poll):
            yield following
        poll.done()

    async def _fail(self, poll: Poll, job: Job, reason: Reason, detail: str, page: Page | None = None) -> None:
        if isinstance(job, ListJob):
            poll.lists.append(
                ListReport(url=job.url, status=page.status if page else None, reason=reason, detail=detail)
            )
        else:
            await self._settle(poll, job.entry, reason, detail, page)

    async def _settle(self, poll: Poll, entry: Entry, reason: Reason, detail: str, page: Page | None = None) -> None:
        poll.refused[reason] += 1
        await asyncio.to_thread(
            self.services.archive.settle,
            entry,
            reason,
            detail,
            now=self.services.now(),
            lease=poll.lease,
            page=page,
        )

    # Lists

    async def _on_list(self, poll: Poll, job: ListJob, response: Response) -> AsyncIterator[Capture]:
        page = page_of(response)
        archive, now = self.services.archive, self.services.now()
        if response.meta.get("is_unchanged"):
            due = await asyncio.to_thread(archive.due_rows, source_id=poll.source.id, list_url=job.url, now=now)
            poll.lists.append(ListReport(url=job.url, status=page.status, unchanged=True))
            for entry in due:
                async for capture in self._place(poll, entry, page.fetched_at):
                    yield capture
            self._queue_lists(poll, page, job)
            return
        refusal = refusal_of(page, expects="list")
        if refusal is not None:
            await self._fail(poll, job, *refusal, page=page)
            return
        try:
            rows = self.read_rows(page, job, poll.source)
        except RefusedError as error:
            await self._fail(poll, job, error.reason, error.detail, page)
            return
        if len(rows) < poll.source.min_rows:
            # Validators are not kept: the list is read in full until it has rows again.
            reason = Reason.NO_ROWS
            await self._fail(poll, job, reason, f"{len(rows)} rows, at least {poll.source.min_rows} expected", page)
            return
        limit = self.services.config.max_rows
        entries = [_entry(row, n, poll.source, job) for n, row in enumerate(rows[:limit])]
        noted: RowsNoted = await asyncio.to_thread(
            archive.note_rows,
            entries,
            list_url=job.url,
            source_id=poll.source.id,
            now=now,
            validators=response.meta.get("validators"),
            lease=poll.lease,
        )
        poll.lists.append(
            ListReport(
                url=job.url,
                status=page.status,
                rows=len(entries),
                new=noted.new,
                newest=_newest(entries),
                detail=f"{len(rows) - limit} rows left out" if len(rows) > limit else "",
            )
        )
        unread = {row.url or row.href: row for row in rows}
        for entry in noted.to_fetch:
            async for capture in self._place(poll, entry, page.fetched_at, unread.get(entry.url)):
                yield capture
        self._queue_lists(poll, page, job)

    def _queue_lists(self, poll: Poll, page: Page, job: ListJob) -> None:
        for url in self.more_lists(page, job, poll.source):
            if (urlsplit(url).hostname or "").lower() == poll.host:
                # before the articles: an edition is read whole even if the poll is cut short
                poll.jobs.appendleft(ListJob(job.page, url, is_first=False))

    async def _place(
        self, poll: Poll, entry: Entry, seen_at: datetime, row: Row | None = None
    ) -> AsyncIterator[Capture]:
        """Send a row where it belongs: to be fetched, to another host's queue, to be judged by title, or nowhere."""
        parts = urlsplit(entry.url)
        host = (parts.hostname or "").lower()
        if parts.scheme not in ("http", "https") or not host:
            await self._settle(poll, entry, Reason.BAD_LINK, entry.url)
        elif self.services.catalogue.of_host(host) is None:
            poll.begin_item()
            yield Capture(entry=entry, source=poll.source, page=None, seen_at=seen_at, lease=poll.lease)
        elif row is not None and not row.is_article and self._has_pattern(poll, entry):
            await self._settle(poll, entry, Reason.OTHER_PATH, entry.url)
        elif host != poll.host:
            poll.elsewhere.append(ArticleJob(entry, entry.url))
        else:
            poll.jobs.append(ArticleJob(entry, entry.url))

    def _has_pattern(self, poll: Poll, entry: Entry) -> bool:
        """True where a row on the source's own hosts has to match a pattern to be an article."""
        host = (urlsplit(entry.url).hostname or "").lower()
        pages = poll.source.lists
        return host in poll.source.hosts and bool(
            poll.source.article or self.article_pattern or any(page.article for page in pages)
        )

    # Articles

    async def _on_article(self, poll: Poll, job: ArticleJob, response: Response) -> AsyncIterator[Capture]:
        page = page_of(response)
        refusal = refusal_of(page, expects="article")
        if refusal is not None:
            await self._fail(poll, job, *refusal, page=page)
            return
        host = (urlsplit(page.url).hostname or "").lower()
        poll.begin_item()
        yield Capture(
            entry=job.entry,
            # a row on another registered host is read by that host's facts
            source=poll.source if host in poll.source.hosts else self.services.catalogue.of_host(host) or poll.source,
            page=page,
            seen_at=page.fetched_at,
            lease=poll.lease,
        )

    def _on_scraped(self, item: Any, response: Response) -> None:
        poll: Poll = response.meta["poll"]
        if isinstance(item, Stored):
            poll.count(item)
        poll.done()

    async def _on_dropped(self, item: Any, response: Response, exception: BaseException) -> None:
        poll: Poll = response.meta["poll"]
        reason = getattr(exception, "reason", Reason.ERROR)
        detail = getattr(exception, "detail", str(exception))
        await self._leave(poll, item, reason, detail)

    async def _on_item_error(self, item: Any, response: Response, failure: Failure) -> None:
        poll: Poll = response.meta["poll"]
        error = failure.value
        await self._leave(poll, item, getattr(error, "reason", Reason.ERROR), f"{type(error).__name__}: {error}")

    async def _leave(self, poll: Poll, item: Any, reason: Reason, detail: str) -> None:
        capture = item if isinstance(item, Capture) else item.capture
        try:
            await self._settle(poll, capture.entry, reason, detail, capture.page)
        except Exception:
            logger.exception("%s: %s could not be settled", poll.source.id, capture.entry.url)
        finally:
            poll.done()


def _entry(row: Row, position: int, source: Source, job: ListJob) -> Entry:
    return Entry(
        source_id=source.id,
        list_url=job.url,
        url=row.url or row.href,
        title=row.title,
        date=row.date,
        is_pinned=row.is_pinned,
        position=position,
    )


def _newest(entries: Sequence[Entry]) -> date | None:
    """The newest full date on a list; a 30th of February is the site's mistake, not ours."""
    found: list[date] = []
    for entry in entries:
        if entry.date is not None and entry.date.year is not None:
            try:
                found.append(date(entry.date.year, entry.date.month, entry.date.day))
            except ValueError:
                continue
    return max(found, default=None)
