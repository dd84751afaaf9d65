"""Works off polls: one request of each after the other, and an account of every row that an answer led to.

Does not read answers: what a list or an article says is base.py's business.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.errors import CatalogueError, HrwatchError, LeaseLostError
from crawler.extract.refusal import refusal_of
from crawler.model import Capture, Entry, ListReport, Page, Reason, Source, Stored
from crawler.net.failure import IgnoredError, reason_of
from crawler.net.guard import refused_addresses
from crawler.net.page import page_of
from crawler.polling.dispatch import Dispatcher
from crawler.polling.poll import ArticleJob, Job, ListJob, Poll, PollQueue
from crawler.services import Services, queue_of, services_of
from spiders.parts import Gathered, PartJob, without

logger = logging.getLogger(__name__)

# Redirects from one registered host to another: http to https to www is two, a circle has no end.
MAX_MOVES = 3


class PollSpider(Spider):
    """Asks what polls have queued; what is answered goes to `on_list` and `on_article`.

    Started by a runner it works off the queue bound to its crawler; started by `scrapy crawl NAME -a sources=a,b` it
    polls those sources once.
    """

    def __init__(self, name: str | None = None, sources: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self._source_ids = [part.strip() for part in (sources or "").split(",") if part.strip()]

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> PollSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._on_scraped, signal=signals.item_scraped)
        crawler.signals.connect(spider._on_dropped, signal=signals.item_dropped)
        crawler.signals.connect(spider._on_item_error, signal=signals.item_error)
        return spider

    @property
    def services(self) -> Services:
        """What this process shares; not there yet in `from_crawler`: `scrapy crawl` makes the spider before add-ons."""
        return services_of(self.crawler)

    # What is made of answers

    def asked(self, job: ListJob, source: Source) -> ListJob:
        """The request for a list's own address; a family whose endpoint is posted to says so here."""
        return job

    def on_list(self, poll: Poll, job: ListJob, response: Response) -> AsyncIterator[Capture]:
        """Read a list, and queue what it leads to."""
        raise NotImplementedError

    def on_article(self, poll: Poll, job: ArticleJob, response: Response) -> AsyncIterator[Capture]:
        """Read an article, or a part of one."""
        raise NotImplementedError

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
            await self.fail(poll, job, Reason.BAD_LINK, fault)
            poll.done()

    async def _on_response(self, response: Response) -> AsyncIterator[Any]:
        poll, job = response.meta["poll"], response.meta["job"]
        try:
            if (until := response.meta.get("retry_at")) is not None:
                await self._put_off(poll, job, page_of(response), until)
            elif isinstance(job, ListJob):
                async for capture in self.on_list(poll, job, response):
                    yield capture
            else:
                async for capture in self.on_article(poll, job, response):
                    yield capture
        except LeaseLostError as error:
            await self.fail(poll, job, Reason.LEASE_LOST, str(error))
        except HrwatchError as error:  # a full disk, a database that has gone: a sentence says all
            logger.error("%s: %s", poll.source.id, error, extra={"source": poll.source.id, "url": response.url})
            await self.fail(poll, job, Reason.ERROR, str(error))
        except Exception as error:
            # A fault of ours on one page must not leave the poll waiting for ever.
            told = {"source": poll.source.id, "url": response.url}
            logger.exception("%s: %s", poll.source.id, response.url, extra=told)
            await self.fail(poll, job, Reason.ERROR, f"{type(error).__name__}: {error}")
        async for request in self._next(poll):
            yield request
        poll.done()

    async def _on_failure(self, failure: Failure) -> AsyncIterator[Any]:
        request: Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy
        poll, job = request.meta["poll"], request.meta["job"]
        error = failure.value or RuntimeError("a failure without an error")
        reason, detail = reason_of(error, request.url, refused_addresses.of)
        if isinstance(job, PartJob) and reason is not Reason.LEASE_LOST:
            for capture in self.gather(poll, without(job, reason, detail)):
                yield capture
        elif isinstance(error, IgnoredError) and error.is_registered and isinstance(job, ArticleJob):
            if job.moves < MAX_MOVES:
                poll.elsewhere.append(ArticleJob(job.entry, error.detail, job.moves + 1))
            else:
                await self.fail(poll, job, Reason.REDIRECT_LOOP, f"from host to host, last to {error.detail}")
        else:
            if reason is Reason.ERROR and not isinstance(error, IgnoreRequest):
                told = {"source": poll.source.id, "url": request.url, "reason": reason}
                logger.error("%s: %s: %s", poll.source.id, request.url, detail, extra=told)
            await self.fail(poll, job, reason, detail)
        async for following in self._next(poll):
            yield following
        poll.done()

    async def _put_off(self, poll: Poll, job: Job, page: Page, until: datetime) -> None:
        """End a poll whose host asks for patience: its rows stay open, lists that were not read are holes."""
        reason, detail = refusal_of(page, expects="list") or (Reason.HTTP_ERROR, str(page.status))
        poll.put_off(until)
        if isinstance(job, ListJob):
            await self.fail(poll, job, reason, detail, page)
        else:
            poll.refused[reason] += 1
            if poll.host in poll.source.hosts:  # what another site asks for says nothing of this source
                poll.fail(reason, detail)
        for dropped in poll.dropped:
            if isinstance(dropped, ListJob):
                poll.lists.append(
                    ListReport(url=dropped.url, status=None, reason=reason, detail="the site asked to wait")
                )

    async def fail(self, poll: Poll, job: Job, reason: Reason, detail: str, page: Page | None = None) -> None:
        """Account for a job that brought nothing: a list is a hole in the poll, an article's row has its reason."""
        if reason is Reason.LEASE_LOST:
            poll.refused[reason] += 1
            poll.lose()  # whoever has the host now reads the list, and the row stays open for them
        elif isinstance(job, ListJob):
            poll.lists.append(
                ListReport(url=job.url, status=page.status if page else None, reason=reason, detail=detail)
            )
        else:
            await self.settle(poll, job.entry, reason, detail, page)

    async def settle(self, poll: Poll, entry: Entry, reason: Reason, detail: str, page: Page | None = None) -> None:
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
        except HrwatchError as error:
            logger.error("%s: %s", poll.source.id, error, extra={"source": poll.source.id, "url": entry.url})
            poll.fail(Reason.ERROR, str(error))
        except Exception as error:
            told = {"source": poll.source.id, "url": entry.url}
            logger.exception("%s: %s could not be settled", poll.source.id, entry.url, extra=told)
            poll.fail(Reason.ERROR, str(error))

    def gather(self, poll: Poll, gathered: Gathered) -> Iterator[Capture]:
        """Ask for the article's next part before anything else; once there is none, the article goes on its way.

        A poll that is stopped in between drops the part, and the row stays open for the next poll.
        """
        if (following := gathered.next_job()) is not None:
            poll.jobs.appendleft(following)
            return
        poll.refused.update(part.reason for part in gathered.capture.missing)
        poll.begin_item()
        yield gathered.capture

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
            await self.settle(poll, capture.entry, reason, detail, capture.page)
        poll.done()


def _poll_of(answer: Response | Failure) -> Poll:
    """The poll behind an item; where an article's last part failed, Scrapy hands over that failure for an answer."""
    poll: Poll = answer.request.meta["poll"]  # type: ignore[union-attr]  # set by Scrapy on both
    return poll


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
