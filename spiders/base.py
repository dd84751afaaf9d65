"""What all families share: noting rows, fetching articles. A family says how its list is read.

Does not extract articles (pipelines do), nor ask for anything by itself: working.py asks what polls have queued.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlsplit

from lxml.html import HtmlElement
from scrapy.http import Response

from crawler.errors import RefusedError
from crawler.extract.decode import Decoded, decode
from crawler.extract.pdf import is_pdf_address
from crawler.extract.recognise import families_of
from crawler.extract.refusal import refusal_of
from crawler.extract.rows import Row, cut, matches, parse_list, rows_of
from crawler.model import Capture, Entry, ListReport, Page, Reason, RowsNoted, Source
from crawler.net.page import page_of
from crawler.polling.poll import ArticleJob, ListJob, Poll
from crawler.text.urls import web_host
from spiders.history import page_seen
from spiders.measures import measured, waited
from spiders.parts import PartJob, begin, go_on, without
from spiders.working import PollSpider


class ListSpider(PollSpider):
    """Base of the families. A family overrides `read_rows`, and `more_lists` where one list leads to others."""

    # CSS selectors of a row, tried in this order where a source gives none; the first that matches is used.
    row_selectors: ClassVar[tuple[str, ...]] = ()
    # What an article's path looks like, where a source does not say.
    article_pattern: ClassVar[str | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._decoded: tuple[Page, Decoded] | None = None  # the list that is being read
        self._cut: tuple[Page, int] | None = None  # how many links of it were left out
        self._max_rows: int | None = None  # of a list, once one is polled

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
        return self.tree_from(self.text_of(page, source), page)

    def tree_from(self, markup: str, page: Page) -> HtmlElement:
        """Markup of a page as a tree, no larger than what is read of a list; what is left out is said."""
        tree = parse_list(markup)
        if self._max_rows is not None and (links := cut(tree, max_rows=self._max_rows)):
            self._cut = (page, links)
        return tree

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

    # Lists

    async def on_list(self, poll: Poll, job: ListJob, response: Response) -> AsyncIterator[Capture]:
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
            await self.fail(poll, job, *refusal, page=page)
            return
        self._max_rows = limit = self.services.config.max_rows
        try:
            rows = self.read_rows(page, job, poll.source)
            lists = tuple(self.more_lists(page, job, poll.source))
        except RefusedError as error:
            await self.fail(poll, job, error.reason, error.detail, page)
            return
        # A list that leads to others, such as a sitemap index, may have no rows of its own.
        min_rows = self.least_rows(job, poll.source)
        if len(rows) < min_rows and not lists:
            # Validators are not kept: the list is read in full until it has rows again.
            await self.fail(poll, job, Reason.NO_ROWS, f"{len(rows)} rows, at least {min_rows} expected", page)
            return
        decoded = self._decoded[1] if self._decoded is not None and self._decoded[0] is page else None
        links = self._cut[1] if self._cut is not None and self._cut[0] is page else 0
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
            detail=_left_out(len(rows) - limit, links),
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
            await self.settle(poll, entry, Reason.BAD_LINK, entry.url)
        elif self.services.catalogue.of_host(host) is None:
            poll.begin_item()
            yield Capture(entry=entry, source=poll.source, page=None, seen_at=seen_at, lease=poll.lease)
        elif host in poll.source.hosts and not self._is_article(poll, job, entry.url):
            await self.settle(poll, entry, Reason.OTHER_PATH, entry.url)
        elif host != poll.host:
            poll.elsewhere.append(ArticleJob(entry, entry.url))
        else:
            poll.jobs.append(ArticleJob(entry, entry.url))

    def _is_article(self, poll: Poll, job: ListJob, url: str) -> bool:
        """True for an address on the source's own hosts that is a PDF or has the shape of an article."""
        pattern = job.page.article or poll.source.article or self.article_pattern
        return pattern is None or is_pdf_address(url) or matches(re.compile(pattern), url)

    # Articles

    async def on_article(self, poll: Poll, job: ArticleJob, response: Response) -> AsyncIterator[Capture]:
        page = page_of(response)
        if isinstance(job, PartJob):
            refusal = _redirect_of(page)
            gathered = without(job, *refusal) if refusal else await go_on(job, page, self._is_registered)
        else:
            refusal = _redirect_of(page) or refusal_of(page, expects="article")
            if refusal is not None:
                await self.fail(poll, job, *refusal, page=page)
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
        for capture in self.gather(poll, gathered):
            yield capture

    def _is_registered(self, host: str) -> bool:
        return self.services.catalogue.of_host(host) is not None


def _left_out(rows: int, links: int) -> str:
    if rows > 0 and links:
        return f"{rows} rows and {links} links left out"
    return f"{rows} rows left out" if rows > 0 else f"{links} links left out" if links else ""


def _redirect_of(page: Page) -> tuple[Reason, str] | None:
    """Why an answer that leads elsewhere was not followed: Scrapy hands over redirects to file: and to nowhere."""
    if not 300 <= page.status < 400 or page.status == 304:
        return None
    to = page.headers.get("location")
    return (Reason.REDIRECT_OFFSITE, to[:500]) if to else (Reason.HTTP_ERROR, f"{page.status} that leads nowhere")


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
