"""Whose items a question means: ids, names and kinds of sources, put as what the items themselves bear.

Some thousand names stand for all items of an archive. They are walked through in the index of names, each found by a
look beyond the one before: to compare those is soon done, to compare them item by item is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, Text, false, func, or_, select, text, tuple_

from archive.records import Question
from archive.schema import items, sources, storable
from crawler.text.characters import written_forms
from crawler.text.query import NOTHING, All, AnyOf, Expression, Field, Not, conjuncts, joined, leaves

OF, OF_MANY = "of", "of-many"  # fields by three values: a source's id, its site's name, a 来源; "" is any
_MAX_NAMES = 3000  # three values each, and SQLite takes 32,766; what has more is left to be looked for item by item
_MANY = 20_000  # items: their stories take longer to collect than each of the newest stories to be looked at
_MAX_VALUE_CHARS = 200
_NAMES = (
    text(
        """
        WITH RECURSIVE
        ids (source_id) AS (
            SELECT min(source_id) FROM items
            UNION ALL
            SELECT (SELECT min(i.source_id) FROM items i WHERE i.source_id > ids.source_id)
            FROM ids WHERE source_id IS NOT NULL
        ),
        sites (source_id, site_name) AS (
            SELECT source_id, (SELECT min(i.site_name) FROM items i WHERE i.source_id = ids.source_id)
            FROM ids WHERE source_id IS NOT NULL
            UNION ALL
            SELECT source_id, (
                SELECT min(i.site_name) FROM items i
                WHERE i.source_id = sites.source_id AND i.site_name > sites.site_name
            )
            FROM sites WHERE site_name IS NOT NULL
        ),
        names (source_id, site_name, source_name) AS (
            SELECT source_id, site_name, (
                SELECT min(i.source_name) FROM items i
                WHERE i.source_id = sites.source_id AND i.site_name = sites.site_name
            )
            FROM sites WHERE site_name IS NOT NULL
            UNION ALL
            SELECT source_id, site_name, (
                SELECT min(i.source_name) FROM items i
                WHERE i.source_id = names.source_id AND i.site_name = names.site_name
                    AND i.source_name > names.source_name
            )
            FROM names WHERE source_name IS NOT NULL
        )
        SELECT source_id, site_name, source_name FROM names
        """
    )
    .columns(source_id=Text, site_name=Text, source_name=Text)
    .cte("borne")
)


def put_as_borne(connection: Connection, question: Question, expression: Expression) -> Question:
    """The same question, where it or its `expression` asks for sources by ids, names or kinds."""
    asked = [Field(name, (value,)) for name, value in (("source", question.source), ("kind", question.kind)) if value]
    if not asked and not any(_is_whose(leaf) for leaf in leaves(expression)):
        return question
    parts = tuple(_borne(connection, part) for part in (*asked, *conjuncts(expression)))
    nobody = Field(OF, ()) in parts
    return replace(question, source=None, kind=None, expression=NOTHING if nobody else joined(parts))


def borne_by(values: tuple[str, ...]) -> ColumnElement[bool]:
    """The condition on `items` that one bears any of the values of such a field."""
    each = list(zip(values[::3], values[1::3], values[2::3], strict=True))
    columns = (items.c.source_id, items.c.site_name, items.c.source_name)
    names = [one for one in each if one[2]]
    sites = [one[:2] for one in each if one[1] and not one[2]]
    ids = [one[0] for one in each if not one[1] and not one[2]]
    found = [items.c.source_id.in_(ids)] if ids else []
    found += [tuple_(*columns[:2]).in_(sites)] if sites else []
    found += [tuple_(*columns).in_(names)] if names else []
    return or_(false(), *found)


def of_source(source: str, source_id: ColumnElement[str], *names: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that a source is meant by its id, or by a part of what it is called in one of the columns."""
    source = storable(source[:_MAX_VALUE_CHARS])
    written = [column.icontains(name, autoescape=True) for column in names for name in written_forms(source)]
    return or_(source_id == source, *written)


def of_kind(kind: str) -> ColumnElement[bool]:
    """The condition on `sources` that one is of a kind; "gov" takes in "gov-hrss"."""
    kind = storable(kind[:_MAX_VALUE_CHARS])
    return or_(sources.c.kind == kind, sources.c.kind.startswith(f"{kind}-", autoescape=True))


def _is_whose(leaf: Expression) -> bool:
    return isinstance(leaf, Field) and leaf.name in ("source", "kind")


def _borne(connection: Connection, expression: Expression) -> Expression:
    match expression:
        case Field("source" | "kind"):
            return _put(connection, expression)
        case Not(part):
            return Not(_borne(connection, part))
        case All(parts) | AnyOf(parts):
            return type(expression)(tuple(_borne(connection, part) for part in parts))
    return expression


def _put(connection: Connection, field: Field) -> Field:
    named = _named if field.name == "source" else _of_kind
    found = list(dict.fromkeys(one for value in field.values for one in named(connection, value)))
    if len(found) > _MAX_NAMES:
        return field
    values = tuple(value for one in found for value in one)
    some = select(items.c.id).where(borne_by(values)).limit(_MANY + 1).subquery()
    is_many = bool(found) and connection.execute(select(func.count()).select_from(some)).scalar_one() > _MANY
    return Field(OF_MANY if is_many else OF, values)


def _named(connection: Connection, source: str) -> Iterator[tuple[str, str, str]]:
    of_site = of_source(source, _NAMES.c.source_id, _NAMES.c.site_name)
    by_name = of_source(source, _NAMES.c.source_id, _NAMES.c.site_name, _NAMES.c.source_name)
    asked = select(_NAMES, (_NAMES.c.source_id == storable(source[:_MAX_VALUE_CHARS])).label("is_id"))
    for row in connection.execute(asked.add_columns(of_site.label("is_site")).where(by_name)):
        is_site = row.is_id or row.is_site
        yield row.source_id, "" if row.is_id else row.site_name, "" if is_site else row.source_name


def _of_kind(connection: Connection, kind: str) -> Iterator[tuple[str, str, str]]:
    for source_id in connection.execute(select(sources.c.source_id).where(of_kind(kind))).scalars():
        yield source_id, "", ""
