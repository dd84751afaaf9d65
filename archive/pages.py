"""What was answered: pages with their WARC positions, and answers to robots.txt."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, select

from archive.schema import pages, robots
from archive.upsert import insert_new, upsert
from crawler.model import Page, RobotsRecord
from crawler.text.urls import url_key


def note_page(connection: Connection, page: Page) -> int:
    """Remember a page and return its number; the same answer again is the same page."""
    key = {"url_key": url_key(page.url), "status": page.status, "sha256": hashlib.sha256(page.body).hexdigest()}
    values = key | {
        "url": page.url,
        "requested_url": page.requested_url,
        "fetched_at": page.fetched_at,
        "size": len(page.body),
        "warc_file": page.warc.file if page.warc else None,
        "warc_offset": page.warc.offset if page.warc else None,
        "warc_length": page.warc.length if page.warc else None,
    }
    insert_new(connection, pages, [values])
    number: int = connection.execute(select(pages.c.id).filter_by(**key)).scalar_one()
    return number


def save_robots(connection: Connection, record: RobotsRecord) -> None:
    """Keep the newest answer of an origin."""
    values = {"origin": record.origin, "fetched_at": record.fetched_at, "body": record.body}
    upsert(connection, robots, ["origin"], values)


def load_robots(connection: Connection, origin: str) -> RobotsRecord | None:
    """The last known answer of an origin."""
    row = connection.execute(select(robots).where(robots.c.origin == origin)).one_or_none()
    return None if row is None else RobotsRecord(origin=row.origin, fetched_at=row.fetched_at, body=row.body)
