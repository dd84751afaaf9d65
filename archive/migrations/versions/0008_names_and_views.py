"""Names of sources, regions, zones and topics. The views for people are made after every upgrade: archive/views/."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SOURCE_FACTS: tuple[tuple[str, Any], ...] = (
    ("name", sa.Text()),
    ("kind", sa.Text()),
    ("level", sa.String(length=16)),
    ("adcode", sa.String(length=6)),
    ("home", sa.Text()),
    ("family", sa.String(length=64)),
    ("holds", sa.String(length=16)),
    ("status", sa.String(length=16)),
    ("why", sa.Text()),
    ("left_at", sa.DateTime()),
)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    for name, kind in _SOURCE_FACTS:
        op.add_column("sources", sa.Column(name, kind, nullable=True))
    op.create_table(
        "regions",
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("parent", sa.String(length=6), nullable=True),
        sa.Column("abolished", sa.SmallInteger(), nullable=True),
        _key("regions", "adcode"),
    )
    op.create_index(op.f("ix_regions_parent"), "regions", ["parent"], unique=False)
    op.create_table(
        "region_names",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("from_year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("to_year", sa.SmallInteger(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=True),
        _key("region_names", "name", "adcode", "kind", "from_year"),
    )
    op.create_index(op.f("ix_region_names_adcode_kind"), "region_names", ["adcode", "kind"], unique=False)
    op.create_table(
        "region_heirs",
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("heir", sa.String(length=6), nullable=False),
        _key("region_heirs", "adcode", "heir"),
    )
    op.create_index(op.f("ix_region_heirs_heir"), "region_heirs", ["heir"], unique=False)
    op.create_table(
        "zones",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("english", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        _key("zones", "name"),
    )
    op.create_table(
        "zone_members",
        sa.Column("zone", sa.String(length=128), nullable=False),
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(["zone"], ["zones.name"], name=op.f("fk_zone_members_zone"), ondelete="CASCADE"),
        _key("zone_members", "zone", "adcode"),
    )
    op.create_table(
        "topics",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        _key("topics", "id"),
    )
    # newest first without a word on relevance, as people ask who open the file by hand
    op.create_index(op.f("ix_stories_sorted_at_id"), "stories", ["sorted_at", "id"], unique=False)


def downgrade() -> None:
    for view in ("source_health_v", "region_pairs_v", "items_v", "stories_v"):
        op.execute(f"DROP VIEW IF EXISTS {view}")
    op.execute("DELETE FROM facts WHERE name IN ('views_digest', 'names_digest')")
    op.drop_index(op.f("ix_stories_sorted_at_id"), "stories")
    for table in ("topics", "zone_members", "zones", "region_heirs", "region_names", "regions"):
        op.drop_table(table)
    for name, _kind in _SOURCE_FACTS:
        op.drop_column("sources", name)
