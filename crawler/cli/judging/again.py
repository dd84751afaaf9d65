"""Reads and judges again what the archive holds: page from its WARC file, article, judgement. Writes nothing.

An item whose page cannot be had any more is judged from its stored text; why is said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from archive.records import KeptItem, PageRecord, Redo, RefusedRow
from crawler.catalogue import Catalogue
from crawler.cli.coding import without_coding
from crawler.errors import RefusedError, WarcError
from crawler.extract.pdf import is_pdf
from crawler.extract.refusal import refusal_of
from crawler.model import Article, Capture, Entry, Judged, Page, Reason, Source
from crawler.taxonomy import Taxonomy
from crawler.text.fold import fold
from crawler.text.urls import web_host
from crawler.warc.reading import read_page
from pipelines.extract import article_of
from pipelines.judge import judgement_of


class Unread(StrEnum):
    """Why a page was not read again."""

    NO_PAGE = "no-page"  # its bytes were not kept
    LET_GO = "let-go"  # its bytes were kept until `hrwatch prune` let them go
    WARC_GONE = "warc-gone"
    WARC_DAMAGED = "warc-damaged"
    UNREGISTERED = "unregistered"  # its source is in no file any more
    REFUSED = "refused"  # read, and no article by today's rules
    FAULT = "fault"  # a fault of ours

    @property
    def is_failure(self) -> bool:
        """True where something is broken that somebody should look at."""
        return self not in (Unread.NO_PAGE, Unread.LET_GO, Unread.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What came of one item or refused row: something to compare, or why not; both, where only the judgement is new."""

    of: KeptItem | RefusedRow
    redo: Redo | None = None
    unread: Unread | None = None
    detail: str = ""


class _UnreadError(Exception):
    def __init__(self, why: Unread, detail: str) -> None:
        super().__init__(f"{why}: {detail}")
        self.why = why
        self.detail = detail


class Rereading:
    """Reads again by the sources and data files of today."""

    def __init__(
        self,
        catalogue: Catalogue,
        taxonomy: Taxonomy,
        warc_dir: Path,
        *,
        max_bytes: int,
        page_now: Callable[[PageRecord], PageRecord | None],
        judge_only: bool = False,
    ) -> None:
        self._catalogue = catalogue
        self._taxonomy = taxonomy
        self._warc_dir = warc_dir
        self._max_bytes = max_bytes
        self._page_now = page_now
        self._judge_only = judge_only

    def item(self, kept: KeptItem) -> Again:
        """An item read and judged again; judged alone where its page cannot be read. Never raises."""
        source = self._catalogue.get(kept.source_id) or self._catalogue.of_host(web_host(kept.url) or "")
        if source is None:
            return Again(of=kept, unread=Unread.UNREGISTERED, detail=kept.source_id)
        # an item that no row leads to any more: its own address and title are what a row would say
        entry = kept.entry or Entry(source_id=source.id, list_url=source.home, url=kept.url, title=kept.title)
        try:
            if self._judge_only or kept.is_link_only:
                return self._judged_alone(kept, entry, source)
            try:
                return self._read_again(kept, entry, source)
            except _UnreadError as error:
                return replace(self._judged_alone(kept, entry, source), unread=error.why, detail=error.detail)
        except Exception as error:  # noqa: BLE001 - one page must not end the work on all others
            return Again(of=kept, unread=Unread.FAULT, detail=f"{type(error).__name__}: {error}")

    def row(self, row: RefusedRow) -> Again:
        """A refused row tried again: from the page kept of it, or as the bare link that it is. Never raises."""
        try:
            return self._row(row)
        except (RefusedError, _UnreadError) as error:
            why = error.why if isinstance(error, _UnreadError) else Unread.REFUSED
            return Again(of=row, unread=why, detail=str(error) if why is Unread.REFUSED else error.detail)
        except Exception as error:  # noqa: BLE001 - as above
            return Again(of=row, unread=Unread.FAULT, detail=f"{type(error).__name__}: {error}")

    def _read_again(self, kept: KeptItem, entry: Entry, source: Source) -> Again:
        if not kept.pages:
            raise _UnreadError(Unread.NO_PAGE, kept.url)
        page, *parts = (self._page(record) for record in kept.pages)
        capture = Capture(
            entry=entry,
            source=source,
            page=page,
            parts=tuple(parts),
            missing=kept.missing,
            seen_at=page.fetched_at,
        )
        try:
            judged = self._judged(capture)
        except RefusedError as error:
            raise _UnreadError(Unread.REFUSED, str(error)) from error
        return Again(of=kept, redo=Redo(of=kept, judged=judged, is_read_again=True))

    def _judged_alone(self, kept: KeptItem, entry: Entry, source: Source) -> Again:
        article = Article(
            url=kept.url,
            title=kept.title,
            body=kept.body,
            published=kept.published,
            folded_title=fold(kept.title).text,
            folded_body=fold(kept.body).text,
            is_link_only=kept.is_link_only,
        )
        judgement = judgement_of(article, source, self._taxonomy)
        judged = Judged(capture=Capture(entry=entry, source=source, page=None), article=article, judgement=judgement)
        return Again(of=kept, redo=Redo(of=kept, judged=judged, is_read_again=False))

    def _row(self, row: RefusedRow) -> Again:
        host = web_host(row.entry.url if row.page is None else row.page.url) or ""
        finder = self._catalogue.get(row.entry.source_id)
        source = finder if finder is not None and host in finder.hosts else self._catalogue.of_host(host)
        if row.page is None:
            if row.reason is not Reason.UNREGISTERED_HOST or source is not None:
                raise _UnreadError(Unread.NO_PAGE, row.entry.url)  # only its host could tell
            if finder is None:
                raise _UnreadError(Unread.UNREGISTERED, row.entry.source_id)
            capture = Capture(entry=row.entry, source=finder, page=None, seen_at=row.first_seen_at)
        else:
            if source is None:
                raise _UnreadError(Unread.UNREGISTERED, host)
            page = self._page(row.page)
            capture = Capture(entry=row.entry, source=source, page=page, seen_at=page.fetched_at)
        judged = self._judged(capture)
        if judged.article.is_link_only and not judged.judgement.relevant:
            raise RefusedError(Reason.UNREGISTERED_HOST, row.entry.url)
        return Again(of=row, redo=Redo(of=row, judged=judged, is_read_again=True))

    def _judged(self, capture: Capture) -> Judged:
        page = capture.page
        if page is not None:
            if 300 <= page.status < 400:
                raise RefusedError(Reason.REDIRECT_OFFSITE, page.headers.get("location", "")[:500])
            is_article = page.status == 200 and is_pdf(page)
            if not is_article and (refusal := refusal_of(page, expects="article")) is not None:
                raise RefusedError(*refusal)
        article = article_of(capture)
        return Judged(
            capture=capture,
            article=article,
            judgement=judgement_of(article, capture.source, self._taxonomy),
        )

    def _page(self, record: PageRecord) -> Page:
        """The bytes that were kept, as they were read when they came."""
        if record.warc is not None and not (self._warc_dir / record.warc.file).is_file():
            record = self._page_now(record) or record  # the file may have been written anew a moment ago
        if record.warc is None:
            raise _UnreadError(Unread.NO_PAGE if record.let_go_at is None else Unread.LET_GO, record.url)
        file = self._warc_dir / record.warc.file
        if not file.is_file():
            raise _UnreadError(Unread.WARC_GONE, str(file))
        # what was taken then is read now, even if the limit has been lowered
        limit = max(self._max_bytes, record.size)
        try:
            page = without_coding(read_page(self._warc_dir, record.warc, max_bytes=limit), max_bytes=limit)
        except (WarcError, RefusedError) as error:
            raise _UnreadError(Unread.WARC_DAMAGED, str(error)) from error
        if hashlib.sha256(page.body).hexdigest() != record.sha256:
            raise _UnreadError(Unread.WARC_DAMAGED, f"{file}: another page stands at offset {record.warc.offset}")
        return replace(
            page, url=record.url, requested_url=record.requested_url, fetched_at=record.fetched_at, warc=record.warc
        )
