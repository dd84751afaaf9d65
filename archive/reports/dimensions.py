"""What stories are counted by: for each dimension the key of a story, and the tables that it is in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Subquery, and_, case, exists, func, literal_column, not_, or_

from archive.periods import PERIODS
from archive.schema import items, sources, story_regions, story_topics, story_zones
from archive.search.questions import are_pair

DIMENSIONS = (*PERIODS, "region", "pair", "zone", "topic", "source", "kind", "publisher")
LEVELS = ("province", "city", "own")  # to which regions are rolled up; own: as each story names them

# Whose counties lie under no prefecture: Beijing, Tianjin, Shanghai, Chongqing, Hong Kong and Macao.
_MUNICIPALITIES = ("11", "12", "31", "50", "81", "82")
# GB/T 2260: third and fourth digit of counties directly under a province, such as 仙桃市 429004
_DIRECT = "90"


class Keyed:
    """A statement in the making: stories, joined with what they are counted by."""

    def __init__(self, picked: Subquery) -> None:
        self.picked = picked
        self.tables: FromClause = picked
        self.dimensions: list[str] = []
        self.keys: list[ColumnElement[Any]] = []
        self.conditions: list[ColumnElement[bool]] = []
        self.members: ColumnElement[Any] = func.max(picked.c.members)

    def join(self, table: FromClause, *conditions: ColumnElement[bool]) -> None:
        """Add a table; its rows are found by their story, whatever the planner believes of how many there are."""
        self.tables = self.tables.outerjoin(table, and_(table.c.story_id == self.picked.c.id, *conditions))


def add_key(keyed: Keyed, dimension: str, label: str, level: str, dialect: str) -> None:
    """Count by this dimension too: join what it needs, and add its key under that label."""
    key: ColumnElement[Any]
    if dimension in PERIODS:
        key = period_key(dialect, dimension, keyed.picked.c.published_at)
    elif dimension == "publisher":
        key = keyed.picked.c.first_source
    elif dimension == "region":
        keyed.join(story_regions)
        key = _rolled_up(story_regions.c.adcode, level)
    elif dimension == "pair":
        key = _add_pairs(keyed, level)
    elif dimension in ("source", "kind"):
        if "source" not in keyed.dimensions and "kind" not in keyed.dimensions:
            keyed.join(items)
        keyed.members = func.count(items.c.id.distinct())  # a member counts where it stands
        key = items.c.source_id
        if dimension == "kind":
            keyed.tables = keyed.tables.outerjoin(sources, sources.c.source_id == items.c.source_id)
            key = sources.c.kind
    else:
        table, column = (story_zones, "zone") if dimension == "zone" else (story_topics, "topic")
        keyed.join(table)
        key = table.c[column]
    keyed.dimensions.append(dimension)
    keyed.keys.append(key.label(label))


def _add_pairs(keyed: Keyed, level: str) -> ColumnElement[Any]:
    one, other = story_regions.alias("one"), story_regions.alias("other")
    keyed.join(one)
    keyed.join(other, are_pair(one, other))
    a, b = story_regions.alias("a"), story_regions.alias("b")
    has_pair = exists().where(a.c.story_id == keyed.picked.c.id, b.c.story_id == a.c.story_id, are_pair(a, b))
    keyed.conditions.append(or_(other.c.adcode.is_not(None), not_(has_pair)))
    first, second = _rolled_up(one.c.adcode, level), _rolled_up(other.c.adcode, level)
    return case(
        (other.c.adcode.is_(None), None), (first <= second, _joined(first, second)), else_=_joined(second, first)
    )


def _joined(first: ColumnElement[Any], second: ColumnElement[Any]) -> ColumnElement[Any]:
    return first.concat("-").concat(second)


def _rolled_up(adcode: ColumnElement[Any], level: str) -> ColumnElement[Any]:
    if level == "own":
        return adcode
    if level == "province":
        return func.substr(adcode, 1, 2).concat("0000")
    is_alone = or_(func.substr(adcode, 1, 2).in_(_MUNICIPALITIES), func.substr(adcode, 3, 2) == _DIRECT)
    return case((is_alone, adcode), else_=func.substr(adcode, 1, 4).concat("00"))


def period_key(dialect: str, period: str, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """The period of a time on China's clock, eight hours ahead of UTC; weeks as the day of their Monday."""
    if dialect == "postgresql":
        local: ColumnElement[Any] = moment.op("+")(literal_column("interval '8 hours'"))
        if period == "week":
            local = func.date_trunc("week", local)
        form = {"year": "YYYY", "quarter": 'YYYY-"Q"Q', "month": "YYYY-MM"}.get(period, "YYYY-MM-DD")
        return func.to_char(local, literal_column(f"'{form}'"))
    ahead: ColumnElement[Any] = literal_column("'+8 hours'")
    if period == "week":
        return func.date(moment, ahead, literal_column("'-6 days'"), literal_column("'weekday 1'"))
    day = func.date(moment, ahead)
    if period == "quarter":
        month = func.substr(day, 6, 2)
        number = case((month <= "03", "1"), (month <= "06", "2"), (month <= "09", "3"), else_="4")
        return func.substr(day, 1, 4).concat("-Q").concat(number)
    return func.substr(day, 1, {"year": 4, "month": 7}.get(period, 10))
