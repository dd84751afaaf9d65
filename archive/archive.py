"""The archive as its users hold it: one object over one database, safe from any thread.

Methods block. Writes pass through the one writer thread; reads and leases have connections of their own. Nothing is
decided here: each method hands its transaction to the module of its subject.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from archive import named, reading
from archive.care import checking, condition, meters, retention
from archive.care.copy_target import refuse_unfinished
from archive.correcting import decide, kept, labelling, reprocess
from archive.database.engine import leasing, not_opened, obstacle, open_sqlite, refuse_writes, writing
from archive.database.engine import reading as for_reading
from archive.database.fault import fault_text
from archive.database.postgresql import name_of, open_postgresql
from archive.database.snapshot import sync_log
from archive.database.unwritable import open_unwritable, undisturbed
from archive.database.upsert import insert_new
from archive.database.writer import Writer
from archive.health import freshness, looking
from archive.leases import holding
from archive.migrations.migrate import Tell, migrate, require_current
from archive.polling import clock, lists, marks, polls, turns
from archive.publishing import announcing, asked_feed, delivering, entering, feeds, following
from archive.records import (
    Announced,
    AskedFeed,
    Condition,
    Cooperations,
    Counts,
    Cursor,
    EntryRules,
    Fault,
    FeedChanges,
    FeedEntry,
    FeedKey,
    FeedMark,
    FeedNews,
    FeedRecord,
    FiledPage,
    Freshness,
    HealthEvent,
    KeepLimits,
    KeptItem,
    KeptQuery,
    Label,
    LabelledItem,
    Meters,
    PageRecord,
    Pause,
    PollDay,
    PollMade,
    PollRecord,
    PollTotals,
    Question,
    Redo,
    Redone,
    RefusedRow,
    RelatedStory,
    Ruling,
    SearchHit,
    SourceHealth,
    SourceState,
    Statistics,
    StoryLife,
    StoryRecord,
    TargetState,
    UrlHistory,
    WantedFeed,
    Wishes,
)
from archive.reports import changes, history, life, poll_days, statistics, vocabulary
from archive.reports.export import Export
from archive.schema import facts
from archive.search import results
from archive.storing import entries, items, pages, related, rulings
from crawler.config import Config
from crawler.errors import ArchiveError, UnwritableError
from crawler.health.standing import Expected
from crawler.language import _
from crawler.leases.lease_clock import LeaseClock
from crawler.model import (
    Entry,
    HistoryMark,
    HostTaken,
    HostWanted,
    Judged,
    Lease,
    Page,
    PollReport,
    Reason,
    RobotsRecord,
    RowsNoted,
    Source,
    Stored,
    Validators,
    WarcPosition,
)
from crawler.taxonomy import Taxonomy
from crawler.text.urls import host_of

if TYPE_CHECKING:
    from crawler.clock.rhythm import NewsSeen

_STATED = ("created_at", "tag_authority", "tag_date", "seq")  # facts that are fixed when an archive is made

T = TypeVar("T")


def open_archive(config: Config, *, read_only: bool = False, tell: Tell | None = None) -> Archive:
    """Open the archive of the settings, making or upgrading it where needed; two processes may do so at once.

    `read_only`: once that is done the database refuses every write of this process. A file that cannot be written is
    then read as it is, and must have the schema of this program. `tell` hears how far a long upgrade is.
    Raises SchemaError for a newer schema or another program's file, ArchiveError where it cannot be used.
    """
    authority = host_of(config.base_url)
    given: dict[str, Any] = {"authority": authority, "warc_dir": config.warc_dir}
    given |= {"read_only": read_only, "tell": tell}
    if config.database_url is not None:
        return open_server(config.database_url, **given)
    return open_file(config.database, **given)


def open_file(
    file: Path,
    *,
    authority: str = "",
    warc_dir: Path | None = None,
    read_only: bool = False,
    tell: Tell | None = None,
) -> Archive:
    """Open the archive in `file`; `authority` is the host name in the guids of an archive that is new.

    `warc_dir` is where its pages are kept, to be looked at by `check`; None: nowhere.
    """
    _refuse_emptied(file, warc_dir)
    why = None
    try:
        engine = open_sqlite(file)
        _make_ready(engine, str(file), authority, read_only=read_only, tell=tell)
    except UnwritableError:
        if not read_only or not file.exists():
            raise
        engine = open_unwritable(file)
        _require_ready(engine, str(file))
        why = obstacle(file) or _("it cannot be written")
    return Archive(engine, str(file), warc_dir, file=file, only_read_as=why)


def open_server(
    url: str,
    *,
    authority: str = "",
    warc_dir: Path | None = None,
    read_only: bool = False,
    tell: Tell | None = None,
) -> Archive:
    """Open the archive in the PostgreSQL database at `url`; see `open_file`."""
    engine, name = open_postgresql(url), name_of(url)
    _make_ready(engine, name, authority, read_only=read_only, tell=tell)
    return Archive(engine, name, warc_dir)


class Archive:
    """Everything the rooms ask of the database. Implements the Protocols of crawler/model.py."""

    def __init__(
        self,
        engine: Engine,
        name: str,
        warc_dir: Path | None = None,
        *,
        file: Path | None = None,
        only_read_as: str | None = None,
    ) -> None:
        self.name = name  # the file, or the server's address without its password: for errors
        self.only_read_as = only_read_as  # why it can be read but not written, for people; None: it can be
        self._file = file
        self._warc_dir = warc_dir
        self._engine = engine
        self._writer = Writer(engine, name)
        self.lease_clock = LeaseClock()

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

    # What whoever opens it with the registry and the taxonomy tells it

    def keep_sources(self, registry: Iterable[Source], *, now: datetime) -> None:
        """Let the facts of sources be those of the registry; nothing is written where they are."""
        told = tuple(registry)
        with self._reading() as connection:
            is_same = not vocabulary.lacks_sources(connection, told)
        if not is_same:
            self.submit(lambda connection: vocabulary.keep_sources(connection, told, now)).result()

    def keep_names(self, taxonomy: Taxonomy) -> None:
        """Let the names of regions, zones and topics be those of the taxonomy; nothing is written where they are."""
        with self._reading() as connection:
            is_same = not vocabulary.lacks_names(connection, taxonomy)
        if not is_same:
            self.submit(lambda connection: vocabulary.keep_names(connection, taxonomy)).result()

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
            return holding.acquire(connection, host, owner, ttl_s, self.lease_clock)

    def renew_leases(self, held: Sequence[Lease], ttl_s: float) -> Sequence[Lease]:
        """Prolong what is still ours; return the leases that have passed on."""
        with self._leasing() as connection:
            return holding.renew(connection, held, ttl_s)

    def release_lease(self, lease: Lease) -> None:
        """Give a lease back."""
        with self._leasing() as connection:
            holding.release(connection, lease)

    def take_turn(
        self, *, given_back: Sequence[Lease], wanted: Sequence[HostWanted], owner: str, ttl_s: float, now: datetime
    ) -> tuple[HostTaken, ...]:
        """Give leases back and take hosts in one transaction, with what is known of the lists there."""
        with self._leasing() as connection:
            return turns.take_turn(
                connection,
                given_back=given_back,
                wanted=wanted,
                owner=owner,
                ttl_s=ttl_s,
                now=now,
                clock=self.lease_clock,
            )

    def record_polls(self, reports: Sequence[PollReport]) -> tuple[BaseException | None, ...]:
        """Keep the accounts of several polls at once; where that fails each for itself, so that one harms no other."""
        if self.submit(lambda connection: polls.record_polls(connection, reports)).exception() is None:
            return (None,) * len(reports)
        alone = [self.submit(partial(polls.record_poll, report=report)) for report in reports]
        return tuple(future.exception() for future in alone)

    def note_rows(
        self,
        rows: Sequence[Entry],
        *,
        list_url: str,
        source_id: str,
        now: datetime,
        validators: Validators | None,
        lease: Lease | None,
        is_backfill: bool = False,
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
                is_backfill=is_backfill,
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

    def plan(
        self,
        source_id: str,
        next_poll_at: datetime | None,
        *,
        why: str | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        """Remember when and why a source is polled next, and until when its site asked not to be asked."""
        self.submit(lambda connection: clock.plan(connection, source_id, next_poll_at, why, retry_at)).result()

    # What people ask of the clock

    def pause(self, source_ids: Sequence[str], pause: Pause) -> None:
        """Pause sources, for every process that works on this archive; a pause that stands is replaced."""
        self.submit(lambda connection: clock.pause(connection, source_ids, pause)).result()

    def resume(self, source_ids: Sequence[str]) -> None:
        """End the pauses of sources."""
        self.submit(lambda connection: clock.resume(connection, source_ids)).result()

    def want(self, source_ids: Sequence[str], *, now: datetime) -> None:
        """Ask whoever polls to poll sources at once."""
        self.submit(lambda connection: clock.want(connection, source_ids, now)).result()

    def take_wanted(self, source_id: str, wanted_at: datetime) -> bool:
        """Take such a wish up; False where somebody else has, or it was asked anew."""
        return self.submit(lambda connection: clock.take_wanted(connection, source_id, wanted_at)).result()

    def wishes(self, since: datetime) -> Wishes:
        """What people ask of the clock, pauses that have run out among it, and who was polled since then."""
        with self._reading() as connection:
            return clock.wishes(connection, since)

    @contextmanager
    def news_seen(
        self, since: datetime, source_ids: Sequence[str] | None = None
    ) -> Iterator[Iterator[tuple[str, NewsSeen]]]:
        """What each good poll since then found new, source by source, the oldest first: a stream; None: of all."""
        with self._reading() as connection, closing(clock.news_seen(connection, since, source_ids)) as seen:
            yield seen

    def articles_asked(self, since: datetime) -> dict[str, int]:
        """How many articles the polls since then asked for, by source."""
        with self._reading() as connection:
            return clock.articles_asked(connection, since)

    def polls_made(self, since: datetime) -> tuple[PollMade, ...]:
        """The polls since then that were not skipped, the oldest first."""
        with self._reading() as connection:
            return clock.polls_made(connection, since)

    def history_marks(self, source_id: str) -> tuple[HistoryMark, ...]:
        """How far back the histories of a source's lists were walked."""
        with self._reading() as connection:
            return marks.load_marks(connection, source_id)

    def save_history_mark(self, mark: HistoryMark) -> None:
        """Keep how far back a list's history was walked."""
        self.submit(lambda connection: marks.save_mark(connection, mark)).result()

    def forget_history_mark(self, mark: HistoryMark) -> None:
        """Let the next walk through a list's history begin at its first page."""
        self.submit(lambda connection: marks.forget_mark(connection, mark)).result()

    # What reading and judging anew asks

    def find_items(self, name: str) -> tuple[int, ...]:
        """The items a user names by a story's number or guid, or by a URL; none where it is not known."""
        with self._reading() as connection:
            return kept.find_items(connection, name)

    def find_refused(self, url: str) -> int | None:
        """The number of the refused row of a URL."""
        with self._reading() as connection:
            return kept.find_refused(connection, url)

    def newest_rows(self, source_id: str, list_url: str) -> tuple[tuple[str, str, datetime], ...]:
        """Address, title and time last seen of a list's rows, those seen last first."""
        with self._reading() as connection:
            return lists.newest_rows(connection, source_id, list_url)

    def count_kept(self, query: KeptQuery, *, refused: bool = False) -> int:
        """How many items, or refused rows, the query means."""
        with self._reading() as connection:
            return (kept.count_refused if refused else kept.count_items)(connection, query)

    def kept_items(self, query: KeptQuery, *, after: int, limit: int) -> tuple[KeptItem, ...]:
        """Items to be read or judged again, by number, those after `after`."""
        with self._reading() as connection:
            return kept.load_items(connection, query, after=after, limit=limit)

    def refused_rows(self, query: KeptQuery, *, after: int, limit: int) -> tuple[RefusedRow, ...]:
        """Refused rows to be tried again, by number, those after `after`."""
        with self._reading() as connection:
            return kept.load_refused(connection, query, after=after, limit=limit)

    def compare(self, redos: Sequence[Redo]) -> tuple[Redone, ...]:
        """What reading or judging anew would change, one answer for each."""
        with self._reading() as connection:
            return reprocess.compare(connection, redos)

    def redo(self, redos: Sequence[Redo], *, now: datetime) -> tuple[Redone, ...]:
        """Write what changes, all in one transaction; see archive/correcting/reprocess.py."""
        return self.submit(lambda connection: reprocess.redo_items(connection, redos, now=now)).result()

    # What freeing the WARC folder asks

    def page_now(self, record: PageRecord) -> PageRecord | None:
        """A page as it is filed now, for a reader whose WARC file was written anew meanwhile."""
        with self._reading() as connection:
            return pages.same_page(connection, record)

    def pages_in(self, warc_file: str, limits: KeepLimits) -> tuple[FiledPage, ...]:
        """The pages of a WARC file, each with whether it stays there."""
        with self._reading() as connection:
            return retention.pages_in(connection, warc_file, limits)

    def places_in(self, warc_file: str) -> set[int]:
        """Where the pages of a WARC file begin."""
        with self._reading() as connection:
            return retention.places_in(connection, warc_file)

    def count_filed(self, warc_files: Sequence[str]) -> dict[str, int]:
        """How many pages stand in each of these files; those without any are left out."""
        with self._reading() as connection:
            return retention.count_filed(connection, warc_files)

    def refile(
        self,
        warc_file: str,
        limits: KeepLimits,
        *,
        seen: Sequence[FiledPage],
        places: Mapping[int, WarcPosition],
        now: datetime,
    ) -> int:
        """File the pages of `warc_file` elsewhere and let the others go, on disk for good once this returns."""
        let_go = self.submit(
            lambda connection: retention.refile(connection, warc_file, limits, seen=seen, places=places, now=now)
        ).result()
        if self._file is not None:
            sync_log(self._file)
        return let_go

    # What people say of items

    def label(self, item_ids: Sequence[int], label: Label, *, now: datetime) -> None:
        """Let a person's word stand for these items, whatever the rules say, now and later."""
        self.submit(lambda connection: labelling.give_label(connection, item_ids, label, now)).result()

    def unlabel(self, item_ids: Sequence[int], *, now: datetime) -> int:
        """Let the rules speak for these items again; return how many of them were labelled."""
        return self.submit(lambda connection: labelling.take_label(connection, item_ids, now)).result()

    def labels(self, story_id: int | None = None) -> tuple[LabelledItem, ...]:
        """All labelled items, or those of a story, with their texts."""
        with self._reading() as connection:
            return labelling.load_labels(connection, story_id)

    # What readers ask

    def source_states(self) -> tuple[SourceState, ...]:
        """What is remembered of every source, with its last poll."""
        with self._reading() as connection:
            return polls.source_states(connection)

    def polls_of(self, source_id: str, limit: int = 20) -> tuple[PollRecord, ...]:
        """The newest polls of a source, newest first."""
        with self._reading() as connection:
            return polls.polls_of(connection, source_id, limit)

    def poll_days(self, *, since: datetime) -> dict[str, tuple[PollDay, ...]]:
        """The polls of each source by day, for those days on which there were any."""
        with self._reading() as connection:
            return poll_days.load_poll_days(connection, since=since)

    def freshness(self, *, since: datetime, until: datetime, source_ids: Collection[str] | None = None) -> Freshness:
        """How long news took to be seen and to enter the feed of all stories; see archive/health/freshness.py."""
        with self._reading() as connection:
            return freshness.measure(connection, since=since, until=until, source_ids=source_ids)

    def story(self, id_or_guid: int | str) -> StoryRecord | None:
        """A story by id or guid, its own or one that was retired for it."""
        with self._reading() as connection:
            found = named.find_story_id(connection, id_or_guid)
            return None if found is None else next(iter(reading.load_stories(connection, [found])), None)

    def find_story(self, name: str) -> StoryRecord | None:
        """The story that a user names: by number, by a guid it has or had, or by the address of one of its pages."""
        with self._reading() as connection:
            found = named.find_story(connection, name)
            return None if found is None else next(iter(reading.load_stories(connection, [found])), None)

    def life(self, story_id: int) -> StoryLife | None:
        """What happened to a story: edits, addresses asked again, rulings, retired guids, and what is related."""
        with self._reading() as connection:
            return life.load_life(connection, story_id)

    def related(self, story_id: int) -> tuple[RelatedStory, ...]:
        """Other stories that have to do with this one, the surest first."""
        with self._reading() as connection:
            return related.load_related(connection, story_id)

    # What operators rule

    def join_stories(self, names: Sequence[str], *, by: str, note: str = "", now: datetime) -> Ruling:
        """Make one story of several, for good; raises RulingError where that cannot be: correcting/decide.py."""
        return self.submit(
            lambda connection: decide.join_stories(connection, names, by=by, note=note, now=now)
        ).result()

    def split_story(self, name: str, item_names: Sequence[str], *, by: str, note: str = "", now: datetime) -> Ruling:
        """Make a story of its own of some members, for good; raises RulingError where that cannot be."""
        return self.submit(
            lambda connection: decide.split_story(connection, name, item_names, by=by, note=note, now=now)
        ).result()

    def undo_ruling(self, number: int, *, by: str, now: datetime) -> Ruling:
        """Take a ruling back and what it did; raises RulingError where that cannot be."""
        return self.submit(lambda connection: decide.undo_ruling(connection, number, by=by, now=now)).result()

    def rulings(self) -> tuple[Ruling, ...]:
        """What operators have ruled, newest first, with what was taken back."""
        with self._reading() as connection:
            return rulings.load_rulings(connection)

    def stories(self, *, limit: int = 50, relevant_only: bool = True) -> tuple[StoryRecord, ...]:
        """Stories, newest first; `search` is for whoever asks for more."""
        with self._reading() as connection:
            found = reading.list_story_ids(connection, limit=limit, relevant_only=relevant_only)
            return reading.load_stories(connection, found)

    def search(
        self,
        question: Question,
        *,
        order: results.Order = "time",
        limit: int = 20,
        after: Cursor | None = None,
        offset: int = 0,
    ) -> tuple[SearchHit, ...]:
        """Stories that the question means, with marked excerpts; see archive/search/."""
        with self._reading() as connection:
            return results.search(connection, question, order=order, limit=limit, after=after, offset=offset)

    def statistics(self, question: Question, *, by: Sequence[str], level: str = "province") -> Statistics:
        """Stories counted by one or two dimensions; see archive/reports/statistics.py."""
        with self._reading() as connection:
            return statistics.count_stories(connection, question, by=by, level=level)

    def cooperations(
        self, question: Question, *, by: str = "year", level: str = "province", top: int | None = None
    ) -> Cooperations:
        """The pairs of regions that are parties to the same stories, period by period, most stories first."""
        with self._reading() as connection:
            return statistics.count_cooperations(connection, question, by=by, level=level, top=top)

    @contextmanager
    def exporting(self) -> Iterator[Export]:
        """Rows for other tools, all of the moment when the first of them is asked for; in one transaction."""
        with self._reading() as connection, closing(Export(connection)) as export:
            yield export

    def changes(self, question: Question, *, after_seq: int, limit: int = 50) -> tuple[StoryRecord, ...]:
        """Stories that a question means and that are new or changed since, in order of change."""
        with self._reading() as connection:
            return changes.load_changes(connection, question, after_seq=after_seq, limit=limit)

    def explain(self, url: str) -> UrlHistory | None:
        """All that is known of a URL; None where it was never seen."""
        with self._reading() as connection:
            return history.explain(connection, url)

    def feed_keys(self) -> tuple[FeedKey, ...]:
        """Zones, regions and topics that relevant stories have, with how many have them."""
        with self._reading() as connection:
            return reading.feed_keys(connection)

    def feed_news(self, version: str) -> FeedNews:
        """Which feeds are to be asked for what changed since they all last looked; `version` is of the taxonomy."""
        with self._reading() as connection:
            return following.load_news(connection, version)

    def enter_feeds(
        self, wanted: Sequence[WantedFeed], *, rules: EntryRules, now: datetime, news: FeedNews | None = None
    ) -> int:
        """Let the stories that match enter these feeds, each once; return how many did: publishing/entering.py."""
        return self.submit(
            lambda connection: sum(
                entering.enter_feed(connection, feed, rules=rules, now=now, news=news) for feed in wanted
            )
        ).result()

    def end_feed_news(self, news: FeedNews, version: str) -> None:
        """Remember that the feeds of `news` were asked, so that nothing of it is looked at again."""
        self.submit(lambda connection: following.finish(connection, news, version)).result()

    def feed_changes(self, mark: FeedMark | None) -> FeedChanges:
        """Which feeds have become others since a mark; all where there is none."""
        with self._reading() as connection:
            return following.load_changes(connection, mark)

    def retitle_feeds(self, titles: Mapping[str, str]) -> None:
        """Let feeds have these titles, by id."""
        self.submit(lambda connection: following.retitle(connection, titles)).result()

    def source_names(self) -> dict[str, str]:
        """The names of all sources that the registry ever had, by id."""
        with self._reading() as connection:
            return following.load_source_names(connection)

    def feed_entries(self, feed_id: str, limit: int = 100, *, last: int | None = None) -> tuple[FeedEntry, ...]:
        """The newest entries of a feed, or those in the places up to `last`; newest first."""
        with self._reading() as connection:
            return feeds.load_entries(connection, feed_id, limit, last=last)

    def feeds(self, feed_ids: Sequence[str] | None = None) -> tuple[FeedRecord, ...]:
        """All feeds ever published, or those of these ids."""
        with self._reading() as connection:
            return feeds.load_feeds(connection, feed_ids)

    def asked_feed(self, question: Question, *, length: int, opening: int) -> AskedFeed | None:
        """The entries of a feed that only its question describes; None before anything was published."""
        with self._reading() as connection:
            return asked_feed.entries(connection, question, length=length, opening=opening)

    def feeds_version(self) -> str | None:
        """Something that is another after every change that a feed may show; None before anything was published."""
        with self._reading() as connection:
            return asked_feed.version(connection)

    # What notifying asks: see archive/publishing/{announcing,delivering}.py and archive/health/

    def notice(
        self,
        name: str,
        question: Question | None,
        targets: Sequence[str],
        *,
        now: datetime,
        max_age_days: int = 30,
        per_source: int = 20,
    ) -> int:
        """Give stories that are new to a notification a place; return how many. The first call only opens it."""
        max_age = timedelta(days=max_age_days)

        def work(connection: Connection) -> int:
            count = announcing.notice(connection, name, question, now=now, max_age=max_age, per_source=per_source)
            delivering.add_targets(connection, name, targets, now)
            return count

        return self.submit(work).result()

    def preview_notice(
        self, name: str, question: Question, *, max_age_days: int = 30, per_source: int = 20
    ) -> tuple[StoryRecord, ...] | None:
        """The stories that `notice` would give a place now; None where it would open the notification."""
        max_age = timedelta(days=max_age_days)
        with self._reading() as connection:
            return announcing.preview(connection, name, question, max_age=max_age, per_source=per_source)

    def targets(self) -> tuple[TargetState, ...]:
        """How every target of notifications stands."""
        with self._reading() as connection:
            return delivering.load_targets(connection)

    def pending(
        self, name: str, target: str, *, before: datetime | None = None, limit: int
    ) -> tuple[tuple[Announced, ...], int]:
        """What has not reached a target: the newest `limit`, in order of place, and how many in all."""
        with self._reading() as connection:
            return delivering.load_pending(connection, name, target, before=before, limit=limit)

    def pending_events(
        self, name: str, target: str, *, before: datetime | None = None, limit: int
    ) -> tuple[HealthEvent, ...]:
        """The newest health events that have not reached a target, in order."""
        with self._reading() as connection:
            return delivering.load_pending_events(connection, name, target, before=before, limit=limit)

    def record_delivery(self, name: str, target: str, positions: Sequence[int], *, now: datetime) -> None:
        """These places have reached a target."""
        self.submit(lambda connection: delivering.record_delivery(connection, name, target, positions, now)).result()

    def record_rest(self, name: str, target: str, *, before: datetime | None = None, now: datetime) -> None:
        """A message to a target has stood for all that had not reached it."""
        self.submit(
            lambda connection: delivering.record_rest(connection, name, target, before=before, now=now)
        ).result()

    def record_failure(self, name: str, target: str, fault: str, *, retry_at: datetime) -> None:
        """An attempt to reach a target failed."""
        self.submit(lambda connection: delivering.record_failure(connection, name, target, fault, retry_at)).result()

    def judge_health(self, expected: Mapping[str, Expected], *, now: datetime) -> int:
        """Judge sources by the polls since the last call; return how many changed their health."""
        changed = 0
        while True:
            looked, changes = self.submit(lambda connection: looking.judge_polls(connection, expected, now)).result()
            changed += changes
            if not looked:
                return changed

    def source_healths(self) -> tuple[SourceHealth, ...]:
        """How sources stand as of the last look; those never looked at are left out."""
        with self._reading() as connection:
            return looking.load_healths(connection)

    def health_events(self, *, limit: int = 100) -> tuple[HealthEvent, ...]:
        """The newest changes of sources' health, newest first."""
        with self._reading() as connection:
            return looking.load_events(connection, limit=limit)

    def guid_base(self) -> tuple[str, datetime]:
        """What the guids of this archive begin with, and when it was made."""
        with self._reading() as connection:
            return looking.guid_base(connection)

    def counts(self) -> Counts:
        """How much the archive holds."""
        with self._reading() as connection:
            return checking.count(connection, checking.bytes_of(connection, self._file))

    def check(self, *, limit_s: float | None = None) -> tuple[Fault, ...]:
        """What is wrong with the archive and its WARC files; empty where all is well.

        Without a limit of time the search index is asked to look at itself too, and the write lock held meanwhile.
        """
        with self._reading() as connection:
            faults = checking.check(connection, self._warc_dir, limit_s=limit_s)
        if limit_s is not None:
            return faults
        with self._leasing() as connection:
            return faults + checking.check_index(connection)

    def condition(self) -> Condition:
        """What takes room in the database, its schema, and who holds hosts."""
        with self._reading() as connection:
            return condition.condition_of(connection, self._file)

    def meters(self, counted: PollTotals, *, now: datetime, limit_s: float) -> Meters:
        """What programs watch, each part within its time; `counted` is what the last call told of polls."""
        with self._reading() as connection:
            return meters.read_meters(connection, self._file, counted=counted, now=now, limit_s=limit_s)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database throughout."""
        with (
            self._told(),
            for_reading(self._engine).connect() as connection,
            undisturbed(connection, self.name),
        ):
            yield connection

    @contextmanager
    def _leasing(self) -> Iterator[Connection]:
        """A write of its own, beside the writer thread."""
        # a server has a lock for each row, and lets nobody wait for a batch
        turn = self._writer.aside() if self._engine.dialect.name == "sqlite" else nullcontext()
        with self._told(), turn, leasing(self._engine).begin() as connection:
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise ArchiveError(
                _("{file}: the archive cannot be used: {error}").format(file=self.name, error=fault_text(error))
            ) from error


def _make_ready(engine: Engine, name: str, authority: str, *, read_only: bool, tell: Tell | None) -> None:
    """Bring the schema up to date and fix what is fixed once; closes the engine where that fails."""
    with _opening(engine, name):
        refuse_unfinished(engine, name)
        migrate(engine, name, tell)
        with for_reading(engine).connect() as connection:
            is_stated = _is_stated(connection)
        if not is_stated:  # else whoever asks would wait for whoever writes
            with writing(engine).begin() as connection:
                _state_facts(connection, authority)
        if read_only:
            refuse_writes(engine)


def _require_ready(engine: Engine, name: str) -> None:
    """Raise ArchiveError unless all that `_make_ready` would do is done; closes the engine then."""
    with _opening(engine, name):
        refuse_unfinished(engine, name)
        with for_reading(engine).connect() as connection:
            require_current(connection, name)


@contextmanager
def _opening(engine: Engine, name: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        engine.dispose()
        raise not_opened(name, error) from error
    except BaseException:
        engine.dispose()
        raise


def _refuse_emptied(file: Path, warc_dir: Path | None) -> None:
    """Raise ArchiveError for a file without a byte where pages were kept already: it is no new archive."""
    if file.exists() and not file.stat().st_size and warc_dir is not None and any(warc_dir.glob("*.warc*")):
        raise ArchiveError(
            _(
                "{file}: is empty, though pages are kept in {folder}: a full disk or a broken copy may have left it."
                " Put a copy back (hrwatch restore COPY --force), or remove the file to begin anew"
            ).format(file=file, folder=warc_dir)
        )


def _is_stated(connection: Connection) -> bool:
    return {*_STATED} <= {*connection.execute(select(facts.c.name)).scalars()}


def _state_facts(connection: Connection, authority: str) -> None:
    """Fix, once for all, what an archive's guids are made of (RFC 4151: a name and a date when we had it)."""
    now = datetime.now(UTC)
    name = authority if _is_name(authority) else "hrwatch.invalid"  # RFC 2606: nobody's
    given = zip(_STATED, (now.isoformat(timespec="seconds"), name, str(now.year), "0"), strict=True)
    insert_new(connection, facts, [{"name": name, "value": value} for name, value in given])


def _is_name(authority: str) -> bool:
    try:
        ipaddress.ip_address(authority)
    except ValueError:
        return "." in authority and authority.isascii()
    return False
