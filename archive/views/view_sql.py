"""What a view is, and what views say differently on the two databases: lists as text, times on China's clock, JSON."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """How one database says it, as templates; all that is put into them is SQL."""

    list_of: str  # {what} of the rows {source}, in {order}, as one text
    day: str
    minute: str
    month: str
    year: str
    json_list: str  # FROM what gives the members of {column} as member.value
    json_object: str  # likewise, with member.key

    def listed(self, what: str, source: str, order: str) -> str:
        """The values `what` of `source` (FROM and what follows) as one text, with 、 between them; NULL: none."""
        return self.list_of.format(what=what, source=source, order=order)

    def on(self, form: str, time: str) -> str:
        """A UTC time as day, minute, month (text) or year (number) in China: UTC+8."""
        template: str = getattr(self, form)
        return template.format(time=time)


SQLITE = Speech(
    # the aggregate follows its subquery's order; ORDER BY within group_concat came with SQLite 3.44, Debian 12 has 3.40
    list_of="(SELECT group_concat(one, '、') FROM (SELECT {what} AS one {source} ORDER BY {order}))",
    day="strftime('%Y-%m-%d', {time}, '+8 hours')",
    minute="strftime('%Y-%m-%d %H:%M', {time}, '+8 hours')",
    month="strftime('%Y-%m', {time}, '+8 hours')",
    year="CAST(strftime('%Y', {time}, '+8 hours') AS INTEGER)",
    json_list="FROM json_each({column}) AS member",
    json_object="FROM json_each({column}) AS member",
)
POSTGRESQL = Speech(
    list_of="(SELECT string_agg({what}, '、' ORDER BY {order}) {source})",
    day="to_char({time} + interval '8 hours', 'YYYY-MM-DD')",
    minute="to_char({time} + interval '8 hours', 'YYYY-MM-DD HH24:MI')",
    month="to_char({time} + interval '8 hours', 'YYYY-MM')",
    year="CAST(extract(year FROM {time} + interval '8 hours') AS integer)",
    json_list="FROM json_array_elements_text({column}) AS member(value)",
    json_object="FROM json_each_text({column}) AS member",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewColumn:
    name: str
    kind: str  # text, integer, real, boolean, date or time (UTC)
    about: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    name: str
    about: str
    columns: tuple[ViewColumn, ...]
    rows: str  # FROM and what follows

    @property
    def statement(self) -> str:
        """CREATE VIEW, as a database is told."""
        shown = ",\n  ".join(f"{column.sql} AS {column.name}" for column in self.columns)
        return f"CREATE VIEW {self.name} AS SELECT\n  {shown}\n{self.rows}"


def column(name: str, kind: str, about: str, sql: str) -> ViewColumn:
    return ViewColumn(name=name, kind=kind, about=about, sql=sql)


def place(adcode: str, year: str) -> str:
    """The full name of a code as of that year; the code itself where nobody knows it."""
    named = f"FROM region_names AS n WHERE n.adcode = {adcode} AND n.kind = 'official'"
    return f"coalesce((SELECT n.full_name {named} AND {year} BETWEEN n.from_year AND n.to_year), {adcode})"


def zones_of(speech: Speech, table: str, key: str) -> str:
    return speech.listed("z.zone", f"FROM {table} AS z WHERE {key}", "z.zone")


def topics_of(speech: Speech, table: str, key: str) -> str:
    source = f"FROM {table} AS t LEFT JOIN topics AS o ON o.id = t.topic WHERE {key}"
    return speech.listed("coalesce(o.zh, t.topic)", source, "t.topic")


def published(speech: Speech, table: str) -> str:
    at = f"{table}.published_at"
    return f"CASE {table}.precision WHEN 'day' THEN {speech.on('day', at)} ELSE {speech.on('minute', at)} END"
