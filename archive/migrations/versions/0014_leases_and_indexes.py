"""Indexes that alone tell how fresh items came in and whose they are; leases that no clock's jump gives away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_items = sa.table("items", sa.column("site_name"), sa.column("source_name"))


def upgrade() -> None:
    op.create_index(
        "ix_items_first_seen",
        "items",
        ["first_seen_at", "source_id", "published_at", "precision", "is_backfill"],
        unique=False,
    )
    op.add_column("leases", sa.Column("beats", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("leases", sa.Column("lasts_s", sa.Float(), server_default="60", nullable=False))
    op.create_table(
        "lease_watches",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("machine", sa.String(length=128), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("beats", sa.BigInteger(), nullable=False),
        sa.Column("since_s", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("host", "machine", name=op.f("pk_lease_watches")),
    )
    for name in ("site_name", "source_name"):  # an entry of PostgreSQL's index has 2,704 bytes at most
        column = sa.column(name, sa.Text())
        op.execute(_items.update().where(sa.func.length(column) > 255).values({name: sa.func.substr(column, 1, 255)}))
    op.create_index("ix_items_names", "items", ["source_id", "site_name", "source_name", "story_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_items_names", "items")
    op.drop_table("lease_watches")
    op.drop_column("leases", "lasts_s")
    op.drop_column("leases", "beats")
    op.drop_index("ix_items_first_seen", "items")
