"""How far back lists were walked, and which rows such walks found; a flag of whole sources goes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.schema import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "history_marks",
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("start", sa.String(length=64), nullable=False),
        sa.Column("list_url", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.Column("end", sa.String(length=16), nullable=True),
        sa.Column("source_digest", sa.String(length=64), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "start", name=op.f("pk_history_marks")),
    )
    op.add_column("entries", sa.Column("is_backfill", sa.Boolean(), server_default="0", nullable=False))
    op.drop_column("sources", "is_backfilling")


def downgrade() -> None:
    op.add_column("sources", sa.Column("is_backfilling", sa.Boolean(), server_default="0", nullable=False))
    op.drop_column("entries", "is_backfill")
    op.drop_table("history_marks")
