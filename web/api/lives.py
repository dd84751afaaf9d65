"""What happened to a story as JSON, the same for the API and for `hrwatch show --json`. Knows no HTTP."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from web.api.shapes import Moment, Shape, Text


class Revision(Shape):
    """What a page said until it was seen edited."""

    item: int = Field(validation_alias="item_id")
    number: int = Field(description="Counts a page's texts from 1.")
    seen: Moment = Field(validation_alias="seen_at")
    replaced: Moment = Field(validation_alias="replaced_at")
    title: Text
    body: Text
    published: Moment | None


class Check(Shape):
    """How a page answered when it was last asked again."""

    item: int = Field(validation_alias="item_id")
    url: Text
    at: Moment = Field(validation_alias="checked_at")
    outcome: Text = Field(description="same, changed, moved, or the reason why it could not be had.")
    detail: Text
    vanished: Moment | None = Field(validation_alias="vanished_at")


class Related(Shape):
    """Another story that has to do with this one."""

    id: int = Field(validation_alias="story_id")
    title: Text
    published: Moment | None
    first_source: Text
    reason: Literal["agreement", "document", "event"]
    score: float


class Retired(Shape):
    """A story that turned out to be this one: its number and guid lead here."""

    id: int = Field(validation_alias="story_id")
    guid: Text
    at: Moment = Field(validation_alias="retired_at")


class RulingPart(Shape):
    """Pages that a ruling keeps together, by the story that they were, or became."""

    story: int = Field(validation_alias="story_id")
    guid: Text
    items: tuple[int, ...] = Field(validation_alias="item_ids")


class Ruling(Shape):
    """An operator's word: a join of stories, or a split of some pages from the others."""

    id: int
    kind: Literal["join", "split"]
    at: Moment = Field(validation_alias="made_at")
    by: Text = Field(validation_alias="made_by")
    note: Text
    parts: tuple[RulingPart, ...]
    undone_at: Moment | None
    undone_by: Text | None


class Life(Shape):
    """What happened to a story beside its being told."""

    text_item: int = Field(validation_alias="text_item_id", description="The page whose text is shown.")
    revisions: tuple[Revision, ...]
    checks: tuple[Check, ...]
    related: tuple[Related, ...]
    retired: tuple[Retired, ...]
    rulings: tuple[Ruling, ...]
