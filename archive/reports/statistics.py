"""Counts of stories by period, region, pair of regions, zone, topic, source or publisher, made in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Subquery, and_, func, select

from archive.periods import PERIODS, period_of, periods_between
from archive.records import Cooperation, Cooperations, Count, Question, Statistics
from archive.reports.dimensions import DIMENSIONS, LEVELS, Keyed, add_key
from archive.schema import items, sources, stories
from archive.search.questions import wanted

MAX_DIMENSIONS = 2


def count_stories(
    connection: Connection, question: Question, *, by: Sequence[str], level: str = "province"
) -> Statistics:
    """Stories counted by one or two of DIMENSIONS, regions rolled up to `level`; ValueError for any other.

    Undated stories have no period: their key is None. `since` and `until` widen the periods to what was asked for.
    """
    dimensions = tuple(by)
    if (
        not 1 <= len(dimensions) <= MAX_DIMENSIONS
        or len({*dimensions}) < len(dimensions)
        or not {*dimensions} <= {*DIMENSIONS}
        or level not in LEVELS
    ):
        raise ValueError(f"cannot count by {', '.join(dimensions)} at level {level}")
    conditions = wanted(connection, question)
    if conditions is None:
        return Statistics(by=dimensions, counts=(), stories=0, members=0, undated=0)
    # one row for each story and its keys, so that two cities of one province count once
    picked = _picked(conditions)
    keyed = Keyed(picked)
    for number, dimension in enumerate(dimensions):
        add_key(keyed, dimension, f"key_{number}", level, connection.dialect.name)
    each = (
        select(picked.c.id, *keyed.keys, keyed.members.label("members"))
        .select_from(keyed.tables)
        .where(*keyed.conditions)
        .group_by(picked.c.id, *keyed.keys)
        .subquery("each")
    )
    keys = [each.c[f"key_{number}"] for number in range(len(dimensions))]
    rows = connection.execute(
        select(*keys, func.count().label("stories"), func.sum(each.c.members).label("members")).group_by(*keys)
    )
    counts = [
        Count(
            keys=tuple(_as_read(dimension, key) for dimension, key in zip(dimensions, row, strict=False)),
            stories=row.stories,
            members=int(row.members),
        )
        for row in rows
    ]
    counts.sort(key=lambda count: _order(dimensions, count))
    return _with_totals(connection, question, dimensions, counts, picked)


def count_cooperations(
    connection: Connection, question: Question, *, by: str = "year", level: str = "province", top: int | None = None
) -> Cooperations:
    """The pairs of regions that are parties to the same stories, at most `top`, by one of PERIODS; most stories first.

    A pair is of two parties neither of which lies within the other; where both come to one region at `level` it is
    that region twice. A zone alone makes no pair: a judgement names the parties that a zone stands for.
    """
    if by not in PERIODS:
        raise ValueError(f"{by} is no period")
    found = count_stories(connection, question, by=(by, "pair"), level=level)
    place = {period: number for number, period in enumerate(found.periods)}
    of_pair: dict[str, list[Count]] = defaultdict(list)
    unpaired = 0
    for count in found.counts:
        if count.keys[1] is None:
            unpaired += count.stories
        else:
            of_pair[count.keys[1]].append(count)
    pairs = []
    for key, counts in of_pair.items():
        by_period = [0] * len(found.periods)
        for count in counts:
            if count.keys[0] is not None:
                by_period[place[count.keys[0]]] = count.stories
        first, _, second = key.partition("-")
        pairs.append(
            Cooperation(
                regions=(first, second),
                stories=sum(count.stories for count in counts),
                members=sum(count.members for count in counts),
                by_period=tuple(by_period),
                undated=sum(count.stories for count in counts if count.keys[0] is None),
            )
        )
    pairs.sort(key=lambda pair: (-pair.stories, pair.regions))
    return Cooperations(
        pairs=tuple(pairs[:top]),
        periods=found.periods,
        found=len(pairs),
        stories=found.stories,
        paired=found.stories - unpaired,
        has_gaps=found.has_gaps,
    )


def _picked(conditions: Sequence[ColumnElement[bool]]) -> Subquery:
    """The stories that are meant, each with the number of its members."""
    members = select(func.count()).where(items.c.story_id == stories.c.id).scalar_subquery()
    return (
        select(stories.c.id, stories.c.published_at, stories.c.first_source, members.label("members"))
        .where(and_(True, *conditions))
        .subquery("picked")
    )


def _as_read(dimension: str, key: str | None) -> str | None:
    return period_of(dimension, key) if dimension == "week" and key is not None else key


def _order(dimensions: tuple[str, ...], count: Count) -> tuple[object, ...]:
    """Periods by time, undated last; then most stories first, then by key."""
    times = tuple((key is None, key or "") for name, key in zip(dimensions, count.keys, strict=True) if name in PERIODS)
    return (times, -count.stories, tuple((key is None, key or "") for key in count.keys))


def _with_totals(
    connection: Connection, question: Question, dimensions: tuple[str, ...], counts: list[Count], picked: Subquery
) -> Statistics:
    totals = connection.execute(
        select(
            func.count(),
            func.coalesce(func.sum(picked.c.members), 0),
            func.count().filter(picked.c.published_at.is_(None)),
        )
    ).one()
    period = next((name for name in dimensions if name in PERIODS), None)
    periods: tuple[str, ...] = ()
    has_gaps = False
    if period is not None:
        at = dimensions.index(period)
        seen = sorted({key for count in counts if (key := count.keys[at]) is not None})
        periods, has_gaps = periods_between(period, seen, question.since, question.until)
    names: dict[str, str] = {}
    if "source" in dimensions:
        at = dimensions.index("source")
        ids = {key for count in counts if (key := count.keys[at]) is not None}
        newest = select(func.max(items.c.id)).group_by(items.c.source_id)
        named = select(items.c.source_id, items.c.site_name).where(items.c.id.in_(newest))
        names = {row.source_id: row.site_name for row in connection.execute(named) if row.source_id in ids}
        registered = select(sources.c.source_id, sources.c.name).where(sources.c.name.is_not(None))
        names |= {row.source_id: row.name for row in connection.execute(registered) if row.source_id in ids}
    return Statistics(
        by=dimensions,
        counts=tuple(counts),
        stories=totals[0],
        members=int(totals[1]),
        undated=totals[2],
        periods=periods,
        has_gaps=has_gaps,
        names=names,
    )
