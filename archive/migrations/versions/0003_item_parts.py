"""The further pages of articles that stand on more than one, in their order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "item_parts",
        sa.Column("item_id", ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("page_id", ID, nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_parts_item_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_item_parts_page_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("item_id", "number", name=op.f("pk_item_parts")),
    )
    op.create_index(op.f("ix_item_parts_page_id"), "item_parts", ["page_id"], unique=False)


def downgrade() -> None:
    op.drop_table("item_parts")
