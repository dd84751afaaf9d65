"""The first schema, and the search index: FTS5 over single characters, filled by the archive, without its own text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.schema import UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "judgements",
    "item_zones",
    "item_topics",
    "item_regions",
    "entries",
    "bands",
    "story_zones",
    "story_topics",
    "story_regions",
    "retired_guids",
    "items",
    "feed_entries",
    "feed_omissions",
    "validators",
    "stories",
    "sources",
    "robots",
    "polls",
    "pages",
    "leases",
    "feeds",
    "facts",
)


def upgrade() -> None:
    op.create_table(
        "facts",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
    op.create_table(
        "feeds",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("first_published_at", UtcTime(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("seen_seq", sa.BigInteger(), nullable=False),
        sa.Column("seen_story_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
    )
    op.create_table(
        "leases",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=True),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_leases")),
    )
    op.create_table(
        "pages",
        sa.Column("id", ID, nullable=False),
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("requested_url", sa.Text(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("fetched_at", UtcTime(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("warc_file", sa.Text(), nullable=True),
        sa.Column("warc_offset", sa.BigInteger(), nullable=True),
        sa.Column("warc_length", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("url_key", "status", "sha256", name=op.f("uq_pages_url_key_status_sha256")),
    )
    op.create_table(
        "polls",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("newest", sa.Date(), nullable=True),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("relevant", sa.Integer(), nullable=False),
        sa.Column("merged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("lists", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("is_skipped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls")),
    )
    op.create_index(op.f("ix_polls_source_id_id"), "polls", ["source_id", "id"], unique=False)
    op.create_table(
        "robots",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("fetched_at", UtcTime(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_robots")),
    )
    op.create_table(
        "sources",
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("first_polled_at", UtcTime(), nullable=True),
        sa.Column("last_polled_at", UtcTime(), nullable=True),
        sa.Column("last_ok_at", UtcTime(), nullable=True),
        sa.Column("last_new_at", UtcTime(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_poll_at", UtcTime(), nullable=True),
        sa.Column("is_backfilling", sa.Boolean(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_sources")),
    )
    op.create_table(
        "stories",
        sa.Column("id", ID, nullable=False),
        sa.Column("guid", sa.String(length=255), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("first_item_id", ID, nullable=False),
        sa.Column("text_item_id", ID, nullable=False),
        sa.Column("first_source", sa.Text(), nullable=False),
        sa.Column("published_at", UtcTime(), nullable=True),
        sa.Column("precision", sa.String(length=8), nullable=True),
        sa.Column("document_number", sa.Text(), nullable=True),
        sa.Column("written", sa.Date(), nullable=True),
        sa.Column("event_date", sa.Date(), nullable=True),
        sa.Column("first_seen_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.Column("sorted_at", UtcTime(), nullable=False),
        sa.Column("is_relevant", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("agreements", sa.JSON(), nullable=False),
        sa.Column("is_link_only", sa.Boolean(), nullable=False),
        sa.Column("is_backfill", sa.Boolean(), nullable=False),
        sa.Column("found_by", sa.String(length=128), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
        sa.UniqueConstraint("guid", name=op.f("uq_stories_guid")),
        sa.UniqueConstraint("seq", name=op.f("uq_stories_seq")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_stories_is_relevant_sorted_at_id"), "stories", ["is_relevant", "sorted_at", "id"], unique=False
    )
    op.create_table(
        "validators",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.String(length=64), nullable=True),
        sa.Column("source_digest", sa.String(length=64), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_validators")),
    )
    op.create_table(
        "feed_entries",
        sa.Column("feed_id", sa.String(length=255), nullable=False),
        sa.Column("story_id", ID, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", UtcTime(), nullable=False),
        sa.Column("guid", sa.String(length=255), nullable=False),
        sa.Column("backfill_of", sa.String(length=128), nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_feed_entries_feed_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_feed_entries_story_id")),
        sa.PrimaryKeyConstraint("feed_id", "story_id", name=op.f("pk_feed_entries")),
        sa.UniqueConstraint("feed_id", "position", name=op.f("uq_feed_entries_feed_id_position")),
    )
    op.create_index(op.f("ix_feed_entries_story_id"), "feed_entries", ["story_id"], unique=False)
    op.create_table(
        "feed_omissions",
        sa.Column("feed_id", sa.String(length=255), nullable=False),
        sa.Column("story_id", ID, autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("omitted_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_feed_omissions_feed_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_feed_omissions_story_id")),
        sa.PrimaryKeyConstraint("feed_id", "story_id", name=op.f("pk_feed_omissions")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_feed_omissions_story_id"), "feed_omissions", ["story_id"], unique=False)
    op.create_table(
        "items",
        sa.Column("id", ID, nullable=False),
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("site_name", sa.Text(), nullable=False),
        sa.Column("found_by", sa.String(length=128), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=True),
        sa.Column("published_at", UtcTime(), nullable=True),
        sa.Column("precision", sa.String(length=8), nullable=True),
        sa.Column("published_from", sa.Text(), nullable=True),
        sa.Column("written", sa.Date(), nullable=True),
        sa.Column("source_name", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("document_number", sa.Text(), nullable=True),
        sa.Column("site_code", sa.String(length=32), nullable=True),
        sa.Column("charset", sa.String(length=32), nullable=True),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("origins", sa.JSON(), nullable=False),
        sa.Column("repairs", sa.JSON(), nullable=False),
        sa.Column("folded_title", sa.Text(), nullable=False),
        sa.Column("folded_body", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=True),
        sa.Column("is_link_only", sa.Boolean(), nullable=False),
        sa.Column("is_backfill", sa.Boolean(), nullable=False),
        sa.Column("first_seen_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.Column("page_id", ID, nullable=True),
        sa.Column("story_id", ID, nullable=False),
        sa.Column("join_reason", sa.String(length=32), nullable=True),
        sa.Column("join_score", sa.Float(), nullable=True),
        sa.Column("joined_to", ID, nullable=True),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_items_page_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_items_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("url_key", name=op.f("uq_items_url_key")),
    )
    op.create_index(op.f("ix_items_body_hash"), "items", ["body_hash"], unique=False)
    op.create_index(op.f("ix_items_source_id"), "items", ["source_id"], unique=False)
    op.create_index(op.f("ix_items_story_id"), "items", ["story_id"], unique=False)
    op.create_table(
        "retired_guids",
        sa.Column("guid", sa.String(length=255), nullable=False),
        sa.Column("retired_id", ID, nullable=False),
        sa.Column("story_id", ID, nullable=False),
        sa.Column("retired_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_retired_guids_story_id")),
        sa.PrimaryKeyConstraint("guid", name=op.f("pk_retired_guids")),
    )
    op.create_index(op.f("ix_retired_guids_story_id"), "retired_guids", ["story_id"], unique=False)
    op.create_table(
        "story_regions",
        sa.Column("story_id", ID, nullable=False),
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_story_regions_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("story_id", "adcode", name=op.f("pk_story_regions")),
    )
    op.create_index(op.f("ix_story_regions_adcode_story_id"), "story_regions", ["adcode", "story_id"], unique=False)
    op.create_table(
        "story_topics",
        sa.Column("story_id", ID, nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_story_topics_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("story_id", "topic", name=op.f("pk_story_topics")),
    )
    op.create_index(op.f("ix_story_topics_topic_story_id"), "story_topics", ["topic", "story_id"], unique=False)
    op.create_table(
        "story_zones",
        sa.Column("story_id", ID, nullable=False),
        sa.Column("zone", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_story_zones_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("story_id", "zone", name=op.f("pk_story_zones")),
    )
    op.create_index(op.f("ix_story_zones_zone_story_id"), "story_zones", ["zone", "story_id"], unique=False)
    op.create_table(
        "bands",
        sa.Column("band", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item_id", ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_bands_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("band", "hash", "item_id", name=op.f("pk_bands")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_bands_item_id"), "bands", ["item_id"], unique=False)
    op.create_table(
        "entries",
        sa.Column("id", ID, nullable=False),
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("list_url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("row_date", sa.String(length=16), nullable=True),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", UtcTime(), nullable=False),
        sa.Column("last_seen_at", UtcTime(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", UtcTime(), nullable=True),
        sa.Column("settled_at", UtcTime(), nullable=True),
        sa.Column("item_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_entries_item_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("url_key", name=op.f("uq_entries_url_key")),
    )
    op.create_index(op.f("ix_entries_item_id"), "entries", ["item_id"], unique=False)
    op.create_index(
        op.f("ix_entries_source_id_list_url_outcome"), "entries", ["source_id", "list_url", "outcome"], unique=False
    )
    op.create_table(
        "item_regions",
        sa.Column("item_id", ID, nullable=False),
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_regions_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", "adcode", "role", name=op.f("pk_item_regions")),
    )
    op.create_table(
        "item_topics",
        sa.Column("item_id", ID, nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_topics_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", "topic", name=op.f("pk_item_topics")),
    )
    op.create_table(
        "item_zones",
        sa.Column("item_id", ID, nullable=False),
        sa.Column("zone", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_zones_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", "zone", name=op.f("pk_item_zones")),
    )
    op.create_table(
        "judgements",
        sa.Column("item_id", ID, nullable=False),
        sa.Column("is_relevant", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("agreements", sa.JSON(), nullable=False),
        sa.Column("event_date", sa.Date(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("judged_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_judgements_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_judgements")),
    )
    if op.get_context().dialect.name == "sqlite":
        # The archive hands over tokens apart by blanks; "ascii" splits at those and takes all else as it comes.
        op.execute("CREATE VIRTUAL TABLE item_search USING fts5(title, body, content='', tokenize='ascii')")


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TABLE item_search")
    for table in TABLES:
        op.drop_table(table)
