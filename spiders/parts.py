"""An article on its way through more than one request: which part is asked next, and what came of the last.

Decides only; the spider asks, one part after another in the same poll, and hands on one Capture at the end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from crawler.errors import RefusedError
from crawler.extract.article import extract_article
from crawler.extract.join import adds_text
from crawler.extract.parts import MAX_PARTS, PartLink, further_parts, is_same_article, may_have_parts, parts_after
from crawler.extract.pdf import is_pdf
from crawler.extract.refusal import refusal_of
from crawler.model import Article, Capture, MissingPart, Page, Reason
from crawler.polling.poll import ArticleJob

logger = logging.getLogger(__name__)

# After one of these the next part would fare no better, and the host is not pressed.
_NO_FURTHER = frozenset(
    {Reason.BLOCKED, Reason.ROBOTS, Reason.TIMEOUT, Reason.UNREACHABLE, Reason.SERVER_ERROR, Reason.PRIVATE_ADDRESS}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartJob(ArticleJob):
    """A further part to ask; `capture` is the article as far as it was had, `seen` the lines of its pages."""

    capture: Capture
    link: PartLink
    waiting: tuple[PartLink, ...]
    seen: frozenset[str]
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What was had of an article, and which of its parts are still to be asked."""

    capture: Capture
    waiting: tuple[PartLink, ...] = ()
    seen: frozenset[str] = frozenset()
    title: str = ""

    def next_job(self) -> PartJob | None:
        """The next part's job; None where the article is as whole as it gets."""
        if not self.waiting:
            return None
        link, *rest = self.waiting
        return PartJob(
            self.capture.entry,
            link.url,
            capture=self.capture,
            link=link,
            waiting=tuple(rest),
            seen=self.seen,
            title=self.title,
        )


async def begin(capture: Capture, page: Page, is_registered: Callable[[str], bool]) -> Gathered:
    """The article whose first page has come, and the parts that this page tells of. Never raises."""
    try:
        if not may_have_parts(page):
            return Gathered(capture=capture)
        # most pages end above; a page that does not is read in full here, and again with its parts
        return await asyncio.to_thread(_begin, capture, page, is_registered)
    except Exception:
        # A fault of ours in looking for more must not cost what is there.
        told = {"source": capture.source.id, "url": page.url}
        logger.exception("%s: %s", capture.source.id, page.url, extra=told)
        return Gathered(capture=capture)


def _begin(capture: Capture, page: Page, is_registered: Callable[[str], bool]) -> Gathered:
    article = _read(capture, page)
    if article is None:
        return Gathered(capture=capture)
    links = further_parts(page, article, charset=capture.source.charset)
    gathered = Gathered(capture=capture, seen=frozenset(article.body.split("\n")), title=article.title)
    return _with_links(gathered, links, is_registered)


def _with_links(gathered: Gathered, links: tuple[PartLink, ...], is_registered: Callable[[str], bool]) -> Gathered:
    """With the parts that may be asked; those on other hosts and beyond the limit are missing."""
    first = gathered.capture.page
    own = urlsplit(first.url).hostname if first is not None else None
    missing = list(gathered.capture.missing)
    waiting: list[PartLink] = []
    for link in links:
        host = (urlsplit(link.url).hostname or "").lower()
        if link.number > MAX_PARTS + 1:
            missing.append(_missing(link, Reason.TOO_LARGE, f"more than {MAX_PARTS} further parts"))
            break
        if not is_registered(host):
            missing.append(_missing(link, Reason.UNREGISTERED_HOST, host))
        elif host != own:
            # its lease is not ours
            missing.append(_missing(link, Reason.BUSY, f"{host} is not asked in this poll"))
        else:
            waiting.append(link)
    capture = replace(gathered.capture, missing=tuple(missing))
    return replace(gathered, capture=capture, waiting=tuple(waiting))


async def go_on(job: PartJob, page: Page, is_registered: Callable[[str], bool]) -> Gathered:
    """The article after a part's answer. Never raises."""
    if job.link.is_pdf:
        refusal = None if page.status == 200 and is_pdf(page) else refusal_of(page, expects="article")
        if refusal is None and not is_pdf(page):
            refusal = Reason.WRONG_TYPE, "not a PDF"
        return without(job, *refusal) if refusal is not None else _with(job, page, job.seen, job.waiting)
    refusal = refusal_of(page, expects="article")
    if refusal is not None:
        return without(job, *refusal)
    try:
        return await asyncio.to_thread(_go_on, job, page, is_registered)
    except Exception as error:
        # Nor must a fault of ours on a part cost the article.
        told = {"source": job.capture.source.id, "url": page.url}
        logger.exception("%s: %s", job.capture.source.id, page.url, extra=told)
        return without(job, Reason.ERROR, f"{type(error).__name__}: {error}")


def _go_on(job: PartJob, page: Page, is_registered: Callable[[str], bool]) -> Gathered:
    first = job.capture.page
    article = _read(job.capture, page)
    if article is None:
        return without(job, Reason.NO_BODY, "no article on it")
    if first is None or not is_same_article(job.title, article.title) or not adds_text(article, job.seen):
        # behind the last page sites show the first once more, or another article: the end, and nothing is missing
        return Gathered(capture=job.capture)
    seen = job.seen.union(article.body.split("\n"))
    gathered = _with(job, page, seen, job.waiting)
    if gathered.waiting:
        return gathered
    links = parts_after(page, first.url, job.link.number, charset=job.capture.source.charset)
    return _with_links(gathered, links, is_registered)


def without(job: PartJob, reason: Reason, detail: str) -> Gathered:
    """The article without the part that was asked."""
    lost = [_missing(job.link, reason, detail)]
    if reason in _NO_FURTHER:
        lost += [_missing(link, reason, "not asked after the part before it") for link in job.waiting]
    capture = replace(job.capture, missing=(*job.capture.missing, *lost))
    return Gathered(
        capture=capture, waiting=() if reason in _NO_FURTHER else job.waiting, seen=job.seen, title=job.title
    )


def _with(job: PartJob, page: Page, seen: frozenset[str], waiting: tuple[PartLink, ...]) -> Gathered:
    capture = replace(job.capture, parts=(*job.capture.parts, page))
    return Gathered(capture=capture, waiting=waiting, seen=seen, title=job.title)


def _read(capture: Capture, page: Page) -> Article | None:
    try:
        return extract_article(page, source=capture.source.at(page.fetched_at), entry=capture.entry)
    except RefusedError:
        return None


def _missing(link: PartLink, reason: Reason, detail: str) -> MissingPart:
    return MissingPart(number=link.number, url=link.url, reason=reason, detail=detail)
