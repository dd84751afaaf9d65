"""The rows that a list had when it was last read well: from the archive, else from WARC files. Asks nobody."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.cli.coding import without_coding
from crawler.cli.reading import archive_to_ask
from crawler.cli.screen import complain
from crawler.cli.sources.looking import spider_class
from crawler.config import Config
from crawler.errors import RefusedError, WarcError
from crawler.extract.rows import Row
from crawler.model import Source
from crawler.polling.poll import ListJob
from crawler.warc.reading import kept_pages

# WARC files of our own in which a good page is looked for, the newest first.
MAX_FILES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The rows a list had when it was last read well."""

    rows: tuple[Row, ...]
    at: datetime


def last_good(source: Source, config: Config, replay: Sequence[Path]) -> Snapshot | None:
    """What is known of a source's first list, or None."""
    url = source.lists[0].url
    if config.has_archive:
        with archive_to_ask(config) as archive:
            rows = archive.newest_rows(source.id, url)
        if rows:
            return Snapshot(rows=tuple(_row(address, title) for address, title, _at in rows), at=rows[0][2])
    for path in (*replay, *_newest_files(config.warc_dir)):
        try:
            if (found := _in_warc(path, source, max_bytes=config.max_page_bytes)) is not None:
                return found
        except WarcError as error:  # one bad file of several
            complain(str(error))
    return None


def _newest_files(folder: Path) -> list[Path]:
    files = folder.glob("*.warc*") if folder.is_dir() else ()
    return sorted(files, key=lambda path: path.stat().st_mtime, reverse=True)[:MAX_FILES]


def _in_warc(path: Path, source: Source, *, max_bytes: int) -> Snapshot | None:
    """The rows of the newest page that the source's family reads as it should; raises WarcError."""
    listed = source.lists[0]
    spider = spider_class(source.family)()
    for page in kept_pages(path, listed.url, max_bytes=max_bytes):
        with suppress(RefusedError):
            rows = tuple(
                spider.read_rows(without_coding(page, max_bytes=max_bytes), ListJob(listed, listed.url), source)
            )
            if len(rows) >= max(1, source.min_rows):
                return Snapshot(rows=rows, at=page.fetched_at)
    return None


def _row(url: str, title: str) -> Row:
    return Row(href=url, url=url, title=title, date=None, is_pinned=False, is_article=True)
