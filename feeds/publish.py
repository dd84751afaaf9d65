"""Archive → feed files: enters what is new into each feed, then writes the files whose bytes changed.

Only what a change concerns is asked and rendered; see archive/following.py and feeds/state.py for how that is known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from archive.records import EntryRules, FeedChanges, FeedEntry, FeedMark, FeedNews, FeedRecord, WantedFeed
from crawler.config import Config
from crawler.taxonomy import Taxonomy
from feeds.custom import load_custom_feeds
from feeds.feed import ATOM, JSON, RSS, Feed, make_feed, page_name
from feeds.files import SIBLINGS, alone_in, remove_stale, sync_folder, write_whole, write_with_siblings
from feeds.index import INDEX_JSON, index_files
from feeds.jsonfeed import json_feed
from feeds.state import FolderState, Shown, load_state, rules_of, save_state
from feeds.syndication import atom, rss
from feeds.wanted import record_title, wanted_feeds
from feeds.websub import announce, topics_of

# Places on a page of a feed's archive (RFC 5005): fixed ranges, 1-100, 101-200, …, so that pages never shift.
PAGE_LENGTH = 100

_FORMATS = ((RSS, rss), (ATOM, atom), (JSON, json_feed))

# Feeds asked in one transaction, beside which nothing else is written, and records held at once.
_ASKED_AT_ONCE = 20
_RECORDS_AT_ONCE = 200

# Compressed already.
_NO_SIBLINGS = (".png",)


class FeedStore(Protocol):
    """What publishing asks of the archive."""

    def feed_news(self, version: str) -> FeedNews: ...

    def enter_feeds(
        self, wanted: Sequence[WantedFeed], *, rules: EntryRules, now: datetime, news: FeedNews | None = None
    ) -> int: ...

    def end_feed_news(self, news: FeedNews, version: str) -> None: ...

    def feed_changes(self, mark: FeedMark | None) -> FeedChanges: ...

    def retitle_feeds(self, titles: Mapping[str, str]) -> None: ...

    def source_names(self) -> Mapping[str, str]: ...

    def feeds(self, feed_ids: Sequence[str] | None = None) -> Sequence[FeedRecord]: ...

    def feed_entries(self, feed_id: str, limit: int = ..., *, last: int | None = None) -> Sequence[FeedEntry]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """What publishing came to."""

    feeds: int  # that there are
    entries_added: int  # stories entered into feeds, once for each feed
    rewritten: int  # files whose bytes changed, siblings not counted
    folder: Path
    changed: tuple[str, ...] = ()  # ids of the feeds of which subscribers read other bytes now


def publish(
    archive: FeedStore,
    taxonomy: Taxonomy,
    config: Config,
    *,
    now: datetime,
    to: Path | None = None,
    excerpts: Collection[str] = frozenset(),
    on_feed: Callable[[int, int], None] | None = None,
) -> PublishReport:
    """Bring the feed files in `to` (by default the configured folder) up to what the archive holds.

    Each file is replaced whole; index.json comes after those it names. Repeating it changes nothing, and what was cut
    short is made up for by the next. `excerpts` are ids of sources whose texts are shown as excerpts; `on_feed` hears
    how many of how many feeds are done. Raises OSError naming the file that cannot be written, ConfigError for the file
    of custom feeds.
    """
    custom = load_custom_feeds(config.feeds, taxonomy)
    folder = to if to is not None else config.feeds_dir
    with alone_in(folder):
        remove_stale(folder)
        added = _enter(archive, taxonomy, config, custom, now)
        rules = rules_of(config, taxonomy.version, excerpts)
        writing = _Writing(archive, taxonomy, config, folder, load_state(folder, rules), excerpts)
        report = writing.run(on_feed)
        save_state(folder, rules, writing.state)
        sync_folder(folder)
    announce(folder, config.websub_hub, topics_of(report.changed, config.base_url))
    return replace(report, entries_added=added)


def _enter(archive: FeedStore, taxonomy: Taxonomy, config: Config, custom: Sequence[WantedFeed], now: datetime) -> int:
    news = archive.feed_news(taxonomy.version)
    is_any_source = any(kind == "source" for kind, _key in news.keys)
    wanted = (*wanted_feeds(news.keys, taxonomy, archive.source_names() if is_any_source else {}), *custom)
    rules = EntryRules(
        opening=config.feed_opening, max_age_days=config.feed_max_age_days, per_source=config.feed_per_source
    )
    added = 0
    for start in range(0, len(wanted), _ASKED_AT_ONCE):
        added += archive.enter_feeds(wanted[start : start + _ASKED_AT_ONCE], rules=rules, now=now, news=news)
    if news.keys or news.seq != news.new_seq:
        archive.end_feed_news(news, taxonomy.version)
    return added


class _Writing:
    """One publishing into one folder."""

    def __init__(
        self,
        archive: FeedStore,
        taxonomy: Taxonomy,
        config: Config,
        folder: Path,
        held: FolderState | None,
        excerpts: Collection[str],
    ) -> None:
        self._archive = archive
        self._taxonomy = taxonomy
        self._config = config
        self._folder = folder
        self._held = held
        self._excerpts = excerpts
        self._names = {file.name for file in folder.iterdir()}
        self._rewritten = 0
        self._changed: list[str] = []
        changes = archive.feed_changes(None if held is None else held.mark)
        self._places = dict(changes.places)
        if held is not None:
            self._places |= {feed_id: () for feed_id in self._incomplete(held) if feed_id not in self._places}
        self.state = FolderState(mark=changes.mark, feeds={} if held is None else dict(held.feeds))

    def run(self, on_feed: Callable[[int, int], None] | None) -> PublishReport:
        before = None if self._held is None else self._held.feeds
        if before is None:
            self._retitle()
        for done, record in enumerate(self._records(), start=1):
            self._write_feed(record)
            if on_feed is not None:
                on_feed(done, len(self._places))
        if before != self.state.feeds or not {INDEX_JSON, *(INDEX_JSON + ending for ending in SIBLINGS)} <= self._names:
            self._write_index()
        return PublishReport(
            feeds=len(self.state.feeds),
            entries_added=0,
            rewritten=self._rewritten,
            folder=self._folder,
            changed=tuple(self._changed),
        )

    def _records(self) -> Iterator[FeedRecord]:
        ids = sorted(self._places)
        for start in range(0, len(ids), _RECORDS_AT_ONCE):
            yield from self._archive.feeds(ids[start : start + _RECORDS_AT_ONCE])

    def _write_feed(self, record: FeedRecord) -> None:
        length = self._config.feed_length
        pages = archive_pages(record.last_position, length)
        shown = self.state.feeds.get(record.id)
        for page in self._pages_to_write(record.id, pages, 0 if shown is None else shown.pages):
            entries = self._archive.feed_entries(record.id, PAGE_LENGTH, last=page * PAGE_LENGTH)
            next_page = page + 1 if page < pages else None
            feed = self._feed(record, entries, archive_page=page, prev_archive=page - 1 or None, next_archive=next_page)
            for ending, render in _FORMATS:
                self._rewritten += write_whole(self._folder / f"{feed.name}.{ending}", render(feed))
        feed = self._feed(record, self._archive.feed_entries(record.id, length), prev_archive=pages or None)
        rewritten = sum(self._write(f"{feed.name}.{ending}", render(feed)) for ending, render in _FORMATS)
        if rewritten:
            self._rewritten += rewritten
            self._changed.append(record.id)
        self.state.feeds[record.id] = Shown(title=feed.title, items=feed.count, pages=pages)

    def _pages_to_write(self, feed_id: str, pages: int, written: int) -> list[int]:
        """Pages that are new or miss a file, the one before a new one, which names it, and those of changed stories."""
        if self._held is None:
            return list(range(1, pages + 1))
        found = {-(-place // PAGE_LENGTH) for place in self._places[feed_id]}
        found |= {page for page in range(1, pages + 1) if not self._has(page_name(feed_id, page), ("",))}
        found |= set(range(max(1, written), pages + 1)) if pages > written else set()
        return sorted(page for page in found if page <= pages)

    def _incomplete(self, held: FolderState) -> Iterator[str]:
        """Feeds of which somebody has deleted a file."""
        for feed_id, shown in held.feeds.items():
            pages = (page_name(feed_id, page) for page in range(1, shown.pages + 1))
            if not self._has(feed_id, ("", *SIBLINGS)) or not all(self._has(page, ("",)) for page in pages):
                yield feed_id

    def _has(self, name: str, endings: Sequence[str]) -> bool:
        return all(f"{name}.{format_}{ending}" in self._names for format_, _render in _FORMATS for ending in endings)

    def _write_index(self) -> None:
        records = {record.id: record for record in self._archive.feeds()}
        listed = [
            replace(self._feed(records[feed_id], ()), count=shown.items)  # without the bodies, which would fill memory
            for feed_id, shown in sorted(self.state.feeds.items())
            if feed_id in records
        ]
        for name, content in index_files(listed, self._taxonomy, self._config.base_url).items():
            self._rewritten += self._write(name, content)

    def _retitle(self) -> None:
        titles = {
            record.id: record_title(record, self._taxonomy)
            for record in self._archive.feeds()
            if record.kind not in ("source", "custom")
        }
        if titles:
            self._archive.retitle_feeds(titles)

    def _feed(
        self,
        record: FeedRecord,
        entries: Sequence[FeedEntry],
        *,
        archive_page: int | None = None,
        prev_archive: int | None = None,
        next_archive: int | None = None,
    ) -> Feed:
        return make_feed(
            record,
            entries,
            self._taxonomy,
            self._config.base_url,
            hub=self._config.websub_hub,
            excerpts=self._excerpts,
            archive_page=archive_page,
            prev_archive=prev_archive,
            next_archive=next_archive,
        )

    def _write(self, name: str, content: bytes) -> bool:
        write = write_whole if name.endswith(_NO_SIBLINGS) else write_with_siblings
        return write(self._folder / name, content)


def archive_pages(last_position: int, length: int) -> int:
    """How many pages of the archive hold what has left the document that subscribers read; all of them full."""
    return max(0, -(-(last_position - length) // PAGE_LENGTH))
