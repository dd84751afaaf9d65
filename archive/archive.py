"""The archive as its users hold it: one object over one database, safe from any thread.

Methods block. Writes pass through the one writer thread; reads and leases have connections of their own. Nothing is
decided here: each method hands its transaction to the module of its subject.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from archive import care, entering, entries, feeds, history, items, leases, pages, polls, reading, search
from archive.engine import open_sqlite, writing
from archive.migrate import migrate
from archive.records import (
    Counts,
    Fault,
    FeedEntry,
    FeedKey,
    FeedQuery,
    FeedRecord,
    PollRecord,
    SearchHit,
    SourceState,
    StoryRecord,
    UrlHistory,
)
from archive.schema import facts
from archive.upsert import insert_new
from archive.writer import Writer
from crawler.config import Config
from crawler.errors import ArchiveError
from crawler.language import _
from crawler.model import (
    Entry,
    Judged,
    Lease,
    Page,
    PollReport,
    Reason,
    RobotsRecord,
    RowsNoted,
    Stored,
    Validators,
)
from crawler.text.urls import host_of

T = TypeVar("T")


def open_archive(config: Config) -> Archive:
    """Open the archive of `config.data`, making or upgrading it where needed; two processes may do so at once.

    Raises SchemaError for a newer schema or another program's file, ArchiveError where the folder cannot be used.
    """
    return open_file(config.database, authority=host_of(config.base_url), warc_dir=config.warc_dir)


def open_file(file: Path, *, authority: str = "", warc_dir: Path | None = None) -> Archive:
    """Open the archive in `file`; `authority` is the host name in the guids of an archive that is new.

    `warc_dir` is where its pages are kept, to be looked at by `check`; None: nowhere.
    """
    engine = open_sqlite(file)
    try:
        migrate(engine, str(file))
        with writing(engine).begin() as connection:
            _state_facts(connection, authority)
    except DBAPIError as error:
        engine.dispose()
        raise ArchiveError(
            _("{file}: the archive cannot be opened: {error}").format(file=file, error=error.orig)
        ) from error
    except BaseException:
        engine.dispose()
        raise
    return Archive(engine, file, warc_dir)


class Archive:
    """Everything the rooms ask of the database. Implements the Protocols of crawler/model.py."""

    def __init__(self, engine: Engine, file: Path, warc_dir: Path | None = None) -> None:
        self.file = file
        self._warc_dir = warc_dir
        self._engine = engine
        self._writer = Writer(engine, str(file))

    def close(self) -> None:
        """Write what is queued and close; closing twice does nothing."""
        self._writer.close()
        self._engine.dispose()

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def submit(self, operation: Callable[[Connection], T]) -> Future[T]:
        """Queue a write; the future holds its result once it is committed. For use inside the archive's room."""
        return self._writer.submit(operation)

    # What crawling asks: ValidatorStore, RobotsStore, LeaseStore, EntryStore, ItemStore

    def validators(self, url: str) -> Validators | None:
        """What makes the next request for `url` conditional."""
        with self._reading() as connection:
            return entries.load_validators(connection, url)

    def robots(self, origin: str) -> RobotsRecord | None:
        """The last known answer to an origin's robots.txt."""
        with self._reading() as connection:
            return pages.load_robots(connection, origin)

    def save_robots(self, record: RobotsRecord) -> None:
        """Keep an answer to robots.txt."""
        self.submit(lambda connection: pages.save_robots(connection, record)).result()

    def acquire_lease(self, host: str, owner: str, ttl_s: float) -> Lease | None:
        """The right to ask `host`; None while somebody holds it, whoever that is."""
        with self._leasing() as connection:
            return leases.acquire(connection, host, owner, ttl_s)

    def renew_leases(self, held: Sequence[Lease], ttl_s: float) -> Sequence[Lease]:
        """Prolong what is still ours; return the leases that have passed on."""
        with self._leasing() as connection:
            return leases.renew(connection, held, ttl_s)

    def release_lease(self, lease: Lease) -> None:
        """Give a lease back."""
        with self._leasing() as connection:
            leases.release(connection, lease)

    def note_rows(
        self,
        rows: Sequence[Entry],
        *,
        list_url: str,
        source_id: str,
        now: datetime,
        validators: Validators | None,
        lease: Lease | None,
    ) -> RowsNoted:
        """Remember rows and the list's validators in one transaction; say which still need fetching."""
        return self.submit(
            lambda connection: entries.note_rows(
                connection,
                rows,
                list_url=list_url,
                source_id=source_id,
                now=now,
                new_validators=validators,
                lease=lease,
            )
        ).result()

    def due_rows(self, *, source_id: str, list_url: str, now: datetime) -> tuple[Entry, ...]:
        """Rows of a list that were never settled or are to be tried again, for when the list has not changed."""
        with self._reading() as connection:
            return entries.due_rows(connection, source_id=source_id, list_url=list_url, now=now)

    def settle(
        self, entry: Entry, reason: Reason, detail: str, *, now: datetime, lease: Lease | None, page: Page | None = None
    ) -> None:
        """Record why a row went no further, and when, if ever, it is tried again."""
        self.submit(
            lambda connection: entries.settle(connection, entry, reason, detail, now=now, lease=lease, page=page)
        ).result()

    def store(self, judged: Judged, *, now: datetime) -> Stored:
        """Store page, item, judgement and story membership in one transaction; repeating it changes nothing."""
        return self.submit(lambda connection: items.store(connection, judged, now=now)).result()

    def record_poll(self, report: PollReport) -> None:
        """Keep the account of a poll and the state of its source."""
        self.submit(lambda connection: polls.record_poll(connection, report)).result()

    def plan(self, source_id: str, next_poll_at: datetime | None) -> None:
        """Remember when a source is polled next."""
        self.submit(lambda connection: polls.plan(connection, source_id, next_poll_at)).result()

    def set_backfilling(self, source_id: str, is_backfilling: bool) -> None:
        """Say that what a source brings from now on is old, or that this is over: old stories enter few feeds."""
        self.submit(lambda connection: polls.set_backfilling(connection, source_id, is_backfilling)).result()

    # What readers ask

    def source_states(self) -> tuple[SourceState, ...]:
        """What is remembered of every source, with its last poll."""
        with self._reading() as connection:
            return polls.source_states(connection)

    def polls_of(self, source_id: str, limit: int = 20) -> tuple[PollRecord, ...]:
        """The newest polls of a source, newest first."""
        with self._reading() as connection:
            return polls.polls_of(connection, source_id, limit)

    def story(self, id_or_guid: int | str) -> StoryRecord | None:
        """A story by id or guid, its own or one that was retired for it."""
        with self._reading() as connection:
            found = reading.find_story_id(connection, id_or_guid)
            return None if found is None else next(iter(reading.load_stories(connection, [found])), None)

    def story_of_url(self, url: str) -> StoryRecord | None:
        """The story that a URL is part of."""
        with self._reading() as connection:
            found = reading.find_story_of_url(connection, url)
            return None if found is None else next(iter(reading.load_stories(connection, [found])), None)

    def stories(
        self,
        *,
        query: FeedQuery | None = None,
        limit: int = 50,
        offset: int = 0,
        after_seq: int | None = None,
        relevant_only: bool = True,
    ) -> tuple[StoryRecord, ...]:
        """Stories newest first; or, given `after_seq`, those changed since then in order of change."""
        with self._reading() as connection:
            found = reading.list_story_ids(
                connection,
                query=query,
                limit=limit,
                offset=offset,
                after_seq=after_seq,
                relevant_only=relevant_only,
            )
            return reading.load_stories(connection, found)

    def search(
        self,
        words: str,
        *,
        query: FeedQuery | None = None,
        source: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 20,
        offset: int = 0,
        relevant_only: bool = True,
    ) -> tuple[SearchHit, ...]:
        """Stories that hold all the words, newest first; see archive/search.py for what words may be."""
        with self._reading() as connection:
            return search.search(
                connection,
                words,
                query=query,
                source=source,
                since=since,
                until=until,
                limit=limit,
                offset=offset,
                relevant_only=relevant_only,
            )

    def explain(self, url: str) -> UrlHistory | None:
        """All that is known of a URL; None where it was never seen."""
        with self._reading() as connection:
            return history.explain(connection, url)

    def feed_keys(self) -> tuple[FeedKey, ...]:
        """Zones, regions and topics that relevant stories have, with how many have them."""
        with self._reading() as connection:
            return reading.feed_keys(connection)

    def enter_feed(
        self,
        feed_id: str,
        kind: str,
        key: str,
        title: str,
        query: FeedQuery,
        *,
        now: datetime,
        opening: int = 50,
        max_age_days: int = 30,
        per_source: int = 20,
    ) -> int:
        """Let the stories that match enter a feed, each once; return how many did. See archive/entering.py."""
        return self.submit(
            lambda connection: entering.enter_feed(
                connection,
                feed_id,
                kind=kind,
                key=key,
                title=title,
                query=query,
                now=now,
                opening=opening,
                max_age_days=max_age_days,
                per_source=per_source,
            )
        ).result()

    def feed_entries(self, feed_id: str, limit: int = 100) -> tuple[FeedEntry, ...]:
        """The newest entries of a feed, newest first."""
        with self._reading() as connection:
            return feeds.load_entries(connection, feed_id, limit)

    def feeds(self) -> tuple[FeedRecord, ...]:
        """All feeds ever published."""
        with self._reading() as connection:
            return feeds.load_feeds(connection)

    def counts(self) -> Counts:
        """How much the archive holds."""
        size = sum(part.stat().st_size for part in self._files() if part.exists())
        with self._reading() as connection:
            return care.count(connection, size)

    def check(self) -> tuple[Fault, ...]:
        """What is wrong with the archive and its WARC files; empty where all is well.

        The write lock is held only while the search index looks at itself.
        """
        with self._reading() as connection:
            faults = care.check(connection, self._warc_dir)
        with self._leasing() as connection:
            return faults + care.check_index(connection)

    def _files(self) -> tuple[Path, ...]:
        return self.file, self.file.with_name(self.file.name + "-wal")

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database throughout."""
        with self._told(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _leasing(self) -> Iterator[Connection]:
        """A write of its own, beside the writer thread."""
        with self._told(), writing(self._engine).begin() as connection:
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise ArchiveError(
                _("{file}: the archive cannot be used: {error}").format(file=self.file, error=error.orig)
            ) from error


def _state_facts(connection: Connection, authority: str) -> None:
    """Fix, once for all, what an archive's guids are made of (RFC 4151: a name and a date when we had it)."""
    now = datetime.now(UTC)
    given = {
        "created_at": now.isoformat(timespec="seconds"),
        "tag_authority": authority if _is_name(authority) else "hrwatch.invalid",  # RFC 2606: nobody's
        "tag_date": str(now.year),
        "seq": "0",
    }
    insert_new(connection, facts, [{"name": name, "value": value} for name, value in given.items()])


def _is_name(authority: str) -> bool:
    try:
        ipaddress.ip_address(authority)
    except ValueError:
        return "." in authority and authority.isascii()
    return False
