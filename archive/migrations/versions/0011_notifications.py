"""What was announced to whom, and how the health of sources changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _of_notification(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["notification"], ["notifications.name"], name=op.f(f"fk_{table}_notification"), ondelete="CASCADE"
    )


def upgrade() -> None:
    op.create_table(
        "notifications",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("opened_story_id", _id(), nullable=False),
        sa.Column("seen_seq", sa.BigInteger(), nullable=False),
        sa.Column("seen_story_id", _id(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        _key("notifications", "name"),
    )
    op.create_table(
        "notification_targets",
        sa.Column("notification", sa.String(length=128), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("from_position", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.DateTime(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        _of_notification("notification_targets"),
        _key("notification_targets", "notification", "target"),
    )
    op.create_table(
        "announcements",
        sa.Column("notification", sa.String(length=128), nullable=False),
        sa.Column("story_id", _id(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("noticed_at", sa.DateTime(), nullable=False),
        sa.Column("backfill_of", sa.String(length=128), nullable=True),
        _of_notification("announcements"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_announcements_story_id")),
        _key("announcements", "notification", "story_id"),
        sa.UniqueConstraint("notification", "position", name=op.f("uq_announcements_notification_position")),
    )
    op.create_index(op.f("ix_announcements_story_id"), "announcements", ["story_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("notification", sa.String(length=128), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("delivered_at", sa.DateTime(), nullable=False),
        _of_notification("deliveries"),
        _key("deliveries", "notification", "target", "position"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "source_health",
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("since", sa.DateTime(), nullable=True),
        sa.Column("next_verdict", sa.String(length=16), nullable=True),
        sa.Column("next_since", sa.DateTime(), nullable=True),
        sa.Column("polls_apart", sa.Integer(), nullable=False),
        sa.Column("polls_alike", sa.Integer(), nullable=False),
        sa.Column("freshest_at", sa.DateTime(), nullable=True),
        _key("source_health", "source_id"),
    )
    op.create_table(
        "health_events",
        sa.Column("id", _id(), nullable=False),
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("previous", sa.String(length=16), nullable=True),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        _key("health_events", "id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_health_events_source_id_id"), "health_events", ["source_id", "id"], unique=False)


def downgrade() -> None:
    for table in (
        "health_events",
        "source_health",
        "deliveries",
        "announcements",
        "notification_targets",
        "notifications",
    ):
        op.drop_table(table)
