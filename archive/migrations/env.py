"""Alembic's environment: runs on the connection that migrate.py hands over, never on one of its own."""

from __future__ import annotations

from alembic import context

from archive.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction holds every step
)
context.run_migrations()
