"""The tables, as SQLAlchemy Core. Names are plain enough for an analyst; every time is UTC.

Only tables here: what is written into them, and when, is said in the module of each subject. The search index is
made by the migrations, for each database its own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect

# "hrwt": tells an archive of ours from any other SQLite file (PRAGMA application_id)
APPLICATION_ID = 0x68727774


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept as UTC without its zone; SQLite sorts its text as time."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value}: a time without a zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class WebText(TypeDecorator[str]):
    """Text from anywhere, as `storable` makes it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """`text` with U+FFFD for NUL and lone surrogates, which databases refuse."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text.replace("\x00", "\ufffd")


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the key is INTEGER
_Id = BigInteger().with_variant(Integer(), "sqlite")


def _required(name: str, kind: Any, *more: Any, **options: Any) -> Column[Any]:
    return Column(name, kind, *more, nullable=False, **options)


facts = Table(
    "facts",  # of the archive itself: tag_authority, tag_date, created_at, seq
    metadata,
    Column("name", String(64), primary_key=True),
    _required("value", WebText),
)

sources = Table(
    "sources",
    metadata,
    Column("source_id", String(128), primary_key=True),
    Column("first_polled_at", UtcTime),  # end of the first poll that succeeded; what came before is its first crawl
    Column("last_polled_at", UtcTime),
    Column("last_ok_at", UtcTime),
    Column("last_new_at", UtcTime),
    _required("failures", Integer, server_default="0"),
    Column("next_poll_at", UtcTime),
)

polls = Table(
    "polls",
    metadata,
    Column("id", _Id, primary_key=True),
    _required("source_id", String(128)),
    _required("started_at", UtcTime),
    _required("ended_at", UtcTime),
    _required("rows", Integer),
    _required("new", Integer),
    Column("newest", Date),
    _required("unchanged", Integer),
    _required("fetched", Integer),
    _required("stored", Integer),
    _required("relevant", Integer),
    _required("merged", Integer),
    _required("refused", JSON),  # {reason: how many}
    _required("lists", JSON),  # [{url, status, rows, new, newest, unchanged, reason, detail}]
    Column("reason", String(32)),
    _required("detail", WebText),
    _required("is_skipped", Boolean),
    Index(None, "source_id", "id"),
)

validators = Table(
    "validators",
    metadata,
    Column("url", WebText, primary_key=True),
    Column("etag", WebText),
    Column("last_modified", WebText),
    Column("body_hash", String(64)),
    _required("source_digest", String(64)),
    _required("updated_at", UtcTime),
)

robots = Table(
    "robots",
    metadata,
    Column("origin", WebText, primary_key=True),
    _required("fetched_at", UtcTime),
    Column("body", LargeBinary),
)

leases = Table(
    "leases",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("owner", String(255)),  # None: given back
    _required("token", BigInteger),
    _required("expires_at", Float),  # seconds since 1970, by the clock of the machine that holds the database
)

stories = Table(
    "stories",
    metadata,
    Column("id", _Id, primary_key=True),
    _required("guid", String(255), unique=True),
    _required("seq", BigInteger, unique=True),
    _required("title", WebText),
    _required("first_item_id", _Id),
    _required("text_item_id", _Id),  # whose body is shown
    _required("first_source", WebText),
    Column("published_at", UtcTime),
    Column("precision", String(8)),
    Column("document_number", WebText),
    Column("written", Date),
    Column("event_date", Date),
    _required("first_seen_at", UtcTime),
    _required("updated_at", UtcTime),
    _required("sorted_at", UtcTime),  # published_at, or first_seen_at where undated: the order of reading
    _required("is_relevant", Boolean),
    _required("score", Float),
    _required("agreements", JSON),
    _required("is_link_only", Boolean),
    _required("is_backfill", Boolean),  # every member came with a source's first crawl or a backfill
    _required("found_by", String(128)),  # source of the member seen first
    _required("digest", String(64)),  # of all that is shown: unchanged means nothing to announce
    Index(None, "is_relevant", "sorted_at", "id"),
    sqlite_autoincrement=True,  # the number of a story that was joined to another is not given to a third
)

story_regions = Table(
    "story_regions",  # of the cooperating parties
    metadata,
    Column("story_id", _Id, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True),
    Column("adcode", String(6), primary_key=True),
    Index(None, "adcode", "story_id"),
)

story_zones = Table(
    "story_zones",
    metadata,
    Column("story_id", _Id, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True),
    Column("zone", String(128), primary_key=True),
    Index(None, "zone", "story_id"),
)

story_topics = Table(
    "story_topics",
    metadata,
    Column("story_id", _Id, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True),
    Column("topic", String(64), primary_key=True),
    Index(None, "topic", "story_id"),
)

pages = Table(
    "pages",
    metadata,
    Column("id", _Id, primary_key=True),
    _required("url_key", WebText),
    _required("url", WebText),
    Column("requested_url", WebText),
    _required("status", Integer),
    _required("fetched_at", UtcTime),
    _required("sha256", String(64)),
    _required("size", BigInteger),
    Column("warc_file", WebText),
    Column("warc_offset", BigInteger),
    Column("warc_length", BigInteger),
    UniqueConstraint("url_key", "status", "sha256"),
)

items = Table(
    "items",
    metadata,
    Column("id", _Id, primary_key=True),
    _required("url_key", WebText, unique=True),
    _required("url", WebText),
    _required("source_id", String(128), index=True),  # whose host carries it
    _required("site_name", WebText),
    _required("found_by", String(128)),  # source whose list showed it first
    _required("title", WebText),
    _required("body", WebText),
    Column("body_html", WebText),
    Column("published_at", UtcTime),
    Column("precision", String(8)),
    Column("published_from", WebText),
    Column("written", Date),
    Column("source_name", WebText),
    Column("author", WebText),
    Column("document_number", WebText),
    Column("site_code", String(32)),
    Column("charset", String(32)),
    _required("attachments", JSON),  # [{url, name}]
    _required("origins", JSON),  # {field: where it was read from}
    _required("repairs", JSON),
    _required("folded_title", WebText),
    _required("folded_body", WebText),
    Column("body_hash", String(64), index=True),
    _required("is_link_only", Boolean),
    _required("is_backfill", Boolean),
    _required("first_seen_at", UtcTime),
    _required("updated_at", UtcTime),
    Column("page_id", _Id, ForeignKey("pages.id", ondelete="SET NULL")),
    _required("story_id", _Id, ForeignKey("stories.id"), index=True),
    Column("join_reason", String(32)),
    Column("join_score", Float),
    Column("joined_to", _Id),  # the item it was found to be alike
)

item_parts = Table(
    "item_parts",  # further pages of an item's text, and those that were not had; its own page, number 1, is in items
    metadata,
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("page_id", _Id, ForeignKey("pages.id", ondelete="SET NULL"), index=True),
    _required("url", WebText),
    Column("reason", String(32)),  # why there is no page
    _required("detail", WebText),
)

judgements = Table(
    "judgements",
    metadata,
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    _required("is_relevant", Boolean),
    _required("score", Float),
    _required("agreements", JSON),
    Column("event_date", Date),
    _required("evidence", JSON),  # [{part, key, text, where, start, end, weight}]
    _required("version", String(64)),
    _required("judged_at", UtcTime),
)

item_regions = Table(
    "item_regions",
    metadata,
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("adcode", String(6), primary_key=True),
    Column("role", String(16), primary_key=True),
)

item_zones = Table(
    "item_zones",
    metadata,
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("zone", String(128), primary_key=True),
)

item_topics = Table(
    "item_topics",
    metadata,
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("topic", String(64), primary_key=True),
)

labels = Table(
    "labels",  # what people say of items: it overrides the rules, whose verdict is kept in `machine`
    metadata,
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    _required("is_relevant", Boolean),
    Column("regions", JSON(none_as_null=True)),  # adcodes of the parties; NULL, here and below: left to the rules
    Column("zones", JSON(none_as_null=True)),
    Column("topics", JSON(none_as_null=True)),
    Column("note", WebText),
    _required("labelled_by", WebText),
    _required("labelled_at", UtcTime),
    _required("is_story", Boolean),  # holds for every page of the story, those to come included
    _required("machine", JSON),  # {relevant, score, regions: [[adcode, role]], zones, topics}
)

bands = Table(
    "bands",  # prints that find likely reprints: 16 bands of a MinHash, and anchors under number 16
    metadata,
    Column("band", SmallInteger, primary_key=True, autoincrement=False),
    Column("hash", BigInteger, primary_key=True, autoincrement=False),
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Index(None, "item_id"),
    sqlite_with_rowid=False,
)

entries = Table(
    "entries",  # every row and URL ever seen, with what became of it
    metadata,
    Column("id", _Id, primary_key=True),
    _required("url_key", WebText, unique=True),
    _required("url", WebText),
    _required("source_id", String(128)),  # whose list showed it first
    _required("list_url", WebText),
    _required("title", WebText),
    Column("row_date", String(16)),  # as the row has it: 2022-05-28, 05-28, 2022-05-28 23:40
    _required("is_pinned", Boolean),
    _required("position", Integer),
    _required("first_seen_at", UtcTime),
    _required("last_seen_at", UtcTime),
    _required("outcome", String(16)),  # pending, stored, link-only, refused
    Column("reason", String(32)),
    _required("detail", WebText),
    _required("attempts", Integer),
    _required("is_backfill", Boolean, server_default="0"),  # found while a list's history was walked
    Column("retry_at", UtcTime),
    Column("settled_at", UtcTime),
    Column("item_id", _Id, ForeignKey("items.id", ondelete="SET NULL"), index=True),
    Index(None, "source_id", "list_url", "outcome"),
)

history_marks = Table(
    "history_marks",  # the last page read of each list's history
    metadata,
    Column("source_id", String(128), primary_key=True),
    Column("start", String(64), primary_key=True),  # digest of the request of the list's first page
    _required("list_url", WebText),  # as the source's facts have it
    _required("url", WebText),
    _required("number", Integer),
    _required("method", String(8)),
    _required("body", LargeBinary),
    _required("headers", JSON),  # [[name, value]]
    _required("is_done", Boolean),
    Column("end", String(16)),  # oldest, repeated; NULL: there is more
    _required("source_digest", String(64)),
    _required("updated_at", UtcTime),
)

retired_guids = Table(
    "retired_guids",  # of stories that turned out to be another, older one
    metadata,
    Column("guid", String(255), primary_key=True),
    _required("retired_id", _Id),
    _required("story_id", _Id, ForeignKey("stories.id"), index=True),
    _required("retired_at", UtcTime),
)

feeds = Table(
    "feeds",
    metadata,
    Column("id", String(255), primary_key=True),
    _required("kind", String(16)),
    _required("key", WebText),
    _required("title", WebText),
    _required("first_published_at", UtcTime),
    _required("last_position", BigInteger),  # 0: nothing entered yet
    _required("seen_seq", BigInteger),  # what changed later is still to be asked about
    _required("seen_story_id", _Id),  # the newest story when the feed last looked
)

feed_entries = Table(
    "feed_entries",
    metadata,
    Column("feed_id", String(255), ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True),
    Column("story_id", _Id, ForeignKey("stories.id"), primary_key=True),
    _required("position", BigInteger),
    _required("entered_at", UtcTime),
    _required("guid", String(255)),  # under which it was announced here
    Column("backfill_of", String(128)),  # the source whose first crawl or backfill it came with
    UniqueConstraint("feed_id", "position"),
    Index(None, "story_id"),
)

feed_omissions = Table(
    "feed_omissions",  # stories that matched a feed and were passed over, for good
    metadata,
    Column("feed_id", String(255), ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True),
    Column("story_id", _Id, ForeignKey("stories.id"), primary_key=True, autoincrement=False),
    _required("reason", String(16)),  # opening, late, quota, split
    _required("omitted_at", UtcTime),
    Index(None, "story_id"),
    sqlite_with_rowid=False,
)

revisions = Table(
    "revisions",  # what an item's page said before it was edited; what it says now is in items
    metadata,
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _required("seen_at", UtcTime),  # when this text was first seen
    _required("replaced_at", UtcTime),
    _required("title", WebText),
    _required("body", WebText),
    Column("published_at", UtcTime),
    Column("precision", String(8)),
    Column("page_id", _Id, ForeignKey("pages.id", ondelete="SET NULL"), index=True),
)

item_checks = Table(
    "item_checks",  # the last time that a stored item's address was asked again
    metadata,
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    _required("checked_at", UtcTime),
    _required("outcome", String(32)),  # same, changed, moved, or a reason
    _required("detail", WebText),
    Column("vanished_at", UtcTime),  # first 404 or 410 since the page was last there
)

rulings = Table(
    "rulings",  # an operator's word on which items are one story
    metadata,
    Column("id", _Id, primary_key=True),
    _required("kind", String(8)),  # join, split
    _required("made_at", UtcTime),
    _required("made_by", WebText),
    _required("note", WebText),
    _required("stories", JSON),  # [[id, guid]] of each part, in order
    Column("undone_at", UtcTime),
    Column("undone_by", WebText),
    sqlite_autoincrement=True,
)

ruling_items = Table(
    "ruling_items",  # the members when the ruling was made; those of one part stand together
    metadata,
    Column("ruling_id", _Id, ForeignKey("rulings.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    _required("part", SmallInteger),
    Index(None, "item_id"),
)

story_keys = Table(
    "story_keys",  # by which related stories find one another
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("story_id", _Id, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    _required("is_own", Boolean),  # the document itself, not one that speaks of it
    Index(None, "story_id"),
    sqlite_with_rowid=False,
)

story_links = Table(
    "story_links",  # stories that are related and not one, each pair in both directions
    metadata,
    Column("story_id", _Id, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("other_id", _Id, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    _required("reason", String(16)),
    _required("score", Float),
    Index(None, "other_id"),
    sqlite_with_rowid=False,
)
