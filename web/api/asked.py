"""What a request may ask, with the bounds of every parameter."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from crawler.language import N_
from web.api.names import Language
from web.query import URL_LENGTH

ROOT = "/api/v1"

# Of one list of names: nobody compares more regions, and each is a look into the index.
_MAX_NAMES = 20

# Stories of one page; each comes with up to 500 members.
MAX_STORIES = 200

# Beyond this a number is no longer the same in every program that reads JSON (RFC 8259).
_MAX_SEQ = 2**53 - 1

Name = Annotated[str, Field(min_length=1, max_length=100)]
# 2026, 2026-03 or 2026-03-01
DAY = r"^(19|2[0-9])[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"


class Asked(BaseModel):
    """What is asked. A parameter that does not exist is refused: a misspelt filter must not go unseen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AskedUrl(Asked):
    """One address."""

    url: str = Field(
        min_length=1,
        max_length=URL_LENGTH,
        description=N_("The address of a page, as a list or another page links to it."),
        examples=["https://rsj.example.gov.cn/1.html"],
    )


class AskedNames(Asked):
    """The language of names."""

    lang: Language | None = Field(
        None, description=N_("Language of names, zh or en; without it that of the settings."), examples=["zh"]
    )


class AskedStories(AskedNames):
    """Which stories: all that is given must hold. The same filters as those of the commands."""

    q: str = Field(
        "",
        max_length=1000,
        description=N_('Words: all must be there; AND OR NOT, brackets, "phrases", and fields such as 标题:互认.'),
        examples=["川渝 社保"],
    )
    region: tuple[Name, ...] = Field(
        (),
        max_length=_MAX_NAMES,
        description=N_("A region by code or name, with all below it and its former names; of several, any."),
        examples=["510000"],
    )
    pair: tuple[Name, ...] = Field(
        (),
        min_length=2,
        max_length=2,
        description=N_("Two regions that are both parties; given twice: pair=四川&pair=重庆."),
    )
    zone: tuple[Name, ...] = Field(
        (), max_length=_MAX_NAMES, description=N_("A zone by name; of several, any."), examples=["川渝"]
    )
    topic: tuple[Name, ...] = Field(
        (), max_length=_MAX_NAMES, description=N_("A topic by id or name; of several, any."), examples=["agreement"]
    )
    source: Name | None = Field(
        None,
        description=N_("A source of one of its pages: an id, or a part of a name or of a 来源."),
        examples=["日报"],
    )
    kind: Name | None = Field(None, description=N_("A kind of source, such as gov, news or park."), examples=["gov"])
    since: str | None = Field(
        None, pattern=DAY, description=N_("Published on this day, month or year, or later."), examples=["2026-03-01"]
    )
    until: str | None = Field(
        None, pattern=DAY, description=N_("Published on this day, month or year, or earlier."), examples=["2026"]
    )
    include_irrelevant: bool = Field(False, description=N_("Also stories that are not about the subject."))


class AskedPage(AskedStories):
    """Which stories, in which order, and which page of them."""

    order: Literal["time", "relevance"] = Field(
        "time", description=N_("Newest first, or those that tell most of the words first.")
    )
    limit: int = Field(50, ge=1, le=MAX_STORIES, description=N_("Stories of one page."), examples=[5])
    cursor: str | None = Field(
        None, min_length=1, max_length=500, description=N_("The next page: next_cursor of the answer before.")
    )
    after_seq: int | None = Field(
        None,
        ge=0,
        le=_MAX_SEQ,
        description=N_(
            "Only stories that are new or changed since, in order of change: last_seq of the answer before."
        ),
        examples=[0],
    )


Plain = Annotated[Asked, Query()]
Named = Annotated[AskedNames, Query()]
OneUrl = Annotated[AskedUrl, Query()]
