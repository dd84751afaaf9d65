"""Archive → feed files: enters what is new into each feed, then writes the files whose bytes changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from archive.records import FeedEntry, FeedKey, FeedQuery, FeedRecord
from crawler.config import Config
from feeds.feed import ATOM, JSON, RSS, make_feed
from feeds.files import alone_in, remove_stale, sync_folder, write_whole
from feeds.index import index_files
from feeds.jsonfeed import json_feed
from feeds.syndication import atom, rss
from feeds.wanted import Taxonomy, feed_title, wanted_feeds

# Readers ask at most every few days: this many cover the busiest feed between two visits (20 new stories a day).
FEED_LENGTH = 100

# Decision 9: what a feed opens with, and what may enter it later.
OPENING = 50
MAX_AGE_DAYS = 30
PER_SOURCE = 20

_FORMATS = ((RSS, rss), (ATOM, atom), (JSON, json_feed))


class FeedStore(Protocol):
    """What publishing asks of the archive."""

    def feed_keys(self) -> Sequence[FeedKey]: ...

    def enter_feed(
        self,
        feed_id: str,
        *,
        kind: str,
        key: str,
        title: str,
        query: FeedQuery,
        now: datetime,
        opening: int = ...,
        max_age_days: int = ...,
        per_source: int = ...,
    ) -> int: ...

    def feeds(self) -> Sequence[FeedRecord]: ...

    def feed_entries(self, feed_id: str, *, limit: int = ...) -> Sequence[FeedEntry]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """What publishing came to."""

    feeds: int  # that there are
    entries_added: int  # stories entered into feeds, once for each feed
    rewritten: int  # files whose bytes changed
    files: int  # that there are
    folder: Path


def publish(
    archive: FeedStore, taxonomy: Taxonomy, config: Config, *, now: datetime, to: Path | None = None
) -> PublishReport:
    """Bring the feed files in `to` (by default the configured folder) up to what the archive holds.

    Each file is replaced whole; index.json comes last, so it never names a file that is not there. Repeating it
    changes nothing. Raises OSError naming the file that cannot be written.
    """
    folder = to if to is not None else config.feeds_dir
    with alone_in(folder):
        remove_stale(folder)
        added = _enter(archive, taxonomy, now)
        rewritten = files = 0
        listed = []
        for record in sorted(archive.feeds(), key=lambda record: record.id):
            feed = make_feed(record, archive.feed_entries(record.id, limit=FEED_LENGTH), taxonomy, config.base_url)
            rewritten += _write(folder, {f"{feed.id}.{ending}": render(feed) for ending, render in _FORMATS})
            files += len(_FORMATS)
            listed.append(replace(feed, items=()))  # the bodies of every feed at once would fill memory
        index = index_files(listed, taxonomy, config.base_url)
        rewritten += _write(folder, index)
        sync_folder(folder)
    return PublishReport(
        feeds=len(listed), entries_added=added, rewritten=rewritten, files=files + len(index), folder=folder
    )


def _enter(archive: FeedStore, taxonomy: Taxonomy, now: datetime) -> int:
    return sum(
        archive.enter_feed(
            spec.id,
            kind=spec.kind,
            key="" if spec.kind == "all" else spec.key,
            title=feed_title(spec.kind, spec.key, taxonomy),
            query=spec.query,
            now=now,
            opening=OPENING,
            max_age_days=MAX_AGE_DAYS,
            per_source=PER_SOURCE,
        )
        for spec in wanted_feeds(archive.feed_keys(), taxonomy)
    )


def _write(folder: Path, contents: dict[str, bytes]) -> int:
    return sum(write_whole(folder / name, content) for name, content in contents.items())
