"""The search index on PostgreSQL: pairs of neighbouring tokens, one row for each part of a text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name != "postgresql":
        return
    op.create_table(
        "item_search",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),  # 0 is the title, the rest the body
        sa.Column("pairs", TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_item_search_item_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", "part", name="pk_item_search"),
    )
    op.create_index("ix_item_search_pairs", "item_search", ["pairs"], postgresql_using="gin")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.drop_table("item_search")
