"""Indexes that alone tell which page an address led to, and whose the members of a story are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_pages_requested_url",
        "pages",
        ["requested_url"],
        unique=False,
        sqlite_where=sa.text("requested_url IS NOT NULL"),
        postgresql_where=sa.text("requested_url IS NOT NULL"),
        postgresql_using="hash",
    )
    op.create_index("ix_items_story_id_source_id", "items", ["story_id", "source_id"], unique=False)
    op.drop_index("ix_items_story_id", "items")


def downgrade() -> None:
    op.create_index("ix_items_story_id", "items", ["story_id"], unique=False)
    op.drop_index("ix_items_story_id_source_id", "items")
    op.drop_index("ix_pages_requested_url", "pages")
