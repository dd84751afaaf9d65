"""GET /stories/{story}, its life, and /explain: all that is known of one story or one address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from archive.records import StoryLife, StoryRecord
from crawler.language import N_, _
from feeds.wanted import Taxonomy
from web.api.asked import ROOT, Named, OneUrl, Plain
from web.api.conditional import ConditionalRoute
from web.api.explained import Explained
from web.api.lives import Life, Related, Retired
from web.api.names import Names
from web.api.problems import ANY_ROUTE, NOT_THERE, NothingThereError
from web.api.shapes import Story, Text
from web.reading import Reader

StoryName = Annotated[
    str,
    Path(
        min_length=1,
        max_length=300,
        description=N_("A story's number or guid; one that was retired leads to the story that it turned out to be."),
        examples=["7"],
    ),
]


class WholeStory(Story):
    """A story with its text, the names of its codes, and what it is related to."""

    body: Text = Field(description="The text as published, of the page that tells it best.")
    names: dict[str, str] = Field(
        description="What the codes of regions, zones and topics are called.", examples=[{"510000": "四川省"}]
    )
    related: tuple[Related, ...] = Field(description="Other stories that have to do with this one, the surest first.")
    retired: tuple[Retired, ...] = Field(description="Stories that turned out to be this one.")


def _found(archive: Reader, name: str) -> tuple[StoryRecord, StoryLife]:
    story = archive.story(name)
    life = None if story is None else archive.life(story.id)
    if story is None or life is None:
        raise NothingThereError(_("{id}: no such story").format(id=name))
    return story, life


def story_routes(archive: Reader, taxonomy: Taxonomy) -> APIRouter:
    """Routes about one story."""
    routes = APIRouter(route_class=ConditionalRoute, tags=["stories"], responses=ANY_ROUTE)

    # a guid holds a slash: tag:feeds.example.org,2026:story/0e0b8c62-…
    @routes.get(
        "/stories/{story:path}/life",
        operation_id="getStoryLife",
        summary=N_("What happened to a story: edits, rulings, pages that vanished"),
        responses=NOT_THERE,
    )
    def get_life(story: StoryName, _asked: Plain) -> Life:
        return Life.model_validate(_found(archive, story)[1])

    @routes.get(
        "/stories/{story:path}",
        operation_id="getStory",
        summary=N_("One story with its text and all its pages"),
        responses=NOT_THERE,
    )
    def get_story(story: StoryName, asked: Named, response: Response) -> WholeStory:
        found, life = _found(archive, story)
        response.headers["content-location"] = f"{ROOT}/stories/{found.id}"
        names = Names(taxonomy, asked.lang).of_story(found)
        return WholeStory.of_record(found, names=names, related=life.related, retired=life.retired)

    @routes.get(
        "/explain",
        operation_id="explainUrl",
        summary=N_("What happened to an address, and why it is or is not in the feeds"),
        responses=NOT_THERE,
    )
    def explain(asked: OneUrl) -> Explained:
        history = archive.explain(asked.url)
        if history is None:
            raise NothingThereError(_("{url}: never seen on any list").format(url=asked.url))
        return Explained.of(history)

    return routes
