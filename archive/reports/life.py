"""All that happened to a story, in one value: texts of its members, edits, answers, rulings, relations."""

from __future__ import annotations

from sqlalchemy import Connection, select

from archive.reading import IN_ORDER, MAX_MEMBERS
from archive.records import MemberText, RetiredGuid, StoryLife
from archive.schema import items, retired_guids, stories
from archive.storing.checks import load_checks
from archive.storing.related import load_related
from archive.storing.revisions import load_revisions
from archive.storing.rulings import rulings_of


def load_life(connection: Connection, story_id: int) -> StoryLife | None:
    """What happened to a story; None where there is none of this number."""
    story = connection.execute(select(stories.c.text_item_id).where(stories.c.id == story_id)).one_or_none()
    if story is None:
        return None
    rows = connection.execute(
        select(items.c.id, items.c.title, items.c.body, items.c.published_at)
        .where(items.c.story_id == story_id)
        .order_by(*IN_ORDER)
        .limit(MAX_MEMBERS)
    ).all()
    members = [row.id for row in rows]
    retired = connection.execute(
        select(retired_guids)
        .where(retired_guids.c.story_id == story_id)
        .order_by(retired_guids.c.retired_at, retired_guids.c.guid)
    )
    return StoryLife(
        story_id=story_id,
        text_item_id=story.text_item_id,
        texts=tuple(
            MemberText(item_id=row.id, title=row.title, body=row.body, published=row.published_at) for row in rows
        ),
        revisions=load_revisions(connection, members),
        checks=load_checks(connection, members),
        related=load_related(connection, story_id),
        retired=tuple(
            RetiredGuid(guid=row.guid, story_id=row.retired_id, retired_at=row.retired_at) for row in retired
        ),
        rulings=rulings_of(connection, members, active_only=False),
    )
