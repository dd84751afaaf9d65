"""What the archive keeps for the clock: why a poll is planned, pauses, and what is asked of a running clock."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_NEW: dict[str, sa.types.TypeEngine[Any]] = {
    "next_why": sa.String(length=16),
    "retry_at": sa.DateTime(),
    "paused_at": sa.DateTime(),
    "paused_until": sa.DateTime(),
    "paused_why": sa.Text(),
    "wanted_at": sa.DateTime(),
}


def upgrade() -> None:
    for name, kind in _NEW.items():
        op.add_column("sources", sa.Column(name, kind, nullable=True))
    # the clock learns from the polls of the last weeks, whatever the age of the archive
    op.create_index(op.f("ix_polls_ended_at"), "polls", ["ended_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_polls_ended_at"), table_name="polls")
    for name in reversed(_NEW):
        op.drop_column("sources", name)
