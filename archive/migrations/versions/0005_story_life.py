"""The life of a story: revisions, addresses asked again, operators' rulings, and what is related."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, ID, autoincrement=False, nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _to(table: str, column: str, target: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "revisions",
        _id("item_id"),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.Column("precision", sa.String(length=8), nullable=True),
        _id("page_id", nullable=True),
        _to("revisions", "item_id", "items.id"),
        _to("revisions", "page_id", "pages.id", "SET NULL"),
        _key("revisions", "item_id", "number"),
    )
    op.create_index(op.f("ix_revisions_page_id"), "revisions", ["page_id"], unique=False)
    op.create_table(
        "item_checks",
        _id("item_id"),
        sa.Column("checked_at", sa.DateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("vanished_at", sa.DateTime(), nullable=True),
        _to("item_checks", "item_id", "items.id"),
        _key("item_checks", "item_id"),
    )
    op.create_table(
        "rulings",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("stories", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        _key("rulings", "id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "ruling_items",
        _id("ruling_id"),
        _id("item_id"),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        _to("ruling_items", "ruling_id", "rulings.id"),
        _to("ruling_items", "item_id", "items.id"),
        _key("ruling_items", "ruling_id", "item_id"),
    )
    op.create_index(op.f("ix_ruling_items_item_id"), "ruling_items", ["item_id"], unique=False)
    op.create_table(
        "story_keys",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        _id("story_id"),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        _to("story_keys", "story_id", "stories.id"),
        _key("story_keys", "kind", "key", "story_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_story_keys_story_id"), "story_keys", ["story_id"], unique=False)
    op.create_table(
        "story_links",
        _id("story_id"),
        _id("other_id"),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        _to("story_links", "story_id", "stories.id"),
        _to("story_links", "other_id", "stories.id"),
        _key("story_links", "story_id", "other_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_story_links_other_id"), "story_links", ["other_id"], unique=False)


def downgrade() -> None:
    for table in ("story_links", "story_keys", "ruling_items", "rulings", "item_checks", "revisions"):
        op.drop_table(table)
