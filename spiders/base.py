"""What all families share: working off polls, noting rows, fetching articles. A family says how its list is read.

Does not extract articles (pipelines do), nor decide when a source is polled (dispatcher and scheduler do).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlsplit

from lxml.html import HtmlElement
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.errors import CatalogueError, LeaseLostError, RefusedError
from crawler.extract.decode import Decoded, decode
from crawler.extract.pdf import is_pdf_address
from crawler.extract.recognise import families_of
from crawler.extract.refusal import refusal_of
from crawler.extract.rows import Row, matches, parse_list, rows_of
from crawler.model import Capture, Entry, ListReport, Page, Reason, RowsNoted, Source, Stored
from crawler.net.failure import IgnoredError, reason_of
from crawler.net.guard import refused_addresses
from crawler.net.page import page_of
from crawler.polling.dispatch import Dispatcher
from crawler.polling.poll import ArticleJob, Job, ListJob, Poll, PollQueue
from crawler.services import Services, queue_of, services_of
from crawler.text.urls import web_host
from spiders.history import page_seen
from spiders.measures import measured, waited
from spiders.parts import Gathered, PartJob, begin, go_on, without

logger = logging.getLogger(__name__)

# Redirects from one registered host to another: http to https to www is two, a circle has no end.
MAX_MOVES = 3


class ListSpider(Spider):
    """Base of the families. A family overrides `read_rows`, and `more_lists` where one list leads to others.

    Started by a runner it works off the queue bound to its crawler; started by `scrapy crawl NAME -a sources=a,b` it
    polls those sources once.
    """

    # CSS selectors of a row, tried in this order where a source gives none; the first that matches is used.
    row_selectors: ClassVar[tuple[str, ...]] = ()
    # What an article's path looks like, where a source does not say.
    article_pattern: ClassVar[str | None] = None

    def __init__(self, name: str | None = None, sources: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self._decoded: tuple[Page, Decoded] | None = None  # the list that is being read
        self._source_ids = [part.strip() for part in (sources or "").split(",") if part.strip()]

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> ListSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._on_scraped, signal=signals.item_scraped)
        crawler.signals.connect(spider._on_dropped, signal=signals.item_dropped)
        crawler.signals.connect(spider._on_item_error, signal=signals.item_error)
        return spider

    @property
    def services(self) -> Services:
        """What this process shares; not there yet in `from_crawler`: `scrapy crawl` makes the spider before add-ons."""
        return services_of(self.crawler)

    # What a family may override

    def read_rows(self, page: Page, job: ListJob, source: Source) -> Sequence[Row]:
        """The rows of a list, in page order; raises RefusedError where the page is no list of this family."""
        read = self.reader_of(page, job, source)
        if job.page.rows is not None:
            return read(selector=job.page.rows)
        for selector in self.row_selectors:
            rows = read(selector=selector)
            if rows:
                return rows
        return read()

    def reader_of(self, page: Page, job: ListJob, source: Source) -> Callable[..., Sequence[Row]]:
        """`rows_of` for this page: what is left to say is the selector."""
        article = job.page.article or source.article or self.article_pattern
        tree = self.tree_of(page, source)
        return partial(rows_of, tree, page.url, article=article, seen_at=page.fetched_at, zone=source.timezone)

    def least_rows(self, job: ListJob, source: Source) -> int:
        """The fewest rows with which a page counts as read; the oldest page of a history has a few."""
        return source.min_rows if job.number == 1 else 1

    def asked(self, job: ListJob, source: Source) -> ListJob:
        """The request for a list's own address; a family whose endpoint is posted to says so here."""
        return job

    def more_lists(self, page: Page, job: ListJob, source: Source) -> Iterable[str | ListJob]:
        """Further lists that this one leads to (pages of an edition, the data behind a shell); most have none."""
        return ()

    def next_page(self, page: Page, job: ListJob, source: Source, *, beyond: bool = False) -> ListJob | None:
        """The list's next older page, for walking back through its history; None at the end, or where none is known.

        `page` is the answer to `job`; page 1 is the list's own address. `beyond` asks for the page after the one that
        is declared the last: counts lie. None where nothing is declared.
        """
        return None

    def tree_of(self, page: Page, source: Source) -> HtmlElement:
        """The page as a tree, decoded by the design's order."""
        return parse_list(self.text_of(page, source))

    def text_of(self, page: Page, source: Source) -> str:
        """The page's markup, decoded."""
        if self._decoded is None or self._decoded[0] is not page:
            self._decoded = (page, decode(page.body, headers=page.headers, charset=source.charset))
        return self._decoded[1].text

    def refuse_other(self, page: Page, source: Source) -> None:
        """Raise RefusedError where a page without rows carries the marks of other families only."""
        likely = families_of(self.text_of(page, source), page.url)
        if likely and self.name not in likely and source.min_rows:
            raise RefusedError(Reason.NO_ROWS, f"no {self.name} list: it looks like {', '.join(likely)}")

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
        dispatcher = Dispatcher(self.services, lambda _family, poll: queue.put(poll))
        try:
            reports = await asyncio.gather(*(dispatcher.poll(source) for source in self._wanted()))
            for report in reports:
                if report.reason is not None:
                    told = {"source": report.source_id, "reason": report.reason}
                    logger.error("%s: %s %s", report.source_id, report.reason, report.detail, extra=told)
        except CatalogueError as error:
            logger.error("%s", error)
        finally:
            await dispatcher.close()
            queue.close()

    def _wanted(self) -> tuple[Source, ...]:
        """The sources named with `-a sources=`, or all active ones of this family."""
        catalogue = self.services.catalogue
        if not self._source_ids:
            return tuple(source for source in catalogue.active() if source.family == self.name)
        for source in (wanted := catalogue.select(self._source_ids)):
            if source.family != self.name:
                raise CatalogueError(f"{source.id}: is read by scrapy crawl {source.family}, not by {self.name}")
        return wanted

    async def _next(self, poll: Poll) -> AsyncIterator[Request]:
        """The poll's next request, if any: one at a time, so that a host is never asked twice at once."""
        while (job := poll.next_job()) is not None:
            if isinstance(job, ListJob) and job.is_first and job.number == 1:
                job = self.asked(job, poll.source)
            meta: dict[str, Any] = {"poll": poll, "job": job}
            # An answer to a POST has no validators of its own; a page of history is asked for once.
            if isinstance(job, ListJob) and job.method == "GET" and job.number == 1:
                meta["source_digest"] = poll.source.digest
                if poll.look_back is not None and job.page.url not in poll.look_back.begun:
                    meta["known_validators"] = None
            try:
                request = _request(job, self._on_response, self._on_failure, meta)
            except ValueError as error:
                fault = str(error)
            else:
                if len(request.url) <= self.settings.getint("URLLENGTH_LIMIT"):
                    yield request
                    return
                # Scrapy would drop it without a word, and the poll would wait for an answer for ever
                fault = f"an address of {len(request.url)} characters"
            await self._fail(poll, job, Reason.BAD_LINK, fault)
            poll.done()

    async def _on_response(self, response: Response) -> AsyncIterator[Any]:
        poll, job = response.meta["poll"], response.meta["job"]
        try:
            if (until := response.meta.get("retry_at")) is not None:
                await self._put_off(poll, job, page_of(response), until)
            elif isinstance(job, ListJob):
                async for capture in self._on_list(poll, job, response):
                    yield capture
            else:
                async for capture in self._on_article(poll, job, response):
                    yield capture
        except LeaseLostError as error:
            await self._fail(poll, job, Reason.LEASE_LOST, str(error))
        except Exception as error:
            # A fault of ours on one page must not leave the poll waiting for ever.
            told = {"source": poll.source.id, "url": response.url}
            logger.exception("%s: %s", poll.source.id, response.url, extra=told)
            await self._fail(poll, job, Reason.ERROR, f"{type(error).__name__}: {error}")
        async for request in self._next(poll):
            yield request
        poll.done()

    async def _on_failure(self, failure: Failure) -> AsyncIterator[Any]:
        request: Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy
        poll, job = request.meta["poll"], request.meta["job"]
        error = failure.value or RuntimeError("a failure without an error")
        reason, detail = reason_of(error, request.url, refused_addresses.of)
        if isinstance(job, PartJob) and reason is not Reason.LEASE_LOST:
            for capture in self._gather(poll, without(job, reason, detail)):
                yield capture
        elif isinstance(error, IgnoredError) and error.is_registered and isinstance(job, ArticleJob):
            if job.moves < MAX_MOVES:
                poll.elsewhere.append(ArticleJob(job.entry, error.detail, job.moves + 1))
            else:
                await self._fail(poll, job, Reason.REDIRECT_LOOP, f"from host to host, last to {error.detail}")
        else:
            if reason is Reason.ERROR and not isinstance(error, IgnoreRequest):
                told = {"source": poll.source.id, "url": request.url, "reason": reason}
                logger.error("%s: %s: %s", poll.source.id, request.url, detail, extra=told)
            await self._fail(poll, job, reason, detail)
        async for following in self._next(poll):
            yield following
        poll.done()

    async def _put_off(self, poll: Poll, job: Job, page: Page, until: datetime) -> None:
        """End a poll whose host asks for patience: its rows stay open, lists that were not read are holes."""
        reason, detail = refusal_of(page, expects="list") or (Reason.HTTP_ERROR, str(page.status))
        poll.put_off(until)
        if isinstance(job, ListJob):
            await self._fail(poll, job, reason, detail, page)
        else:
            poll.refused[reason] += 1
            if poll.host in poll.source.hosts:  # what another site asks for says nothing of this source
                poll.fail(reason, detail)
        for dropped in poll.dropped:
            if isinstance(dropped, ListJob):
                poll.lists.append(
                    ListReport(url=dropped.url, status=None, reason=reason, detail="the site asked to wait")
                )

    async def _fail(self, poll: Poll, job: Job, reason: Reason, detail: str, page: Page | None = None) -> None:
        if reason is Reason.LEASE_LOST:
            poll.refused[reason] += 1
            poll.lose()  # whoever has the host now reads the list, and the row stays open for them
        elif isinstance(job, ListJob):
            poll.lists.append(
                ListReport(url=job.url, status=page.status if page else None, reason=reason, detail=detail)
            )
        else:
            await self._settle(poll, job.entry, reason, detail, page)

    async def _settle(self, poll: Poll, entry: Entry, reason: Reason, detail: str, page: Page | None = None) -> None:
        """Record why a row went no further. Never raises: a row that cannot be settled stays open for the next poll."""
        poll.refused[reason] += 1
        try:
            await asyncio.to_thread(
                self.services.archive.settle,
                entry,
                reason,
                detail,
                now=self.services.now(),
                lease=poll.lease,
                page=page,
            )
        except LeaseLostError:
            poll.lose()
        except Exception as error:
            told = {"source": poll.source.id, "url": entry.url}
            logger.exception("%s: %s could not be settled", poll.source.id, entry.url, extra=told)
            poll.fail(Reason.ERROR, str(error))

    # Lists

    async def _on_list(self, poll: Poll, job: ListJob, response: Response) -> AsyncIterator[Capture]:
        page = page_of(response)
        archive, now = self.services.archive, self.services.now()
        if response.meta.get("is_unchanged"):
            known = poll.known.get(job.url)
            due = (
                known.due
                if known is not None
                else await asyncio.to_thread(archive.due_rows, source_id=poll.source.id, list_url=job.url, now=now)
            )
            unchanged = ListReport(url=job.url, status=page.status, unchanged=True)
            poll.lists.append(waited(unchanged, response.meta))
            for entry in due:
                async for capture in self._place(poll, job, entry, page.fetched_at):
                    yield capture
            return
        refusal = _redirect_of(page) or refusal_of(page, expects="list")
        if refusal is not None:
            await self._fail(poll, job, *refusal, page=page)
            return
        try:
            rows = self.read_rows(page, job, poll.source)
            lists = tuple(self.more_lists(page, job, poll.source))
        except RefusedError as error:
            await self._fail(poll, job, error.reason, error.detail, page)
            return
        # A list that leads to others, such as a sitemap index, may have no rows of its own.
        min_rows = self.least_rows(job, poll.source)
        if len(rows) < min_rows and not lists:
            # Validators are not kept: the list is read in full until it has rows again.
            await self._fail(poll, job, Reason.NO_ROWS, f"{len(rows)} rows, at least {min_rows} expected", page)
            return
        decoded = self._decoded[1] if self._decoded is not None and self._decoded[0] is page else None
        limit = self.services.config.max_rows
        entries = [_entry(row, n, poll.source, job) for n, row in enumerate(rows[:limit])]
        noted: RowsNoted = await asyncio.to_thread(
            archive.note_rows,
            entries,
            list_url=job.url,
            source_id=poll.source.id,
            now=now,
            # A list that leads to others is always read in full: a pass that was killed between two of them, or a shell
            # that never changes while they do, would lose the rest.
            validators=None if lists else response.meta.get("validators"),
            lease=poll.lease,
            is_backfill=job.number > 1,
        )
        report = ListReport(
            url=job.url,
            status=page.status,
            rows=len(entries),
            new=noted.new,
            newest=_newest(entries),
            detail=f"{len(rows) - limit} rows left out" if len(rows) > limit else "",
            number=job.number,
        )
        poll.lists.append(measured(report, page, entries, family=self.name, decoded=decoded, meta=response.meta))
        if poll.look_back is not None:
            addresses = frozenset(entry.url for entry in entries)
            await poll.look_back.on_seen(page_seen(self, page, job, poll.source, addresses, noted.new))
        for entry in noted.to_fetch:
            async for capture in self._place(poll, job, entry, page.fetched_at):
                yield capture
        for found in lists:
            further = (
                found if isinstance(found, ListJob) else ListJob(job.page, found, is_first=False, number=job.number)
            )
            if (urlsplit(further.url).hostname or "").lower() == poll.host:
                # before the articles: an edition is read whole even if the poll is cut short
                poll.jobs.appendleft(further)

    async def _place(self, poll: Poll, job: ListJob, entry: Entry, seen_at: datetime) -> AsyncIterator[Capture]:
        """Send a row where it belongs: to be fetched, to another host's queue, to be judged by title, or nowhere.

        Decided by the row's address alone, so that a row of a pass that was killed goes the same way at the next.
        """
        host = web_host(entry.url)
        if host is None:
            await self._settle(poll, entry, Reason.BAD_LINK, entry.url)
        elif self.services.catalogue.of_host(host) is None:
            poll.begin_item()
            yield Capture(entry=entry, source=poll.source, page=None, seen_at=seen_at, lease=poll.lease)
        elif host in poll.source.hosts and not self._is_article(poll, job, entry.url):
            await self._settle(poll, entry, Reason.OTHER_PATH, entry.url)
        elif host != poll.host:
            poll.elsewhere.append(ArticleJob(entry, entry.url))
        else:
            poll.jobs.append(ArticleJob(entry, entry.url))

    def _is_article(self, poll: Poll, job: ListJob, url: str) -> bool:
        """True for an address on the source's own hosts that is a PDF or has the shape of an article."""
        pattern = job.page.article or poll.source.article or self.article_pattern
        return pattern is None or is_pdf_address(url) or matches(re.compile(pattern), url)

    # Articles

    async def _on_article(self, poll: Poll, job: ArticleJob, response: Response) -> AsyncIterator[Capture]:
        page = page_of(response)
        if isinstance(job, PartJob):
            refusal = _redirect_of(page)
            gathered = without(job, *refusal) if refusal else await go_on(job, page, self._is_registered)
        else:
            refusal = _redirect_of(page) or refusal_of(page, expects="article")
            if refusal is not None:
                await self._fail(poll, job, *refusal, page=page)
                return
            host = (urlsplit(page.url).hostname or "").lower()
            own = poll.source if host in poll.source.hosts else self.services.catalogue.of_host(host)
            capture = Capture(
                entry=job.entry,
                source=own or poll.source,  # a row on another registered host is read by that host's facts
                page=page,
                seen_at=page.fetched_at,
                lease=poll.lease,
            )
            gathered = await begin(capture, page, self._is_registered)
        for capture in self._gather(poll, gathered):
            yield capture

    def _gather(self, poll: Poll, gathered: Gathered) -> Iterator[Capture]:
        """Ask for the article's next part before anything else; once there is none, the article goes on its way.

        A poll that is stopped in between drops the part, and the row stays open for the next poll.
        """
        if (following := gathered.next_job()) is not None:
            poll.jobs.appendleft(following)
            return
        poll.refused.update(part.reason for part in gathered.capture.missing)
        poll.begin_item()
        yield gathered.capture

    def _is_registered(self, host: str) -> bool:
        return self.services.catalogue.of_host(host) is not None

    def _on_scraped(self, item: Any, response: Response | Failure) -> None:
        poll = _poll_of(response)
        if isinstance(item, Stored):
            poll.count(item)
        poll.done()

    async def _on_dropped(self, item: Any, response: Response | Failure, exception: BaseException) -> None:
        poll = _poll_of(response)
        reason = getattr(exception, "reason", Reason.ERROR)
        detail = getattr(exception, "detail", str(exception))
        await self._leave(poll, item, reason, detail)

    async def _on_item_error(self, item: Any, response: Response | Failure, failure: Failure) -> None:
        poll = _poll_of(response)
        error = failure.value
        await self._leave(poll, item, getattr(error, "reason", Reason.ERROR), f"{type(error).__name__}: {error}")

    async def _leave(self, poll: Poll, item: Any, reason: Reason, detail: str) -> None:
        capture = item if isinstance(item, Capture) else item.capture
        if reason is Reason.LEASE_LOST:
            poll.refused[reason] += 1
            poll.lose()
        else:
            await self._settle(poll, capture.entry, reason, detail, capture.page)
        poll.done()


def _poll_of(answer: Response | Failure) -> Poll:
    """The poll behind an item; where an article's last part failed, Scrapy hands over that failure for an answer."""
    poll: Poll = answer.request.meta["poll"]  # type: ignore[union-attr]  # set by Scrapy on both
    return poll


def _redirect_of(page: Page) -> tuple[Reason, str] | None:
    """Why an answer that leads elsewhere was not followed: Scrapy hands over redirects to file: and to nowhere."""
    if not 300 <= page.status < 400 or page.status == 304:
        return None
    to = page.headers.get("location")
    return (Reason.REDIRECT_OFFSITE, to[:500]) if to else (Reason.HTTP_ERROR, f"{page.status} that leads nowhere")


def _request(job: Job, callback: Any, errback: Any, meta: dict[str, Any]) -> Request:
    """The request of a job; raises ValueError where its address is none."""
    if isinstance(job, ListJob):
        return Request(
            job.url,
            callback=callback,
            errback=errback,
            method=job.method,
            body=job.body,
            headers=dict(job.headers),
            meta=meta,
            dont_filter=True,
        )
    return Request(job.url, callback=callback, errback=errback, meta=meta, dont_filter=True)


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
