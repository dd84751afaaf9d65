"""The judgement of an item as it is kept: by the rules, or as a person has labelled it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, select, update

from archive.database.upsert import insert_new, upsert
from archive.records import JudgementRecord
from archive.schema import entries, item_regions, item_topics, item_zones, items, judgements, labels
from archive.storing.labels import PART, effective, find_own_label
from crawler.model import Evidence, Judgement, Reason, Region, Role

# Built once: what every item runs costs more to put together than to run.
_HELD = select(judgements).where(judgements.c.item_id == bindparam("of_item"))
_DROP_KEYS = tuple(
    delete(table).where(table.c.item_id == bindparam("of_item")) for table in (item_regions, item_zones, item_topics)
)


def keep_judgement(connection: Connection, item_id: int, judgement: Judgement, now: datetime) -> bool:
    """Write a judgement as it is, label or no label; False where the same is kept already."""
    values = {
        "is_relevant": judgement.relevant,
        "score": judgement.score,
        "agreements": list(judgement.agreements),
        "event_date": judgement.event_date,
        "evidence": [asdict(evidence) for evidence in judgement.evidence],
        "version": judgement.version,
    }
    regions = sorted({(region.adcode, region.role.value) for region in judgement.regions})
    held = connection.execute(_HELD, {"of_item": item_id}).one_or_none()
    is_same = held is not None and all(getattr(held, name) == value for name, value in values.items())
    if is_same and regions == _regions(connection, item_id):
        zones = connection.execute(select(item_zones.c.zone).where(item_zones.c.item_id == item_id)).scalars()
        topics = connection.execute(select(item_topics.c.topic).where(item_topics.c.item_id == item_id)).scalars()
        if set(zones) == set(judgement.zones) and set(topics) == set(judgement.topics):
            return False
    upsert(connection, judgements, ["item_id"], values | {"item_id": item_id, "judged_at": now})
    if held is not None:
        for drop in _DROP_KEYS:
            connection.execute(drop, {"of_item": item_id})
    insert_new(
        connection, item_regions, [{"item_id": item_id, "adcode": adcode, "role": role} for adcode, role in regions]
    )
    insert_new(connection, item_zones, [{"item_id": item_id, "zone": zone} for zone in sorted(set(judgement.zones))])
    insert_new(
        connection, item_topics, [{"item_id": item_id, "topic": topic} for topic in sorted(set(judgement.topics))]
    )
    return True


def load_judgement(connection: Connection, item_id: int) -> JudgementRecord | None:
    """What an item was judged to be about; None where it never was."""
    row = connection.execute(select(judgements).where(judgements.c.item_id == item_id)).one_or_none()
    if row is None:
        return None
    regions = connection.execute(
        select(item_regions).where(item_regions.c.item_id == item_id).order_by(item_regions.c.adcode)
    )
    zones = select(item_zones.c.zone).where(item_zones.c.item_id == item_id).order_by(item_zones.c.zone)
    topics = select(item_topics.c.topic).where(item_topics.c.item_id == item_id).order_by(item_topics.c.topic)
    return JudgementRecord(
        relevant=row.is_relevant,
        score=row.score,
        regions=tuple(Region(adcode=region.adcode, role=Role(region.role)) for region in regions),
        zones=tuple(connection.execute(zones).scalars()),
        topics=tuple(connection.execute(topics).scalars()),
        agreements=tuple(row.agreements),
        event_date=row.event_date,
        evidence=tuple(Evidence(**evidence) for evidence in row.evidence),
        version=row.version,
        label=find_own_label(connection, item_id),
    )


def _regions(connection: Connection, item_id: int) -> list[tuple[str, str]]:
    found = connection.execute(
        select(item_regions.c.adcode, item_regions.c.role).where(item_regions.c.item_id == item_id)
    )
    return sorted((row.adcode, row.role) for row in found)


def judge_anew(connection: Connection, item_id: int, rules: Judgement, now: datetime) -> None:
    """Keep what the rules say of an item, or what its label makes of it, and let the rows that led to it follow."""
    judgement = effective(connection, item_id, rules)
    keep_judgement(connection, item_id, judgement, now)
    reason = None if judgement.relevant else Reason.IRRELEVANT.value
    connection.execute(
        update(entries)
        .where(entries.c.item_id == item_id, entries.c.reason.is_distinct_from(reason))
        .values(reason=reason)
    )


def spread_labels(connection: Connection, story_id: int, now: datetime) -> None:
    """Let a label of a story hold for the pages that have come to it without one."""
    of_story = select(items.c.id).where(items.c.story_id == story_id)
    if not connection.execute(select(exists().where(labels.c.item_id.in_(of_story), labels.c.is_story))).scalar_one():
        return
    bare = of_story.where(items.c.id.not_in(select(labels.c.item_id))).order_by(items.c.id)
    for item_id in connection.execute(bare).scalars().all():
        judge_anew(connection, item_id, by_rules(load_judgement(connection, item_id)), now)


def by_rules(kept: JudgementRecord | None) -> Judgement:
    """A kept judgement without what a label made of it; one that says nothing where there is none."""
    if kept is None:
        return Judgement(relevant=False, score=0.0)
    verdict = kept if kept.label is None else kept.label.machine
    return Judgement(
        relevant=verdict.relevant,
        score=verdict.score,
        regions=verdict.regions,
        zones=verdict.zones,
        topics=verdict.topics,
        agreements=kept.agreements,
        event_date=kept.event_date,
        evidence=tuple(evidence for evidence in kept.evidence if evidence.part != PART),
        version=kept.version,
    )
