"""The values that pass between rooms, and the Protocols behind which the crawler reaches the archive.

Frozen, no behaviour beyond what follows from their own fields. Every datetime is aware. No I/O.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo


class Reason(StrEnum):
    """Why a row, page or item went no further: the closed list of outcomes that `explain` can name."""

    # rows on a list
    BAD_LINK = "bad-link"  # javascript:, mailto:, an empty or unparsable href
    UNREGISTERED_HOST = "unregistered-host"  # recorded and judged by its title, never fetched
    OTHER_PATH = "other-path"  # on the source's host, but not an article by the source's own pattern
    # before a response
    ROBOTS = "robots"
    PRIVATE_ADDRESS = "private-address"
    UNREACHABLE = "unreachable"  # no address, refused, reset, TLS
    TIMEOUT = "timeout"
    REDIRECT_LOOP = "redirect-loop"
    REDIRECT_OFFSITE = "redirect-offsite"
    TOO_LARGE = "too-large"
    BUSY = "busy"  # another run holds the host
    NO_BROWSER = "no-browser"  # a page made by a script, and nothing here that runs it
    # a response that is not what was asked for
    BLOCKED = "blocked"  # 412, 521, a challenge page
    GONE = "gone"  # 404, 410
    HTTP_ERROR = "http-error"  # any other 4xx
    SERVER_ERROR = "server-error"  # 5xx
    EMPTY = "empty"
    WRONG_TYPE = "wrong-type"
    SOFT_ERROR = "soft-error"  # an error page with status 200
    LOGIN_WALL = "login-wall"
    LIST_PAGE = "list-page"  # a list where an article was expected
    UNDECODABLE = "undecodable"
    NO_TITLE = "no-title"
    NO_BODY = "no-body"
    BAD_PDF = "bad-pdf"  # encrypted, damaged, without pages, or not read in time
    NO_TEXT = "no-text"  # a PDF of pictures
    NO_ROWS = "no-rows"  # a list that matched nothing
    NOT_IN_WARC = "not-in-warc"  # replay only
    # after the article
    IRRELEVANT = "irrelevant"
    LEASE_LOST = "lease-lost"
    ERROR = "error"  # a fault of ours, with its message

    @property
    def is_passing(self) -> bool:
        """True where the same request may well succeed later, so that it is tried again."""
        return self in _PASSING


_PASSING = frozenset(
    {
        Reason.UNREACHABLE,
        Reason.TIMEOUT,
        Reason.BUSY,
        Reason.BLOCKED,
        Reason.SERVER_ERROR,
        Reason.EMPTY,
        Reason.LEASE_LOST,
        Reason.ERROR,
        Reason.ROBOTS,
        Reason.GONE,
        Reason.SOFT_ERROR,
        Reason.NOT_IN_WARC,
        Reason.NO_BROWSER,
    }
)


class Precision(StrEnum):
    DAY = "day"
    MINUTE = "minute"


class HistoryEnd(StrEnum):
    """Why a walk back through a list's history went no further."""

    OLDEST = "oldest"  # there is nothing older
    DEPTH = "depth"  # as far as was asked for
    REPEATED = "repeated"  # pages that show what others showed: a pager that begins again
    FAILED = "failed"  # a page could not be had; the next run tries it again
    ABSENT = "absent"  # a replay: the page is not in the WARC files
    BUSY = "busy"  # another run walks there, or holds the host
    STOPPED = "stopped"

    @property
    def is_final(self) -> bool:
        """True where a later run finds nothing more to walk."""
        return self in (HistoryEnd.OLDEST, HistoryEnd.REPEATED)


class Role(StrEnum):
    """What a region is to an item; only parties count as cooperating."""

    PARTY = "party"
    PLACE = "place"
    ISSUER = "issuer"
    MENTION = "mention"


class Status(StrEnum):
    """Whether a source is polled: only active ones are."""

    ACTIVE = "active"
    UNVERIFIED = "unverified"
    BLOCKED = "blocked"
    PAUSED = "paused"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One list of a source. `url` may hold {YYYY}, {MM}, {DD}: one list a day, in the source's own zone."""

    url: str
    rows: str | None = None  # CSS selector of one row; None: the family's, or the heuristic
    article: str | None = None  # regex an article's URL must match; None: the source's
    browser: bool = False  # its rows are made by a script


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """A source's own CSS selectors, the first in the order of belief; None leaves the field to the next in order."""

    title: str | None = None
    published: str | None = None
    source_name: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """How a source's pages were read up to a day, that one included; None: as they are read now."""

    valid_until: date  # by the source's own clock
    family: str | None = None
    article: str | None = None
    charset: str | None = None
    selectors: Selectors | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a site is: facts only, read from `spiders/sources/<province>/<id>.toml`."""

    id: str
    name: str
    kind: str
    level: str
    adcode: str
    home: str
    hosts: tuple[str, ...]  # lower-case host names that belong to this source
    family: str
    lists: tuple[ListPage, ...]
    article: str | None = None
    timezone: str = "Asia/Shanghai"
    status: Status = Status.ACTIVE
    column: str = "mixed"  # what its lists hold: news, notices, policy or mixed
    every_min: int = 60  # minutes between polls
    cron: str | None = None  # times of its polls instead, in its own time zone
    delay_s: float | None = None  # never below the configured floor
    charset: str | None = None  # where a site's own declaration is known to lie
    selectors: Selectors = field(default_factory=Selectors)
    min_rows: int = 1
    max_silence_days: int | None = None
    why: str | None = None
    browser: bool = False  # its articles are made by a script
    former: tuple[Former, ...] = ()  # parsers of before, the oldest first
    feed: str = "full"  # how feeds show its texts: full or excerpt
    digest: str = ""  # of the file's content: a list is read afresh when its facts change

    def at(self, when: datetime) -> Source:
        """The source as its pages of that time are to be read: by the first former parser still valid then."""
        day = when.astimezone(ZoneInfo(self.timezone)).date() if self.former else None
        for former in self.former:
            if day is not None and day <= former.valid_until:
                return replace(
                    self,
                    family=former.family or self.family,
                    article=former.article or self.article,
                    charset=former.charset or self.charset,
                    selectors=former.selectors or self.selectors,
                )
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDate:
    """A date as a list row shows it. `year` is None for rows such as 04-22; hour and minute where shown."""

    month: int
    day: int
    year: int | None = None
    hour: int | None = None
    minute: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row on a list: the first thing known of an item. `url` is absolute."""

    source_id: str
    list_url: str
    url: str
    title: str
    date: RowDate | None = None
    is_pinned: bool = False
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcPosition:
    """Where a record stands: file name relative to the WARC folder, byte offset and length of its gzip member."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a URL answered. `url` is the final address, `headers` have lower-case names, `body` is not yet decoded."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    requested_url: str | None = None
    warc: WarcPosition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A time with what is known of it: `precision`, and `origin`, the place it was read from."""

    at: datetime
    precision: Precision
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    url: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a page says. `title` and `body` stand as published; `folded_*` are for matching and search only.

    `body` has one paragraph a line. `body_html` is cleaned (nh3) and safe to show. `origins` says, for each field
    that has a value, where it was read from (`selector`, `family`, `meta:ArticleTitle`, `label:来源`, `generic`, …).
    """

    url: str
    title: str
    body: str
    body_html: str | None = None
    published: Stamp | None = None
    written: Stamp | None = None  # 成文日期
    source_name: str | None = None  # 来源: who published first
    author: str | None = None
    document_number: str | None = None  # 发文字号
    site_code: str | None = None  # SiteIDCode
    charset: str | None = None
    attachments: tuple[Attachment, ...] = ()
    images: tuple[str, ...] = ()  # addresses of the pictures in the text
    columns: tuple[str, ...] = ()  # that it stands in, the widest first, as its breadcrumbs have them
    origins: Mapping[str, str] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()  # what folding repaired, by name
    folded_title: str = ""
    folded_body: str = ""
    is_link_only: bool = False  # a row on a host that is never fetched: title and date are all there is


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    adcode: str  # GB/T 2260, six digits
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One reason behind a judgement: which words, where in the folded text, for what, and how much they weigh."""

    part: str  # subject, cooperation, region, zone, topic, act, agency, agreement, agreement-party, event, mask, …
    key: str  # what it speaks for: an adcode, a zone's name, a topic's id, a rule's name; "510000 协议名" of a party
    text: str
    where: str  # "title" or "body"
    start: int
    end: int
    weight: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What an article is about, and why. `version` is the digest of the data files that judged it."""

    relevant: bool
    score: float
    regions: tuple[Region, ...] = ()
    zones: tuple[str, ...] = ()  # canonical Chinese names
    topics: tuple[str, ...] = ()  # ids of taxonomy §6
    agreements: tuple[str, ...] = ()  # names without 《》
    event_date: date | None = None
    evidence: tuple[Evidence, ...] = ()
    version: str = ""

    @property
    def parties(self) -> tuple[str, ...]:
        """Adcodes of the cooperating parties."""
        return tuple(region.adcode for region in self.regions if region.role is Role.PARTY)

    @property
    def acts(self) -> tuple[tuple[str, int], ...]:
        """Kinds of act that title and opening tell, with their strength (1 firm … 4 mere intent), the firmest first."""
        found = {(one.key, round(one.weight)) for one in self.evidence if one.part == "act"}
        return tuple(sorted(found, key=lambda act: (act[1], act[0])))

    @property
    def agencies(self) -> tuple[tuple[str, str], ...]:
        """Bodies that act, as the text calls them, each with the adcode of its place."""
        return tuple(dict.fromkeys((one.text, one.key) for one in self.evidence if one.part == "agency"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to ask one host until it expires; `token` grows with every new owner."""

    host: str
    owner: str
    token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPart:
    """A further page of an article that was not had; `number` counts from 2, the article's own page is 1."""

    number: int
    url: str
    reason: Reason
    detail: str = ""


def part_numbers(parts: Sequence[Page], missing: Sequence[MissingPart]) -> tuple[int, ...]:
    """The number of each part of an article: they count from 2 and leave out those that are missing."""
    absent = {part.number for part in missing}
    return tuple(number for number in range(2, len(parts) + len(absent) + 2) if number not in absent)[: len(parts)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What a spider hands to the pipelines: a row and, unless its host is never fetched, the page behind it.

    `source` is the source whose host answered (the finder, for a link-only row). `seen_at` is when the list was read.
    `parts` are the further pages of the same article in order, `missing` those that could not be had.
    """

    entry: Entry
    source: Source
    page: Page | None
    seen_at: datetime | None = None
    lease: Lease | None = None
    parts: tuple[Page, ...] = ()
    missing: tuple[MissingPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    capture: Capture
    article: Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    capture: Capture
    article: Article
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the archive made of an item. `joined` tells that it became a member of a story that was there."""

    item_id: int
    story_id: int
    is_new: bool
    joined: bool
    is_relevant: bool = False
    is_read: bool = False  # from a page of its own: not a bare link
    is_dated: bool = False  # the page says when it was published
    is_sourced: bool = False  # the page says who published first


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What lets the next request for a URL be conditional. `body_hash` is SHA-256 hex, for servers that lie."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    source_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsRecord:
    """An answer to /robots.txt for an origin (scheme://host[:port]). `body` is None where there are no rules."""

    origin: str
    fetched_at: datetime
    body: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsNoted:
    """What noting a list's rows came to: `to_fetch` are the rows never settled, in list order, old failures last."""

    new: int
    known: int
    to_fetch: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReport:
    """How one list of a poll went. `reason` is None where rows were read or nothing had changed.

    From `titled` on it is what tells later that a list is not what it was; None where it was not measured.
    """

    url: str
    status: int | None
    rows: int = 0
    new: int = 0
    newest: date | None = None
    unchanged: bool = False
    reason: Reason | None = None
    detail: str = ""
    titled: int | None = None  # rows with a title
    dated: int | None = None  # rows with a date
    linked: int | None = None  # rows with an address that could be fetched
    bytes: int | None = None
    charset: str | None = None  # it was read in
    shows_family: bool | None = None  # it carries a mark of its family
    wait_ms: int | None = None  # from the request to the answer
    warc: WarcPosition | None = None
    number: int = 1  # of the page in the list's history; the list's own is 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryMark:
    """How far back a list's history was walked: the request of the last page that was read.

    `start` tells the request of page 1, `list_url` is the list's address as the source's facts have it. `is_done` is
    False until every article of the page was asked for: then the page is read again before the walk goes on.
    """

    source_id: str
    start: str
    list_url: str
    url: str
    number: int  # of the page, from 1; the list's own is no history
    method: str = "GET"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    is_done: bool = False
    end: HistoryEnd | None = None  # final ones only
    source_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryReport:
    """How far the history of one list was walked. `pages` and the sums are of this run, `depth` is of all runs."""

    url: str
    end: HistoryEnd
    pages: int = 0
    depth: int = 0
    rows: int = 0
    new: int = 0
    fetched: int = 0
    stored: int = 0
    relevant: int = 0
    merged: int = 0
    reason: Reason | None = None  # of a failure
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """How one poll of one source went: its lists, what was stored, and what was refused and why."""

    source_id: str
    started_at: datetime
    ended_at: datetime
    lists: tuple[ListReport, ...] = ()
    fetched: int = 0  # article pages asked for
    stored: int = 0  # new items
    relevant: int = 0
    merged: int = 0  # new items that joined a story that was there
    refused: Mapping[Reason, int] = field(default_factory=dict)
    reason: Reason | None = None  # why the source as a whole failed; None: it did not
    detail: str = ""
    skipped: bool = False  # nothing to poll: no list in the WARC, or the host is in another run's hands
    retry_at: datetime | None = None  # until when its hosts asked not to be asked (Retry-After)
    history: tuple[HistoryReport, ...] = ()  # of a backfill; what it fetched and stored is counted above, too
    read: int = 0  # articles with title and text, whether new or not
    read_dated: int = 0  # how many of them say when they were published
    read_sourced: int = 0  # how many of them say who published first


@dataclass(frozen=True, slots=True, kw_only=True)
class HostWanted:
    """A host that the poll of a source is to ask, and the lists that it will ask for there."""

    host: str
    source_id: str
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKnown:
    """What the archive knows of a list: what makes the request for it conditional, and its open rows."""

    url: str
    validators: Validators | None
    due: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostTaken:
    """The answer to a HostWanted: its lease, None while another run has the host, and what is known of its lists."""

    lease: Lease | None
    known: tuple[ListKnown, ...] = ()
    held_by: str | None = None  # the other run, as an owner of leases


class ValidatorStore(Protocol):
    def validators(self, url: str) -> Validators | None: ...


class RobotsStore(Protocol):
    def robots(self, origin: str) -> RobotsRecord | None: ...
    def save_robots(self, record: RobotsRecord) -> None: ...


class LeaseStore(Protocol):
    def acquire_lease(self, host: str, owner: str, ttl_s: float) -> Lease | None: ...
    def renew_leases(self, leases: Sequence[Lease], ttl_s: float) -> Sequence[Lease]:
        """Prolong what is still ours; return the leases that have passed on."""
        ...

    def release_lease(self, lease: Lease) -> None: ...


class TurnStore(Protocol):
    """What the polls of a moment ask for together."""

    def take_turn(
        self, *, given_back: Sequence[Lease], wanted: Sequence[HostWanted], owner: str, ttl_s: float, now: datetime
    ) -> tuple[HostTaken, ...]:
        """Give leases back, then take what is wanted: one answer each, in order."""
        ...

    def record_polls(self, reports: Sequence[PollReport]) -> tuple[BaseException | None, ...]:
        """Keep the accounts of polls: for each what it failed with, or None."""
        ...


class EntryStore(Protocol):
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
        """Remember rows and the list's validators in one transaction; say which still need fetching.

        `is_backfill` marks the rows that are new as found in a list's history.
        """
        ...

    def due_rows(self, *, source_id: str, list_url: str, now: datetime) -> tuple[Entry, ...]:
        """Rows of a list that were never settled, for when the list itself has not changed."""
        ...

    def settle(
        self, entry: Entry, reason: Reason, detail: str, *, now: datetime, lease: Lease | None, page: Page | None = None
    ) -> None:
        """Record why a row went no further, and when, if ever, it is tried again."""
        ...


class HistoryStore(Protocol):
    def history_marks(self, source_id: str) -> tuple[HistoryMark, ...]: ...
    def save_history_mark(self, mark: HistoryMark) -> None: ...
    def forget_history_mark(self, mark: HistoryMark) -> None: ...


class ItemStore(Protocol):
    def store(self, judged: Judged, *, now: datetime) -> Stored:
        """Store page, item, judgement and story membership in one transaction; repeating it changes nothing."""
        ...
