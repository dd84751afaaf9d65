"""What happened to a URL as JSON, the same for the API and for `hrwatch explain --json`. Knows no HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from archive.records import JudgementRecord, LabelRecord, UrlHistory
from crawler.model import Reason, Role
from crawler.wording import reason_text
from web.api.shapes import Moment, Shape, Story, Text

Outcome = Literal["pending", "stored", "refused", "link-only"]


class Row(Shape):
    """The row of a list that led to the page."""

    title: Text
    date: Text | None = Field(validation_alias="row_date", description="As the list shows it.", examples=["05-28"])
    source: Text = Field(validation_alias="source_id")
    list: Text = Field(validation_alias="list_url")


class Answer(Shape):
    """One answer that was kept."""

    url: Text
    status: int
    fetched_at: Moment
    sha256: Text
    let_go_at: Moment | None = Field(description="When its bytes were given up to save room; its text stays.")


class Part(Shape):
    """A region in its role."""

    adcode: Text
    role: Role


class Ground(Shape):
    """One reason behind a judgement: which words, where in the folded text, for what, and their weight."""

    part: Text
    key: Text
    text: Text
    where: Literal["title", "body"]
    start: int
    end: int
    weight: float


class Rules(Shape):
    """What the rules alone say."""

    relevant: bool
    score: float
    regions: tuple[Part, ...]
    zones: tuple[Text, ...]
    topics: tuple[Text, ...]


class Labelled(Shape):
    """A person's word on an item, and what it overrides; what is null is left to the rules."""

    relevant: bool
    by: Text
    at: Moment
    regions: tuple[Text, ...] | None
    zones: tuple[Text, ...] | None
    topics: tuple[Text, ...] | None
    note: Text | None
    story: bool = Field(description="Whether it holds for every page of the story.")
    rules: Rules

    @classmethod
    def of(cls, record: LabelRecord) -> Labelled:
        label = record.label
        return cls(
            relevant=label.relevant,
            by=label.by,
            at=record.labelled_at,
            regions=label.regions,
            zones=label.zones,
            topics=label.topics,
            note=label.note,
            story=label.is_story,
            rules=Rules.model_validate(record.machine),
        )


class Judged(Rules):
    """Whether and why it is about the subject."""

    label: Labelled | None
    evidence: tuple[Ground, ...]

    @classmethod
    def of(cls, record: JudgementRecord) -> Judged:
        return cls(
            relevant=record.relevant,
            score=record.score,
            regions=tuple(map(Part.model_validate, record.regions)),
            zones=record.zones,
            topics=record.topics,
            label=None if record.label is None else Labelled.of(record.label),
            evidence=tuple(map(Ground.model_validate, record.evidence)),
        )


class Omission(Shape):
    """A feed that the story matches and did not enter."""

    feed: Text = Field(validation_alias="feed_id")
    reason: Text
    at: Moment = Field(validation_alias="omitted_at")


class InFeed(Shape):
    """A feed that the story is in."""

    id: Text
    kind: Text
    key: Text
    title: Text


class Explained(Shape):
    """All that is known of a URL; what never came to be is null or empty."""

    url: Text
    outcome: Outcome | None
    reason: Reason | None = Field(description="Why it went no further, from a closed list.")
    reason_text: Text | None
    detail: Text | None
    row: Row | None
    retry_at: Moment | None
    pages: tuple[Answer, ...]
    title: Text | None
    origins: Mapping[str, Text] = Field(description="For each field, where it was read from.")
    repairs: tuple[Text, ...]
    judgement: Judged | None
    story: Story | None
    passed_over: tuple[Omission, ...]
    feeds: tuple[InFeed, ...]

    @classmethod
    def of(cls, history: UrlHistory) -> Explained:
        entry = history.entry
        reason = entry.reason if entry else None
        return cls.model_validate(
            {
                "url": history.url,
                "outcome": entry.outcome if entry else None,
                "reason": reason,
                "reason_text": reason_text(reason) if reason else None,
                "detail": entry.detail if entry else None,
                "row": entry,
                "retry_at": entry.retry_at if entry else None,
                "pages": history.pages,
                "title": history.title,
                "origins": history.origins,
                "repairs": history.repairs,
                "judgement": Judged.of(history.judgement) if history.judgement else None,
                "story": history.story,
                "passed_over": history.omissions,
                "feeds": history.feeds,
            }
        )
