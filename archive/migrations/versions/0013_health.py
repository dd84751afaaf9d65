"""What the archive keeps for the health of sources: measures of polls, and what is usual for a source."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_OF_POLLS: dict[str, sa.types.TypeEngine[Any]] = {
    "titled": sa.Integer(),
    "dated": sa.Integer(),
    "linked": sa.Integer(),
    "bytes": sa.BigInteger(),
    "charset": sa.String(length=32),
    "shows_family": sa.Boolean(),
    "wait_ms": sa.Integer(),
    "read": sa.Integer(),
    "read_dated": sa.Integer(),
    "read_sourced": sa.Integer(),
}
_OF_SOURCES: dict[str, sa.types.TypeEngine[Any]] = {
    "reason": sa.String(length=32),
    "detail": sa.Text(),
    "news_at": sa.DateTime(),
    "read_at": sa.DateTime(),
    "good_at": sa.DateTime(),
    "snapshot_url": sa.Text(),
    "snapshot_at": sa.DateTime(),
    "warc_file": sa.Text(),
    "warc_offset": sa.BigInteger(),
    "warc_length": sa.BigInteger(),
    "source_digest": sa.String(length=64),
    "usual": sa.JSON(),
}
_VERDICTS = {"source_health": ("verdict", "next_verdict"), "health_events": ("verdict", "previous")}


def _rename(*names: str, to: str) -> None:
    for name, columns in _VERDICTS.items():
        table = sa.table(name, *(sa.column(column, sa.String()) for column in columns))
        for column in columns:
            op.execute(table.update().where(table.c[column].in_(names)).values({column: to}))


def upgrade() -> None:
    for name, kind in _OF_POLLS.items():
        op.add_column("polls", sa.Column(name, kind, nullable=True))
    for name, kind in _OF_SOURCES.items():
        op.add_column("source_health", sa.Column(name, kind, nullable=True))
    _rename("well", to="healthy")


def downgrade() -> None:
    op.execute("DROP VIEW IF EXISTS source_health_v")  # reads what goes; it is made anew with every upgrade
    # the earlier program has one word for what is well, and others for what was told apart since
    _rename("healthy", "quiet", "slow", to="well")
    _rename("refused", to="blocked")
    for name in reversed(_OF_SOURCES):
        op.drop_column("source_health", name)
    for name in reversed(_OF_POLLS):
        op.drop_column("polls", name)
