"""What `hrwatch export` can hand out, column by column: names that stay, and how each value is found in a row.

What the columns mean is told in docs/export.md. Knows no file format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from archive.records import ExportedItem, ExportedStory, Question, RefusedEntry
from archive.reports.export import Export
from crawler.cli.screen import CHINA
from crawler.language import language
from crawler.taxonomy import Taxonomy
from crawler.wording import reason_text

Row = TypeVar("Row")


class Kind(StrEnum):
    """What a column holds; every kind but TEXTS may be None."""

    TEXT = "text"
    TEXTS = "texts"
    INTEGER = "integer"
    NUMBER = "number"
    TRUTH = "truth"
    DAY = "day"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A name that scripts rely on, and its value in a row."""

    name: str
    kind: Kind
    value: Callable[[Row], object]


@dataclass(frozen=True, slots=True)
class Sheet(Generic[Row]):
    """One kind of rows: how many a question means, which, and their columns."""

    columns: tuple[Column[Row], ...]
    count: Callable[[Export, Question], int]
    rows: Callable[[Export, Question], Iterator[Row]]


def sheet_of(what: str, taxonomy: Taxonomy, *, with_body: bool = False) -> Sheet[Any]:
    """The sheet of stories, items or refused."""
    if what == "items":
        return Sheet(
            columns=_item_columns() + ((Column("body", Kind.TEXT, lambda item: item.body),) if with_body else ()),
            count=Export.count_items,
            rows=lambda export, question: export.items(question, with_body=with_body),
        )
    if what == "refused":
        return Sheet(columns=_refused_columns(), count=Export.count_refused, rows=Export.refused)
    return Sheet(
        columns=_story_columns(taxonomy)
        + ((Column("body", Kind.TEXT, lambda story: story.body),) if with_body else ()),
        count=Export.count_stories,
        rows=lambda export, question: export.stories(question, with_body=with_body),
    )


def _story_columns(taxonomy: Taxonomy) -> tuple[Column[ExportedStory], ...]:
    return (
        Column("id", Kind.INTEGER, lambda story: story.id),
        Column("guid", Kind.TEXT, lambda story: story.guid),
        Column("seq", Kind.INTEGER, lambda story: story.seq),
        Column("title", Kind.TEXT, lambda story: story.title),
        Column("url", Kind.TEXT, lambda story: story.url),
        Column("published", Kind.TIME, lambda story: _local(story.published)),
        Column("published_day", Kind.DAY, lambda story: _day(story.published)),
        Column("published_precision", Kind.TEXT, lambda story: story.precision),
        Column("first_source", Kind.TEXT, lambda story: story.first_source),
        Column("document_number", Kind.TEXT, lambda story: story.document_number),
        Column("written", Kind.DAY, lambda story: story.written),
        Column("event_date", Kind.DAY, lambda story: story.event_date),
        Column("relevant", Kind.TRUTH, lambda story: story.relevant),
        Column("score", Kind.NUMBER, lambda story: story.score),
        Column("regions", Kind.TEXTS, lambda story: story.regions),
        Column("region_names", Kind.TEXTS, lambda story: _region_names(taxonomy, story)),
        Column("zones", Kind.TEXTS, lambda story: story.zones),
        Column("topics", Kind.TEXTS, lambda story: story.topics),
        Column("topic_names", Kind.TEXTS, lambda story: _topic_names(taxonomy, story.topics)),
        Column("agreements", Kind.TEXTS, lambda story: story.agreements),
        Column("is_link_only", Kind.TRUTH, lambda story: story.is_link_only),
        Column("first_seen", Kind.TIME, lambda story: _local(story.first_seen_at)),
        Column("updated", Kind.TIME, lambda story: _local(story.updated_at)),
        Column("members", Kind.INTEGER, lambda story: story.members),
        Column("member_sources", Kind.TEXTS, lambda story: story.member_sources),
        Column("member_urls", Kind.TEXTS, lambda story: story.member_urls),
    )


def _item_columns() -> tuple[Column[ExportedItem], ...]:
    return (
        Column("item", Kind.INTEGER, lambda item: item.id),
        Column("story", Kind.INTEGER, lambda item: item.story_id),
        Column("title", Kind.TEXT, lambda item: item.title),
        Column("url", Kind.TEXT, lambda item: item.url),
        Column("source", Kind.TEXT, lambda item: item.source_id),
        Column("site", Kind.TEXT, lambda item: item.site_name),
        Column("source_name", Kind.TEXT, lambda item: item.source_name),
        Column("author", Kind.TEXT, lambda item: item.author),
        Column("published", Kind.TIME, lambda item: _local(item.published)),
        Column("published_day", Kind.DAY, lambda item: _day(item.published)),
        Column("published_precision", Kind.TEXT, lambda item: item.precision),
        Column("document_number", Kind.TEXT, lambda item: item.document_number),
        Column("written", Kind.DAY, lambda item: item.written),
        Column("relevant", Kind.TRUTH, lambda item: item.relevant),
        Column("score", Kind.NUMBER, lambda item: item.score),
        Column("is_first", Kind.TRUTH, lambda item: item.is_first),
        Column("is_link_only", Kind.TRUTH, lambda item: item.is_link_only),
        Column("join_reason", Kind.TEXT, lambda item: item.join_reason),
        Column("join_score", Kind.NUMBER, lambda item: item.join_score),
        Column("first_seen", Kind.TIME, lambda item: _local(item.first_seen_at)),
        Column("updated", Kind.TIME, lambda item: _local(item.updated_at)),
        Column("vanished", Kind.TIME, lambda item: _local(item.vanished_at)),
    )


def _refused_columns() -> tuple[Column[RefusedEntry], ...]:
    return (
        Column("row", Kind.INTEGER, lambda row: row.id),
        Column("url", Kind.TEXT, lambda row: row.url),
        Column("title", Kind.TEXT, lambda row: row.title),
        Column("row_date", Kind.TEXT, lambda row: row.row_date),
        Column("source", Kind.TEXT, lambda row: row.source_id),
        Column("list", Kind.TEXT, lambda row: row.list_url),
        Column("reason", Kind.TEXT, lambda row: row.reason),
        Column("reason_text", Kind.TEXT, lambda row: None if row.reason is None else reason_text(row.reason)),
        Column("detail", Kind.TEXT, lambda row: row.detail or None),
        Column("attempts", Kind.INTEGER, lambda row: row.attempts),
        Column("first_seen", Kind.TIME, lambda row: _local(row.first_seen_at)),
        Column("last_seen", Kind.TIME, lambda row: _local(row.last_seen_at)),
        Column("settled", Kind.TIME, lambda row: _local(row.settled_at)),
        Column("retry", Kind.TIME, lambda row: _local(row.retry_at)),
    )


def _local(time: datetime | None) -> datetime | None:
    return None if time is None else time.astimezone(CHINA)


def _day(time: datetime | None) -> date | None:
    return None if time is None else time.astimezone(CHINA).date()


def _region_names(taxonomy: Taxonomy, story: ExportedStory) -> tuple[str, ...]:
    """Full names as of the story's day: 四川省雅安市, and 达县 for what is 达川区 today."""
    divisions, on = taxonomy.divisions, _day(story.published or story.first_seen_at)
    lineages = ((*reversed(divisions.parents(adcode)), adcode) for adcode in story.regions)
    return tuple("".join(divisions.name(code, on) or code for code in lineage) for lineage in lineages)


def _topic_names(taxonomy: Taxonomy, topics: tuple[str, ...]) -> tuple[str, ...]:
    known = ((topic, taxonomy.topics.get(topic)) for topic in topics)
    return tuple(topic if found is None else found.zh if language() == "zh" else found.en for topic, found in known)
