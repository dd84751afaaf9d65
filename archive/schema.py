"""The tables, as SQLAlchemy Core. Names are plain enough for an analyst; every time is UTC.

Only tables here: what each column means is said in views/columns.toml, what is written into them, and when, in the
module of each subject. The search index is made by the migrations, for each database its own, and the views by views/.
"""

from __future__ import annotations

import json
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
    text,
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


def json_text(value: object) -> str:
    """JSON as people read it in any SQL tool, and LIKE finds it: 协议, not \\u534f\\u8bae."""
    return storable(json.dumps(value, ensure_ascii=False))


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
    "facts",
    metadata,
    Column("name", String(64), primary_key=True),
    _required("value", WebText),
)

sources = Table(
    "sources",
    metadata,
    Column("source_id", String(128), primary_key=True),
    Column("first_polled_at", UtcTime),
    Column("last_polled_at", UtcTime),
    Column("last_ok_at", UtcTime),
    Column("last_new_at", UtcTime),
    _required("failures", Integer, server_default="0"),
    Column("next_poll_at", UtcTime),
    Column("next_why", String(16)),
    Column("retry_at", UtcTime),
    # what people ask of the clock
    Column("paused_at", UtcTime),
    Column("paused_until", UtcTime),
    Column("paused_why", WebText),
    Column("wanted_at", UtcTime),
    # the facts of its file, as of the last run that had it
    Column("name", WebText),
    Column("kind", WebText),
    Column("level", String(16)),
    Column("adcode", String(6)),
    Column("home", WebText),
    Column("family", String(64)),
    Column("holds", String(16)),
    Column("status", String(16)),
    Column("why", WebText),
    Column("left_at", UtcTime),
)

regions = Table(
    "regions",
    metadata,
    Column("adcode", String(6), primary_key=True),
    _required("name", WebText),
    _required("short_name", WebText),
    _required("full_name", WebText),
    _required("level", String(16)),
    Column("parent", String(6), index=True),
    Column("abolished", SmallInteger),
)

region_names = Table(
    "region_names",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("adcode", String(6), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("from_year", SmallInteger, primary_key=True, autoincrement=False),
    _required("to_year", SmallInteger),
    Column("full_name", WebText),
    Index(None, "adcode", "kind"),
)

region_heirs = Table(
    "region_heirs",
    metadata,
    Column("adcode", String(6), primary_key=True),
    Column("heir", String(6), primary_key=True),
    Index(None, "heir"),
)

zones = Table(
    "zones",
    metadata,
    Column("name", String(128), primary_key=True),
    _required("english", WebText),
    _required("kind", String(16)),
)

zone_members = Table(
    "zone_members",
    metadata,
    Column("zone", String(128), ForeignKey("zones.name", ondelete="CASCADE"), primary_key=True),
    Column("adcode", String(6), primary_key=True),
)

topics = Table(
    "topics",
    metadata,
    Column("id", String(64), primary_key=True),
    _required("zh", WebText),
    _required("en", WebText),
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
    _required("refused", JSON),
    _required("lists", JSON),
    Column("reason", String(32)),
    _required("detail", WebText),
    _required("is_skipped", Boolean),
    # measures of its lists and articles; NULL where there were none to measure, and in polls of older programs
    Column("titled", Integer),
    Column("dated", Integer),
    Column("linked", Integer),
    Column("bytes", BigInteger),
    Column("charset", String(32)),
    Column("shows_family", Boolean),
    Column("wait_ms", Integer),
    Column("read", Integer),
    Column("read_dated", Integer),
    Column("read_sourced", Integer),
    Index(None, "source_id", "id"),
    Index(None, "ended_at"),
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
    Column("owner", String(255)),
    _required("token", BigInteger),
    _required("expires_at", Float),
    _required("beats", BigInteger, server_default="0"),
    _required("lasts_s", Float, server_default="60"),
)

lease_watches = Table(
    "lease_watches",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("machine", String(128), primary_key=True),
    _required("token", BigInteger),
    _required("beats", BigInteger),
    _required("since_s", Float),
)

stories = Table(
    "stories",
    metadata,
    Column("id", _Id, primary_key=True),
    _required("guid", String(255), unique=True),
    _required("seq", BigInteger, unique=True),
    _required("title", WebText),
    _required("first_item_id", _Id),
    _required("text_item_id", _Id),
    _required("first_source", WebText),
    Column("published_at", UtcTime),
    Column("precision", String(8)),
    Column("document_number", WebText),
    Column("written", Date),
    Column("event_date", Date),
    _required("first_seen_at", UtcTime),
    _required("updated_at", UtcTime),
    _required("sorted_at", UtcTime),
    _required("is_relevant", Boolean),
    _required("score", Float),
    _required("agreements", JSON),
    _required("is_link_only", Boolean),
    _required("is_backfill", Boolean),
    _required("found_by", String(128)),
    _required("digest", String(64)),
    Index(None, "is_relevant", "sorted_at", "id"),
    Index(None, "sorted_at", "id"),
    sqlite_autoincrement=True,  # the number of a story that was joined to another is not given to a third
)

story_regions = Table(
    "story_regions",
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
    Column("let_go_at", UtcTime),
    UniqueConstraint("url_key", "status", "sha256"),
    Index(None, "warc_file", "warc_offset"),
    Index(
        None,
        "requested_url",  # an address of any length: an entry of a tree of PostgreSQL has 2,704 bytes at most
        sqlite_where=text("requested_url IS NOT NULL"),
        postgresql_where=text("requested_url IS NOT NULL"),
        postgresql_using="hash",
    ),
)

items = Table(
    "items",
    metadata,
    Column("id", _Id, primary_key=True),
    _required("url_key", WebText, unique=True),
    _required("url", WebText),
    _required("source_id", String(128), index=True),
    _required("site_name", WebText),
    _required("found_by", String(128)),
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
    _required("attachments", JSON),
    _required("origins", JSON),
    _required("repairs", JSON),
    _required("folded_title", WebText),
    _required("folded_body", WebText),
    Column("body_hash", String(64), index=True),
    _required("is_link_only", Boolean),
    _required("is_backfill", Boolean),
    _required("first_seen_at", UtcTime),
    _required("updated_at", UtcTime),
    Column("page_id", _Id, ForeignKey("pages.id", ondelete="SET NULL"), index=True),
    _required("story_id", _Id, ForeignKey("stories.id")),
    Column("join_reason", String(32)),
    Column("join_score", Float),
    Column("joined_to", _Id),
    Column("search_facets", Text),
    Index("ix_items_first_seen", "first_seen_at", "source_id", "published_at", "precision", "is_backfill"),
    # whose items they are is asked by a story, or by a part of a name: these are looked through, and not the texts
    Index(None, "story_id", "source_id"),
    Index("ix_items_names", "source_id", "site_name", "source_name", "story_id"),
)

item_parts = Table(
    "item_parts",
    metadata,
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("page_id", _Id, ForeignKey("pages.id", ondelete="SET NULL"), index=True),
    _required("url", WebText),
    Column("reason", String(32)),
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
    _required("evidence", JSON),
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
    "labels",
    metadata,
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    _required("is_relevant", Boolean),
    Column("regions", JSON(none_as_null=True)),
    Column("zones", JSON(none_as_null=True)),
    Column("topics", JSON(none_as_null=True)),
    Column("note", WebText),
    _required("labelled_by", WebText),
    _required("labelled_at", UtcTime),
    _required("is_story", Boolean),
    _required("machine", JSON),
)

bands = Table(
    "bands",
    metadata,
    Column("band", SmallInteger, primary_key=True, autoincrement=False),
    Column("hash", BigInteger, primary_key=True, autoincrement=False),
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Index(None, "item_id"),
    sqlite_with_rowid=False,
)

entries = Table(
    "entries",
    metadata,
    Column("id", _Id, primary_key=True),
    _required("url_key", WebText, unique=True),
    _required("url", WebText),
    _required("source_id", String(128)),
    _required("list_url", WebText),
    _required("title", WebText),
    Column("row_date", String(16)),
    _required("is_pinned", Boolean),
    _required("position", Integer),
    _required("first_seen_at", UtcTime),
    _required("last_seen_at", UtcTime),
    _required("outcome", String(16)),
    Column("reason", String(32)),
    _required("detail", WebText),
    _required("attempts", Integer),
    _required("is_backfill", Boolean, server_default="0"),
    Column("retry_at", UtcTime),
    Column("settled_at", UtcTime),
    Column("item_id", _Id, ForeignKey("items.id", ondelete="SET NULL"), index=True),
    Index(None, "source_id", "list_url", "outcome"),
)

history_marks = Table(
    "history_marks",
    metadata,
    Column("source_id", String(128), primary_key=True),
    Column("start", String(64), primary_key=True),
    _required("list_url", WebText),
    _required("url", WebText),
    _required("number", Integer),
    _required("method", String(8)),
    _required("body", LargeBinary),
    _required("headers", JSON),
    _required("is_done", Boolean),
    Column("end", String(16)),
    _required("source_digest", String(64)),
    _required("updated_at", UtcTime),
)

retired_guids = Table(
    "retired_guids",
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
    _required("last_position", BigInteger),
    _required("seen_seq", BigInteger),
    _required("seen_story_id", _Id),
    _required("items", Integer, server_default="0"),
    Column("changed_at", UtcTime),
    _required("turn", BigInteger, server_default="0", index=True),
    Column("query", String(64)),
)

feed_entries = Table(
    "feed_entries",
    metadata,
    Column("feed_id", String(255), ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True),
    Column("story_id", _Id, ForeignKey("stories.id"), primary_key=True),
    _required("position", BigInteger),
    _required("entered_at", UtcTime),
    _required("guid", String(255)),
    Column("backfill_of", String(128)),
    UniqueConstraint("feed_id", "position"),
    Index(None, "story_id"),
    Index(
        None,
        "feed_id",
        "backfill_of",
        sqlite_where=text("backfill_of IS NOT NULL"),
        postgresql_where=text("backfill_of IS NOT NULL"),
    ),
)

feed_gaps = Table(
    "feed_gaps",
    metadata,
    Column("feed_id", String(255), ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    _required("turn", BigInteger, index=True),
)

feed_omissions = Table(
    "feed_omissions",
    metadata,
    Column("feed_id", String(255), ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True),
    Column("story_id", _Id, ForeignKey("stories.id"), primary_key=True, autoincrement=False),
    _required("reason", String(16)),
    _required("omitted_at", UtcTime),
    Index(None, "story_id"),
    sqlite_with_rowid=False,
)

revisions = Table(
    "revisions",
    metadata,
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _required("seen_at", UtcTime),
    _required("replaced_at", UtcTime),
    _required("title", WebText),
    _required("body", WebText),
    Column("published_at", UtcTime),
    Column("precision", String(8)),
    Column("page_id", _Id, ForeignKey("pages.id", ondelete="SET NULL"), index=True),
)

item_checks = Table(
    "item_checks",
    metadata,
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    _required("checked_at", UtcTime),
    _required("outcome", String(32)),
    _required("detail", WebText),
    Column("vanished_at", UtcTime),
)

rulings = Table(
    "rulings",
    metadata,
    Column("id", _Id, primary_key=True),
    _required("kind", String(8)),
    _required("made_at", UtcTime),
    _required("made_by", WebText),
    _required("note", WebText),
    _required("stories", JSON),
    Column("undone_at", UtcTime),
    Column("undone_by", WebText),
    sqlite_autoincrement=True,
)

ruling_items = Table(
    "ruling_items",
    metadata,
    Column("ruling_id", _Id, ForeignKey("rulings.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("item_id", _Id, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    _required("part", SmallInteger),
    Index(None, "item_id"),
)

story_keys = Table(
    "story_keys",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("story_id", _Id, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    _required("is_own", Boolean),
    Index(None, "story_id"),
    sqlite_with_rowid=False,
)

story_links = Table(
    "story_links",
    metadata,
    Column("story_id", _Id, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("other_id", _Id, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    _required("reason", String(16)),
    _required("score", Float),
    Index(None, "other_id"),
    sqlite_with_rowid=False,
)

notifications = Table(
    "notifications",
    metadata,
    Column("name", String(128), primary_key=True),
    _required("opened_at", UtcTime),
    _required("opened_story_id", _Id),
    _required("seen_seq", BigInteger),
    _required("seen_story_id", _Id),
    _required("last_position", BigInteger),
)


def _of_notification() -> Column[Any]:
    return Column("notification", String(128), ForeignKey("notifications.name", ondelete="CASCADE"), primary_key=True)


notification_targets = Table(
    "notification_targets",
    metadata,
    _of_notification(),
    Column("target", String(64), primary_key=True),
    _required("added_at", UtcTime),
    _required("from_position", BigInteger),
    _required("failures", Integer, server_default="0"),
    Column("retry_at", UtcTime),
    Column("fault", WebText),
    Column("sent_at", UtcTime),
)

announcements = Table(
    "announcements",
    metadata,
    _of_notification(),
    Column("story_id", _Id, ForeignKey("stories.id"), primary_key=True, autoincrement=False),
    Column("position", BigInteger),
    Column("reason", String(16)),
    _required("noticed_at", UtcTime),
    Column("backfill_of", String(128)),
    UniqueConstraint("notification", "position"),
    Index(None, "story_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    _of_notification(),
    Column("target", String(64), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    _required("delivered_at", UtcTime),
    sqlite_with_rowid=False,
)

source_health = Table(
    "source_health",
    metadata,
    Column("source_id", String(128), primary_key=True),
    Column("verdict", String(16)),
    Column("since", UtcTime),
    Column("next_verdict", String(16)),
    Column("next_since", UtcTime),
    _required("polls_apart", Integer),
    _required("polls_alike", Integer),
    Column("freshest_at", UtcTime),
    Column("reason", String(32)),
    Column("detail", WebText),
    Column("news_at", UtcTime),
    Column("read_at", UtcTime),
    Column("good_at", UtcTime),
    Column("snapshot_url", WebText),
    Column("snapshot_at", UtcTime),
    Column("warc_file", WebText),
    Column("warc_offset", BigInteger),
    Column("warc_length", BigInteger),
    Column("source_digest", String(64)),
    Column("usual", JSON(none_as_null=True)),
)

health_events = Table(
    "health_events",
    metadata,
    Column("id", _Id, primary_key=True),
    _required("source_id", String(128)),
    _required("verdict", String(16)),
    Column("previous", String(16)),
    _required("since", UtcTime),
    _required("noticed_at", UtcTime),
    Column("reason", String(32)),
    _required("detail", WebText),
    Index(None, "source_id", "id"),
    sqlite_autoincrement=True,
)
