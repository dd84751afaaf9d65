"""Labels given and taken back: the judgement, what its story shows and the row's outcome follow in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select

from archive.records import Label, LabelledItem
from archive.schema import items, labels
from archive.storing.judging import by_rules, judge_anew, load_judgement
from archive.storing.labels import label_record, write_label
from archive.storing.stories import refresh
from crawler.model import Judgement


def give_label(connection: Connection, item_ids: Sequence[int], label: Label, now: datetime) -> None:
    """Label items; what each carried before is replaced."""
    for item_id in item_ids:
        rules = by_rules(load_judgement(connection, item_id))
        write_label(connection, item_id, label, now, rules)
        judge_anew(connection, item_id, rules, now)
    _refresh(connection, item_ids, now)


def take_label(connection: Connection, item_ids: Sequence[int], now: datetime) -> int:
    """Let the rules speak for these items again; how many of them were labelled."""
    taken: list[tuple[int, Judgement]] = []
    for item_id in item_ids:
        kept = load_judgement(connection, item_id)
        if kept is not None and kept.label is not None:
            taken.append((item_id, by_rules(kept)))
    # all first: an item whose label is gone would take that of a fellow member for its own again
    connection.execute(delete(labels).where(labels.c.item_id.in_([item_id for item_id, _rules in taken])))
    for item_id, rules in taken:
        judge_anew(connection, item_id, rules, now)
    _refresh(connection, item_ids, now)
    return len(taken)


def load_labels(connection: Connection, story_id: int | None = None) -> tuple[LabelledItem, ...]:
    """All labelled items, or those of a story, in the order of their numbers."""
    asked = select(
        labels,
        items.c.story_id,
        items.c.url,
        items.c.source_id,
        items.c.source_name,
        items.c.site_code,
        items.c.title,
        items.c.body,
        items.c.published_at,
    ).join(items, items.c.id == labels.c.item_id)
    if story_id is not None:
        asked = asked.where(items.c.story_id == story_id)
    return tuple(
        LabelledItem(
            record=label_record(row),
            story_id=row.story_id,
            url=row.url,
            source_id=row.source_id,
            source_name=row.source_name,
            site_code=row.site_code,
            title=row.title,
            body=row.body,
            published=row.published_at,
        )
        for row in connection.execute(asked.order_by(labels.c.item_id))
    )


def _refresh(connection: Connection, item_ids: Sequence[int], now: datetime) -> None:
    story_ids = select(items.c.story_id).where(items.c.id.in_(item_ids)).distinct().order_by(items.c.story_id)
    for story_id in connection.execute(story_ids).scalars().all():
        refresh(connection, story_id, now)
