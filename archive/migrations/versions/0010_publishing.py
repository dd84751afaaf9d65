"""What lets publishing look at nothing but what changed: sums and marks of feeds, and places that were given up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feeds", sa.Column("items", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("feeds", sa.Column("changed_at", sa.DateTime(), nullable=True))
    op.add_column("feeds", sa.Column("turn", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("feeds", sa.Column("query", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_feeds_turn"), "feeds", ["turn"], unique=False)
    op.execute("UPDATE feeds SET items = (SELECT count(*) FROM feed_entries WHERE feed_id = feeds.id)")
    op.execute(
        "UPDATE feeds SET changed_at = (SELECT max(CASE WHEN updated_at > entered_at THEN updated_at ELSE entered_at"
        " END) FROM feed_entries JOIN stories ON stories.id = story_id WHERE feed_id = feeds.id)"
    )
    op.create_index(
        op.f("ix_feed_entries_feed_id_backfill_of"),
        "feed_entries",
        ["feed_id", "backfill_of"],
        unique=False,
        sqlite_where=sa.text("backfill_of IS NOT NULL"),
        postgresql_where=sa.text("backfill_of IS NOT NULL"),
    )
    op.create_table(
        "feed_gaps",
        sa.Column("feed_id", sa.String(length=255), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_feed_gaps_feed_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("feed_id", "position", name=op.f("pk_feed_gaps")),
    )
    op.create_index(op.f("ix_feed_gaps_turn"), "feed_gaps", ["turn"], unique=False)


def downgrade() -> None:
    op.drop_table("feed_gaps")
    op.drop_index(op.f("ix_feed_entries_feed_id_backfill_of"), table_name="feed_entries")
    op.drop_index(op.f("ix_feeds_turn"), table_name="feeds")
    op.execute("DELETE FROM facts WHERE name IN ('feed_turn', 'feeds_seq', 'feeds_story_id', 'feeds_version')")
    for name in ("query", "turn", "changed_at", "items"):
        op.drop_column("feeds", name)
