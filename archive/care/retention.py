"""Which kept pages are let go, by age and by relevance, and what the archive remembers once their bytes are gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
    update,
)

from archive.records import FiledPage, KeepLimits
from archive.schema import item_parts, items, judgements, labels, pages, revisions, stories
from crawler.errors import ArchiveError
from crawler.language import _
from crawler.model import WarcPosition


def pages_in(connection: Connection, file: str, limits: KeepLimits) -> tuple[FiledPage, ...]:
    """The pages of a WARC file by their place in it, each with whether it stays."""
    stays = _stays(limits).label("stays")
    asked = select(pages.c.id, pages.c.warc_offset, pages.c.warc_length, stays).where(pages.c.warc_file == file)
    return tuple(
        FiledPage(page_id=row.id, offset=row.warc_offset, length=row.warc_length, is_kept=bool(row.stays))
        for row in connection.execute(asked.order_by(pages.c.warc_offset, pages.c.id))
    )


def places_in(connection: Connection, file: str) -> set[int]:
    """The offsets of the pages of a WARC file."""
    return set(connection.execute(select(pages.c.warc_offset).where(pages.c.warc_file == file)).scalars())


def count_filed(connection: Connection, files: Sequence[str]) -> dict[str, int]:
    """How many pages stand in each of these WARC files; those without any are left out."""
    asked = select(pages.c.warc_file, func.count()).where(pages.c.warc_file.in_(files)).group_by(pages.c.warc_file)
    return {name: int(count) for name, count in connection.execute(asked)}


def refile(
    connection: Connection,
    file: str,
    limits: KeepLimits,
    *,
    seen: Sequence[FiledPage],
    places: Mapping[int, WarcPosition],
    now: datetime,
) -> int:
    """Give the pages of `file` their new `places`, by old offset, and let the others go; return how many those are.

    Raises ArchiveError, and changes nothing, where the pages are no longer those that were `seen`.
    """
    if list(pages_in(connection, file, limits)) != list(seen):
        raise ArchiveError(_("{file}: its pages have changed meanwhile; it was left as it is").format(file=file))
    of_page: BindParameter[int] = bindparam("of_page")
    moved = [(page, places[page.offset]) for page in seen if page.is_kept]
    if moved:
        connection.execute(
            update(pages)
            .where(pages.c.id == of_page)
            .values(
                warc_file=bindparam("to_file"), warc_offset=bindparam("to_offset"), warc_length=bindparam("to_length")
            ),
            [
                {"of_page": page.page_id, "to_file": to.file, "to_offset": to.offset, "to_length": to.length}
                for page, to in moved
            ],
        )
    gone = [{"of_page": page.page_id, "gone_at": now} for page in seen if not page.is_kept]
    if gone:
        nowhere = {"warc_file": None, "warc_offset": None, "warc_length": None}
        connection.execute(
            update(pages).where(pages.c.id == of_page).values(**nowhere, let_go_at=bindparam("gone_at")), gone
        )
    return len(gone)


def _stays(limits: KeepLimits) -> ColumnElement[bool]:
    """The condition on `pages` that one is kept."""
    is_young: ColumnElement[bool] = true() if limits.since is None else pages.c.fetched_at >= limits.since
    is_wanted: ColumnElement[bool] = true()
    if limits.irrelevant_since is not None:
        of_relevant = or_(
            exists().where(judgements.c.item_id == items.c.id, judgements.c.is_relevant),
            exists().where(stories.c.id == items.c.story_id, stories.c.is_relevant),
        )
        is_wanted = or_(pages.c.fetched_at >= limits.irrelevant_since, _is_read_by(of_relevant))
    is_labelled = _is_read_by(exists().where(labels.c.item_id == items.c.id))
    return or_(is_labelled, and_(is_young, is_wanted))


def _is_read_by(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """That an item of this kind was read from the page: as its own page, a further part, or before it was edited."""
    further = [
        exists().where(table.c.page_id == pages.c.id, items.c.id == table.c.item_id, condition)
        for table in (item_parts, revisions)
    ]
    return or_(exists().where(items.c.page_id == pages.c.id, condition), *further)
