"""A story as JSON, the same for the API and for the commands' `--json`. Knows no HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from archive.records import StoryRecord
from crawler.model import Precision
from feeds.item import CHINA


def _utf8(value: object) -> object:
    # a damaged page may leave half of a surrogate pair in a title, which no JSON text can carry
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


def _on_chinas_clock(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(CHINA)


Text = Annotated[str, BeforeValidator(_utf8)]
Moment = Annotated[datetime, AfterValidator(_on_chinas_clock)]


class Shape(BaseModel):
    """A value as JSON shows it. Field names are those of users; times are China's, with their offset."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    @classmethod
    def of_record(cls, record: object, **more: object) -> Self:
        """The shape of a record, with `more` that the record does not have."""
        return cls.model_validate(_Joined(record, more))


class _Joined:
    """A record and more, as one object to be read by the names of its fields."""

    __slots__ = ("_more", "_record")

    def __init__(self, record: object, more: Mapping[str, object]) -> None:
        self._record = record
        self._more = more

    def __getattr__(self, name: str) -> object:
        return self._more[name] if name in self._more else getattr(self._record, name)


class Member(Shape):
    """One page of a story: the first publisher's, or a reprint."""

    item: int = Field(validation_alias="item_id", description="Number of the page's item in the archive.")
    url: Text
    title: Text
    source: Text = Field(validation_alias="source_id", description="Id of the source whose host carries the page.")
    site: Text = Field(validation_alias="site_name", description="Name of that source.")
    source_name: Text | None = Field(description="来源, as the page names it.")
    published: Moment | None
    published_precision: Precision | None = Field(
        validation_alias="precision", description="What of `published` is known: the day, or the minute too."
    )
    is_first: bool = Field(description="Whether this is the first publisher.")
    is_link_only: bool = Field(description="Whether only the row of a list is kept, as its host is not registered.")
    join_reason: Text | None = Field(description="Why it is one story with the others.")
    join_score: float | None = Field(description="How alike, from 0 to 1.")
    first_seen: Moment = Field(validation_alias="first_seen_at")
    vanished: Moment | None = Field(
        validation_alias="vanished_at", description="Since when its address has answered 404 or 410, and was asked."
    )


class Story(Shape):
    """A story: one report with all its reprints."""

    id: int = Field(examples=[7])
    guid: Text = Field(examples=["tag:feeds.example.org,2026:story/0e0b8c62-5a0c-4d51-9d9e-1f6a3c1f0f11"])
    seq: int = Field(description="Grows with every change to any story: what is new since is what has a greater one.")
    title: Text = Field(examples=["川渝签署人力资源合作协议"])
    url: Text = Field(description="Of the first publisher's page, or of the first that is still there.")
    published: Moment | None = Field(examples=["2026-03-01T00:00:00+08:00"])
    published_precision: Precision | None = Field(validation_alias="precision")
    first_source: Text = Field(description="Who published it first, by name.", examples=["四川日报"])
    document_number: Text | None = Field(examples=["川人社发〔2026〕1号"])
    written: date | None = Field(description="成文日期.")
    event_date: date | None = Field(description="Day of the signing, fair or visit that it tells of.")
    first_seen: Moment = Field(validation_alias="first_seen_at")
    updated: Moment = Field(validation_alias="updated_at", description="Last change to what is shown.")
    relevant: bool
    score: float
    regions: tuple[Text, ...] = Field(description="Codes (GB/T 2260) of the cooperating parties.")
    zones: tuple[Text, ...] = Field(description="Zones, by their Chinese names.")
    topics: tuple[Text, ...] = Field(description="Ids of topics.")
    agreements: tuple[Text, ...] = Field(description="Names of the agreements that it tells of.")
    is_link_only: bool
    members: tuple[Member, ...] = Field(description="Its pages, the first publisher's first; at most 500.")


def story_object(story: StoryRecord) -> dict[str, object]:
    """A story as plain values, for `--json`."""
    return Story.model_validate(story).model_dump()
