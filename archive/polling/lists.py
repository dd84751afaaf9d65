"""What a list held when it was last read: its newest rows, so that a redesigned page can be compared with them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from archive.schema import entries

# Two pages of the longest usual list: what was seen before that is no longer on the site's first page.
MAX_ROWS = 100


def newest_rows(connection: Connection, source_id: str, list_url: str) -> tuple[tuple[str, str, datetime], ...]:
    """Address, title and time last seen of a list's rows, those seen last first."""
    rows = connection.execute(
        select(entries.c.url, entries.c.title, entries.c.last_seen_at)
        .where(entries.c.source_id == source_id, entries.c.list_url == list_url)
        .order_by(entries.c.last_seen_at.desc(), entries.c.position, entries.c.id)
        .limit(MAX_ROWS)
    )
    return tuple((row.url, row.title, row.last_seen_at) for row in rows)
