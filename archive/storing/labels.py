"""What people say of items, and how it overrides what the rules say. Reads, but for `remember`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from archive.database.upsert import upsert
from archive.records import Label, LabelRecord, Verdict
from archive.schema import items, labels
from crawler.model import Evidence, Judgement, Region, Role

PART = "label"  # of the evidence

_OWN = labels.c.item_id == bindparam("item")
# made once: it is asked for every item that is stored
_HOLDING = (
    select(labels)
    .join(items, items.c.id == labels.c.item_id)
    .where(
        items.c.story_id == select(items.c.story_id).where(items.c.id == bindparam("item")).scalar_subquery(),
        _OWN | labels.c.is_story,
    )
    .order_by(_OWN.desc(), labels.c.labelled_at.desc(), labels.c.item_id)
    .limit(1)
)


def find_own_label(connection: Connection, item_id: int) -> LabelRecord | None:
    """The label that an item carries itself."""
    row = connection.execute(select(labels).where(labels.c.item_id == item_id)).one_or_none()
    return None if row is None else label_record(row)


def find_label(connection: Connection, item_id: int) -> LabelRecord | None:
    """The label that holds for an item: its own, else the newest that was given to its story as a whole."""
    row = connection.execute(_HOLDING, {"item": item_id}).one_or_none()
    return None if row is None else label_record(row)


def label_record(row: Row[Any]) -> LabelRecord:
    """A row of the table as a value."""
    machine = row.machine
    return LabelRecord(
        item_id=row.item_id,
        label=Label(
            relevant=row.is_relevant,
            by=row.labelled_by,
            regions=None if row.regions is None else tuple(row.regions),
            zones=None if row.zones is None else tuple(row.zones),
            topics=None if row.topics is None else tuple(row.topics),
            note=row.note,
            is_story=row.is_story,
        ),
        labelled_at=row.labelled_at,
        machine=Verdict(
            relevant=machine["relevant"],
            score=machine["score"],
            regions=tuple(Region(adcode=adcode, role=Role(role)) for adcode, role in machine["regions"]),
            zones=tuple(machine["zones"]),
            topics=tuple(machine["topics"]),
        ),
    )


def overridden(judgement: Judgement, record: LabelRecord) -> Judgement:
    """The judgement of the rules as the label leaves it; the first evidence says whose word it is."""
    label = record.label
    said = f"{label.by} {record.labelled_at:%Y-%m-%d}" + (f": {label.note}" if label.note else "")
    evidence = Evidence(
        part=PART, key="relevant" if label.relevant else "not", text=said, where="title", start=0, end=0
    )
    return replace(
        judgement,
        relevant=label.relevant,
        score=1.0 if label.relevant else 0.0,
        regions=judgement.regions if label.regions is None else _with_parties(judgement.regions, label.regions),
        zones=judgement.zones if label.zones is None else label.zones,
        topics=judgement.topics if label.topics is None else label.topics,
        evidence=(evidence, *judgement.evidence),
    )


def effective(connection: Connection, item_id: int, judgement: Judgement) -> Judgement:
    """The judgement of an item as it is to be kept: by the rules, or as its label says, which then remembers theirs."""
    record = find_label(connection, item_id)
    if record is None:
        return judgement
    remember(connection, item_id, record, judgement)
    return overridden(judgement, record)


def remember(connection: Connection, item_id: int, record: LabelRecord, judgement: Judgement) -> None:
    """Keep what the rules say beside the label; an item that came into a labelled story gets the label as its own."""
    machine = plain_verdict(judgement)
    if record.item_id == item_id:
        connection.execute(update(labels).where(labels.c.item_id == item_id).values(machine=machine))
    else:
        write_label(connection, item_id, record.label, record.labelled_at, judgement)


def write_label(connection: Connection, item_id: int, label: Label, at: datetime, judgement: Judgement) -> None:
    """Write a label, in place of the one that the item may carry, and what the rules say."""
    values = {
        "item_id": item_id,
        "is_relevant": label.relevant,
        "regions": _list(label.regions),
        "zones": _list(label.zones),
        "topics": _list(label.topics),
        "note": label.note,
        "labelled_by": label.by,
        "labelled_at": at,
        "is_story": label.is_story,
        "machine": plain_verdict(judgement),
    }
    upsert(connection, labels, ["item_id"], values)


def plain_verdict(judgement: Judgement | Verdict) -> dict[str, Any]:
    """What the rules say, as the table holds it; in an order that does not depend on who wrote it down."""
    return {
        "relevant": judgement.relevant,
        "score": judgement.score,
        "regions": sorted([region.adcode, region.role.value] for region in set(judgement.regions)),
        "zones": sorted(set(judgement.zones)),
        "topics": sorted(set(judgement.topics)),
    }


def _with_parties(regions: tuple[Region, ...], parties: tuple[str, ...]) -> tuple[Region, ...]:
    """The labelled parties first; what the rules took for a party and is none is only mentioned."""
    others = (
        Region(adcode=region.adcode, role=Role.MENTION if region.role is Role.PARTY else region.role)
        for region in regions
        if region.adcode not in parties
    )
    return (*(Region(adcode=adcode, role=Role.PARTY) for adcode in parties), *others)


def _list(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else list(values)
