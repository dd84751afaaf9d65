"""What the archive hands to its readers (feeds, web, commands): frozen values, every datetime aware and in UTC.

Holds no SQL and no behaviour beyond what follows from the fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from crawler.model import Entry, Evidence, Judged, ListReport, Precision, Reason, Region, Stamp, WarcPosition


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedQuery:
    """Which stories: any of `zones`, and any of `adcodes`, and any of `topics`; an empty group asks nothing.

    An adcode takes in what lies below it: 510000 all of 51xxxx, 511800 all of 5118xx.
    """

    zones: tuple[str, ...] = ()
    adcodes: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which stories: all that is given must hold. One value for search, export, statistics, the API and feeds.

    `words` is what a reader types (crawler/text/query.py). `pair` is two regions of which a story's parties hold both,
    each as the adcodes it goes by. `source` is a source's id, or a part of its name or of a 来源; `kind` the kind of a
    member's source. `since` is included, `until` is not.
    """

    words: str = ""
    query: FeedQuery = FeedQuery()
    pair: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    source: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    relevant_only: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRecord:
    """A feed that was published at least once. `changed_at` is the newest entry or change of an entered story."""

    id: str
    kind: str  # zone, region, topic or all
    key: str  # the zone's Chinese name, the adcode, the topic's id; "" for all
    title: str
    first_published_at: datetime
    changed_at: datetime
    items: int


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
class SearchHit:
    """A story that was found. `marks` are the (start, end) places of the words in `excerpt`, in order, apart."""

    story: StoryRecord
    excerpt: str
    marks: tuple[tuple[int, int], ...] = ()


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
class Fault:
    """Something the integrity check found: `part` is a table or index, `detail` for people."""

    part: str
    detail: str


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
