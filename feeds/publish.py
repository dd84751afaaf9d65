"""Archive → feed files: enters what is new into each feed, then writes the files whose bytes changed.

Only what a change concerns is asked and rendered; how that is known: archive/publishing/following.py, feeds/state.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from archive.records import EntryRules, FeedChanges, FeedEntry, FeedMark, FeedNews, FeedRecord, WantedFeed
from crawler.config import Config
from crawler.taxonomy import Taxonomy
from feeds.custom import load_custom_feeds
from feeds.face import FACE_FILES
from feeds.feed import ATOM, INDEX_HTML, JSON, RSS, Feed, make_feed, page_name
from feeds.files import alone_in, remove_stale, sync_folder
from feeds.folder import FeedFolder, with_siblings
from feeds.index import INDEX_JSON, INDEX_OPML, index_files, index_json
from feeds.jsonfeed import json_feed
from feeds.state import FolderState, Shown, load_state, rules_of, save_state
from feeds.syndication import atom, rss
from feeds.wanted import record_title, wanted_feeds
from feeds.websub import announce, topics_of

# Places on a page of a feed's archive (RFC 5005): fixed ranges, 1-100, 101-200, …, so that pages never shift.
PAGE_LENGTH = 100

_FORMATS = ((RSS, rss), (ATOM, atom), (JSON, json_feed))
_ENDINGS = tuple(ending for format_, _render in _FORMATS for ending in with_siblings(f".{format_}"))

# Feeds asked in one transaction, beside which nothing else is written, and records held at once.
_ASKED_AT_ONCE = 20
_RECORDS_AT_ONCE = 200

_LISTS = frozenset(file for name in (INDEX_HTML, INDEX_OPML, *FACE_FILES) for file in with_siblings(name))


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
        with FeedFolder(folder) as files:
            writing = _Writing(archive, taxonomy, config, files, load_state(folder, rules), excerpts)
            writing.run(on_feed)
        save_state(folder, rules, writing.state)
        sync_folder(folder)
    if to is None:  # a hub fetches what the addresses of the feeds lead to: a copy elsewhere is not that yet
        announce(folder, config.websub_hub, topics_of(files.changed, config.base_url))
    return PublishReport(
        feeds=len(writing.state.feeds),
        entries_added=added,
        rewritten=files.rewritten,
        folder=folder,
        changed=tuple(files.changed),
    )


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
        files: FeedFolder,
        held: FolderState | None,
        excerpts: Collection[str],
    ) -> None:
        self._archive = archive
        self._taxonomy = taxonomy
        self._config = config
        self._files = files
        self._held = held
        self._excerpts = excerpts
        changes = archive.feed_changes(None if held is None else held.mark)
        self._places = dict(changes.places)
        if held is not None:
            self._places |= {feed_id: () for feed_id in self._incomplete(held) if feed_id not in self._places}
        self.state = FolderState(mark=changes.mark, feeds={} if held is None else dict(held.feeds))

    def run(self, on_feed: Callable[[int, int], None] | None) -> None:
        """Write what has changed; the lists of feeds after those that they name, index.json last."""
        if self._held is None:
            self._retitle()
        for done, record in enumerate(self._records(), start=1):
            self._write_feed(record)
            if on_feed is not None:
                on_feed(done, len(self._places))
        self._files.wait()
        self._write_lists()

    def _records(self) -> Iterator[FeedRecord]:
        ids = sorted(self._places)
        for start in range(0, len(ids), _RECORDS_AT_ONCE):
            yield from self._archive.feeds(ids[start : start + _RECORDS_AT_ONCE])

    def _write_feed(self, record: FeedRecord) -> None:
        length = self._config.feed_length
        pages = archive_pages(record.last_position, length)
        shown = self.state.feeds.get(record.id)
        pages_to_write = self._pages_to_write(record.id, pages, 0 if shown is None else shown.pages)
        for page in pages_to_write:
            entries = self._archive.feed_entries(record.id, PAGE_LENGTH, last=page * PAGE_LENGTH)
            next_page = page + 1 if page < pages else None
            feed = self._feed(record, entries, archive_page=page, prev_archive=page - 1 or None, next_archive=next_page)
            for ending, render in _FORMATS:
                self._files.write(f"{feed.name}.{ending}", render(feed), is_alone=True)
        if pages_to_write:
            self._files.wait()  # the feed names its last page
        feed = self._feed(record, self._archive.feed_entries(record.id, length), prev_archive=pages or None)
        for ending, render in _FORMATS:
            self._files.write(f"{feed.name}.{ending}", render(feed), feed_id=record.id)
        self.state.feeds[record.id] = Shown(
            kind=feed.kind, key=feed.key, title=feed.title, items=len(feed.items), pages=pages
        )

    def _pages_to_write(self, feed_id: str, pages: int, written: int) -> list[int]:
        """Pages that are new or miss a file, the one before a new one, which names it, and those of changed stories."""
        if self._held is None:
            return list(range(1, pages + 1))
        found = {-(-place // PAGE_LENGTH) for place in self._places[feed_id]}
        found |= {page for page in range(1, pages + 1) if not self._has_page(feed_id, page)}
        found |= set(range(max(1, written), pages + 1)) if pages > written else set()
        return sorted(page for page in found if page <= pages)

    def _incomplete(self, held: FolderState) -> Iterator[str]:
        """Feeds of which somebody has deleted a file."""
        for feed_id, shown in held.feeds.items():
            is_whole = self._files.has([feed_id + ending for ending in _ENDINGS])
            if not is_whole or not all(self._has_page(feed_id, page) for page in range(1, shown.pages + 1)):
                yield feed_id

    def _has_page(self, feed_id: str, page: int) -> bool:
        name = page_name(feed_id, page)
        return self._files.has([f"{name}.{ending}" for ending, _render in _FORMATS])

    def _write_lists(self) -> None:
        """Those that have changed: what is for people and readers, when a feed came or was renamed, which is seldom."""
        before, now = {} if self._held is None else self._held.feeds, self.state.feeds
        is_listed = before.keys() == now.keys() and all(before[feed_id].title == now[feed_id].title for feed_id in now)
        if self._held is None or not is_listed or not self._files.has(_LISTS):
            listed = [self._feed(record, ()) for record in self._archive.feeds() if record.id in now]
            for name, content in index_files(listed, self._taxonomy, self._config.base_url).items():
                self._files.write(name, content)
            self._files.wait()
        if before != now or not self._files.has(with_siblings(INDEX_JSON)):
            self._files.write(INDEX_JSON, index_json(now))

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


def archive_pages(last_position: int, length: int) -> int:
    """How many pages of the archive hold what has left the document that subscribers read; all of them full."""
    return max(0, -(-(last_position - length) // PAGE_LENGTH))
