"""What the archive hands to its readers (feeds, web, commands): frozen values, every datetime aware and in UTC.

Holds no SQL and no behaviour beyond what follows from the fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from crawler.health.standing import Health, Snapshot
from crawler.health.usual import Usual
from crawler.model import (
    Entry,
    Evidence,
    Judged,
    ListReport,
    MissingPart,
    Precision,
    Reason,
    Region,
    Stamp,
    WarcPosition,
)
from crawler.text.query import Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One item of a story. `join_reason` and `join_score` say why it is there: its likeness to the first publisher, or,
    where there is none, to the member it is most alike. Both are None for the first publisher itself, and for a member
    whose text has since become another.
    """

    item_id: int
    url: str
    title: str
    source_id: str
    site_name: str  # the name of the source whose host carries the page
    source_name: str | None  # 来源, as the page names it
    published: datetime | None
    precision: Precision | None
    first_seen_at: datetime
    join_reason: str | None
    join_score: float | None
    is_first: bool
    is_link_only: bool
    vanished_at: datetime | None = None  # since when its address has answered 404 or 410, and was asked


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRecord:
    """A story with all its members, the first publisher first. `seq` grows with every change to any story."""

    id: int
    guid: str
    seq: int
    title: str
    url: str  # of the first publisher's page; where that has vanished, of the first that is there
    body: str
    body_html: str | None
    published: datetime | None
    precision: Precision | None
    first_source: str
    document_number: str | None
    written: date | None  # 成文日期
    event_date: date | None
    first_seen_at: datetime
    updated_at: datetime  # of the last change to what is shown
    relevant: bool
    score: float
    regions: tuple[str, ...]  # adcodes of the cooperating parties
    zones: tuple[str, ...]
    topics: tuple[str, ...]
    agreements: tuple[str, ...]
    members: tuple[Member, ...]
    is_link_only: bool
    text_item_id: int | None = None  # the member whose text `body` is


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedQuery:
    """Which stories: any of `zones`, and any of `adcodes`, and any of `topics`; an empty group asks nothing.

    An adcode takes in what lies below it: 510000 all of 51xxxx, 511800 all of 5118xx. `sources` are ids, of which a
    member is of any.
    """

    zones: tuple[str, ...] = ()
    adcodes: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which stories: all that is given must hold. One value for search, export, statistics, the API and feeds.

    `words` is what a reader types (docs/search.md). Names of regions, zones and topics within it are understood by
    archive/search/asking.py, which puts what it means into `expression`; that is then asked, and `words` only shown.
    `pair` is two regions of which a story's parties hold both, each as the adcodes it goes by. `source` is a source's
    id, or a part of its name or of a 来源; `kind` the kind of a member's source. `since` is included, `until` is not.
    """

    words: str = ""
    expression: Expression | None = None
    query: FeedQuery = FeedQuery()
    pair: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    source: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    relevant_only: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many stories, and members of them, have these keys: one for each dimension, None where a story has none.

    Periods are 2026, 2026-Q3, 2026-03, 2026-W09 or 2026-03-02 on China's clock; pairs are two adcodes, 500000-510000,
    the same twice for two places within one region; regions, zones, topics and sources are what the archive calls them.
    """

    keys: tuple[str | None, ...]
    stories: int
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Stories counted by one or two dimensions. A story of several regions, pairs, zones, topics or sources counts in
    each, so that counts may come to more than `stories`, which are all that the question means, each once.
    """

    by: tuple[str, ...]
    counts: tuple[Count, ...]  # in order of periods, else most stories first
    stories: int
    members: int
    undated: int  # stories that are in no period
    periods: tuple[str, ...] = ()  # from the first to the last, those without stories too; () where none was asked for
    has_gaps: bool = False  # so many lie between the first and the last that those without stories are left out
    names: Mapping[str, str] = field(default_factory=dict)  # of sources, by id


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooperation:
    """Two regions that are parties to the same stories, the same twice for two places within one region."""

    regions: tuple[str, str]  # adcodes, the smaller first
    stories: int  # dated or not
    members: int
    by_period: tuple[int, ...]  # stories in each of the periods
    undated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooperations:
    """Who cooperates with whom, and when. A story of three regions is one of three pairs."""

    pairs: tuple[Cooperation, ...]  # most stories first
    periods: tuple[str, ...]
    found: int  # pairs, those beyond the number asked for too
    stories: int  # of all that the question means
    paired: int  # those of them with at least one pair
    has_gaps: bool = False  # as in Statistics


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedStory:
    """A story as a row for other tools. `members` counts them all; the addresses are of the first 500."""

    id: int
    guid: str
    seq: int
    title: str
    url: str  # as of a StoryRecord
    published: datetime | None
    precision: Precision | None
    first_source: str
    document_number: str | None
    written: date | None
    event_date: date | None
    first_seen_at: datetime
    updated_at: datetime
    relevant: bool
    score: float
    regions: tuple[str, ...]  # adcodes of the cooperating parties
    zones: tuple[str, ...]
    topics: tuple[str, ...]
    agreements: tuple[str, ...]
    is_link_only: bool
    members: int
    member_urls: tuple[str, ...]  # the first publisher's first
    member_sources: tuple[str, ...]
    body: str | None  # where it was asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedItem:
    """A member of a story as a row for other tools; see Member."""

    id: int
    story_id: int
    url: str
    title: str
    source_id: str
    site_name: str
    source_name: str | None
    author: str | None
    document_number: str | None
    published: datetime | None
    precision: Precision | None
    written: date | None
    first_seen_at: datetime
    updated_at: datetime
    relevant: bool | None  # of this page alone; its story may be by another's word
    score: float | None
    is_first: bool
    is_link_only: bool
    join_reason: str | None
    join_score: float | None
    vanished_at: datetime | None
    body: str | None  # where it was asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedEntry:
    """A row of a list that was left out, as a row for other tools; see EntryRecord."""

    id: int
    url: str
    source_id: str
    list_url: str
    title: str
    row_date: str | None
    reason: Reason | None
    detail: str
    attempts: int
    first_seen_at: datetime
    last_seen_at: datetime
    settled_at: datetime | None
    retry_at: datetime | None  # None: never


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRecord:
    """A feed that was published at least once. `changed_at` is the newest entry or change of an entered story."""

    id: str
    kind: str  # all, zone, region, topic, zone-topic, source or custom
    key: str  # the zone's Chinese name, the adcode, the topic's id, both as 川渝/talent, a source's id; "" for all
    title: str
    first_published_at: datetime
    changed_at: datetime  # as of the last publishing
    items: int
    last_position: int = 0  # of the newest entry


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """A story in a feed: when it entered, and its place in the feed's order of entry (greater is newer).

    `guid` is the one it was announced under here: it stays when the story is later joined to an older one.
    """

    guid: str
    story: StoryRecord
    entered_at: datetime
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFeed:
    """A feed that should be: its file-safe id, what it is of, and which stories it asks for."""

    id: str
    kind: str  # as of a FeedRecord
    key: str
    title: str
    query: FeedQuery | Question


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRules:
    """What a feed opens with, and what may enter it later."""

    opening: int = 50  # its newest stories, of any date
    max_age_days: int = 30  # of a story when it comes to match
    per_source: int = 20  # stories of one source's first crawl and backfills


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedNews:
    """What relevant stories that changed since all feeds last looked have: the (kind, key) of feeds to be asked.

    `seq` and `story_id` are up to where the feeds have looked, None where they never have; `new_seq` and `new_story_id`
    where they have once those of `keys` were asked.
    """

    keys: tuple[tuple[str, str], ...]
    seq: int | None
    story_id: int | None
    new_seq: int
    new_story_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMark:
    """How far a folder of files has followed the archive's feeds."""

    seq: int  # of stories
    turn: int  # of entries


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedChanges:
    """Which feeds have become others since a mark: by id, with the places, if any, of entries that have changed."""

    mark: FeedMark
    places: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFeed:
    """What a feed that only its question describes holds, newest first. `found` are the stories that were looked at."""

    entries: tuple[FeedEntry, ...]
    since: datetime  # the first publication of all: an empty feed is as old
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOmission:
    """A feed that a story matches and did not enter, for good.

    `reason` is opening (the feed opened with newer ones), late (published long before it came to match), quota (one of
    too many of its source's first crawl or backfill) or split (it was part of a story that the feed knows).
    """

    feed_id: str
    title: str
    reason: str
    omitted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedKey:
    """Something a feed could be made of, with how many relevant stories have it."""

    kind: str  # zone, region or topic
    key: str
    stories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A place in the list of stories, newest first: just behind the story `id`. As a text: see reports/cursors.py."""

    sorted_at: datetime
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """A story that was found. Marks are the (start, end) places of the words in `excerpt` and in the story's title, in
    order, apart. `cursor` is its place in the list by time; None in one by relevance, which goes on by offset.
    """

    story: StoryRecord
    excerpt: str
    marks: tuple[tuple[int, int], ...] = ()
    title_marks: tuple[tuple[int, int], ...] = ()
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecord:
    """A row or URL ever seen, and what became of it."""

    url: str
    source_id: str
    list_url: str
    title: str
    row_date: str | None  # as shown: 2022-05-28, 05-28, …
    first_seen_at: datetime
    last_seen_at: datetime
    outcome: str  # pending, stored, refused or link-only
    reason: Reason | None
    detail: str
    attempts: int
    retry_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRecord:
    """One answer that was kept."""

    url: str
    requested_url: str | None
    status: int
    fetched_at: datetime
    sha256: str
    size: int
    warc: WarcPosition | None
    let_go_at: datetime | None = None  # when its bytes were given up to save room


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a person says of an item. What is None is left to the rules; () says that there is none.

    `is_story`: it holds for every page of the story, those to come included; else for one page alone.
    """

    relevant: bool
    by: str
    regions: tuple[str, ...] | None = None  # adcodes of the cooperating parties
    zones: tuple[str, ...] | None = None
    topics: tuple[str, ...] | None = None
    note: str | None = None
    is_story: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the rules alone say of an item that a person has labelled."""

    relevant: bool
    score: float
    regions: tuple[Region, ...]
    zones: tuple[str, ...]
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRecord:
    """A label of an item, when it was given, and what it overrides."""

    item_id: int
    label: Label
    labelled_at: datetime
    machine: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledItem:
    """A labelled item with its text as published, for scoring and learning."""

    record: LabelRecord
    story_id: int
    url: str
    source_id: str
    source_name: str | None
    site_code: str | None
    title: str
    body: str
    published: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementRecord:
    relevant: bool
    score: float
    regions: tuple[Region, ...]
    zones: tuple[str, ...]
    topics: tuple[str, ...]
    agreements: tuple[str, ...]
    event_date: date | None
    evidence: tuple[Evidence, ...]
    version: str
    label: LabelRecord | None = None  # then all but agreements, event and version is as it says, or leaves it


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlHistory:
    """All that is known of a URL; parts that never came to be are None or empty."""

    url: str
    url_key: str
    entry: EntryRecord | None
    pages: tuple[PageRecord, ...] = ()
    member: Member | None = None  # its item, as a member of its story
    title: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)  # of each field, where it was read from
    repairs: tuple[str, ...] = ()
    folded_title: str = ""  # the texts that the places of evidence are counted in
    folded_body: str = ""
    judgement: JudgementRecord | None = None
    story: StoryRecord | None = None
    feeds: tuple[FeedRecord, ...] = ()
    omissions: tuple[FeedOmission, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRecord:
    """How one poll of a source went, in sums over its lists."""

    source_id: str
    started_at: datetime
    ended_at: datetime
    rows: int
    new: int
    newest: date | None
    unchanged: int  # lists that had not changed
    fetched: int
    stored: int
    relevant: int
    merged: int
    refused: Mapping[Reason, int]
    lists: tuple[ListReport, ...]
    reason: Reason | None
    detail: str
    skipped: bool
    # measures, None where there were none; of polls by older programs there are none at all
    dated: int | None = None  # rows with a date
    bytes: int | None = None
    charset: str | None = None
    shows_family: bool | None = None
    wait_ms: int | None = None
    read: int | None = None  # articles with title and text
    read_dated: int | None = None
    read_sourced: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """How long something took, in seconds; None where there was nothing to measure."""

    count: int
    median_s: float | None
    p90_s: float | None  # nine of ten took no longer


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFreshness:
    """How fresh a source's items were; `source_id` is None for all sources together."""

    source_id: str | None
    items: int  # first seen in the period, without first crawls and backfills
    to_sight: Delays  # from publication to first sight, of dates with a minute
    to_sight_by_day: Delays  # the same in whole days of China's calendar, of dates without
    same_day: int  # of these, how many were seen on their day
    to_feed: Delays  # from first sight to the feed of all stories
    in_all: Delays  # from publication to that feed, of dates with a minute
    undated: int  # left out above
    old: int  # published long before, so no news; left out
    ahead: int  # dated after they were seen; left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Delays of a period; `until` is not included."""

    since: datetime
    until: datetime
    whole: SourceFreshness
    sources: tuple[SourceFreshness, ...]  # those that had any, by id


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the archive remembers of a source between polls."""

    source_id: str
    first_polled_at: datetime | None  # end of the first poll that succeeded: what came before was the first crawl
    last_polled_at: datetime | None
    last_ok_at: datetime | None
    last_new_at: datetime | None
    failures: int  # one after another, up to now
    next_poll_at: datetime | None
    last_poll: PollRecord | None = None
    next_why: str | None = None  # why it is polled then, by a name of crawler/clock/schedule.py
    retry_at: datetime | None = None  # until when the site asked not to be asked
    pause: Pause | None = None
    wanted_at: datetime | None = None  # since when a person wants it polled at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """That a person does not want a source polled for a while; `until` is None until it is resumed."""

    since: datetime
    until: datetime | None = None
    why: str | None = None

    @classmethod
    def of(cls, since: datetime | None, until: datetime | None, why: str | None) -> Pause | None:
        """The pause that the columns of a source tell of; None where it is not paused."""
        return None if since is None else cls(since=since, until=until, why=why)

    def holds(self, now: datetime) -> bool:
        """True while it lasts."""
        return self.until is None or self.until > now

    def puts_off(self, planned: datetime | None) -> datetime | None:
        """When a source is polled that is planned for then: not before the pause ends; None while it has no end."""
        return None if self.until is None else max(self.until, planned or self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollMade:
    """A poll in so few words that a day of all sources is read at once."""

    source_id: str
    at: datetime
    new: int
    is_well: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What people ask of the clock, and which sources were polled lately, by whomever; by source id."""

    pauses: Mapping[str, Pause]
    wanted: Mapping[str, datetime]  # to be polled at once
    polled: Mapping[str, datetime]  # when last


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much the archive holds."""

    entries: int
    pending: int
    refused: int
    pages: int
    items: int
    stories: int
    relevant: int
    merged: int  # stories of more than one member
    feeds: int
    polls: int
    bytes: int  # of the database file


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepLimits:
    """How long the bytes of pages are kept; None: for ever. Pages of labelled items always are."""

    since: datetime | None = None  # pages fetched before are let go
    irrelevant_since: datetime | None = None  # those of them that no relevant item or story was read from


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledPage:
    """A page within a WARC file, and whether it stays there."""

    page_id: int
    offset: int
    length: int
    is_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something the integrity check found: `part` is a table or index, `detail` for people.

    `is_unfinished`: no fault was found in the time that the check was given.
    """

    part: str
    detail: str
    is_unfinished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a database stands: what takes room, and who holds hosts. None where the kind of database does not tell."""

    schema: str
    bytes: int  # of the database
    log_bytes: int | None  # SQLite: of the log that is still to be taken in
    free_bytes: int | None  # SQLite: within the file, from rows that are gone
    checksum_failures: int | None  # PostgreSQL, where it was made with checksums
    held: Mapping[str, str]  # hosts that are asked at this moment, each with the owner of its lease

    @property
    def leases(self) -> int:
        """How many hosts are asked at this moment."""
        return len(self.held)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollTotals:
    """Sums over all polls up to the one of number `last_id`; `polls` is by reason, None where one went well."""

    last_id: int = 0
    polls: Mapping[Reason | None, int] = field(default_factory=dict)
    skipped: int = 0  # not among `polls`
    rows: int = 0
    new: int = 0
    fetched: int = 0
    stored: int = 0
    relevant: int = 0
    merged: int = 0
    refused: Mapping[Reason, int] = field(default_factory=dict)  # rows and pages that went no further
    is_whole: bool = False  # False: there are more polls, and was no time for them


@dataclass(frozen=True, slots=True, kw_only=True)
class PollDay:
    """The polls of a source that ended on one day in China."""

    day: date
    polls: int
    failed: int
    new: int  # rows


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMeter:
    """How a source of today's registry stands, in what programs watch."""

    source_id: str
    is_awaited: bool  # active and not paused: it should be polled when it is due
    is_paused: bool  # by a person
    verdict: str | None
    since: datetime | None
    failures: int
    last_polled_at: datetime | None
    last_ok_at: datetime | None
    last_new_at: datetime | None
    next_poll_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meters:
    """What is measured of an archive at one moment; None where there was no time for it.

    `polls` are never None, but may be not whole."""

    database: str  # sqlite or postgresql
    sources: tuple[SourceMeter, ...] | None
    counts: Counts | None
    condition: Condition | None
    targets: int | None  # of notifications
    failing_targets: int | None
    freshness: Freshness | None
    polls: PollTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptQuery:
    """Which items, or refused rows, are to be read and judged again; what is None or empty asks nothing.

    Times are those of publication, of first sight where an item is undated, and of first sight for refused rows.
    """

    ids: tuple[int, ...] | None = None  # of items, or of refused rows
    source_ids: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None  # not included
    relevant: bool | None = None  # of items


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptItem:
    """An item with what it can be made anew from. `stand` changes with every other write to it."""

    item_id: int
    story_id: int
    url: str
    source_id: str
    title: str
    body: str
    published: Stamp | None
    origins: Mapping[str, str]
    is_link_only: bool
    entry: Entry | None  # the row that led to it
    pages: tuple[PageRecord, ...]  # its own first, then its further parts; empty for a bare link
    missing: tuple[MissingPart, ...]  # further parts that were not had
    stand: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row that was refused, with the newest page kept of it; None where it was never fetched."""

    entry_id: int
    entry: Entry
    reason: Reason | None
    first_seen_at: datetime
    page: PageRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redo:
    """An item read or judged again, or a refused row that became an article: what is to be compared and written."""

    of: KeptItem | RefusedRow
    judged: Judged
    is_read_again: bool  # False: from the stored text, so that nothing but the judgement and the folding is new


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field with its value before and after; names are those of the tables."""

    name: str
    old: object
    new: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Likening:
    """What a changed text means for its story: it `would-join` another, which is left to people, or is `not-alike` the
    others of its own. A refused row that becomes an item `joins` a story as any new item does.
    """

    kind: str
    story_id: int
    reason: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redone:
    """What an item's reading or judging anew changes, or changed."""

    url: str
    title: str
    item_id: int | None  # None: a refused row that is not an item yet
    story_id: int | None
    relevant: bool
    is_new: bool = False
    changes: tuple[FieldChange, ...] = ()
    likenings: tuple[Likening, ...] = ()
    is_overtaken: bool = False  # written by another run in the meantime, and left as it is
    fault: str | None = None  # why it could not be written


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What a page said from `seen_at` until it was seen edited; `number` counts an item's texts from 1."""

    item_id: int
    number: int
    seen_at: datetime
    replaced_at: datetime
    title: str
    body: str
    published: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberText:
    """What a member's page says now."""

    item_id: int
    title: str
    body: str
    published: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberCheck:
    """How a member's address answered when it was last asked again.

    `outcome` is same, changed, moved (`detail` says where to), or the reason why it could not be had.
    """

    item_id: int
    url: str
    source_id: str
    checked_at: datetime
    outcome: str
    detail: str
    vanished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedStory:
    """Another story that has to do with this one; `reason` is agreement, document or event."""

    story_id: int
    title: str
    published: datetime | None
    first_source: str
    reason: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RetiredGuid:
    """A guid of a story that turned out to be this one."""

    guid: str
    story_id: int  # that the story had
    retired_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingPart:
    """Items that a ruling keeps together, by the story that they were, or became; numbers of items."""

    story_id: int
    guid: str
    item_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """An operator's word: a join of stories, or a split of some members from the others (the second part)."""

    id: int
    kind: str  # join or split
    made_at: datetime
    made_by: str
    note: str
    parts: tuple[RulingPart, ...]
    undone_at: datetime | None
    undone_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLife:
    """What happened to a story beside its being told: edits, rulings, other stories that became it or relate to it."""

    story_id: int
    text_item_id: int  # the member whose text is shown
    texts: tuple[MemberText, ...]
    revisions: tuple[Revision, ...]
    checks: tuple[MemberCheck, ...]
    related: tuple[RelatedStory, ...]
    retired: tuple[RetiredGuid, ...]
    rulings: tuple[Ruling, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A story with its place in a notification's order of notice."""

    position: int
    story: StoryRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetState:
    """How sending a notification to one of its targets goes. `target` is its place in the list and its service."""

    notification: str
    target: str
    added_at: datetime
    failures: int  # one after another, up to now
    retry_at: datetime | None
    fault: str | None  # of the last attempt; None: it was taken
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthEvent:
    """That a source's health became another. `name` and `home` are as the registry has them today."""

    id: int
    source_id: str
    name: str
    home: str | None
    verdict: Health
    previous: Health | None
    since: datetime
    noticed_at: datetime
    reason: Reason | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How a source stands; `verdict` is None before its second poll. `name` and `home` are as the registry has them."""

    source_id: str
    name: str
    home: str | None
    verdict: Health | None
    since: datetime | None
    reason: Reason | None
    detail: str  # why, in English: crawler.wording.detail_text
    next: Health | None  # what the last polls say, where that is another and not confirmed yet
    good_at: datetime | None  # the last poll that said nothing bad
    snapshot: Snapshot | None  # the last list that was read then
    news_at: datetime | None  # when a list last had a new row
    freshest_at: datetime | None  # when its newest row was published, or else first seen
    usual: Usual
    failures: int
    last_polled_at: datetime | None
    next_poll_at: datetime | None
    pause: Pause | None = None  # one that has run out among it
