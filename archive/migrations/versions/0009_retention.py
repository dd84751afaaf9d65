"""Raw pages that were let go, and indexes by which the pages of a WARC file and those who need them are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pages", sa.Column("let_go_at", sa.DateTime(), nullable=True))
    op.create_index(op.f("ix_pages_warc_file_warc_offset"), "pages", ["warc_file", "warc_offset"])
    op.create_index(op.f("ix_items_page_id"), "items", ["page_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_items_page_id"), table_name="items")
    op.drop_index(op.f("ix_pages_warc_file_warc_offset"), table_name="pages")
    op.drop_column("pages", "let_go_at")
